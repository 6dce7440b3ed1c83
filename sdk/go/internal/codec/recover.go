// Owns what can still be read of a line that is not JSON; must not know who answers it.

package codec

import "bytes"

// recovered returns the Invalid message for a line that is not JSON, with what its outermost object still tells (HUB-ID-5).
func recovered(text []byte, why error) Message {
	message := Message{Code: codeParseError, Reason: why.Error()}
	head := text[:min(len(text), headBytes)]
	depth, afterColon, hasMethod := 0, false, false
	var name, id []byte
	ids := 0
	for at := skipSeparators(head, 0); at < len(head); at = skipSeparators(head, at) {
		end := tokenEnd(head, at)
		token := head[at:end]
		at = end
		switch first := token[0]; {
		case first == '{' || first == '[':
			depth++
		case first == '}' || first == ']':
			depth--
		case depth != 1 || first == ':':
		case afterColon && string(name) == `"id"`:
			id = token
			ids++
		case afterColon:
			hasMethod = hasMethod || string(name) == `"method"`
		default:
			name = token
		}
		afterColon = depth == 1 && token[0] == ':'
	}
	// One id only: of two nobody knows which was meant. And a checked one: half an id is none.
	if ids == 1 && Check(id, 1) == nil {
		message.ID, _ = ReadID(id)
	}
	message.IsResponse = !hasMethod
	return message
}

func skipSeparators(text []byte, at int) int {
	for at < len(text) && bytes.IndexByte([]byte(", \t\r\n\f\v"), text[at]) >= 0 {
		at++
	}
	return at
}

func tokenEnd(text []byte, at int) int {
	switch text[at] {
	case '{', '}', '[', ']', ':':
		return at + 1
	case '"':
		for at++; at < len(text); at++ {
			if text[at] == '\\' {
				at++
			} else if text[at] == '"' {
				return at + 1
			}
		}
		return len(text)
	}
	for at++; at < len(text) && bytes.IndexByte([]byte("\"[]{}:, \t\r\n\f\v"), text[at]) < 0; {
		at++
	}
	return at
}
