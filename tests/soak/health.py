"""Own the measuring of this very process over a soak: memory, descriptors, threads; know nothing of what it does."""

import gc
import os
import statistics
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Health", "descriptors"]

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_MIB = 1024 * 1024
# What an allocator keeps back or not by chance; a leak of one small object a call is more after 60 s.
_MEMORY_SLACK_BYTES = 6 * _MIB
_MEMORY_SLACK = 0.05
# A module that is up has three pipes and a descriptor for its end, and as many modules as there are may be on their way out.
_DESCRIPTORS_OF_A_MODULE = 4
# The hub's own: event loop, guardian, locks, files that are just being read.
_OWN_DESCRIPTORS = 24
# Threads that wait for file work, which end when there is none for ten seconds; there are never more than forty.
_WORKERS = ("AnyIO worker thread", "Trio thread")


@dataclass(frozen=True)
class _Sample:
    memory_bytes: int
    descriptors: int
    threads: int


class Health:
    """Samples, and the comparison of the first tenth with the last. `modules` is how many can be up."""

    def __init__(self, modules: int) -> None:
        # How many are up changes all the time: what may be open is known, what was open at first says little.
        self._most_descriptors = descriptors() + _OWN_DESCRIPTORS + _DESCRIPTORS_OF_A_MODULE * modules
        self._samples: list[_Sample] = []

    def sample(self) -> None:
        """Measure once."""
        gc.collect()
        memory = int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE_BYTES
        threads = sum(not thread.name.startswith(_WORKERS) for thread in threading.enumerate())
        self._samples.append(_Sample(memory, descriptors(), threads))

    def faults(self) -> list[str]:
        """Return what grew from the first to the last tenth."""
        tenth = max(1, len(self._samples) // 10)
        first, last = self._samples[:tenth], self._samples[-tenth:]
        found: list[str] = []
        before, after = _memory(first), _memory(last)
        if after > before * (1 + _MEMORY_SLACK) + _MEMORY_SLACK_BYTES:
            found.append(f"memory grew from {before / _MIB:.1f} to {after / _MIB:.1f} MiB")
        if (open_now := _most(sample.descriptors for sample in last)) > self._most_descriptors:
            found.append(f"{open_now} descriptors are open, {self._most_descriptors} may be")
        before, after = _most(sample.threads for sample in first), _most(sample.threads for sample in last)
        if after > before:
            found.append(f"threads grew from {before} to {after}")
        return found

    def __str__(self) -> str:
        tenth = max(1, len(self._samples) // 10)
        first, last = self._samples[:tenth], self._samples[-tenth:]
        return (
            f"memory {_memory(first) / _MIB:.1f} -> {_memory(last) / _MIB:.1f} MiB, "
            f"descriptors {_most(s.descriptors for s in first)} -> {_most(s.descriptors for s in last)}, "
            f"threads {_most(s.threads for s in first)} -> {_most(s.threads for s in last)}"
        )


def descriptors() -> int:
    """Return how many this process has open."""
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - iterdir would hold one of its own while we look


def _memory(samples: list[_Sample]) -> float:
    return statistics.median(sample.memory_bytes for sample in samples)


def _most(values: Iterable[int]) -> int:
    return max(values)
