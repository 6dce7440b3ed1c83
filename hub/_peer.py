"""Own the moving of bytes between a process and its connection, and the wait of each request; know no functions.

The only file that reads or writes a pipe of the protocol, and the only place where I/O errors of those pipes are handled.
Nothing here ever blocks the event loop: what the module does not read waits in a bounded queue.
"""

import os
from collections import deque
from collections.abc import Callable
from typing import Any

import anyio
from msgspec import UNSET

from hub._calls import Call, Progress
from hub._childprocess import ChildProcess
from hub._deadlines import Deadline, Deadlines
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
from hub_protocol.events import ErrorReceived, Event, ProgressReceived, RequestBroken, ResponseReceived, UnexpectedResponse
from hub_protocol.messages import Id

__all__ = ["Peer", "PendingRequest"]

_READ_BYTES = 256 * 1024  # what a pipe holds at most by default is 64 KiB; raised pipes are read in one go as well
# Before a deadline is declared, what the module has already written is read: the hub's own busy time is not the module's fault.
_DRAIN_READS = 64
# A module that never answers what was given up must not make the hub grow.
_REMEMBERED_ABANDONED = 1024


class PendingRequest:
    """One request under way: how it ends is told once, by `end`."""

    __slots__ = ("_done", "call", "deadline", "error", "frame_end", "id", "method", "on_end", "on_progress", "result")

    def __init__(self, request_id: Id, method: str, call: Call | None, on_progress: Callable[[Progress], None] | None) -> None:
        self.id = request_id
        self.method = method
        self.call = call
        self.on_progress = on_progress
        self.on_end: list[Callable[[], None]] = []
        self.deadline: Deadline | None = None
        self.frame_end = 0
        self.result: Any = None
        self.error: HubError | None = None
        self._done = anyio.Event()

    async def wait(self) -> None:
        """Wait for the end."""
        await self._done.wait()

    @property
    def ended(self) -> bool:
        """Whether it is over."""
        return self._done.is_set()

    def end(self, result: Any = None, error: HubError | None = None) -> None:
        """Tell how it ended."""
        self.result = result
        self.error = error
        if self.deadline is not None:
            self.deadline.cancel()
        self._done.set()
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
        write_queue_bytes: how much may wait for a module that does not read.
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
        write_queue_bytes: int,
    ) -> None:
        self.name = name
        self.connection = connection
        self.can_cancel = False
        self.pending: dict[Id, PendingRequest] = {}
        self.abandoned: dict[Id, None] = {}  # given up, and still not answered by the module
        self._late = anyio.Event()
        self._process = process
        self._deadlines = deadlines
        self._clock = clock
        self._on_event = on_event
        self._queue: deque[memoryview] = deque()
        self._queue_limit = write_queue_bytes
        self._queued = 0  # bytes ever handed to the queue or the pipe; with `_written`, where a frame stands
        self._written = 0
        self._dropped = 0  # what the module can never read any more
        self._writable = anyio.Event()
        self._closed: Callable[[PendingRequest], HubError] | None = None

    # Requests

    async def request(
        self,
        method: str,
        params: dict[str, Any],
        *,
        deadline: float,
        call: Call | None = None,
        wire_context: dict[str, Any] | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> Any:
        """Ask the module and return its result. Cancelling the caller cancels the request in the module.

        Raises:
            FunctionError: the module answered with an error.
            CallTimeout, WriteBlocked: the deadline passed, or the module does not read.
            ProtocolError, FrameTooLarge: the answer, or the request, cannot be used.
            HubError: what `end_all` says, when the module ends first.
        """
        pending = self._start(method, params, call, wire_context, on_progress)
        pending.deadline = self._deadlines.add(deadline, lambda: self._expire(pending))
        try:
            await pending.wait()
        finally:
            if not pending.ended:
                self._abandon(pending, Cancelled(f"the call of {self._shown(method)} was cancelled by its caller"))
        if pending.error is not None:
            raise pending.error
        return pending.result

    def _start(
        self,
        method: str,
        params: dict[str, Any],
        call: Call | None,
        wire_context: dict[str, Any] | None,
        on_progress: Callable[[Progress], None] | None,
    ) -> PendingRequest:
        waiting = self._queued - self._written - self._dropped
        if waiting > self._queue_limit:
            msg = (
                f"cannot call {self._shown(method)}: {self.name} does not read its standard input; {waiting} bytes wait for it"
            )
            raise WriteBlocked(
                msg, hint=f"restart it: hub restart {self.name}", data={"module": self.name, "may_have_executed": False}
            )
        try:
            request_id = self.connection.send_request(method, params, context=wire_context)
        except LocalProtocolError as error:
            msg = f"cannot call {self._shown(method)}: {error}"
            kind = FrameTooLarge if "frame limit" in str(error) else InvalidArguments
            raise kind(msg, data={"module": self.name, "may_have_executed": False}) from None
        pending = PendingRequest(request_id, method, call, on_progress)
        self.pending[request_id] = pending
        self.flush()
        pending.frame_end = self._queued
        if self._closed is not None:
            self._end(pending, error=self._closed(pending))
        return pending

    def _shown(self, method: str) -> str:
        return f"{self.name}.{method}"

    def was_sent(self, pending: PendingRequest) -> bool:
        """Return whether the module may have read the whole request, and so may have executed it."""
        return self._written >= pending.frame_end

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
        error = CallTimeout(msg, hint="give it more time with --timeout", data={"module": self.name, "may_have_executed": sent})
        self._abandon(pending, error)

    def _abandon(self, pending: PendingRequest, error: HubError) -> None:
        if pending.id not in self.pending:
            return
        if self.can_cancel:
            self.connection.cancel(pending.id)
        else:
            self.connection.forget(pending.id)
        self.abandoned[pending.id] = None
        if len(self.abandoned) > _REMEMBERED_ABANDONED:
            del self.abandoned[next(iter(self.abandoned))]
        self._end(pending, error=error)
        self.flush()

    def _end(self, pending: PendingRequest, result: Any = None, error: HubError | None = None) -> None:
        self.pending.pop(pending.id, None)
        pending.end(result, error)

    def end_all(self, why: Callable[[PendingRequest], HubError]) -> None:
        """End every request under way, and each later one at once, with the error that `why` returns for it."""
        self._closed = why
        for pending in list(self.pending.values()):
            self._end(pending, error=why(pending))

    # Bytes in

    async def run_reader(self) -> None:
        """Read until the module's output ends or `close_stdout` is called. Never raises for what the module does."""
        try:
            while self._process.stdout_fd >= 0:
                await anyio.wait_readable(self._process.stdout_fd)
                if not self.read_available(1):
                    break
        except (anyio.ClosedResourceError, OSError, ValueError):
            pass
        self.connection.receive_eof()
        self._dispatch()

    def read_available(self, reads: int) -> bool:
        """Read what is there, at most `reads` times, and act on it; return False at the end of the stream."""
        for _ in range(reads):
            fd = self._process.stdout_fd
            if fd < 0:
                return False
            try:
                data = os.read(fd, _READ_BYTES)
            except BlockingIOError:
                return True
            except OSError:
                return False
            if not data:
                return False
            self.connection.receive_data(data)
            self._dispatch()
        return True

    def _dispatch(self) -> None:
        for event in self.connection.events_received():
            match event:
                case ResponseReceived():
                    self._end(self.pending[event.id], event.result)
                case ErrorReceived():
                    data = None if event.data is UNSET else event.data
                    self._end(self.pending[event.id], error=error_from_answer(event.code, event.message, data))
                case RequestBroken():
                    self._end_broken(event)
                case ProgressReceived():
                    told = self.pending[event.id].on_progress
                    if told is not None:
                        told(Progress(event.done, event.total, event.message))
                case _:
                    if isinstance(event, UnexpectedResponse) and event.id is not None:
                        self.abandoned.pop(event.id, None)
                        self._late.set()
                    self._on_event(event)
        self.flush()

    def _end_broken(self, event: RequestBroken) -> None:
        pending = self.pending[event.id]
        msg = f"cannot use the answer of {self._shown(pending.method)}: {event.reason}"
        data = {"module": self.name, "may_have_executed": True}
        kind = FrameTooLarge if event.kind == "frame_too_large" else ProtocolError
        self._end(pending, error=kind(msg, hint=f"this is a fault of the module: hub plugin test {self.name}", data=data))

    # Bytes out

    def flush(self) -> None:
        """Write what the connection has to send, as far as the pipe takes it now; the rest is written by `run_writer`."""
        frames = self.connection.data_to_send()
        if not frames:
            return
        data = frames[0] if len(frames) == 1 else b"".join(frames)
        self._queued += len(data)
        view = memoryview(data)
        if not self._queue:
            view = view[self._write(view) :]
        if view:
            self._queue.append(view)
            self._writable.set()

    def _write(self, view: memoryview) -> int:
        fd = self._process.stdin_fd
        if fd < 0:
            return self._drop(len(view))
        try:
            written = os.write(fd, view)
        except BlockingIOError:
            return 0
        except OSError:
            # The module closed its end or is gone: the end of the process says the rest.
            return self._drop(len(view))
        self._written += written
        return written

    def _drop(self, size: int) -> int:
        # Not written, so no request in it counts as sent; nor does it count as waiting.
        self._dropped += size
        return size

    async def run_writer(self) -> None:
        """Write what the pipe did not take at once, until cancelled."""
        while True:
            self._writable = anyio.Event()
            if not self._queue:
                await self._writable.wait()
            try:
                await anyio.wait_writable(self._process.stdin_fd)
            except (anyio.ClosedResourceError, OSError, ValueError):
                self._drop(sum(map(len, self._queue)))
                self._queue.clear()
                continue
            while self._queue:
                view = self._queue[0]
                written = self._write(view)
                if written < len(view):
                    self._queue[0] = view[written:]
                    break
                self._queue.popleft()
