"""Own the measuring of this very process over a soak: memory, descriptors, threads; know nothing of what it does."""

import gc
import os
import statistics
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Health"]

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_MIB = 1024 * 1024
# What an allocator keeps back or not by chance; a leak of one small object a call is more after 60 s.
_MEMORY_SLACK_BYTES = 6 * _MIB
_MEMORY_SLACK = 0.05
# How many modules are up at a moment changes: each has three pipes and a descriptor for its end. One more may be on its way.
_DESCRIPTORS_OF_A_MODULE = 4
# Threads that wait for file work, which end when there is none for ten seconds; there are never more than forty.
_WORKERS = ("AnyIO worker thread", "Trio thread")


@dataclass(frozen=True)
class _Sample:
    memory_bytes: int
    descriptors: int
    threads: int


class Health:
    """Samples, and the comparison of the first tenth with the last."""

    def __init__(self) -> None:
        self._samples: list[_Sample] = []

    def sample(self, *, modules: int) -> None:
        """Measure once, while so many modules are up."""
        gc.collect()
        memory = int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE_BYTES
        descriptors = len(os.listdir("/proc/self/fd")) - _DESCRIPTORS_OF_A_MODULE * modules  # noqa: PTH208
        threads = sum(not thread.name.startswith(_WORKERS) for thread in threading.enumerate())
        self._samples.append(_Sample(memory, descriptors, threads))

    def faults(self) -> list[str]:
        """Return what grew from the first to the last tenth."""
        tenth = max(1, len(self._samples) // 10)
        first, last = self._samples[:tenth], self._samples[-tenth:]
        found: list[str] = []
        before, after = _memory(first), _memory(last)
        if after > before * (1 + _MEMORY_SLACK) + _MEMORY_SLACK_BYTES:
            found.append(f"memory grew from {before / _MIB:.1f} to {after / _MIB:.1f} MiB")
        before, after = _least(sample.descriptors for sample in first), _least(sample.descriptors for sample in last)
        if after > before + _DESCRIPTORS_OF_A_MODULE:
            found.append(f"descriptors grew from {before} to {after}")
        before, after = _most(sample.threads for sample in first), _most(sample.threads for sample in last)
        if after > before:
            found.append(f"threads grew from {before} to {after}")
        return found

    def __str__(self) -> str:
        tenth = max(1, len(self._samples) // 10)
        first, last = self._samples[:tenth], self._samples[-tenth:]
        return (
            f"memory {_memory(first) / _MIB:.1f} -> {_memory(last) / _MIB:.1f} MiB, "
            f"own descriptors {_least(s.descriptors for s in first)} -> {_least(s.descriptors for s in last)}, "
            f"threads {_most(s.threads for s in first)} -> {_most(s.threads for s in last)}"
        )


def _memory(samples: list[_Sample]) -> float:
    return statistics.median(sample.memory_bytes for sample in samples)


def _most(values: Iterable[int]) -> int:
    return max(values)


def _least(values: Iterable[int]) -> int:
    return min(values)
