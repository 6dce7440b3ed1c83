"""Own the bytes on their way to standard output; know nothing of what they mean.

Whoever has something to send becomes the writer, unless there is one: that one takes it along. So frames never mix, what is
ready at the same time goes out in one write, and no lock is held while the pipe is full.
"""

import os
import select
import threading
from collections.abc import Callable
from queue import SimpleQueue

__all__ = ["Writer"]

# What the reader writes by itself, a piece after the other: up to here that is cheaper than waking a thread.
_AT_ONCE_BYTES = 16 * 1024
# A write that does not wait, of this write alone: O_NONBLOCK would be everybody's who shares the pipe. Linux has it, for pipes
# since 6.4; zero where there is none.
_NOWAIT: int = getattr(os, "RWF_NOWAIT", 0)
_NO_OFFSET = -1


class Writer:
    """Writes what `take` returns to a file descriptor, until it returns nothing."""

    def __init__(self, descriptor: int, take: Callable[[], list[bytes]]) -> None:
        self._descriptor = descriptor
        self._take = take
        self._lock = threading.Lock()
        self._wanted = False
        self._writing = False
        self._idle: threading.Event | None = None  # while somebody waits until nobody writes
        self._broken = False
        self._nowait = _NOWAIT
        self._poll: select.poll | None = None
        self._handed: SimpleQueue[bytes | None] | None = None

    def flush(self) -> None:
        """Write what there is; block while the pipe is full."""
        if self._begin():
            self._drain()

    def flush_without_blocking(self) -> None:
        """Write what there is; what the pipe may not take at once is left to a thread.

        For the thread that reads: blocked in a write it would not see that the hub is gone.
        """
        writing = self._begin()
        while writing:
            rest = self._write_at_once(b"".join(self._take()))
            if rest:
                self._hand_over(rest)
                return
            writing = self._next()

    def _write_at_once(self, data: bytes) -> bytes:
        """Write what the pipe takes without blocking; return the rest."""
        if self._nowait and data:
            try:
                return data[os.pwritev(self._descriptor, (data,), _NO_OFFSET, self._nowait) :]
            except BlockingIOError:
                return data
            except (OSError, NotImplementedError):
                # Not for this kernel, or not for what the descriptor is; or nobody reads, which the next write tells too.
                self._nowait = 0
        if len(data) > _AT_ONCE_BYTES:
            return data
        at = 0
        # A pipe that is writable takes so many bytes without blocking.
        while at < len(data) and self._writable():
            self._write(data[at : at + select.PIPE_BUF])
            at += select.PIPE_BUF
        return data[at:]

    def _begin(self) -> bool:
        """Return whether the caller has to write."""
        with self._lock:
            if self._writing:
                self._wanted = True
                return False
            self._writing = True
            return True

    def _next(self) -> bool:
        """Return whether something new came while the last piece was written; else stop being the writer."""
        with self._lock:
            self._writing, self._wanted = self._wanted, False
            if self._idle is not None and not self._writing:
                self._idle.set()
            return self._writing

    def finish(self) -> None:
        """Write what there is, wait until all of it is written, by whomever, and let the helping thread go."""
        self.flush()
        while (idle := self._awaited()) is not None:
            idle.wait()

    def _awaited(self) -> threading.Event | None:
        """Return what tells that nobody writes any more; where nobody does, let the helping thread go."""
        with self._lock:
            self._idle = threading.Event() if self._writing else None
            if self._idle is None and self._handed is not None:
                self._handed.put(None)
                self._handed = None
            return self._idle

    def _drain(self) -> None:
        writing = True
        while writing:
            self._write(b"".join(self._take()))
            writing = self._next()

    def _writable(self, *, wait: bool = False) -> bool:
        if self._poll is None:
            self._poll = select.poll()
            self._poll.register(self._descriptor, select.POLLOUT)
        return bool(self._poll.poll(None if wait else 0))

    def _write(self, data: bytes) -> None:
        rest: bytes | memoryview = data
        while rest and not self._broken:
            try:
                written = os.write(self._descriptor, rest)
                rest = memoryview(rest)[written:] if written < len(rest) else b""
            except BlockingIOError:  # whoever started us made the pipe non-blocking for himself
                self._writable(wait=True)
            except OSError:
                # Nobody reads any more. The end of standard input says so too, and that is where the module ends.
                self._broken = True

    def _hand_over(self, data: bytes) -> None:
        if self._handed is None:
            self._handed = SimpleQueue()
            threading.Thread(target=self._help, args=(self._handed,), name="hub-writer", daemon=True).start()
        self._handed.put(data)

    def _help(self, handed: SimpleQueue[bytes | None]) -> None:
        while (data := handed.get()) is not None:
            self._write(data)
            if self._next():
                self._drain()
