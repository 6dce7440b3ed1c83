// Owns where one line ends and the next begins; must not know JSON.

package codec

import (
	"bytes"
	"slices"
)

// Line is one line of the stream. An overlong one was skipped: Text is only its beginning, Size its real length.
type Line struct {
	Text     []byte
	Size     int
	Overlong bool
}

// Splitter puts lines together from any pieces (HUB-FRAME-11). It holds at most one line, and looks at each byte once.
type Splitter struct {
	// MaxBytes is the frame limit; it may change between two pieces.
	MaxBytes int

	held     []byte
	size     int
	skipping bool
}

// Feed takes the next bytes of the stream and yields the lines that they complete, blank ones left out (HUB-FRAME-3).
// The lines do not share memory with data. It stops early when yield returns false; the rest of data is lost then.
func (s *Splitter) Feed(data []byte, yield func(Line) bool) {
	for len(data) > 0 {
		end := bytes.IndexByte(data, '\n')
		if end < 0 {
			s.hold(data)
			return
		}
		s.hold(data[:end])
		data = data[end+1:]
		if line, ok := s.finish(); ok && !yield(line) {
			return
		}
	}
}

// Lost returns how many bytes of half a line are held: at the end of the stream they are not acted on (HUB-FRAME-12).
func (s *Splitter) Lost() int { return s.size }

func (s *Splitter) hold(piece []byte) {
	s.size += len(piece)
	if s.skipping {
		return
	}
	if s.size > s.MaxBytes {
		head := bytes.Clone(s.held[:min(len(s.held), headBytes)])
		s.held = append(head, piece[:min(len(piece), headBytes-len(head))]...)
		s.skipping = true
		return
	}
	// By doubling, so a long line in small pieces stays linear; append alone grows large ones by a quarter, and copies them often.
	if len(s.held)+len(piece) > cap(s.held) {
		s.held = slices.Grow(s.held, max(len(piece), len(s.held)))
	}
	s.held = append(s.held, piece...)
}

func (s *Splitter) finish() (Line, bool) {
	line := Line{Text: s.held, Size: s.size, Overlong: s.skipping}
	s.held, s.size, s.skipping = nil, 0, false
	return line, line.Overlong || len(bytes.TrimLeft(line.Text, " \t\r")) > 0
}
