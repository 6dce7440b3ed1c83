// Owns the reading of a request as a hub writes it, in one pass; must not judge what has another form: the long way does.

package codec

import "unicode/utf8"

const (
	plainStart = `{"jsonrpc":"2.0","id":`
	// plainIDDigits is how many digits an id surely has that is safe without being compared.
	plainIDDigits = 15
)

// plain reads a request whose members stand in the order that the specification promises, without white space between them. Of any
// other text it says nothing.
func plain(line Line) (message Message, ok bool) {
	if line.Overlong || !utf8.Valid(line.Text) {
		return message, false
	}
	c := checker{text: line.Text, maxNesting: MaxNesting}
	if !c.skip(plainStart) {
		return message, false
	}
	id := c.at
	if !c.digits() || c.text[id] == '0' || c.at-id > plainIDDigits {
		return message, false
	}
	number, _ := Integer(c.text[id:c.at])
	if !c.skip(`,"method":"`) {
		return message, false
	}
	method := c.at
	for c.next() > ' ' && c.next() <= '~' && c.next() != '"' && c.next() != '\\' {
		c.at++
	}
	if length := c.at - method; length < 1 || length > MaxMethodChars {
		return message, false
	}
	message.Method = string(c.text[method:c.at])
	if !c.skip(`","params":`) {
		return message, false
	}
	if message.Params, ok = c.plainObject(); !ok {
		return message, false
	}
	if c.skip(`,"context":`) {
		if message.Context, ok = c.plainObject(); !ok {
			return message, false
		}
	}
	message.Form, message.ID = Request, IntegerID(number)
	return message, c.skip("}") && c.at == len(c.text)
}

// skip steps over what is expected, if that is there.
func (c *checker) skip(expected string) bool {
	if len(c.text)-c.at < len(expected) || string(c.text[c.at:c.at+len(expected)]) != expected {
		return false
	}
	c.at += len(expected)
	return true
}

// plainObject steps over a good object that is a member of the frame's own.
func (c *checker) plainObject() (RawMessage, bool) {
	from := c.at
	if c.next() != '{' || c.object(2) != nil {
		return nil, false
	}
	return RawMessage(c.text[from:c.at:c.at]), true
}
