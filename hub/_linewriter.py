"""Own writing lines without ever waiting for whoever takes them; know nothing of what they say.

A disk that stalls or a pager that was left open must not stop the event loop: a thread waits instead, behind a bounded queue.
"""

import queue
import threading
from collections.abc import Callable
from typing import Final

__all__ = ["LineWriter"]

_KEPT_LINES: Final = 4096
# At the end, for what still waits: a healthy disk needs none of it.
_LAST_SECONDS: Final = 1.0


class LineWriter:
    """Hands lines (without their ends) to `write` in another thread, several at a time; drops what the queue cannot hold.

    `write` gets them joined, each with its end. When it raises OSError, nothing more is written.
    """

    def __init__(self, write: Callable[[bytes], object], dropped: Callable[[int], bytes]) -> None:
        self._write = write
        self._shown_drop = dropped
        self._queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._dropped = 0
        # A daemon: a write that never returns must not keep the program from ending.
        self._thread = threading.Thread(target=self._run, name="hub line writer", daemon=True)
        self._thread.start()

    def put(self, line: bytes) -> None:
        """Write a line some time soon; never waits."""
        if self._queue.qsize() >= _KEPT_LINES:
            self._dropped += 1
            return
        if self._dropped:
            count, self._dropped = self._dropped, 0
            self._queue.put(self._shown_drop(count))
        self._queue.put(line)

    def close(self) -> None:
        """Write what waits, within a second."""
        self._queue.put(None)
        self._thread.join(_LAST_SECONDS)

    def _run(self) -> None:
        while (line := self._queue.get()) is not None:
            lines, ended = [line], False
            while not self._queue.empty() and not ended:
                more = self._queue.get()
                ended = more is None
                if more is not None:
                    lines.append(more)
            try:
                self._write(b"".join(line + b"\n" for line in lines))
            except OSError:
                return
            if ended:
                return
