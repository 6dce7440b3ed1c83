"""Own what a module's standard error means: bytes and the time in, log records out; do no I/O and read no clock.

The stream is hostile (HUB-LOG-1): whatever comes, memory and work per second stay bounded, nothing raises, and what is
left out is counted and said.
"""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, cast

import msgspec

from hub._logrecord import LogRecord, harmless_text, level_named, record_from_object

__all__ = ["StderrLimits", "StderrLines"]

_LINE_BYTES: Final = 8 * 1024  # HUB-LOG-1
_LINES_PER_SECOND: Final = 1000  # HUB-LOG-1
# A thousand lines of the longest kind would be 8 MiB of text a second to make harmless, which no operator reads.
_BYTES_PER_SECOND: Final = 1024 * 1024
_TAIL_BYTES: Final = 64 * 1024  # what a report of a crash shows: the longest honest stack traces fit
# Shorter pieces of it are joined, at the price of one more copy each.
_JOINED_BYTES: Final = 1024

# After a flood the log goes on when it may hold half a second's worth: readable runs of lines with one note between, not a note
# for each line that gets through.
_RESUME_SHARE: Final = 0.5
# Of the end of a line that was cut: there stand the level and the rest of JSON members behind a long message.
_CUT_END_BYTES: Final = 512

_PREFIX: Final = re.compile(r" *(?:<([0-9]{1,3})>|\[ *([A-Za-z]{1,11}) *\]:?|([A-Za-z]{1,11}):) *")
_JSON_LEVEL: Final = re.compile(r'"(?:level|severity)" {0,9}: {0,9}"([A-Za-z]{1,11})"')
_SYSLOG_LEVELS: Final = ("error", "error", "error", "error", "warning", "info", "info", "debug")  # RFC 5424, table 2
_SYSLOG_LARGEST_PRIORITY: Final = 191  # RFC 5424, 6.2.1
_MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class StderrLimits:
    """How much of one stream is kept, in bytes and lines a second; one second's worth may come at once."""

    line_bytes: int = _LINE_BYTES
    lines_per_second: float = _LINES_PER_SECOND
    bytes_per_second: float = _BYTES_PER_SECOND
    tail_bytes: int = _TAIL_BYTES


class StderrLines:
    """Turns one stream into records; the same bytes at the same times give the same records, however they are cut."""

    def __init__(self, limits: StderrLimits | None = None) -> None:
        self._limits = limits or StderrLimits()
        self._lines = _Bucket(self._limits.lines_per_second)
        self._bytes = _Bucket(self._limits.bytes_per_second)
        self._line = bytearray()  # the beginning of a line whose end has not come, at most `line_bytes`
        self._cut_bytes = 0  # of that line, left out
        self._cut_end = b""
        self._tail = _Tail(self._limits.tail_bytes)
        self._dropping = False
        self._dropped_lines = 0
        self._dropped_bytes = 0

    @property
    def tail(self) -> bytes:
        """The last `tail_bytes` of the stream, raw."""
        return self._tail.bytes()

    @property
    def dropping(self) -> bool:
        """Whether lines are being dropped, so that `tick` has something to say later."""
        return self._dropping

    @property
    def only_counts(self) -> bool:
        """Whether what comes now is only counted: lines that are dropped, or the rest of one that is cut."""
        return self._dropping or self._cut_bytes > 0

    def feed(self, data: bytes, now: float) -> list[LogRecord]:
        """Return the records of the lines that end in `data`, read at `now` (seconds of any monotonic clock)."""
        self._tail.add(data)
        records = self.tick(now)
        start = 0
        while not self._dropping and (end := data.find(b"\n", start)) >= 0:
            self._take(data[start:end])
            records += self._ended_line(now)
            start = end + 1
        if self._dropping and (last := data.rfind(b"\n", start)) >= 0:
            # No work for each line any more: a flood of short ones would otherwise cost a whole processor.
            self._drop(data.count(b"\n", start, last + 1), len(self._line) + self._cut_bytes + last + 1 - start)
            start = last + 1
        self._take(data[start:])
        return records

    def tick(self, now: float) -> list[LogRecord]:
        """Return what is to be said without new data: how many lines a flood has cost, when it is over."""
        if self._dropping and self._lines.filled(now) >= _RESUME_SHARE and self._bytes.filled(now) >= _RESUME_SHARE:
            return [self._note()]
        return []

    def end(self, now: float) -> list[LogRecord]:
        """Return what is left at the end of the stream: a line without an end, and the note about dropped ones."""
        records = self.tick(now)
        if self._line or self._cut_bytes:
            records += self._ended_line(now)
        return records + ([self._note()] if self._dropping else [])

    def _take(self, piece: bytes) -> None:
        room = self._limits.line_bytes - len(self._line)
        self._line += piece[:room]
        if len(piece) > room:
            self._cut_bytes += len(piece) - room
            self._cut_end = (self._cut_end + piece[max(room, len(piece) - _CUT_END_BYTES) :])[-_CUT_END_BYTES:]

    def _ended_line(self, now: float) -> Iterator[LogRecord]:
        size = len(self._line) + self._cut_bytes
        if self._dropping or not (self._lines.take(1, now) and self._bytes.take(len(self._line), now)):
            self._dropping = True
            self._drop(1, size)
            return
        line, cut_bytes, cut_end = bytes(self._line), self._cut_bytes, self._cut_end
        self._forget_line()
        if line.strip():
            yield _record(line, cut_bytes, cut_end, self._limits.line_bytes)

    def _drop(self, lines: int, size: int) -> None:
        self._dropped_lines += lines
        self._dropped_bytes += size
        self._forget_line()

    def _forget_line(self) -> None:
        self._line.clear()
        self._cut_bytes = 0
        self._cut_end = b""

    def _note(self) -> LogRecord:
        lines, size = self._dropped_lines, self._dropped_bytes
        self._dropping, self._dropped_lines, self._dropped_bytes = False, 0, 0
        text = f"{lines} {'line' if lines == 1 else 'lines'} dropped: "
        text += f"more than {self._limits.lines_per_second:g} lines or {self._limits.bytes_per_second / _MIB:g} MiB in a second"
        return LogRecord("warning", text, fields={"dropped_lines": lines, "dropped_bytes": size}, source="hub")


class _Tail:
    """The end of a stream, in the pieces that it came in: copying them together each time would be half of a flood's cost."""

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._pieces: deque[bytes] = deque()
        self._size = 0

    def add(self, data: bytes) -> None:
        self._size += len(data)
        if self._pieces and len(self._pieces[-1]) < _JOINED_BYTES:
            data = self._pieces.pop() + data  # or a stream that comes byte by byte would be as many objects
        self._pieces.append(data)
        while self._size - len(self._pieces[0]) >= self._keep:
            self._size -= len(self._pieces.popleft())

    def bytes(self) -> bytes:
        return b"".join(self._pieces)[-self._keep :]


class _Bucket:
    """Room for one second's worth that refills steadily (a token bucket)."""

    def __init__(self, per_second: float) -> None:
        self._per_second = per_second
        self._left = per_second
        self._at: float | None = None

    def take(self, amount: float, now: float) -> bool:
        self._refill(now)
        if self._left < amount:
            return False
        self._left -= amount
        return True

    def filled(self, now: float) -> float:
        self._refill(now)
        return self._left / self._per_second

    def _refill(self, now: float) -> None:
        if self._at is not None and now > self._at:
            self._left = min(self._per_second, self._left + (now - self._at) * self._per_second)
        self._at = now


def _record(line: bytes, cut_bytes: int, cut_end: bytes, characters: int) -> LogRecord:
    text = line.decode("utf-8", "replace").rstrip()
    if cut_bytes:
        level, message = _levelled(harmless_text(text, characters))
        if text.startswith("{"):
            found = _JSON_LEVEL.search(text) or _JSON_LEVEL.search(cut_end.decode("utf-8", "replace"))
            level = level_named(found[1]) or level if found else level
        return LogRecord(level, f"{message} … cut", fields={"cut_bytes": cut_bytes})
    level_in_json: str | None = None
    if text.startswith("{") and (members := _object(text)) is not None:
        if (record := record_from_object(members, source="stderr", message_characters=characters)) is not None:
            return record
        level_in_json = level_named(members.get("level"))
    level, message = _levelled(harmless_text(text, characters))
    return LogRecord(level_in_json or level, message)


def _object(text: str) -> dict[str, Any] | None:
    try:
        found = msgspec.json.decode(text)
    except (ValueError, RecursionError):  # msgspec's own errors are ValueErrors
        return None
    return cast("dict[str, Any]", found) if isinstance(found, dict) else None


def _levelled(text: str) -> tuple[str, str]:
    found = _PREFIX.match(text)
    if found is None or found.end() == len(text):
        return "info", text
    priority, bracketed, before_colon = found.groups()
    if priority is not None:
        level = _SYSLOG_LEVELS[int(priority) % 8] if int(priority) <= _SYSLOG_LARGEST_PRIORITY else None
    else:
        level = level_named(bracketed or before_colon)
    return ("info", text) if level is None else (level, text[found.end() :])
