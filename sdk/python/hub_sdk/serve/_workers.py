"""Own the threads that run `def` functions: as many as are needed, up to a bound; know nothing of calls.

They are daemons: a handler that never ends must not keep the module alive (HUB-LIFE-4), as it would in concurrent.futures.
"""

import threading
import time
from collections.abc import Callable
from queue import SimpleQueue

__all__ = ["Workers"]


class Workers:
    """Runs jobs in at most `most` threads. What comes when all are busy waits in order; the hub bounds how much that is."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._idle: threading.Event | None = None  # while somebody waits until no thread is at work
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._free = 0  # threads that wait for a job, less the jobs that wait for a thread
        self._threads: list[threading.Thread] = []

    def submit(self, job: Callable[[], None]) -> None:
        """Run `job` soon; it must not raise."""
        with self._lock:
            self._free -= 1
            if self._free < 0 and len(self._threads) < self._most:
                self._free += 1
                name = f"hub-worker-{len(self._threads) + 1}"
                self._threads.append(threading.Thread(target=self._work, args=(job,), name=name, daemon=True))
                self._threads[-1].start()
                return
        self._jobs.put(job)

    def idle_within(self, seconds: float) -> bool:
        """Return whether no thread is at work, now or within so many seconds: one that has answered needs a moment."""
        with self._lock:
            if self._free == len(self._threads):
                return True
            idle = self._idle = threading.Event()
        return idle.wait(seconds)

    def close(self, seconds: float) -> bool:
        """End the threads; return whether all of them ended within so many seconds. For tests: a process just ends."""
        for _ in self._threads:
            self._jobs.put(None)
        until = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _work(self, first: Callable[[], None]) -> None:
        job: Callable[[], None] | None = first
        while job is not None:
            job()
            with self._lock:
                self._free += 1
                if self._idle is not None and self._free == len(self._threads):
                    self._idle.set()
            job = self._jobs.get()
