"""Own what a module wrote that answers nothing: kept for a moment, to be named when an answer is missed; know no checks."""

import json
from collections import deque
from typing import Any, Final

from hub.conformance._line import Fault
from hub.conformance._notes import shown_bytes

__all__ = ["Strays"]

# Whoever waits for one answer wants to see the last things that came instead of it.
_MOST_KEPT: Final = 8


class Strays:
    """The last frames that were no answer to anything, with the time at which each came."""

    def __init__(self) -> None:
        self._kept: deque[tuple[float, str, bytes]] = deque(maxlen=_MOST_KEPT)

    def frame(self, now: float, value: object, faults: list[Fault], line: bytes) -> None:
        """Keep a frame that holds no message."""
        what = "a batch, which no message may be" if isinstance(value, list) else "a frame that is no object"
        if value is None and faults:
            what = f"what cannot be read ({faults[0].why})"
        self._kept.append((now, what, line))

    def response(self, now: float, message: dict[str, Any], line: bytes) -> None:
        """Keep a response to nothing that was asked."""
        told = json.dumps(message["id"])[:60] if "id" in message else ""
        self._kept.append((now, f"a response with the id {told}" if told else "a response without an id", line))

    def since(self, begun: float) -> tuple[str, bytes]:
        """Return the last thing that came after `begun`, in words and as it was; empty where nothing did."""
        found = [(what, line) for when, what, line in self._kept if when >= begun]
        if not found:
            return "", b""
        what, line = found[-1]
        return f"it wrote {what}: {shown_bytes(line)}", line
