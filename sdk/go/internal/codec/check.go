// Owns the judgement whether a text is JSON as the protocol allows it; must not know messages.

package codec

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"unicode/utf8"
)

// Rejected says in words why a text is not JSON as the protocol allows it (HUB-FRAME-5 to HUB-FRAME-10).
type Rejected string

func (r Rejected) Error() string { return string(r) }

const (
	notJSON       = Rejected("it is not JSON")
	tooDeep       = Rejected("it nests deeper than 64")
	loneSurrogate = Rejected("it has a lone surrogate")
	unsafeInteger = Rejected("it has an integer beyond ±9007199254740991")
	overflow      = Rejected("it has a number that overflows a double")
)

// Check returns nil when text is one JSON value that the protocol allows, nested at most maxNesting deep.
func Check(text []byte, maxNesting int) error {
	_, err := CheckCompact(text, maxNesting)
	return err
}

// CheckCompact is Check that also says whether the text is free of white space between its tokens.
func CheckCompact(text []byte, maxNesting int) (compact bool, err error) {
	if bytes.HasPrefix(text, []byte("\xef\xbb\xbf")) {
		return false, Rejected("it begins with a byte order mark")
	}
	if !utf8.Valid(text) {
		return false, Rejected("it is not UTF-8")
	}
	c := checker{text: text, maxNesting: maxNesting}
	if err := c.value(0); err != nil {
		return false, err
	}
	c.space()
	if c.at < len(text) {
		return false, notJSON
	}
	return !c.spaced, nil
}

// checker reads by recursive descent; the depth is checked before each step down, so the stack is bounded.
type checker struct {
	text       []byte
	at         int
	maxNesting int
	spaced     bool // whether there was white space between tokens
}

func (c *checker) space() {
	if at := skipSpace(c.text, c.at); at > c.at {
		c.at, c.spaced = at, true
	}
}

// next returns the byte at the cursor, 0 at the end: a NUL is no JSON outside strings, and none inside.
func (c *checker) next() byte {
	if c.at < len(c.text) {
		return c.text[c.at]
	}
	return 0
}

func (c *checker) value(depth int) error {
	c.space()
	switch first := c.next(); {
	case first == '{':
		return c.object(depth + 1)
	case first == '[':
		return c.array(depth + 1)
	case first == '"':
		return c.str()
	case first == '-' || '0' <= first && first <= '9':
		return c.number()
	}
	for _, word := range [...]string{"true", "false", "null"} {
		if bytes.HasPrefix(c.text[c.at:], []byte(word)) {
			c.at += len(word)
			return nil
		}
	}
	return notJSON
}

func (c *checker) object(depth int) error {
	if depth > c.maxNesting {
		return tooDeep
	}
	var names names
	c.at++
	c.space()
	if c.next() == '}' {
		c.at++
		return nil
	}
	for {
		c.space()
		start := c.at
		if c.next() != '"' {
			return notJSON
		}
		if err := c.str(); err != nil {
			return err
		}
		if !names.add(c.text[start:c.at]) {
			return Rejected("it has a member name twice in one object")
		}
		c.space()
		if c.next() != ':' {
			return notJSON
		}
		c.at++
		if err := c.value(depth); err != nil {
			return err
		}
		if more, err := c.more('}'); !more {
			return err
		}
	}
}

func (c *checker) array(depth int) error {
	if depth > c.maxNesting {
		return tooDeep
	}
	c.at++
	c.space()
	if c.next() == ']' {
		c.at++
		return nil
	}
	for {
		if err := c.value(depth); err != nil {
			return err
		}
		if more, err := c.more(']'); !more {
			return err
		}
	}
}

// more steps over what follows a member: a comma, or the end of the container.
func (c *checker) more(end byte) (bool, error) {
	c.space()
	found := c.next()
	c.at++
	switch found {
	case ',':
		return true, nil
	case end:
		return false, nil
	}
	return false, notJSON
}

func (c *checker) str() error {
	for c.at++; c.at < len(c.text); c.at++ {
		if c.at += plainBytes(c.text[c.at:]); c.at == len(c.text) {
			break
		}
		switch b := c.text[c.at]; {
		case b == '"':
			c.at++
			return nil
		case b < 0x20:
			return notJSON
		case b == '\\':
			if err := c.escape(); err != nil {
				return err
			}
		}
	}
	return notJSON
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// plainBytes returns how many bytes at the beginning of a text are surely neither a quote, a backslash nor a control character. It looks at
// eight at a time, for large texts are mostly strings.
func plainBytes(text []byte) int {
	at := 0
	for ; at+8 <= len(text); at += 8 {
		word := binary.LittleEndian.Uint64(text[at:])
		quote, escape := word^(ones*'"'), word^(ones*'\\')
		// A byte that is zero, or less than 0x20, borrows from its high bit.
		if ((quote-ones)&^quote|(escape-ones)&^escape|(word-ones*0x20)&^word)&highs != 0 {
			break
		}
	}
	return at
}

// escape steps to the last byte of the escape at the cursor.
func (c *checker) escape() error {
	c.at++
	switch c.next() {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return nil
	case 'u':
		unit, ok := hex4(c.text[c.at+1:])
		if !ok {
			return notJSON
		}
		c.at += 4
		switch {
		case 0xDC00 <= unit && unit <= 0xDFFF:
			return loneSurrogate
		case 0xD800 <= unit && unit <= 0xDBFF:
			rest := c.text[c.at+1:]
			if !bytes.HasPrefix(rest, []byte(`\u`)) {
				return loneSurrogate
			}
			if low, ok := hex4(rest[2:]); !ok || low < 0xDC00 || low > 0xDFFF {
				return loneSurrogate
			}
			c.at += 6
		}
		return nil
	}
	return notJSON
}

func (c *checker) digits() bool {
	start := c.at
	for b := c.next(); '0' <= b && b <= '9'; b = c.next() {
		c.at++
	}
	return c.at > start
}

func (c *checker) number() error {
	start := c.at
	if c.next() == '-' {
		c.at++
	}
	whole := c.at
	if !c.digits() || c.text[whole] == '0' && c.at > whole+1 {
		return notJSON
	}
	if c.next() != '.' && c.next()|0x20 != 'e' {
		// Counting first: a million digits are not worth reading.
		if c.at-whole > 16 || c.at-whole == 16 && string(c.text[whole:c.at]) > "9007199254740991" {
			return unsafeInteger
		}
		return nil
	}
	if c.next() == '.' {
		c.at++
		if !c.digits() {
			return notJSON
		}
	}
	if c.next()|0x20 == 'e' {
		c.at++
		if b := c.next(); b == '+' || b == '-' {
			c.at++
		}
		if !c.digits() {
			return notJSON
		}
	}
	if _, err := strconv.ParseFloat(string(c.text[start:c.at]), 64); err != nil {
		return overflow
	}
	return nil
}

// names finds the second of two equal names. Most objects are small: those never pay for a map.
type names struct {
	few  [8][]byte
	n    int
	many map[string]struct{}
}

func (s *names) add(quoted []byte) bool {
	name := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(name, '\\') >= 0 {
		name = []byte(Text(quoted))
	}
	if s.many == nil {
		for _, earlier := range s.few[:s.n] {
			if bytes.Equal(earlier, name) {
				return false
			}
		}
		if s.n < len(s.few) {
			s.few[s.n] = name
			s.n++
			return true
		}
		s.many = make(map[string]struct{}, 2*len(s.few))
		for _, earlier := range s.few {
			s.many[string(earlier)] = struct{}{}
		}
	}
	before := len(s.many)
	s.many[string(name)] = struct{}{}
	return len(s.many) > before
}
