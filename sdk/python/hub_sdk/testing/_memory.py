"""Own a hub in memory: the other end of a module's connection, on one asyncio loop; know nothing of who waits."""

import asyncio
import inspect
import os
import time
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, NamedTuple

from hub_protocol import Connection, Role
from hub_protocol.events import (
    ErrorReceived,
    Event,
    FrameRejected,
    ProgressReceived,
    RequestBroken,
    RequestReceived,
    ResponseReceived,
)
from hub_protocol.messages import Id
from hub_protocol.methods import CANCEL_REQUEST
from hub_sdk.serve import DEFAULT_ACCOUNT, Definition, Session, Workers
from hub_sdk.testing._errors import CallFailed, failure
from hub_sdk.testing._host import Host, error_object
from hub_sdk.types import BadValue, HubCallError, ModuleError

__all__ = ["MemoryHub", "Pending", "Progress"]

# How long a handler may go on after the test is over.
_CLOSE_SECONDS = 2.0


class Progress(NamedTuple):
    """One progress notification."""

    done: float
    total: float | None
    message: str | None


class Pending:
    """One call that the hub waits for; `settle` is told the result or the error, on the loop."""

    def __init__(self, name: str, errors: Iterable[type[ModuleError]]) -> None:
        self.name = name
        self.errors = errors
        self.id: Id | None = None
        self.account = DEFAULT_ACCOUNT
        self.progress: list[Progress] = []
        self.settle: Callable[[Any, Exception | None], None] = lambda _result, _error: None


class MemoryHub:
    """A module's session and the hub's connection to it, joined without pipes. Every method runs on `loop`, but `flush`."""

    def __init__(self, definition: Definition, host: Host, loop: asyncio.AbstractEventLoop) -> None:
        self._definition = definition
        self._host = host
        self._loop = loop
        self._workers = Workers(definition.workers)
        self._tasks: set[asyncio.Task[None]] = set()
        self._connection = Connection(Role.HUB)
        self._pending: dict[Id, Pending] = {}
        self.session = Session(definition, self, clock=time.monotonic, new_id=lambda: os.urandom(6).hex())

    # What the session needs

    def start_sync(self, job: Callable[[], None]) -> None:
        """Run `job` in a thread."""
        self._workers.submit(job)

    def start_async(self, job: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
        """Run `job` as a task of the loop."""
        started: list[asyncio.Task[None]] = []

        def begin() -> None:
            started.append(self._loop.create_task(job()))
            self._tasks.add(started[0])
            started[0].add_done_callback(self._tasks.discard)

        def cancel() -> None:
            for task in started:
                task.cancel()

        # In turn, not at once: a sync on_init ends in another thread, and what was asked early begins from there.
        self._loop.call_soon_threadsafe(begin)
        return cancel

    def flush(self) -> None:
        """Move what the module has written, from any thread."""
        self._loop.call_soon_threadsafe(self._pump)

    # What the test does

    def request(self, pending: Pending, params: dict[str, Any], context: dict[str, Any] | None = None) -> None:
        """Send a request; `pending.settle` is told its end."""
        pending.account = (context or {}).get("profile", DEFAULT_ACCOUNT)
        pending.id = self._connection.send_request(pending.name, params, context=context)
        self._pending[pending.id] = pending
        self._pump()

    def cancel(self, pending: Pending) -> None:
        """Tell the module that the caller gave up; unlike the real hub, wait for what it answers."""
        if pending.id in self._pending:
            self._connection.send_notification(CANCEL_REQUEST, {"id": pending.id})
            self._pump()

    async def close(self) -> bool:
        """End everything; return whether every handler has ended."""
        self.session.exchange.cancel_all()
        self.session.abandon()
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return await asyncio.to_thread(self._workers.close, _CLOSE_SECONDS)

    def _pump(self) -> None:
        try:
            self._move()
        except Exception as error:  # noqa: BLE001 - what the test's own fakes raise, or a broken module: the test hears of it
            for pending in self._pending.values():
                pending.settle(None, error)

    def _move(self) -> None:
        moved = True
        while moved:
            moved = False
            for frame in self.session.exchange.data_to_send():
                moved = True
                self._connection.receive_data(frame)
                for event in self._connection.events_received():
                    self._handle(event)
            for frame in self._connection.data_to_send():
                moved = True
                for event in self.session.exchange.receive(frame):
                    self.session.handle(event)

    def _handle(self, event: Event) -> None:
        if isinstance(event, RequestReceived):
            self._serve(event)
        elif isinstance(event, ProgressReceived):
            self._pending[event.id].progress.append(Progress(event.done, event.total, event.message))
        elif isinstance(event, ResponseReceived):
            pending = self._pending.pop(event.id)
            pending.settle(event.result, self._wrong_result(pending, event.result))
        elif isinstance(event, ErrorReceived):
            pending = self._pending.pop(event.id)
            pending.settle(None, failure(event.code, event.message, event.data, pending.errors))
        elif isinstance(event, RequestBroken | FrameRejected):
            raise AssertionError(f"the module broke the protocol: {event.reason}")  # noqa: TRY004 - the test fails

    def _wrong_result(self, pending: Pending, result: Any) -> Exception | None:
        function = self._definition.functions.get(pending.name)
        if function is None or function.returns is None:
            return None
        try:
            function.returns.read(result)
        except BadValue as error:
            return CallFailed(f"the result does not fit its schema at {error.pointer or '/'}: it {error}", code=-31004)
        return None

    def _serve(self, event: RequestReceived) -> None:
        params = {name: value for name, value in event.params.items() if name != "call_id"}
        call = self._pending.get(event.params.get("call_id", 0))
        if call is None:
            error = HubCallError.of_kind("context_ended", "the call in whose context this was asked is over")
            self._connection.send_error(event.id, *error_object(error))
            return
        try:
            result = self._host.answer(event.method, params, call.account)
        except (HubCallError, ModuleError) as error:
            self._connection.send_error(event.id, *error_object(error))
            return
        if inspect.isawaitable(result):
            task = self._loop.create_task(self._serve_later(event.id, result))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        else:
            self._connection.send_result(event.id, result)

    async def _serve_later(self, request_id: Id, awaitable: Any) -> None:
        try:
            self._connection.send_result(request_id, await awaitable)
        except (HubCallError, ModuleError) as error:
            self._connection.send_error(request_id, *error_object(error))
        self._pump()
