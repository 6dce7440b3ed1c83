"""Own how long one call may take and how it is ended from another thread; know nothing of what the call does."""

import threading
import time
from collections.abc import Callable

__all__ = ["Ended", "Patience"]

# For a hub that tells no deadline: what nobody waits for must end some time.
_LONGEST_SECONDS = 300.0


class Ended(Exception):
    """The deadline has passed, or the caller has given up."""


class Patience:
    """The time of one call. Its methods may be used from any thread."""

    def __init__(self, deadline: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.deadline = clock() + _LONGEST_SECONDS if deadline is None else deadline
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._at_end: list[Callable[[], None]] = []

    def seconds(self, at_most: float) -> float:
        """Return how long the next step may take. Raises: Ended."""
        left = self.deadline - self._clock()
        if left <= 0 or self._ended.is_set():
            raise Ended
        return min(at_most, left)

    def fits(self, seconds: float) -> bool:
        """Return whether there is still so much time, and some more to use it."""
        return not self._ended.is_set() and self._clock() + seconds < self.deadline

    def wait(self, seconds: float) -> None:
        """Do nothing for so long. Raises: Ended."""
        if self._ended.wait(self.seconds(seconds)):
            raise Ended
        self.seconds(0)

    def at_end(self, stop: Callable[[], None]) -> None:
        """Have `stop` called when the call is ended, at once when it is ended already."""
        with self._lock:
            if not self._ended.is_set():
                self._at_end.append(stop)
                return
        stop()

    def end(self) -> None:
        """End the call: whatever waits in it, in whichever thread, stops waiting."""
        with self._lock:
            self._ended.set()
            stops, self._at_end = self._at_end, []
        for stop in stops:
            stop()
