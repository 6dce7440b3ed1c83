// Package codec owns frames and messages: bytes to checked JSON to JSON-RPC messages and back. It must not know what a method means.
package codec

// The limits of the protocol that a module has to keep; the names and reasons are those of the specification.
const (
	// MaxFrameBytes holds for a frame without its line feed, until the hub names another limit (HUB-FRAME-4).
	MaxFrameBytes = 16 * 1024 * 1024
	// MaxNesting counts the frame's own object as the first level (HUB-FRAME-7).
	MaxNesting = 64
	// MaxSafeInteger is the largest integer that every language with IEEE doubles keeps exactly (HUB-FRAME-9).
	MaxSafeInteger = 1<<53 - 1
	// MaxMethodChars and MaxIDChars: longer ones are only ever an attack on tables and logs (HUB-MSG-2, HUB-ID-1).
	MaxMethodChars = 128
	MaxIDChars     = 128
	// headBytes is how much of a line that cannot be read is searched for its id.
	headBytes = 8192
)
