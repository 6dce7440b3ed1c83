"""Own where one frame ends and the next begins (HUB-FRAME-1 to 4, 11, 12, 20, 21); know nothing of JSON.

Both framers take bytes in any pieces, hold at most one frame's worth of them, and look at each byte a bounded number of times.
"""

from typing import Literal, Protocol

import msgspec

from hub_protocol.limits import MAX_HEADER_BYTES

__all__ = ["HEAD_BYTES", "BadHeader", "ContentLengthFramer", "Framer", "Item", "NewlineFramer", "Overlong", "make_framer"]

# How much of a line that was not kept is shown in an event: enough to recognise it, and to find its id.
HEAD_BYTES = 8192
# Shorter frames are handed on as bytes, which everything takes.
_KEPT_BYTES = 64 * 1024


class Overlong(msgspec.Struct, frozen=True):
    """A frame of `size` bytes was longer than the limit and was skipped; `head` is its beginning."""

    size: int
    head: bytes


class BadHeader(msgspec.Struct, frozen=True):
    """A header part could not be read; nothing after it can be (HUB-FRAME-21)."""

    reason: str
    head: bytes


# A long frame stays in the buffer that it was gathered in: a copy of a large one costs as much as decoding it.
Item = bytes | bytearray | Overlong | BadHeader


class Framer(Protocol):
    """Bytes in, frames out; and the other way for one frame."""

    def receive_data(self, data: bytes) -> list[Item]:
        """Take the next bytes of the stream; return what they complete."""
        ...

    def receive_eof(self) -> int:
        """Take the end of the stream; return how many bytes of half a frame are lost."""
        ...

    def frame(self, line: bytes) -> bytes:
        """Return a JSON text, which comes with a line feed behind it, as it goes onto the stream."""
        ...


class NewlineFramer:
    """One frame a line."""

    def __init__(self, max_frame_bytes: int) -> None:
        self._max = max_frame_bytes
        # The beginning of a line whose end has not come. Growing it copies each byte a bounded number of times, and large
        # ones hardly ever: the allocator moves pages.
        self._held = bytearray()
        self._size = 0
        self._head = b""
        self._skipping = False

    def receive_data(self, data: bytes) -> list[Item]:
        """Take the next bytes of the stream; return the lines they complete, blank ones left out."""
        lines = data.split(b"\n")
        rest = lines.pop()
        items: list[Item] = []
        if lines:
            if self._size:
                self._hold(lines[0])
                self._finish_line(items)
                del lines[0]
            for line in lines:
                if len(line) > self._max:
                    items.append(Overlong(len(line), line[:HEAD_BYTES]))
                elif line and not line.isspace():
                    items.append(line)
        if rest:
            self._hold(rest)
        return items

    def _hold(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._skipping:
            self._head += piece[: HEAD_BYTES - len(self._head)]
            return
        self._held += piece
        if self._size > self._max:
            self._head = bytes(self._held[:HEAD_BYTES])
            self._held = bytearray()
            self._skipping = True

    def _finish_line(self, items: list[Item]) -> None:
        if self._skipping:
            items.append(Overlong(self._size, self._head))
        elif not self._held.isspace():
            items.append(self._held if self._size > _KEPT_BYTES else bytes(self._held))
        self._held = bytearray()
        self._size = 0
        self._skipping = False

    def receive_eof(self) -> int:
        """Take the end of the stream; return how many bytes of half a line are lost (HUB-FRAME-12)."""
        lost, self._size = self._size, 0
        self._held = bytearray()
        self._skipping = False
        return lost

    def frame(self, line: bytes) -> bytes:
        """Return `line` as it is."""
        return line


class ContentLengthFramer:
    """The base framing of the Language Server Protocol."""

    def __init__(self, max_frame_bytes: int) -> None:
        self._max = max_frame_bytes
        self._header = b""
        self._pieces: list[bytes] = []
        self._wanted: int | None = None  # bytes of the body, once its header part is read
        self._size = 0
        self._broken = False

    def receive_data(self, data: bytes) -> list[Item]:
        """Take the next bytes of the stream; return the bodies they complete. After a BadHeader everything is ignored."""
        items: list[Item] = []
        while data and not self._broken:
            data = self._take_header(data, items) if self._wanted is None else self._take_body(data, items)
        return items

    def _take_header(self, data: bytes, items: list[Item]) -> bytes:
        before = len(self._header)
        # Bounded: a header part is short, so joining it again for each piece costs at most MAX_HEADER_BYTES.
        header = self._header + data[: MAX_HEADER_BYTES + 4 - before]
        end = header.find(b"\r\n\r\n")
        if end < 0:
            self._header = header
            if len(header) >= MAX_HEADER_BYTES + 4:
                self._break("the header part has no end", header, items)
            return data[len(header) - before :]
        self._header = b""
        wanted = _content_length(header[:end])
        if isinstance(wanted, str):
            self._break(wanted, header[:end], items)
            return b""
        self._wanted = wanted
        rest = data[end + 4 - before :]
        if wanted == 0:
            self._finish_body(items)
        return rest

    def _break(self, reason: str, head: bytes, items: list[Item]) -> None:
        self._broken = True
        self._header = b""
        items.append(BadHeader(reason, head[:HEAD_BYTES]))

    def _take_body(self, data: bytes, items: list[Item]) -> bytes:
        wanted = self._wanted or 0
        piece = data[: wanted - self._size]
        if wanted <= self._max or self._size < HEAD_BYTES:
            self._pieces.append(piece)
        self._size += len(piece)
        if self._size == wanted:
            self._finish_body(items)
        return data[len(piece) :]

    def _finish_body(self, items: list[Item]) -> None:
        body = b"".join(self._pieces)
        if self._size > self._max:
            items.append(Overlong(self._size, body[:HEAD_BYTES]))
        else:
            items.append(body)
        self._pieces.clear()
        self._size = 0
        self._wanted = None

    def receive_eof(self) -> int:
        """Take the end of the stream; return how many bytes of half a frame are lost."""
        lost = len(self._header) + self._size
        self._header = b""
        self._pieces.clear()
        self._size = 0
        self._wanted = None
        return lost

    def frame(self, line: bytes) -> bytes:
        """Return `line`, without its line feed, behind a header part."""
        return b"Content-Length: %d\r\n\r\n%b" % (len(line) - 1, memoryview(line)[:-1])


def _content_length(header: bytes) -> int | str:
    """Return the length that a header part names, or why it names none."""
    length: int | None = None
    for line in header.split(b"\r\n"):
        name, colon, text = line.partition(b":")
        if not colon:
            return "a header line has no colon"
        if name.strip().lower() != b"content-length":
            continue
        digits = text.strip()
        # isdigit() alone lets a megabyte of digits through to int().
        if not digits.isdigit() or len(digits) > len(str(2**53)) or length is not None:
            return "Content-Length is not one number"
        length = int(digits)
    return "there is no Content-Length" if length is None else length


def make_framer(framing: Literal["newline", "content-length"], max_frame_bytes: int) -> Framer:
    """Return the framer of that name."""
    return NewlineFramer(max_frame_bytes) if framing == "newline" else ContentLengthFramer(max_frame_bytes)
