"""Own what is written to a module's standard input and what waits for it to read; know nothing of requests.

Never blocks the event loop: what the pipe does not take at once waits here, within a bound that `is_full` tells.
"""

import os
from collections import deque
from collections.abc import Callable, Sequence

import anyio

from hub._childprocess import ChildProcess
from hub._frames import LastFrames

__all__ = ["Outbox", "Waiting"]

# Beyond the bound at which calls are refused, answers to the module's own requests may still wait; a module that goes on
# asking and never reads is ended here.
_OVERFLOW_QUEUES = 2


class Waiting:
    """Bytes that the pipe did not take at once; `begun` when it took the first of them."""

    __slots__ = ("begun", "left")

    def __init__(self, left: memoryview, *, begun: bool) -> None:
        self.left = left
        self.begun = begun


class Outbox:
    """The hub's end of one module's standard input. `on_overflow` is told the bytes that wait, when they are too many."""

    def __init__(self, process: ChildProcess, frames: LastFrames, on_overflow: Callable[[int], None], limit_bytes: int) -> None:
        self.waiting_bytes = 0
        self._process = process
        self._frames = frames
        self._on_overflow = on_overflow
        self._limit_bytes = limit_bytes
        self._queue: deque[Waiting] = deque()
        self._writable = anyio.Event()

    @property
    def is_full(self) -> bool:
        """Whether so much waits that nothing more should be asked of the module."""
        return self.waiting_bytes > self._limit_bytes

    def write(self, frames: Sequence[bytes]) -> tuple[bool, Waiting | None]:
        """Return whether the pipe took all at once, and what it did not take; neither when nobody can read it any more."""
        if not frames:
            return False, None
        data = frames[0] if len(frames) == 1 else b"".join(frames)
        self._frames.sent(data)
        view = memoryview(data)
        written = 0
        if not self._queue:
            written = self._write(view)
            if written < 0:
                return False, None
            if written == len(view):
                return True, None
        waiting = Waiting(view[written:], begun=written > 0)
        self._queue.append(waiting)
        self.waiting_bytes += len(waiting.left)
        self._writable.set()
        if self.waiting_bytes > _OVERFLOW_QUEUES * self._limit_bytes:
            self._on_overflow(self.waiting_bytes)
        return False, waiting

    def take_back(self, waiting: Waiting) -> None:
        """Take out what was not begun, and what nobody needs to read any more."""
        if waiting in self._queue:
            self._queue.remove(waiting)
            self.waiting_bytes -= len(waiting.left)

    def _write(self, view: memoryview) -> int:
        """Return how many bytes the pipe took, or -1 when nobody can read it any more."""
        fd = self._process.stdin_fd
        if fd < 0:
            return -1
        try:
            return os.write(fd, view)
        except BlockingIOError:
            return 0
        except OSError:
            # The module closed its end or is gone: the end of the process says the rest.
            return -1

    async def run(self) -> None:
        """Write what the pipe did not take at once, until cancelled."""
        while True:
            self._writable = anyio.Event()
            if not self._queue:
                await self._writable.wait()
            try:
                await anyio.wait_writable(self._process.stdin_fd)
            except (anyio.ClosedResourceError, OSError, ValueError):
                self._drop_all()
                continue
            while self._queue:
                waiting = self._queue[0]
                written = self._write(waiting.left)
                if written < 0:
                    self._drop_all()
                    break
                waiting.begun = waiting.begun or written > 0
                waiting.left = waiting.left[written:]
                self.waiting_bytes -= written
                if waiting.left:
                    break
                self._queue.popleft()

    def _drop_all(self) -> None:
        self._queue.clear()
        self.waiting_bytes = 0
