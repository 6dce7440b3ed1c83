// Owns how messages are written; must not know what they say.

package codec

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Each of these returns one frame with its line feed (HUB-FRAME-1), members in the order that the specification promises.
// Whatever JSON they are given must be checked, and stand on one line.

// WriteRequest returns the frame of a request.
func WriteRequest(id ID, method string, params []byte) []byte {
	frame := append(start(len(params)), `,"id":`...)
	frame = id.append(frame)
	frame = AppendString(append(frame, `,"method":`...), method)
	return end(append(append(frame, `,"params":`...), params...))
}

// WriteNotification returns the frame of a notification.
func WriteNotification(method string, params []byte) []byte {
	frame := AppendString(append(start(len(params)), `,"method":`...), method)
	return end(append(append(frame, `,"params":`...), params...))
}

// WriteResult returns the frame of the good answer to a request.
func WriteResult(id ID, result []byte) []byte {
	frame := id.append(append(start(len(result)), `,"id":`...))
	return end(append(append(frame, `,"result":`...), result...))
}

// BeginResult begins the frame of the good answer to a request; the result comes behind it, and then EndFrame.
func BeginResult(to []byte, id ID) []byte {
	return append(id.append(append(to, `{"jsonrpc":"2.0","id":`...)), `,"result":`...)
}

// EndFrame ends what BeginResult began.
func EndFrame(frame []byte) []byte { return end(frame) }

// WriteError returns the frame of the bad answer to a request, or to something whose id could not be read.
func WriteError(id ID, e ErrorObject) []byte {
	frame := id.append(append(start(len(e.Message)+len(e.Data)), `,"id":`...))
	frame = append(frame, `,"error":`...)
	return end(e.Append(frame))
}

// Append appends the error object as JSON.
func (e ErrorObject) Append(to []byte) []byte {
	to = strconv.AppendInt(append(to, `{"code":`...), e.Code, 10)
	to = AppendString(append(to, `,"message":`...), e.Message)
	if e.Data != nil {
		to = append(append(to, `,"data":`...), e.Data...)
	}
	return append(to, '}')
}

const envelopeBytes = 256 // what stands around params, result and error at most, for one allocation

func start(payload int) []byte {
	return append(make([]byte, 0, payload+envelopeBytes), `{"jsonrpc":"2.0"`...)
}

func end(frame []byte) []byte { return append(frame, "}\n"...) }

const hexDigits = "0123456789abcdef"

// AppendString appends text as a JSON string: nothing is escaped that need not be, and what is not UTF-8 becomes U+FFFD.
func AppendString(to []byte, text string) []byte {
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\ufffd")
	}
	to = append(to, '"')
	from := 0
	for i := 0; i < len(text); i++ {
		b := text[i]
		if b >= 0x20 && b != '"' && b != '\\' {
			continue
		}
		to = append(to, text[from:i]...)
		from = i + 1
		switch b {
		case '"', '\\':
			to = append(to, '\\', b)
		case '\n':
			to = append(to, `\n`...)
		case '\r':
			to = append(to, `\r`...)
		case '\t':
			to = append(to, `\t`...)
		default:
			to = append(to, `\u00`...)
			to = append(to, hexDigits[b>>4], hexDigits[b&15])
		}
	}
	return append(append(to, text[from:]...), '"')
}
