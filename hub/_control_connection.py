"""Own one connection of the control socket: its lines, what is under way on it, what it has not read; know no method.

Nothing a client does can cost more than its own connection: each buffer has a bound, each wait an end (see `ControlLimits`).
"""

import select
import socket
import sys
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import anyio
import anyio.abc
import anyio.lowlevel

from hub._control_asking import Asked
from hub._control_dispatch import Dispatcher
from hub._control_message import InvalidRequest, Request, encode, error_answer, read_line
from hub._person import Answer, Question
from hub.errors import Cancelled, FrameTooLarge, HubError, Overloaded
from hub_protocol.limits import MAX_FRAME_BYTES

__all__ = ["ControlConnection", "ControlLimits", "Conversation", "Held"]

Send = Callable[[dict[str, Any]], None]

CANCEL: Final = "$/cancelRequest"
_READ_BYTES: Final = 64 * 1024
# Beyond the frame that it carries, a line has the envelope of `hub.call`.
_ENVELOPE_BYTES: Final = 64 * 1024
# Who has so much to read is not listened to until it has read it.
_DEAF_ABOVE_BYTES: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class ControlLimits:
    """The bounds of the control socket."""

    connections: int = 128  # a console, its scripts and a dashboard need ten
    line_bytes: int = MAX_FRAME_BYTES + _ENVELOPE_BYTES
    held_bytes: int = 4 * MAX_FRAME_BYTES  # of all connections together: lines that are not whole, answers that nobody reads
    unread_bytes: int = 2 * MAX_FRAME_BYTES  # of one connection: the largest answer on its way, one behind
    requests: int = 64  # under way on one connection, as many as a module takes
    subscriptions: int = 16
    half_line_seconds: float = 10.0  # from the first byte of a line to its end
    unread_seconds: float = 30.0  # an answer that waits, and nothing of it is read
    silent_seconds: float = 60.0  # connected, and never asked anything
    ended_seconds: float = 300.0  # its end of sending is heard, answers are under way: as long as a start or stop may take
    yields_after_seconds: float = 1.0  # so long silent, it makes room for the next one when there is none


class Held:
    """How many bytes all connections hold together; one that would go beyond the bound is refused."""

    def __init__(self, max_bytes: int) -> None:
        self.left_bytes = max_bytes

    def take(self, size: int) -> bool:
        """Count `size` more bytes if there is room."""
        if size > self.left_bytes:
            return False
        self.left_bytes -= size
        return True

    def give(self, size: int) -> None:
        """Count `size` bytes less."""
        self.left_bytes += size


class Conversation:
    """What a method sees of the connection that it was asked on, and of the request that asks."""

    def __init__(self, connection: "ControlConnection", request: Request) -> None:
        self._connection = connection
        self.request = request

    def notify(self, method: str, params: Mapping[str, Any]) -> None:
        """Send a notification if there is room for it; who reads slowly misses some."""
        self._connection.send_if_room({"jsonrpc": "2.0", "method": method, "params": params})

    def subscribe(self, work: Callable[[int], Coroutine[Any, Any, None]]) -> int:
        """Run `work` with a number of its own until `unsubscribe` with that number, or the end of the connection.

        Raises:
            Overloaded: there are too many.
        """
        return self._connection.subscribe(work)

    def unsubscribe(self, number: int) -> bool:
        """End a subscription; return whether there was one."""
        return self._connection.unsubscribe(number)

    async def ask(self, question: Question) -> Answer:
        """Ask the person at this client's end; see `Asked.ask`."""
        return await self._connection.asked_back.ask(self.request.id, question)

    async def send_when_room(self, method: str, params: Mapping[str, Any]) -> None:
        """Send a notification, after what waits was read."""
        await self._connection.has_room()
        self.notify(method, params)


class ControlConnection:
    """One client, from `run` until either side closes. Closing cancels what is under way."""

    def __init__(
        self, sock: socket.socket, dispatcher: Dispatcher, limits: ControlLimits, held: Held, clock: Callable[[], float]
    ) -> None:
        self.asked = False
        self.asked_back = Asked(self._send)
        self.since = clock()
        self._socket = sock
        self._dispatcher = dispatcher
        self._limits = limits
        self._held = held
        self._clock = clock
        self._scope = anyio.CancelScope()
        self._tasks: anyio.abc.TaskGroup | None = None
        self._serving: anyio.abc.TaskGroup | None = None
        self._ended: float | None = None
        self._line = bytearray()
        self._skipping = False
        self._line_since = self._last_written = self.since
        self._under_way = 0
        self._cancellable: dict[str | float | None, anyio.CancelScope] = {}
        self._subscriptions: dict[int, anyio.CancelScope] = {}
        self._next_subscription = 1
        self._out: deque[memoryview] = deque()
        self._unread = 0
        self._wake = anyio.Event()
        self._room = anyio.Event()

    async def run(self) -> None:
        """Serve the client until it is gone, has the answers to all that it will ask, or `close` is called."""
        try:
            with self._scope:
                async with anyio.create_task_group() as tasks:
                    self._tasks = tasks
                    tasks.start_soon(self._write)
                    async with anyio.create_task_group() as self._serving:
                        await self._read()
                        self._hear_the_end(tasks)
                    await self.has_room()
                    tasks.cancel_scope.cancel()
        finally:
            self._held.give(len(self._line) + self._unread)
            self._line.clear()
            self._unread = 0
            self._out.clear()
            self._socket.close()

    def close(self, error: HubError | None = None) -> None:
        """End the connection; `error` is told if the client reads it at once."""
        if error is not None and not self._out:
            with suppress(OSError):
                self._socket.send(encode(error_answer(None, error)))
        self._scope.cancel()

    def tend(self) -> None:
        """Close it when the client took longer than it may; called about once a second."""
        now, limits = self._clock(), self._limits
        if self._line and now - self._line_since > limits.half_line_seconds:
            self.close(Overloaded(f"cannot wait any longer: the line is not whole after {limits.half_line_seconds:g} s"))
        elif self._out and now - self._last_written > limits.unread_seconds:
            self.close()
        elif self._ended is not None and now - self._ended > limits.ended_seconds:
            self.close(Overloaded(f"cannot wait any longer: nothing more can be asked since {limits.ended_seconds:g} s"))
        elif not self.asked and now - self.since > limits.silent_seconds:
            self.close(Overloaded(f"cannot wait any longer: nothing was asked for {limits.silent_seconds:g} s"))

    # In

    async def _read(self) -> None:
        while True:
            await anyio.wait_readable(self._socket)
            try:
                data = self._socket.recv(_READ_BYTES)
            except BlockingIOError:
                continue
            except OSError:
                self._scope.cancel()
                return
            if not data:
                return
            if not self._take(data):
                self.close(
                    Overloaded("cannot read on: the hub holds too many lines that are not whole", hint="try again later")
                )
                return
            if self._unread > _DEAF_ABOVE_BYTES:
                await self.has_room()

    def _hear_the_end(self, tasks: anyio.abc.TaskGroup) -> None:
        """Note that nothing more will be asked. Who is only at the end of a pipe still reads; who is gone hung up, too."""
        self._ended = self._clock()
        self._held.give(len(self._line))
        self._line.clear()
        tasks.start_soon(self._cancel_when_gone)

    async def _cancel_when_gone(self) -> None:
        if sys.platform == "linux":
            with suppress(OSError), select.epoll() as hang_up:
                hang_up.register(self._socket, 0)  # of no other event, and of that always
                if not hang_up.poll(0):
                    self.asked_back.end()
                await anyio.wait_readable(hang_up.fileno())
        self._scope.cancel()  # where it cannot be told apart, the end is the end of all

    def _take(self, data: bytes) -> bool:
        """Take what came; return False when there is no room for it."""
        *ends, rest = data.split(b"\n")
        for end in ends:
            line, whole = bytes(self._line) + end, not self._skipping
            self._held.give(len(self._line))
            self._line.clear()
            self._skipping = False
            if whole and len(line) <= self._limits.line_bytes:
                self._serve_line(line)
            elif whole:
                self._refuse_long_line()
        if self._skipping or not rest:
            return True
        if len(self._line) + len(rest) > self._limits.line_bytes:
            self._held.give(len(self._line))
            self._line.clear()
            self._skipping = True
            self._refuse_long_line()
            return True
        if not self._held.take(len(rest)):
            # Given back at once, so that one and not all of those who hold something are sent away.
            self._held.give(len(self._line))
            self._line.clear()
            return False
        if not self._line:
            self._line_since = self._clock()
        self._line += rest
        return True

    def _refuse_long_line(self) -> None:
        why = f"it is longer than {self._limits.line_bytes} bytes"
        self._send(error_answer(None, FrameTooLarge(f"cannot read the line: {why}")))

    def _serve_line(self, text: bytes) -> None:
        if not text.strip():
            return
        self.asked = True
        line = read_line(text)
        for response in line.responses:
            self.asked_back.answered(response)
        if line.is_batch:
            if self._serving is not None:
                self._serving.start_soon(self._serve_batch, line.requests, list(line.answers))
            return
        for answer in line.answers:
            self._send(answer)
        for request in line.requests:
            if self._serving is not None:
                self._admit(request, self._send, self._serving)

    def _admit(self, request: Request, send: Send, tasks: anyio.abc.TaskGroup) -> None:
        """Begin to serve a request; `send` gets its answer, if it is to have one."""
        if request.method == CANCEL:
            self._cancel(request, send)
            return
        if self._under_way >= self._limits.requests:
            if request.wants_answer:
                why = f"{self._under_way} requests are under way on this connection"
                send(error_answer(request.id, Overloaded(f"cannot serve {request.method}: {why}", hint="wait for an answer")))
            return
        self._under_way += 1
        tasks.start_soon(self._serve, request, send)

    def _cancel(self, request: Request, send: Send) -> None:
        wanted = request.params.get("id") if isinstance(request.params, dict) else None
        # What is no id is none that is under way.
        scope = self._cancellable.get(wanted) if isinstance(wanted, str | int | float) else None
        if scope is not None:
            scope.cancel()
        if request.wants_answer:
            send(error_answer(request.id, InvalidRequest(f"cannot serve {CANCEL}: it is a notification")))

    async def _serve(self, request: Request, send: Send) -> None:
        scope, key = anyio.CancelScope(), request.id
        if request.wants_answer:
            self._cancellable[key] = scope
        try:
            with scope:
                answer = await self._dispatcher.serve(request, Conversation(self, request))
                if answer is not None:
                    send(answer)
            if scope.cancelled_caught and request.wants_answer:
                send(error_answer(request.id, Cancelled(f"cannot finish {request.method}: it was cancelled")))
        finally:
            self._under_way -= 1
            if self._cancellable.get(key) is scope:
                del self._cancellable[key]

    async def _serve_batch(self, requests: tuple[Request, ...], answers: list[dict[str, Any]]) -> None:
        async with anyio.create_task_group() as batch:
            for request in requests:
                self._admit(request, answers.append, batch)
        if answers:
            self._send(answers)

    # Subscriptions

    def subscribe(self, work: Callable[[int], Coroutine[Any, Any, None]]) -> int:
        """See `Conversation.subscribe`."""
        if len(self._subscriptions) >= self._limits.subscriptions:
            raise Overloaded(f"cannot subscribe: this connection has {len(self._subscriptions)} subscriptions")
        number, self._next_subscription = self._next_subscription, self._next_subscription + 1
        scope = self._subscriptions[number] = anyio.CancelScope()

        async def run() -> None:
            with scope:
                await work(number)
            self._subscriptions.pop(number, None)

        if self._tasks is not None:
            self._tasks.start_soon(run)
        return number

    def unsubscribe(self, number: int) -> bool:
        """See `Conversation.unsubscribe`."""
        scope = self._subscriptions.pop(number, None)
        if scope is not None:
            scope.cancel()
        return scope is not None

    # Out

    def send_if_room(self, message: object) -> None:
        """Send a message that may be missed."""
        if not self._out:
            self._send(message)

    async def has_room(self) -> None:
        """Wait until the client has read all that waits; at least until everybody else had a turn."""
        await anyio.lowlevel.checkpoint()
        while self._out:
            await self._room.wait()

    def _send(self, message: Any) -> None:
        data = _encoded(message, self._limits.line_bytes)
        if not self._out:
            data = data[self._write_some(data) :]
        if not data:
            return
        if self._unread + len(data) > self._limits.unread_bytes or not self._held.take(len(data)):
            self.close()  # it does not read: there is no way left to tell it anything
            return
        if not self._out:
            self._last_written = self._clock()
            self._room = anyio.Event()  # one for all who wait
        self._out.append(data)
        self._unread += len(data)
        self._wake.set()

    def _write_some(self, data: memoryview) -> int:
        try:
            return self._socket.send(data)
        except BlockingIOError:
            return 0
        except OSError:
            self._scope.cancel()
            return len(data)

    async def _write(self) -> None:
        while True:
            self._wake = anyio.Event()
            if not self._out:
                self._room.set()
                await self._wake.wait()
            await anyio.wait_writable(self._socket)
            while self._out and (written := self._write_some(self._out[0])):
                self._last_written = self._clock()
                self._unread -= written
                self._held.give(written)
                left = self._out[0][written:]
                if left:
                    self._out[0] = left
                else:
                    self._out.popleft()


def _encoded(message: Any, max_bytes: int) -> memoryview:
    try:
        data = encode(message)
    except (TypeError, ValueError):
        request_id = message.get("id") if isinstance(message, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        data = encode(error_answer(request_id, HubError("cannot tell the result: JSON has no word for it")))  # pyright: ignore[reportUnknownArgumentType]
    if len(data) > max_bytes and isinstance(message, dict):
        why = f"it has {len(data)} bytes, {max_bytes} at most"
        data = encode(error_answer(message.get("id"), FrameTooLarge(f"cannot tell the result: {why}")))  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType]
    return memoryview(data)
