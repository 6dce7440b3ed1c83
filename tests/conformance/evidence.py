"""Own holding what a verdict shows against the transcript, the independent record of the same run; know no particular check."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Final

from hub.conformance import Transcript, Verdict
from hub.conformance._host import CANARY
from hub.conformance._notes import shown_bytes
from hub.conformance._transcript import Entry, Event
from hub.conformance._vault import planted

__all__ = ["untrue"]

# What is sent and is no frame.
_EVENTS: Final[dict[str, Event]] = {"the end of its input": "close", "SIGTERM": "signal"}
# What is found in files or on standard error was provoked by nothing in particular.
_UNPROVOKED: Final = ("HUB-IFACE-7/", "HUB-LOG-1/")
_NOT_WRITTEN: Final = ("HUB-IFACE-7/",)
# Their modules do answer, after the time in which they have to.
_LATE: Final = ("HUB-CANCEL-2/ends-the-work-at-once",)
_ID: Final = re.compile(rb'"id":(-?[0-9]+|"[^"]*")', re.IGNORECASE)
# Of a longer frame the transcript keeps this much.
_KEPT_BYTES: Final = 64 * 1024
_NONE: Final = "nothing"


def untrue(verdict: Verdict, transcript: Transcript) -> str:
    """Return what is shown as sent or received and was not, or came and is not shown; nothing where all is true."""
    entries = [_masked(entry) for entry in transcript.entries]
    if verdict.check.id.startswith(_NOT_WRITTEN):
        return f"it shows {verdict.received}" if verdict.received else ""
    if verdict.check.id.startswith(_UNPROVOKED):
        places: list[int | None] = [None]
    else:
        places = [*_places_of_sent(verdict.sent, entries)]
    if not places:
        return f"what it shows as sent was not sent: {verdict.sent!r}"
    if verdict.received == _NONE:
        silent = verdict.check.id in _LATE or any(_is_silent(entries, place or 0) for place in places)
        return "" if silent else "it shows nothing, and something came"
    if not any(_was_received(verdict.received, entries, place) for place in places):
        return f"what it shows as received was not received, or before what it shows as sent: {verdict.received!r}"
    return ""


def _masked(entry: Entry) -> Entry:
    data = entry.data
    for secret in (CANARY, planted("work"), planted("home")):
        data = data.replace(secret.encode(), b"SECRET")
    return Entry(entry.number, entry.seconds, entry.event, data, entry.text)


def _places_of_sent(shown: str, entries: Sequence[Entry]) -> Iterator[int]:
    """Yield the places in the transcript at which what is shown had been sent, to the last byte and in one start."""
    ends = [words for words in _EVENTS if shown == words or shown.endswith(f" (and {words})")]
    event = _EVENTS[ends[0]] if ends else None
    frames = re.sub(rf"(?: \(and )?(?:{'|'.join(_EVENTS)})\)?\Z", "", shown)
    for first, entry in enumerate(entries):
        if not frames and event is not None and entry.event == event:
            yield first
        if not frames or entry.event != "send":
            continue
        data = b""
        for place in range(first, len(entries)):
            if entries[place].number != entry.number or entries[place].event != "send":
                continue
            data += entries[place].data
            if shown_bytes(data) == frames and (event is None or _follows(event, entries, place)):
                yield first
            if len(data) > 20_000_000 or not frames.startswith(shown_bytes(data[:100])[:100]):
                break


def _follows(event: Event, entries: Sequence[Entry], place: int) -> bool:
    return any(entry.event == event and entry.number == entries[place].number for entry in entries[place:])


def _was_received(shown: str, entries: Sequence[Entry], place: int | None) -> bool:
    """Return whether what is shown are frames (or lines of the log) that came, the last behind `place` in the same start."""
    for at, entry in enumerate(entries):
        pieces = entry.data.split(b"\n") if entry.event == "stderr" else [entry.data]
        for text in (shown_bytes(piece) for piece in pieces if entry.event in ("receive", "half", "stderr") and piece):
            rest = re.sub(r" \(and [0-9]+ more\)\Z", "", shown)
            if len(entry.data) == _KEPT_BYTES:
                rest = re.sub(r"… \([0-9]+ bytes\)", f"… ({len(entry.data)} bytes)", rest, count=1)
            last = rest == text and (place is None or (entry.number == entries[place].number and at > place))
            if last or (rest.startswith(f"{text} ") and _was_received(rest.removeprefix(f"{text} "), entries, place)):
                return True
    return False


def _is_silent(entries: Sequence[Entry], place: int) -> bool:
    """Return whether nothing that answers what was sent at `place` came behind it in the same start."""
    sent = {match for entry in entries[place : place + 1] for match in _ID.findall(entry.data)}
    for entry in entries[place:]:
        if entry.number == entries[place].number and entry.event in ("receive", "half"):
            try:
                message = json.loads(entry.data)
            except ValueError:
                return False
            if "method" not in message and json.dumps(message.get("id")).encode() in (*sent, b"null"):
                return False
    return True
