"""Own the connection, and which calls and requests are open on it, for many threads; know nothing of methods or handlers.

One lock covers the connection and the tables; it is never held while a handler runs or bytes are written.
"""

import threading
from collections.abc import Callable
from typing import Any

from hub_protocol import Connection, LocalProtocolError, Role, methods
from hub_protocol.events import Event
from hub_protocol.limits import MAX_MODULE_REQUESTS
from hub_protocol.messages import Id
from hub_sdk.codec import Answer, Offer, answer_for
from hub_sdk.serve._calls import Call, Waiter
from hub_sdk.types import Cancelled, HubCallError

__all__ = ["Exchange"]

# Which feature has to be in force for a notification.
_FEATURE_OF = {methods.PROGRESS: "progress", methods.HUB_LOG: "host_services"}


class Exchange:
    """What goes in and out for one module. `flush` is called, outside the lock, when there is something to write."""

    def __init__(self, flush: Callable[[], None]) -> None:
        self.over = False  # whether this side has nothing more to say
        self.offer = Offer()
        self._flush = flush
        self._connection = Connection(Role.MODULE)
        self._lock = threading.Lock()
        self._calls: dict[Id, Call] = {}
        self._left: list[Call] = []  # answered while their handlers were at work; they alone hold the tasks of these
        self._asked: dict[Id, Call] = {}
        self._when_idle: list[Callable[[], None]] = []
        self._due: list[bytes] = []  # frames that are to be written before those of the connection
        self._tail: bytes | None = b""  # the beginning of a line, while there may be another connection to read it

    @property
    def is_busy(self) -> bool:
        """Whether a call is open."""
        return bool(self._calls)

    @property
    def has_data(self) -> bool:
        """Whether there may be frames to write that nobody has been told of; for the thread that reads."""
        return bool(self._due) or self._connection.has_data_to_send

    # Bytes

    def receive(self, data: bytes) -> list[Event]:
        """Take bytes from the hub; return what they mean, in order."""
        with self._lock:
            if self._tail is not None:
                self._tail = (self._tail + data).rpartition(b"\n")[2]
            self._connection.receive_data(data)
            return self._connection.events_received()

    def data_to_send(self) -> list[bytes]:
        """Return the frames that are to be written; none that came up after `over` (HUB-CLEAN-2)."""
        with self._lock:
            if not self._due:
                return [] if self.over else self._connection.data_to_send()
            due, self._due = self._due, []
            return due if self.over else due + self._connection.data_to_send()

    def agree(self, offer: Offer) -> None:
        """Take what both sides agreed on. Another frame limit means another connection, unless requests are open on this."""
        with self._lock:
            self.offer = offer
            old, tail, self._tail = self._connection, self._tail, None
            if offer.max_frame_bytes == old.max_frame_bytes or tail is None or len(old.incoming):
                return
            self._due += old.data_to_send()
            self._connection = Connection(Role.MODULE, max_frame_bytes=offer.max_frame_bytes)
            self._connection.receive_data(tail)

    def end(self) -> None:
        """Say nothing more: the hub is gone."""
        with self._lock:
            self.over = True

    # Calls

    def open(self, call: Call) -> None:
        """Take note of a call that will be answered later."""
        with self._lock:
            self._calls[call.id] = call

    def cancel(self, request_id: Id) -> None:
        """Tell the handler of a call that nobody waits any more; nothing happens when it is over."""
        with self._lock:
            call = self._calls.get(request_id)
            if call is None:
                return
            call.cancelled = True
            stop, waiters = call.stop, [*call.waiting.values(), *call.sleeping]
        if stop is not None:
            # A task that is cancelled before its first step never runs, and its call would never be answered.
            if call.begun:
                stop()
            return
        for waiter in waiters:
            waiter.fail(Cancelled())

    def cancel_all(self) -> None:
        """Tell every handler to stop, but one that cleans up."""
        with self._lock:
            open_now = [call.id for call in self._calls.values() if call.name != methods.MODULE_CLEANUP]
        for request_id in open_now:
            self.cancel(request_id)

    def when_idle(self, callback: Callable[[], None]) -> None:
        """Call `callback` once no call is open, from whichever thread finds out."""
        with self._lock:
            if self._calls:
                self._when_idle.append(callback)
                return
        callback()

    def answer_at_once(self, request_id: Id, answer: Any) -> None:
        """Answer a request that needed no handler; the reader writes after the batch."""
        with self._lock:
            self._send_answer(request_id, answer)

    def answer(self, call: Call, answer: Any, *, last: bool = False) -> None:
        """Answer a call, once, with a result or an Answer; when it is the `last`, answer all others first and say no more.

        Raises:
            LocalProtocolError: the answer cannot travel; the call stays open.
        """
        idle: list[Callable[[], None]] | None = None
        with self._lock:
            if call.id not in self._calls:
                return
            if call.waiting or last or call.kept_progress is not None:
                self._send_before_the_answer(call, last=last)
            if isinstance(answer, Answer):
                self._connection.send_error(call.id, answer.code, answer.message, answer.data)
            else:
                self._connection.send_result(call.id, answer)
            call.finished = True
            call.stop = None  # a task that is done and its call would hold each other
            del self._calls[call.id]
            if last:
                self._due += self._connection.data_to_send()
                self.over = True
            if self._when_idle and not self._calls:
                idle, self._when_idle = self._when_idle, []
        self._flush()
        for callback in idle or ():
            callback()

    def _send_before_the_answer(self, call: Call, *, last: bool) -> None:
        for request_id in list(call.waiting):
            self._forget(call, request_id)
        if call.kept_progress is not None:
            self._notify(methods.PROGRESS, call.kept_progress)
            call.kept_progress = None
        if last:
            self._abandon_all_but(call)

    def _send_answer(self, request_id: Id, answer: Any) -> None:
        if isinstance(answer, Answer):
            self._connection.send_error(request_id, answer.code, answer.message, answer.data)
        else:
            self._connection.send_result(request_id, answer)

    def _abandon_all_but(self, last: Call) -> None:
        for call in list(self._calls.values()):
            if call is not last:
                call.finished = True
                self._left.append(call)
                self._send_answer(call.id, answer_for(Cancelled(), call.name, "", cancelled=True))
                del self._calls[call.id]

    # Requests and notifications of the module's

    def ask_hub(self, call: Call, method: str, params: dict[str, Any], waiter: Waiter) -> Id:
        """Send a request to the hub on behalf of a call (see Services)."""
        with self._lock:
            if call.finished or self.over:
                raise HubCallError.of_kind("context_ended", f"cannot ask the hub for {method}: the call of {call.name} is over")
            if call.cancelled:
                raise Cancelled
            if "host_services" not in self.offer.features:
                raise HubCallError.of_kind(
                    "not_permitted", f"cannot ask the hub for {method}: this hub has no services for modules"
                )
            if len(self._asked) >= MAX_MODULE_REQUESTS:
                raise HubCallError.of_kind(
                    "overloaded", f"cannot ask the hub for {method}: {MAX_MODULE_REQUESTS} requests are open"
                )
            try:
                request_id = self._connection.send_request(method, {"call_id": call.id, **params})
            except LocalProtocolError as error:
                raise ValueError(f"cannot ask the hub for {method}: {error}") from None
            call.waiting[request_id] = waiter
            self._asked[request_id] = call
        self._flush()
        return request_id

    def give_up(self, request_id: Id) -> None:
        """Forget a request to the hub, and tell the hub."""
        with self._lock:
            call = self._asked.get(request_id)
            if call is None:
                return
            self._forget(call, request_id)
        self._flush()

    def _forget(self, call: Call, request_id: Id) -> None:
        call.waiting.pop(request_id, None)
        if self._asked.pop(request_id, None) is not None:
            self._connection.cancel(request_id)

    def resolve(self, request_id: Id, tell: Callable[[Waiter], None]) -> None:
        """Tell whoever waits for the hub's answer to a request."""
        with self._lock:
            call = self._asked.pop(request_id, None)
            waiter = call.waiting.pop(request_id, None) if call else None
        if waiter is not None:
            tell(waiter)

    def notify(self, call: Call, method: str, params: dict[str, Any]) -> None:
        """Send a notification on behalf of a call (see Services)."""
        with self._lock:
            if call.finished or self.over:
                return
            self._notify(method, params)
        self._flush()

    def _notify(self, method: str, params: dict[str, Any]) -> None:
        feature = _FEATURE_OF.get(method)
        if feature is None or feature in self.offer.features:
            self._connection.send_notification(method, params)
