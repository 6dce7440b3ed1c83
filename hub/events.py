"""Own the events of a hub: what they are and how they reach whoever listens; know nothing of what makes them."""

import time
import traceback
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from weakref import WeakSet

import anyio

from hub._logrecord import harmless_text

__all__ = ["EVENT_KINDS", "Event", "EventBus", "defect_event"]

# Stable kinds and what `data` holds with each.
EVENT_KINDS: Mapping[str, str] = {
    "module.starting": "the process runs: pid",
    "module.introduced": "module_info and capabilities were answered: version, functions (how many)",
    "module.approved": "its content is approved",
    "module.initialising": "module_init was sent",
    "module.running": "functions can be called",
    "module.stopping": "reason",
    "module.stopped": "exit: text, and code or signal",
    "module.backing-off": "retry_after_seconds, restart (true), error, verdict; exit when it ran: it will be started again",
    "module.failed": "error (as HubError.to_json), verdict, restart (false), gave_up, why; exit when it ran",
    "module.recycling": "why: it gets a fresh process before it reaches a limit",
    "module.gave-up": "error: it failed too often and is not restarted until a person says so; said once",
    "module.disabled": "reason, in the module's words",
    "module.warning": "message: something that does not stop the module but that its author should mend",
    "module.strays": "killed (process numbers), complete: processes that had left its session were ended with it",
    "dependency.down": "required: a module that this one requires went down",
    "dependency.up": "required: it is back",
    "log": "level, message, source (stderr, stdout, hub.log, hub); logger, time and fields where there are any",
    "capabilities.changed": "functions (the names it declares now), approved (whether all of it is)",
    "protocol.stray_line": "text (its beginning), size in bytes: a line on standard output that is no frame",
    "protocol.frame_rejected": "kind, reason, text (its beginning), size in bytes: a frame that broke a rule",
    "protocol.unexpected_response": "id, late",
    "hub.starting": "pid, plugins (the directories): `hub up` begins",
    "hub.running": "pid, socket: each module that is to be started has been",
    "hub.reloaded": "added, removed, changed (names of modules), broken (errors)",
    "hub.stopping": "`hub up` ends",
    "hub.warning": "message, and hint where there is one: something that an operator should mend",
    "hub.defect": "message: a failure of the hub's own, with its place or the number that its caller was told",
    "events.dropped": "count: this listener was too slow",
}

# Cut so that it is seen: what stands at the end may be half a secret.
_SHOWN_CHARACTERS = 300
# A listener that does not listen must not make the hub grow.
_MAX_BUFFERED = 4096


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: a stable `kind`, the module it concerns, wall-clock seconds, and JSON `data`."""

    kind: str
    module: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])
    time: float = field(default_factory=time.time)


def defect_event(error: Exception) -> Event:
    """Return what is said of an exception that should not have been: what it is, and where it happened."""
    steps = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(steps[-1].filename).name}:{steps[-1].lineno})" if steps else ""
    return Event("hub.defect", None, {"message": harmless_text(repr(error), _SHOWN_CHARACTERS) + place})


class _Listener:
    """The iterator that one listener has: a class and no generator, so that whoever loses interest can drop it."""

    def __init__(self, is_closed: Callable[[], bool]) -> None:
        self._is_closed = is_closed
        self._buffer: deque[Event] = deque()
        self._dropped = 0
        self.wake = anyio.Event()

    def put(self, event: Event) -> None:
        if len(self._buffer) >= _MAX_BUFFERED:
            self._buffer.popleft()
            self._dropped += 1
        self._buffer.append(event)
        self.wake.set()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        while not self._buffer:
            if self._is_closed():
                raise StopAsyncIteration
            self.wake = anyio.Event()
            await self.wake.wait()
        if self._dropped:
            count, self._dropped = self._dropped, 0
            return Event("events.dropped", data={"count": count})
        return self._buffer.popleft()


class EventBus:
    """Hands each event to every listener; a slow listener loses its oldest ones and is told how many.

    Nobody sees an event otherwise than `seen_through` returns it.
    """

    def __init__(self, seen_through: Callable[[Event], Event] = lambda event: event) -> None:
        self._seen_through = seen_through
        # Weak: who drops the iterator has stopped listening, and nothing else would tell.
        self._listeners: WeakSet[_Listener] = WeakSet()
        self._callbacks: list[Callable[[Event], None]] = []
        self._closed = False

    def emit(self, event: Event) -> None:
        """Tell everybody; never waits."""
        event = self._seen_through(event)
        for told in list(self._callbacks):
            try:
                told(event)
            except Exception as error:  # noqa: BLE001 - a listener of the application must not take the hub down
                self._callbacks.remove(told)
                self.emit(Event("hub.warning", None, {"message": f"a listener failed and is not told any more: {error!r}"}))
        for listener in self._listeners:
            listener.put(event)

    def add_callback(self, told: Callable[[Event], None]) -> None:
        """Call `told`, which must not block, for each event from now on; one that raises is not told any more."""
        self._callbacks.append(told)

    def close(self) -> None:
        """End every iteration after what it has not seen yet."""
        self._closed = True
        for listener in self._listeners:
            listener.wake.set()

    def listen(self) -> AsyncIterator[Event]:
        """Return an iterator of the events from now on, until the hub closes."""
        listener = _Listener(lambda: self._closed)
        self._listeners.add(listener)
        return listener
