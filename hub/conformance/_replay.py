"""Own playing a transcript again against another build and finding the differences; know no checks.

What was sent is sent again, byte for byte and in order; before each write the answers are awaited that had come by then.
Answers are compared by their ids, everything else in order, as JSON values.
"""

import json
import secrets
import signal
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, cast

from hub.conformance._child import CannotSpawn, Child
from hub.conformance._notes import shown_bytes
from hub.conformance._target import Target
from hub.conformance._transcript import Entry, Transcript
from hub.conformance._wire import Wire, WireClosed, WireStuck
from hub.errors import StartFailed

__all__ = ["Difference", "replay"]

_ANSWER_SECONDS: Final = 2.0
_WRITE_SECONDS: Final = 10.0
# A build that stopped answering is told apart after so many waits; the rest is not waited for.
_MOST_WAITS: Final = 5
# As long as a run may take; starts that are left then are not played, and all that they answered is a difference.
_TOTAL_SECONDS: Final = 100.0


@dataclass(frozen=True, slots=True)
class Difference:
    """One message that is not as before: in which start, which one, what it was and what it is; "" for none."""

    start: int
    message: str
    before: str
    now: str

    def to_json(self) -> dict[str, Any]:
        """Return the object of `--json`."""
        return {"start": self.start, "message": self.message, "before": self.before, "now": self.now}


def replay(target: Target, entries: Iterable[Entry]) -> list[Difference]:
    """Play every start of a transcript again; return what is not as it was.

    Raises:
        StartFailed: the program cannot be started.
    """
    starts: dict[int, list[Entry]] = defaultdict(list)
    for entry in entries:
        starts[entry.number].append(entry)
    found: list[Difference] = []
    patience = _Patience(time.monotonic() + _TOTAL_SECONDS)
    for number, script in starts.items():
        now = _play(target, script, patience) if time.monotonic() < patience.until else []
        found += _differences(number, [entry.data for entry in script if entry.event == "receive"], now)
    return found


@dataclass(slots=True)
class _Patience:
    """How long is still waited for a build that does not answer as before."""

    until: float
    waits: int = 0


def _play(target: Target, script: list[Entry], patience: _Patience) -> list[bytes]:
    try:
        child = Child(target.argv, target.cwd, target.env, secrets.token_hex(8))
    except CannotSpawn as error:
        why = error.diagnosis
        raise StartFailed(f"cannot start {target.name}: {why.why}", hint=why.hint) from error
    wire = Wire(child, Transcript(), target.framing)
    came: list[bytes] = []
    expected = 0
    try:
        for entry in script:
            if entry.event == "receive":
                expected += 1
                continue
            if patience.waits < _MOST_WAITS and entry.event in ("send", "close", "signal", "exit"):
                patience.waits += not _await(wire, came, expected)
            if time.monotonic() > patience.until:
                break
            try:
                _do(wire, entry)
            except WireClosed:
                continue
            except WireStuck:
                break  # it reads nothing more, and each further write would take as long
        if patience.waits < _MOST_WAITS:
            patience.waits += not _await(wire, came, expected)
        wire.drain(0.05)
        _collect(wire, came)
    finally:
        child.finish()
    return came


def _do(wire: Wire, entry: Entry) -> None:
    match entry.event:
        case "send":
            wire.write(entry.data, _WRITE_SECONDS)
        case "close":
            wire.close_input()
        case "signal":
            wire.child.send_signal(signal.SIGTERM)
        case "exit":
            wire.wait_for_end(_ANSWER_SECONDS)
        case _:
            pass


def _await(wire: Wire, came: list[bytes], count: int) -> bool:
    deadline = time.monotonic() + _ANSWER_SECONDS
    _collect(wire, came)
    while len(came) < count and not wire.at_end and wire.pump(deadline):
        _collect(wire, came)
    return len(came) >= count


def _collect(wire: Wire, came: list[bytes]) -> None:
    while wire.items:
        item = wire.items.popleft()
        came.append(item if isinstance(item, bytes) else item.head)


def _differences(number: int, before: list[bytes], now: list[bytes]) -> list[Difference]:
    old, new = _by_name(before), _by_name(now)
    names = [*old, *(name for name in new if name not in old)]
    return [
        Difference(number, name, shown_bytes(old.get(name, b"")), shown_bytes(new.get(name, b"")))
        for name in names
        if _value(old.get(name)) != _value(new.get(name))
    ]


def _by_name(lines: list[bytes]) -> dict[str, bytes]:
    named: dict[str, bytes] = {}
    counts: dict[str, int] = defaultdict(int)
    for line in lines:
        value = _value(line)
        members = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
        if "method" in members:
            name = f"{members['method']}"
        elif "id" in members:
            name = f"answer to {json.dumps(members['id'])}"
        else:
            name = "line"
        counts[name] += 1
        named[f"{name} #{counts[name]}" if counts[name] > 1 else name] = line
    return named


def _value(line: bytes | None) -> Any:
    if line is None:
        return None
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return line
