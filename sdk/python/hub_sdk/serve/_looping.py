"""Own the main thread of a module with async functions, an asyncio loop; know nothing of what a message means.

Imported after `capabilities` is answered, so that introducing a module never pays for asyncio.
"""

import asyncio
import gc
import os
from collections import deque
from collections.abc import Callable, Coroutine
from threading import get_ident
from typing import Any

from hub_protocol.events import Event
from hub_sdk.serve._descriptors import Descriptors
from hub_sdk.serve._ending import DRAIN_SECONDS, Ending
from hub_sdk.serve._selecting import ServingSelector, can_serve
from hub_sdk.serve._session import Session
from hub_sdk.serve._stepping import SteppingLoop
from hub_sdk.serve._writer import Writer

__all__ = ["Loop"]

_READ_BYTES = 65536


class Loop:
    """Serves a session from a loop in the main thread. `pending` are events that were read before the loop began."""

    def __init__(self, session: Session, descriptors: Descriptors, writer: Writer, ending: Ending) -> None:
        self._session = session
        self._descriptors = descriptors
        self._writer = writer
        self._ending = ending
        self._thread = get_ident()
        self._flushing = False
        self._handling = False
        self._selector: ServingSelector | None = None

    def run(self, pending: deque[Event]) -> None:
        """Serve until the end of standard input, or SIGTERM."""
        # An async handler that blocks keeps this thread from seeing the end; this thread sees it all the same.
        self._ending.watch(self._descriptors.input)
        # What is loaded by now stays loaded: the collector need not look at it again and again.
        gc.freeze()
        try:
            with asyncio.Runner(loop_factory=self._new_loop) as runner:
                runner.run(self._main(pending))
        finally:
            asyncio.set_event_loop(None)

    def _new_loop(self) -> asyncio.AbstractEventLoop:
        """Return the loop that the author's policy asks for, which is nearly always that of the system; then ours."""
        loop = asyncio.new_event_loop()
        if type(loop) is asyncio.SelectorEventLoop and can_serve():
            loop.close()
            self._selector = ServingSelector()
            loop = SteppingLoop(self._selector)
        asyncio.set_event_loop(loop)
        return loop

    def start_async(self, job: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], object]:
        """Run `job` as a task, asked from any thread; return what cancels it, which is for the loop's thread.

        The loop itself keeps only weak references to tasks: what is returned is to be kept until the job is done.
        """
        if get_ident() == self._thread:
            return self._begin(job()).cancel
        started: list[asyncio.Task[None]] = []

        def cancel() -> None:
            for task in started:
                task.cancel()

        self._loop.call_soon_threadsafe(lambda: started.append(self._loop.create_task(job())))
        return cancel

    def flush_soon(self) -> None:
        """Write once what this turn of the loop makes ready; at once where no other call is open: nothing else comes then."""
        if self._handling:  # whoever handles events writes after the last one
            return
        if not self._session.exchange.is_busy:
            self._writer.flush_without_blocking()
        elif not self._flushing:
            self._flushing = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._flushing = False
        self._writer.flush_without_blocking()

    async def _main(self, pending: deque[Event]) -> None:
        self._loop = asyncio.get_running_loop()
        self._begin = self._loop.begin_task if isinstance(self._loop, SteppingLoop) else self._loop.create_task
        self._ended: asyncio.Future[None] = self._loop.create_future()
        self._loop.add_reader(self._ending.wake, self._end)
        if self._selector is None:
            self._read_by_callback()
        else:
            self._selector.begin_serving(self._descriptors.input, self._serve)
        self._handle(pending)
        await self._ended
        if self._selector is None:
            self._loop.remove_reader(self._descriptors.input)
        else:
            self._selector.end_serving()
        await self._finish()

    def _serve(self) -> None:
        try:
            self._read()
        except Exception as error:  # noqa: BLE001 - as the loop does with what its callbacks let escape
            self._loop.call_exception_handler({"message": "cannot serve the hub", "exception": error})

    def _read_by_callback(self) -> None:
        try:
            self._loop.add_reader(self._descriptors.input, self._read)
        except PermissionError:  # epoll knows no regular files; they never block, so reading them in turns is as good
            self._loop.call_soon(self._read_file)

    def _read(self) -> None:
        data = os.read(self._descriptors.input, _READ_BYTES)
        if data:
            self._handle(self._session.exchange.receive(data))
        else:
            self._end()

    def _read_file(self) -> None:
        self._read()
        if not self._ended.done():
            self._loop.call_soon(self._read_file)

    def _handle(self, events: deque[Event] | list[Event]) -> None:
        session = self._session
        self._handling = True
        try:
            for event in events:
                session.handle(event)
        finally:
            self._handling = False
        if session.exchange.has_data:
            self._writer.flush_without_blocking()
        if session.hopeless:
            self._end()

    def _end(self) -> None:
        self._loop.remove_reader(self._ending.wake)
        if not self._ended.done():
            self._ended.set_result(None)

    async def _finish(self) -> None:
        """Give calls that are nearly done a moment, stop the others, and clean up if the hub did not ask for it."""
        self._ending.begin()
        idle = asyncio.Event()

        def tell() -> None:
            self._loop.call_soon_threadsafe(idle.set)

        self._session.exchange.when_idle(tell)
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                await idle.wait()
        except TimeoutError:
            self._session.exchange.cancel_all()
        clean_up, hook = self._session.abandon(), self._session.definition.on_cleanup
        if clean_up is None:
            return
        try:
            outcome = clean_up()
            if hook is not None and hook.is_async:
                await outcome
        except Exception:
            self._session.definition.log.exception("on_cleanup failed")
