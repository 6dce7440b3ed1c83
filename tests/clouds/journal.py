"""Own what was requested and how it ended, for tests to count and to wait for; know no token: none is written down."""

import threading
import time
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import Any

__all__ = ["Entry", "Journal"]


@dataclass(slots=True)
class Entry:
    """One request. `ended` is empty while it is worked on, then the status, "cut", or "gone" where the client did not wait."""

    service: str
    account: str | None
    method: str
    path: str
    query: dict[str, str]
    acted: bool = False
    ended: str = ""


class Journal:
    """All requests since the last reset, in the order in which they came."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._entries: list[Entry] = []

    def clear(self) -> None:
        """Begin anew."""
        with self._changed:
            self._entries = []

    def begin(self, entry: Entry) -> Entry:
        """Write down that a request has come."""
        with self._changed:
            self._entries.append(entry)
            self._changed.notify_all()
        return entry

    def end(self, entry: Entry, ended: str) -> None:
        """Write down how a request ended, the first time."""
        with self._changed:
            entry.ended = entry.ended or ended
            self._changed.notify_all()

    def wait(self, service: str, match: str, ended: str, at_least: int, seconds: float) -> list[dict[str, Any]]:
        """Return the requests that match, as soon as there are so many of them; what there is after that many seconds."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while True:
                found = [entry for entry in self._entries if _fits(entry, service, match, ended)]
                left = deadline - time.monotonic()
                if len(found) >= at_least or left <= 0:
                    return [asdict(entry) for entry in found]
                self._changed.wait(left)


def _fits(entry: Entry, service: str, match: str, ended: str) -> bool:
    line = f"{entry.method} {entry.path}"
    return fnmatchcase(entry.service, service) and fnmatchcase(line, match) and fnmatchcase(entry.ended, ended)
