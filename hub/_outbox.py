"""Own what is written to a module's standard input and what waits for it to read; know nothing of requests.

Never blocks the event loop: what the pipe does not take at once waits here, within a bound that `is_full` tells. What is
written while other work is under way goes out together: one system call, and one wake-up of the module, for many frames.
"""

import os
from collections import deque
from collections.abc import Callable

import anyio

from hub._childprocess import ChildProcess
from hub._eventloop import EventLoop
from hub._frames import LastFrames

__all__ = ["Outbox", "Waiting"]

# Beyond the bound at which calls are refused, answers to the module's own requests may still wait; a module that goes on
# asking and never reads is ended here.
_OVERFLOW_QUEUES = 2
# Small frames are joined up to what a pipe takes in one go; copying more than that would cost more than a second system call.
_JOIN_BYTES = 64 * 1024
# Of what goes out together, the report of a death shows the last ones.
_REMEMBERED_TOGETHER = 4


class Waiting:
    """One frame: what the pipe has not taken of it yet, and whether it took the first byte. Nothing `left` means all sent."""

    __slots__ = ("begun", "left")

    def __init__(self, frame: bytes) -> None:
        self.left: bytes | memoryview = frame
        self.begun = False


class Outbox:
    """The hub's end of one module's standard input. `on_overflow` is told the bytes that wait, when they are too many."""

    def __init__(
        self,
        process: ChildProcess,
        loop: EventLoop,
        frames: LastFrames,
        on_overflow: Callable[[int], None],
        limit_bytes: int,
    ) -> None:
        self.waiting_bytes = 0
        self._process = process
        self._loop = loop
        self._frames = frames
        self._on_overflow = on_overflow
        self._limit_bytes = limit_bytes
        self._queue: deque[Waiting] = deque()
        self._blocked = False  # the pipe is full: `run` writes on when it can be written
        self._soon = False
        self._writable = anyio.Event()

    @property
    def is_full(self) -> bool:
        """Whether so much waits that nothing more should be asked of the module."""
        return self.waiting_bytes > self._limit_bytes

    def write(self, frame: bytes, *, together: bool = False) -> Waiting:
        """Write a frame, as far as the pipe takes it now; with `together`, after what else is written in this moment."""
        waiting = Waiting(frame)
        self._queue.append(waiting)
        self.waiting_bytes += len(frame)
        if self._blocked:
            if self.waiting_bytes > _OVERFLOW_QUEUES * self._limit_bytes:
                self._on_overflow(self.waiting_bytes)
        elif not together:
            self._flush()
        elif not self._soon:
            self._soon = True
            self._loop.soon(self._flush)
        return waiting

    def take_back(self, waiting: Waiting) -> None:
        """Take out what was not begun, and what nobody needs to read any more."""
        if waiting in self._queue:
            self._queue.remove(waiting)
            self.waiting_bytes -= len(waiting.left)

    def _flush(self) -> None:
        """Write what waits, until nothing does or the pipe is full."""
        self._soon = False
        while self._queue and not self._blocked:
            frames, size = self._next()
            data = frames[0].left if len(frames) == 1 else b"".join(frame.left for frame in frames)
            shown = [(frame, frame.left) for frame in frames[-_REMEMBERED_TOGETHER:] if not frame.begun]
            written = self._write(data)
            if written < 0:
                self._drop_all()
                return
            self._written(frames, written)
            for frame, text in shown:
                if frame.begun:
                    self._frames.sent(text)
            if written < size:
                self._blocked = True
                self._writable.set()

    def _next(self) -> tuple[list[Waiting], int]:
        """Return the frames to write in one go, at least one, and their size."""
        first = self._queue[0]
        if len(self._queue) == 1:
            return [first], len(first.left)
        frames: list[Waiting] = []
        size = 0
        for frame in self._queue:
            if frames and size + len(frame.left) > _JOIN_BYTES:
                break
            frames.append(frame)
            size += len(frame.left)
        return frames, size

    def _written(self, frames: list[Waiting], written: int) -> None:
        self.waiting_bytes -= written
        for frame in frames:
            if written <= 0:
                return
            frame.begun = True
            if written < (size := len(frame.left)):
                frame.left = memoryview(frame.left)[written:]
                return
            frame.left = b""
            written -= size
            self._queue.popleft()

    def _write(self, data: bytes | memoryview) -> int:
        """Return how many bytes the pipe took, or -1 when nobody can read it any more."""
        fd = self._process.stdin_fd
        if fd < 0:
            return -1
        try:
            return os.write(fd, data)
        except BlockingIOError:
            return 0
        except OSError:
            # The module closed its end or is gone: the end of the process says the rest.
            return -1

    async def run(self) -> None:
        """Write what the pipe did not take at once, until cancelled."""
        while True:
            self._writable = anyio.Event()
            if not self._blocked:
                await self._writable.wait()
            try:
                await anyio.wait_writable(self._process.stdin_fd)
            except (anyio.ClosedResourceError, OSError, ValueError):
                self._drop_all()
                continue
            self._blocked = False
            self._flush()

    def _drop_all(self) -> None:
        self._queue.clear()
        self._blocked = False
        self.waiting_bytes = 0
