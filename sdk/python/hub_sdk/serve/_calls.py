"""Own one live call: deadline, cancellation, progress, what it waits for; know nothing of threads or loops."""

from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from hub_protocol.limits import PROGRESS_PER_SECOND
from hub_protocol.messages import Id
from hub_protocol.methods import PROGRESS
from hub_sdk.codec import Surroundings, read_surroundings
from hub_sdk.log import Log
from hub_sdk.serve._deadline import Deadline

__all__ = ["Call", "Services", "Waiter"]

# A few at once, then evenly: in no second more than the protocol allows.
_PROGRESS_AT_ONCE = 4
_PROGRESS_REFILL_PER_SECOND = PROGRESS_PER_SECOND - _PROGRESS_AT_ONCE


class Waiter(Protocol):
    """Somebody who waits for the hub's answer, in a thread or in a loop. Told once; told twice, the second is ignored."""

    def succeed(self, result: Any) -> None:
        """Take the result."""
        ...

    def fail(self, error: BaseException) -> None:
        """Take the error."""
        ...


class Services(Protocol):
    """What a call can ask of the session that it belongs to."""

    def ask_hub(self, call: "Call", method: str, params: dict[str, Any], waiter: Waiter) -> Id:
        """Send a request to the hub on behalf of a call.

        Raises:
            HubCallError: the call is over, or the hub has no host services.
        """
        ...

    def give_up(self, request_id: Id) -> None:
        """Forget a request to the hub."""
        ...

    def notify(self, call: "Call", method: str, params: dict[str, Any]) -> None:
        """Send a notification on behalf of a call; nothing is sent when the call is over."""
        ...


class Call(msgspec.Struct, dict=True, eq=False):
    """One request of the hub's that the module works on; `clock` is of monotonic seconds, and so is `came_at`.

    Most handlers ask neither for their deadline nor for what the hub says beside the arguments: both are made when asked for.
    """

    id: Id
    name: str
    context: dict[str, Any] | None
    services: Services
    module_log: Log
    clock: Callable[[], float]
    came_at: float
    cancelled: bool = False
    begun: bool = False  # whether its async handler has had its first turn
    finished: bool = False
    # How an async handler is told; a sync one looks at `cancelled` itself.
    stop: Callable[[], object] | None = None
    waiting: dict[Id, Waiter] = {}
    sleeping: list[Waiter] = []
    kept_progress: dict[str, Any] | None = None  # what was held back
    _progress_at: float = float("-inf")
    _progress_left: float = 0.0
    _done: float = float("-inf")

    # Of two threads that ask at the same time both get what the first one made.

    @property
    def surroundings(self) -> Surroundings:
        """What the hub says about the call beside its arguments."""
        made: Surroundings | None = vars(self).get("_surroundings")
        return made or vars(self).setdefault("_surroundings", read_surroundings(self.context))

    @property
    def deadline(self) -> Deadline:
        """When its caller stops waiting."""
        made: Deadline | None = vars(self).get("_deadline")
        return made or vars(self).setdefault("_deadline", Deadline(self.surroundings.timeout_seconds, self.clock, self.came_at))

    @property
    def log(self) -> Log:
        """The module's log, with the function and the trace id on each line."""
        trace_id = self.surroundings.trace_id
        return self.module_log.bind(self.name, trace_id=trace_id) if trace_id else self.module_log.bind(self.name)

    def progress(self, done: float, total: float | None, message: str | None) -> None:
        """Tell the caller how far it is, a bounded number of times a second (HUB-PROG-2); the newest held back is kept."""
        self._done = max(self._done, done)
        params: dict[str, Any] = {"id": self.id, "done": self._done}
        if total is not None:
            params["total"] = total
        if message is not None:
            params["message"] = message
        now = self.clock()
        refilled = self._progress_left + (now - self._progress_at) * _PROGRESS_REFILL_PER_SECOND
        self._progress_at, self._progress_left = now, min(refilled, _PROGRESS_AT_ONCE)
        if self._progress_left < 1:
            self.kept_progress = params
            return
        self._progress_left -= 1
        self.kept_progress = None
        self.services.notify(self, PROGRESS, params)
