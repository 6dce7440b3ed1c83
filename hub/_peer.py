"""Own the moving of bytes between a process and its connection, and the wait of each request; know no functions.

The only file that reads or writes a pipe of the protocol, and the only place where I/O errors of those pipes are handled.
Nothing here ever blocks the event loop: what the module does not read waits in a bounded queue.
"""

import os
from collections.abc import Callable
from typing import Any

import anyio
from msgspec import UNSET

from hub._calls import Call, OnProgress, Progress
from hub._childprocess import ChildProcess
from hub._deadlines import Deadline, Deadlines
from hub._eventloop import Promise, running_loop
from hub._frames import LastFrames
from hub._outbox import Outbox, Waiting
from hub._pace import Pace
from hub.errors import (
    CallTimeout,
    Cancelled,
    FrameTooLarge,
    HubError,
    InvalidArguments,
    ProtocolError,
    WriteBlocked,
    error_from_answer,
)
from hub_protocol import Connection, LocalProtocolError
from hub_protocol.events import (
    ErrorReceived,
    Event,
    ProgressReceived,
    RequestBroken,
    RequestReceived,
    ResponseReceived,
    UnexpectedResponse,
)
from hub_protocol.messages import Id

__all__ = ["Peer", "PendingRequest"]

# Before a deadline is declared, what the module has already written is read: the hub's own busy time is not the module's fault.
_DRAIN_READS = 64
# In the report of a death.
_SHOWN_CALLS = 64
# A module that never answers what was given up must not make the hub grow.
_REMEMBERED_ABANDONED = 1024


class PendingRequest:
    """One request under way: how it ends is told once, by `end`."""

    __slots__ = ("call", "deadline", "done", "ended", "error", "id", "method", "on_end", "on_progress", "result", "waiting")

    def __init__(
        self,
        request_id: Id,
        method: str,
        call: Call | None,
        on_progress: OnProgress,
        waiting: Waiting,
        done: Promise,
    ) -> None:
        self.id = request_id
        self.method = method
        self.call = call
        self.on_progress = on_progress
        self.on_end: list[Callable[[], None]] = []
        self.deadline: Deadline | None = None
        self.waiting = waiting  # how much of it the pipe has not taken
        self.ended = False
        self.result: Any = None
        self.error: Exception | None = None
        self.done = done  # to be awaited by one task only

    def outcome(self) -> Any:
        """Return the result, once it has ended; raises its error."""
        if self.error is not None:
            raise self.error
        return self.result

    def end(self, result: Any = None, error: Exception | None = None) -> None:
        """Tell how it ended."""
        self.ended = True
        self.result = result
        self.error = error
        if self.deadline is not None:
            self.deadline.cancel()
        if not self.done.done():  # it is when the waiting task was cancelled
            self.done.set_result(None)
        # Whatever was asked in the context of this request ends with it.
        for told in self.on_end:
            told()


class Peer:
    """The hub's end of one module's pipes.

    Args:
        name: the module, for messages.
        process: whose `stdin_fd` and `stdout_fd` are used.
        connection: the protocol state.
        deadlines, clock: the hub's.
        on_event: gets every event that is not the end or progress of one of our requests; must not block or raise.
        on_overflow: told, with the bytes that wait, when a module goes on asking and never reads its answers.
        write_queue_bytes: how much may wait for a module that does not read, before calls are refused.
    """

    def __init__(
        self,
        name: str,
        process: ChildProcess,
        connection: Connection,
        *,
        deadlines: Deadlines,
        clock: Callable[[], float],
        on_event: Callable[[Event], None],
        on_overflow: Callable[[int], None],
        write_queue_bytes: int,
    ) -> None:
        self.name = name
        self.connection = connection
        self.can_cancel = False
        self.reads = 0  # a sign of life for each
        self.frames = LastFrames(clock)
        self.cut_off: list[str] = []  # what was under way when the process ended
        self.pending: dict[Id, PendingRequest] = {}
        self.abandoned: dict[Id, None] = {}  # given up, and still not answered by the module
        self._late = anyio.Event()
        self._pace = Pace()
        self._process = process
        self._deadlines = deadlines
        self._clock = clock
        self._on_event = on_event
        self._loop = running_loop()
        self._outbox = Outbox(process, self._loop, self.frames, on_overflow, write_queue_bytes)
        self._why_closed: Callable[[PendingRequest], HubError] | None = None

    # Requests

    async def request(
        self,
        method: str,
        params: dict[str, Any],
        *,
        deadline: float,
        call: Call | None = None,
        wire_context: dict[str, Any] | None = None,
        on_progress: OnProgress = None,
    ) -> Any:
        """Ask the module and return its result. Cancelling the caller cancels the request in the module.

        Raises:
            FunctionError: the module answered with an error.
            CallTimeout, WriteBlocked: the deadline passed, or the module does not read.
            ProtocolError, FrameTooLarge: the answer, or the request, cannot be used.
            HubError: what `end_all` says, when the module ends first.
            Exception: what `on_progress` raised.
        """
        pending = self.begin(method, params, deadline, call, wire_context, on_progress)
        try:
            await pending.done
        finally:
            if not pending.ended:
                self.give_up(pending)
        return pending.outcome()

    def begin(
        self,
        method: str,
        params: dict[str, Any],
        deadline: float,
        call: Call | None = None,
        wire_context: dict[str, Any] | None = None,
        on_progress: OnProgress = None,
    ) -> PendingRequest:
        """Send a request; who does not await its end must `give_up`. `request` in steps, for the hot path.

        Raises:
            WriteBlocked, ProtocolError, FrameTooLarge: see `request`; nothing was sent.
        """
        if self._outbox.is_full:
            unread = f"{self._outbox.waiting_bytes} bytes wait for it"
            msg = f"cannot call {self._shown(method)}: {self.name} does not read its standard input; {unread}"
            raise WriteBlocked(
                msg, hint=f"restart it: hub restart {self.name}", data={"module": self.name, "may_have_executed": False}
            )
        try:
            request_id = self.connection.send_request(method, params, context=wire_context)
        except LocalProtocolError as error:
            msg = f"cannot call {self._shown(method)}: {error}"
            kind = FrameTooLarge if "frame limit" in str(error) else InvalidArguments
            raise kind(msg, data={"module": self.name, "may_have_executed": False}) from None
        # Together with the others: where many are under way, more are about to begin. A single one goes out at once.
        waiting = self.flush(together=bool(self.pending))
        assert waiting is not None  # noqa: S101 - the connection has just queued it
        pending = PendingRequest(request_id, method, call, on_progress, waiting, self._loop.promise())
        self.pending[request_id] = pending
        if self._why_closed is not None:
            self._end(pending, error=self._why_closed(pending))
        else:
            pending.deadline = self._deadlines.add(deadline, lambda: self._expire(pending))
        return pending

    def give_up(self, pending: PendingRequest) -> None:
        """Cancel a request in the module, because its caller was cancelled."""
        self._abandon(pending, Cancelled(f"the call of {self._shown(pending.method)} was cancelled by its caller"))

    def _shown(self, method: str) -> str:
        return f"{self.name}.{method}"

    def was_sent(self, pending: PendingRequest) -> bool:
        """Return whether the module may have read the whole request, and so may have executed it."""
        return not pending.waiting.left

    def _take_back(self, pending: PendingRequest) -> bool:
        """Take a request out of the queue that nothing was written of; return whether it can never be executed."""
        if pending.waiting.begun:
            # Its rest has to follow, or the next frame could not be read; then the module executes it after all.
            return False
        self._outbox.take_back(pending.waiting)
        return True

    async def next_late_answer(self) -> None:
        """Wait for the answer to a request that was given up."""
        self._late = anyio.Event()
        await self._late.wait()

    def _expire(self, pending: PendingRequest) -> None:
        self.read_available(_DRAIN_READS)
        if pending.ended:
            return
        seconds = pending.call.timeout_seconds if pending.call else 0.0
        sent = self.was_sent(pending)
        reason = "did not answer" if sent else "did not read its standard input"
        within = f" within {seconds:g} s" if seconds else " in time"
        msg = f"cannot get the answer of {self._shown(pending.method)}: {self.name} {reason}{within}"
        error = CallTimeout(msg, hint="give it more time with --timeout", data={"module": self.name})
        self._abandon(pending, error)

    def _abandon(self, pending: PendingRequest, error: Exception) -> None:
        if pending.id not in self.pending:
            return
        taken_back = self._take_back(pending)
        if self.can_cancel and not taken_back:
            self.connection.cancel(pending.id)
        else:
            self.connection.forget(pending.id)
        if isinstance(error, HubError):
            error.data["may_have_executed"] = not taken_back
        if not taken_back:
            self.abandoned[pending.id] = None
            if len(self.abandoned) > _REMEMBERED_ABANDONED:
                del self.abandoned[next(iter(self.abandoned))]
        self._end(pending, error=error)
        self.flush()

    def _end(self, pending: PendingRequest, result: Any = None, error: Exception | None = None) -> None:
        self.pending.pop(pending.id, None)
        pending.end(result, error)

    @property
    def is_closed(self) -> bool:
        """Whether every request ends at once: the process is gone, or as good as gone."""
        return self._why_closed is not None

    def end_all(self, why: Callable[[PendingRequest], HubError]) -> None:
        """End every request under way, and each later one at once, with the error that `why` returns for it."""
        self._why_closed = why
        self.cut_off += [pending.method for pending in self.pending.values()][:_SHOWN_CALLS]
        for pending in list(self.pending.values()):
            self._end(pending, error=why(pending))

    # Bytes in

    async def run_reader(self) -> None:
        """Read until the module's output ends or `close_stdout` is called. Never raises for what the module does."""
        if (fd := self._process.stdout_fd) >= 0:
            await self._loop.each_readable(fd, self._read_once, self._process.when_stdout_closes)
        self.connection.receive_eof()
        self._dispatch()

    def _read_once(self) -> bool:
        return self.read_available(1)

    def read_available(self, reads: int) -> bool:
        """Read what is there, at most `reads` times, and act on it; return False at the end of the stream."""
        for _ in range(reads):
            fd = self._process.stdout_fd
            if fd < 0:
                return False
            try:
                data = os.read(fd, self._pace.read_bytes)
            except BlockingIOError:
                return True
            except OSError:
                return False
            if not data:
                return False
            self.reads += 1
            self.frames.received(data)
            self.connection.receive_data(data)
            self._dispatch()
        return True

    def _dispatch(self) -> None:
        noise = 0
        for event in self.connection.events_received():
            if type(event) is ResponseReceived:  # nearly all of them
                pending = self.pending.get(event.id)
                if pending is not None:
                    self._end(pending, event.result)
                continue
            match event:
                case ErrorReceived() | RequestBroken() | ProgressReceived():
                    # An event before it, in the same piece of data, may have ended the module and with it all requests.
                    pending = self.pending.get(event.id)
                    if pending is not None:
                        self._dispatch_answer(pending, event)
                case _:
                    noise += not isinstance(event, RequestReceived)
                    if isinstance(event, UnexpectedResponse) and event.id is not None:
                        self.abandoned.pop(event.id, None)
                        self._late.set()
                    self._on_event(event)
        if noise or self._pace.is_flooded:
            self._pace.heard(noise, self._clock())
        self.flush()

    def _dispatch_answer(self, pending: PendingRequest, event: ErrorReceived | RequestBroken | ProgressReceived) -> None:
        match event:
            case ErrorReceived():
                data = None if event.data is UNSET else event.data
                self._end(pending, error=error_from_answer(event.code, event.message, data))
            case RequestBroken():
                self._end_broken(pending, event)
            case ProgressReceived():
                self._tell_progress(pending, Progress(event.done, event.total, event.message))

    def _tell_progress(self, pending: PendingRequest, progress: Progress) -> None:
        if pending.on_progress is None:
            return
        try:
            pending.on_progress(progress)
        except Exception as error:  # noqa: BLE001 - a fault of that caller: raised out of its own call, and nobody else's
            self._abandon(pending, error)

    def _end_broken(self, pending: PendingRequest, event: RequestBroken) -> None:
        msg = f"cannot use the answer of {self._shown(pending.method)}: {event.reason}"
        data = {"module": self.name, "may_have_executed": True}
        kind = FrameTooLarge if event.kind == "frame_too_large" else ProtocolError
        self._end(pending, error=kind(msg, hint=f"this is a fault of the module: hub plugin test {self.name}", data=data))

    # Bytes out

    def flush(self, *, together: bool = False) -> Waiting | None:
        """Write what the connection has to send, as far as the pipe takes it now; the rest is written by `run_writer`.

        Returns the last frame of it, or None where there was nothing.
        """
        waiting: Waiting | None = None
        for frame in self.connection.data_to_send():
            waiting = self._outbox.write(frame, together=together)
        return waiting

    async def run_writer(self) -> None:
        """Write what the pipe did not take at once, until cancelled."""
        await self._outbox.run()
