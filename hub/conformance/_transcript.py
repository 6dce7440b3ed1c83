"""Own the record of every byte that went either way, in memory and as a file; know no protocol.

The file is one JSON object a line. Runs of one byte are written as their length, so that a payload of 15 MiB is a
line of text.
"""

import base64
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, cast

__all__ = ["Entry", "Event", "Transcript", "decode_input", "encode_input", "read_transcript"]

Event = Literal["start", "send", "receive", "half", "stderr", "close", "signal", "exit"]

_RUN: Final = re.compile(rb"(.)\1{99,}", re.DOTALL)
# What a module wrote is kept up to here: enough to read, and a flood cannot fill the memory.
_MOST_RECEIVED_BYTES: Final = 64 * 1024
_MOST_ENTRIES: Final = 50_000
_MOST_KEPT_BYTES: Final = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened in the `number`-th start of the module; `data` is what went over the pipe."""

    number: int
    seconds: float
    event: Event
    data: bytes = b""
    text: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the line of the file."""
        shown: dict[str, Any] = {"start": self.number, "seconds": round(self.seconds, 4), "event": self.event}
        if self.data:
            shown["data"] = encode_input(self.data)
        if self.text:
            shown["text"] = self.text
        return shown


class Transcript:
    """All entries of a run, in the order in which they happened."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._begun = time.monotonic()
        self._starts = 0
        self._kept_bytes = 0

    @property
    def starts(self) -> int:
        """How often the module was started."""
        return self._starts

    def start(self) -> int:
        """Note a start of the module and return its number."""
        self._starts += 1
        self.note(self._starts, "start")
        return self._starts

    def received(self, number: int) -> bytes:
        """Return what a start wrote to standard output, as far as it is kept."""
        return b"".join(entry.data for entry in self.entries if entry.number == number and entry.event == "receive")

    def note(self, number: int, event: Event, data: bytes = b"", text: str = "") -> None:
        """Note one event; what comes beyond the bound is not kept."""
        if len(self.entries) < _MOST_ENTRIES:
            kept = data if event == "send" else data[: max(0, min(_MOST_RECEIVED_BYTES, _MOST_KEPT_BYTES - self._kept_bytes))]
            self._kept_bytes += len(kept) if event != "send" else 0
            self.entries.append(Entry(number, time.monotonic() - self._begun, event, kept, text))

    def write(self, path: Path, head: dict[str, Any]) -> None:
        """Write the file; `head` is its first line."""
        lines = [head, *(entry.to_json() for entry in self.entries)]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")


def encode_input(data: bytes) -> dict[str, Any]:
    """Return bytes as the `input` of the vectors: text, base64, repeat, or pieces of these."""
    pieces: list[dict[str, Any]] = []
    at = 0
    for run in _RUN.finditer(data):
        pieces += _piece(data[at : run.start()])
        byte = run[1]
        count = run.end() - run.start()
        pieces.append(
            {"repeat": byte.decode(), "times": count} if byte < b"\x80" else {"base64": base64.b64encode(run[0]).decode()}
        )
        at = run.end()
    pieces += _piece(data[at:])
    return pieces[0] if len(pieces) == 1 else {"pieces": pieces}


def _piece(data: bytes) -> list[dict[str, Any]]:
    if not data:
        return []
    try:
        return [{"text": data.decode()}]
    except UnicodeDecodeError:
        return [{"base64": base64.b64encode(data).decode()}]


def decode_input(value: dict[str, Any]) -> bytes:
    """Return the bytes that `encode_input` wrote.

    Raises:
        ValueError: it did not write this.
    """
    if "pieces" in value:
        return b"".join(decode_input(piece) for piece in cast("list[dict[str, Any]]", value["pieces"]))
    if "repeat" in value:
        return str(value["repeat"]).encode() * int(value["times"])
    if "base64" in value:
        return base64.b64decode(value["base64"])
    return str(value.get("text", "")).encode()


def read_transcript(path: Path) -> tuple[dict[str, Any], list[Entry]]:
    """Return the head and the entries of a file.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no transcript.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    if not lines:
        raise ValueError("it is empty")
    head: Any = json.loads(lines[0])
    if not isinstance(head, dict) or "transcript" not in head:
        raise ValueError("its first line is not that of a transcript")
    return cast("dict[str, Any]", head), list(_entries(lines[1:]))


def _entries(lines: list[str]) -> Iterator[Entry]:
    for number, line in enumerate(lines, 2):
        try:
            row = json.loads(line)
            data = decode_input(row["data"]) if "data" in row else b""
            yield Entry(int(row["start"]), float(row["seconds"]), row["event"], data, str(row.get("text", "")))
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"line {number} is not one of a transcript") from error
