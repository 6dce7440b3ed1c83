"""Own one live call: deadline, cancellation, progress, what it waits for; know nothing of threads or loops."""

from collections.abc import Callable
from typing import Any, Protocol

from hub_protocol.limits import PROGRESS_PER_SECOND
from hub_protocol.messages import Id
from hub_protocol.methods import PROGRESS
from hub_sdk.codec import Surroundings
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


class Call:
    """One request of the hub's that the module works on."""

    def __init__(
        self, request_id: Id, name: str, surroundings: Surroundings, services: Services, log: Log, clock: Callable[[], float]
    ) -> None:
        self.id = request_id
        self.name = name
        self.surroundings = surroundings
        self.services = services
        self.deadline = Deadline(surroundings.timeout_seconds, clock)
        self.cancelled = False
        self.finished = False
        # How a running async handler is told; a sync one looks at `cancelled` itself.
        self.stop: Callable[[], None] | None = None
        self.waiting: dict[Id, Waiter] = {}
        self.sleeping: list[Waiter] = []
        self._log = log
        self._clock = clock
        self._progress_at = clock()
        self._progress_left = float(_PROGRESS_AT_ONCE)
        self._progress_kept: dict[str, Any] | None = None
        self._done = float("-inf")

    @property
    def log(self) -> Log:
        """The module's log, with the function and the trace id on each line."""
        trace_id = self.surroundings.trace_id
        return self._log.bind(self.name, trace_id=trace_id) if trace_id else self._log.bind(self.name)

    def progress(self, done: float, total: float | None, message: str | None) -> None:
        """Tell the caller how far it is, a bounded number of times a second (HUB-PROG-2); the newest held back is kept."""
        self._done = max(self._done, done)
        params: dict[str, Any] = {"id": self.id, "done": self._done}
        if total is not None:
            params["total"] = total
        if message is not None:
            params["message"] = message
        now = self._clock()
        refilled = self._progress_left + (now - self._progress_at) * _PROGRESS_REFILL_PER_SECOND
        self._progress_at, self._progress_left = now, min(refilled, _PROGRESS_AT_ONCE)
        if self._progress_left < 1:
            self._progress_kept = params
            return
        self._progress_left -= 1
        self._progress_kept = None
        self.services.notify(self, PROGRESS, params)

    def kept_progress(self) -> dict[str, Any] | None:
        """Return the progress that was held back, once: it is sent before the answer."""
        kept, self._progress_kept = self._progress_kept, None
        return kept
