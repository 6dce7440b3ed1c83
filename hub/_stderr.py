"""Own the task that drains a module's standard error; know nothing of what the bytes mean (`_stderrlines`) or where it goes."""

import os
import time
from collections.abc import Awaitable, Callable
from typing import Final

import anyio
import anyio.lowlevel

from hub._logrecord import LogRecord
from hub._stderrlines import StderrLimits, StderrLines

__all__ = ["StderrPump"]

_READ_BYTES: Final = 64 * 1024  # a whole pipe as Linux makes it
# One line at a time, and of a long one no more than takes as long as a call of another module, which goes on in between.
_TURN_BYTES: Final = 4 * 1024
# After each read. A module that logs byte by byte, or at 100 MB/s, then costs the hub a few hundred wake-ups a second: it
# is slowed down, to 32 MB/s where what comes is only counted, and never blocked. A line may well be two milliseconds late.
_READ_PAUSE_SECONDS: Final = 0.002
# How long after the end of the process its last words may take. A grandchild in its own session may hold the pipe for ever.
_AFTER_EXIT_SECONDS: Final = 1.0
# How often an ended flood is looked for, to say how many lines it cost.
_TICK_SECONDS: Final = 0.5
# What is still read when the pump is cancelled: more than a pipe holds, so the last words before a kill are in the report.
_LAST_READS: Final = 4


class StderrPump:
    """Reads until the end of the stream, a second after the end of the process, or cancellation; never closes the descriptor.

    `fd` is asked for anew before each read, because its owner may close it. `exited` is awaited once (`process.wait`).
    `on_record` is called on the event loop's thread and must neither block nor raise.
    """

    def __init__(
        self,
        fd: Callable[[], int],
        exited: Callable[[], Awaitable[object]],
        on_record: Callable[[LogRecord], None],
        *,
        clock: Callable[[], float] = time.monotonic,
        limits: StderrLimits | None = None,
    ) -> None:
        self._fd = fd
        self._exited = exited
        self._on_record = on_record
        self._clock = clock
        self._lines = StderrLines(limits)
        self._read_last = b""
        self._handed_on = 0  # so many bytes of that: cutting the rest off each time would copy it each time

    @property
    def tail(self) -> bytes:
        """The last 64 KiB of the stream, raw, for the report of a crash."""
        return self._lines.tail

    async def run(self) -> None:
        """Drain the stream; every line that came is handed on by the time this returns."""
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._cancel_after_exit, tasks.cancel_scope)
                await self._drain()
                tasks.cancel_scope.cancel()
        finally:
            self._read_the_rest()
            self._hand_on(self._lines.end(self._clock()))

    async def _cancel_after_exit(self, scope: anyio.CancelScope) -> None:
        await self._exited()
        await anyio.sleep(_AFTER_EXIT_SECONDS)
        scope.cancel()

    async def _drain(self) -> None:
        while await self._readable():
            if not self._read():
                return
            while self._hand_on_some():
                await anyio.lowlevel.checkpoint()
            await anyio.sleep(_READ_PAUSE_SECONDS)

    def _hand_on_some(self) -> bool:
        """Hand on the next piece of what was read; return whether there was one."""
        begin = self._handed_on
        # What is only counted takes no time worth mentioning.
        end = len(self._read_last) if self._lines.only_counts else self._read_last.find(b"\n", begin, begin + _TURN_BYTES) + 1
        piece = self._read_last[begin : end or begin + _TURN_BYTES]
        self._handed_on += len(piece)
        self._hand_on(self._lines.feed(piece, self._clock()))
        return bool(piece)

    async def _readable(self) -> bool:
        fd = self._fd()
        while fd >= 0:
            with anyio.move_on_after(_TICK_SECONDS if self._lines.dropping else float("inf")):
                try:
                    await anyio.wait_readable(fd)
                except anyio.ClosedResourceError:
                    return False
                return True
            self._hand_on(self._lines.tick(self._clock()))
            fd = self._fd()
        return False

    def _read(self) -> bool:
        """Read once without waiting; return whether there can be more."""
        fd = self._fd()
        try:
            self._read_last = os.read(fd, _READ_BYTES) if fd >= 0 else b""
            self._handed_on = 0
        except BlockingIOError:
            return True
        except OSError:
            return False
        return bool(self._read_last)

    def _read_the_rest(self) -> None:
        self._hand_on_all()  # what a cancellation left of the read before
        for _ in range(_LAST_READS):
            more = self._read()
            self._hand_on_all()
            if not more:
                return

    def _hand_on_all(self) -> None:
        while self._hand_on_some():
            pass

    def _hand_on(self, records: list[LogRecord]) -> None:
        for record in records:
            self._on_record(record)
