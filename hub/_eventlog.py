"""Own the log of events on disk: one JSON object a line, rotated by size, so many files and no more; know no thread.

What modules log is not in it: a flood of that belongs to memory and the machine's journal.
"""

import json
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from hub._linewriter import LineWriter
from hub._private import make_private_directory
from hub.events import Event

__all__ = ["EventLog"]

# Some 20 000 events, of which a quiet hub has a hundred a day.
_FILE_BYTES: Final = 4 * 1024 * 1024
_FILES: Final = 4
_MODE: Final = 0o600


class EventLog:
    """Appends events to `file`, which becomes `file.1`, `file.2`, ... as it fills."""

    def __init__(self, file: Path, *, file_bytes: int = _FILE_BYTES, files: int = _FILES) -> None:
        make_private_directory(file.parent)
        self._file = file
        self._file_bytes = file_bytes
        self._files = files
        self._writer = LineWriter(self._write, _dropped)

    def add(self, event: Event) -> None:
        """Write an event that is no log record some time soon; for `Hub.on_event`."""
        if event.kind != "log":
            self._writer.put(_line(event.time, event.kind, event.module, dict(event.data)))

    def close(self) -> None:
        """Write what waits, within a second."""
        self._writer.close()

    def _write(self, lines: bytes) -> None:
        with suppress(FileNotFoundError):
            if self._file.stat().st_size + len(lines) > self._file_bytes:
                self._rotate()
        descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW, _MODE)
        try:
            os.write(descriptor, lines)
        finally:
            os.close(descriptor)

    def _rotate(self) -> None:
        names = [self._file, *(self._file.with_name(f"{self._file.name}.{number}") for number in range(1, self._files))]
        for older, newer in zip(reversed(names), reversed(names[:-1]), strict=False):
            with suppress(FileNotFoundError):
                newer.replace(older)


def _line(seconds: float, kind: str, module: str | None, data: object) -> bytes:
    text = json.dumps({"time": round(seconds, 3), "kind": kind, "module": module, "data": data}, separators=(",", ":"))
    return text.encode()


def _dropped(count: int) -> bytes:
    return _line(time.time(), "events.dropped", None, {"count": count})
