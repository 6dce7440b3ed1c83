"""Own running many runs of the runner side by side in one test: what they wait for costs the time of one; know no checks.

A run waits for deadlines most of its time. All threads have ended when `abreast` returns, so the leak check of the test that
called it sees what they left.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

__all__ = ["abreast"]

T = TypeVar("T")


def abreast(jobs: Mapping[str, Callable[[], T]], at_once: int) -> dict[str, T]:
    """Do all `jobs`, at most `at_once` at a time; return what each returned, under its name and in their order."""
    pool = ThreadPoolExecutor(at_once, thread_name_prefix="abreast")
    try:
        futures = {name: pool.submit(job) for name, job in jobs.items()}
        return {name: future.result() for name, future in futures.items()}
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
