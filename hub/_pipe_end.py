"""Own the lifetime of the hub's end of one pipe; know nothing of what goes through it."""

import os
from collections.abc import Callable

import anyio

__all__ = ["CLOSED_FD", "PipeEnd"]

# What a closed end shows as its descriptor: reading it fails with EBADF, where the old number could by then be another file.
CLOSED_FD = -1


class PipeEnd:
    """A raw, non-blocking descriptor with one owner; everybody else asks for `fd` anew after each wait and never closes it."""

    __slots__ = ("_closing", "_fd")

    def __init__(self, fd: int) -> None:
        os.set_blocking(fd, False)
        self._fd = fd
        self._closing: Callable[[], None] | None = None

    @property
    def fd(self) -> int:
        """The descriptor, or `CLOSED_FD`."""
        return self._fd

    @property
    def closed(self) -> bool:
        """Whether this end was closed."""
        return self._fd == CLOSED_FD

    def when_closing(self, told: Callable[[], None]) -> None:
        """Call `told` just before the close: the one who watches the descriptor with the event loop's own means."""
        self._closing = told

    def close(self) -> None:
        """Close once; a task that waits for the descriptor gets `anyio.ClosedResourceError`."""
        fd, self._fd = self._fd, CLOSED_FD
        if fd == CLOSED_FD:
            return
        # Before the close: the event loop would otherwise go on watching a number that the next open() gives to another file.
        anyio.notify_closing(fd)
        if self._closing is not None:
            self._closing()
        os.close(fd)
