"""Own the judgement of what a module holds: over a limit, or leaking; pure: samples and time in, a verdict out.

A leak is told from a garbage collector's sawtooth by its floor: the lowest memory of each 6 s. Ten such floors, of which at
least 8 of 9 steps rise, are a suspicion; the Theil-Sen slope (the median of the slopes of all pairs, deaf to outliers) is its
rate. One more condition keeps honest modules out, since a sawtooth slower than a minute is all rise, and chance lets noise rise
so once in 3 500 windows: what the floors rise, the two largest steps not counted, must be more than a collector lets pile up.
So that a slow leak gets the time to rise that far, the same is asked of the floors of 30 s, 60 s and 120 s.

With 60 MB in use, 1 MB/s is found after 6 minutes, 0.2 MB/s after 11 to 21. What is slower is left to the limits.
"""

import itertools
import statistics
from collections import deque
from dataclasses import dataclass, field
from typing import Final

from hub._tree import TreeSample

__all__ = ["GrowthLimits", "GrowthWatch", "HardLimit", "ResourceLimits", "SoftLimit", "SteadyLeak", "Verdict"]

_MIB: Final = 1024 * 1024

_BUCKET_SECONDS: Final = 6.0  # longer than the pause between two collections under load
_BUCKETS: Final = 10
_RISING: Final = 8
# So many floors made one, in turn.
_MERGED: Final = (1, 5, 10, 20)
_REMEMBERED_BUCKETS: Final = _BUCKETS * _MERGED[-1]
# A module that loads something large, once or twice, is not leaking.
_STEPS: Final = 2

# A limit that was crossed is said again only after this much relief: a module that sways around it would fill the log.
_RELIEF: Final = 0.9


@dataclass(frozen=True, slots=True)
class ResourceLimits:
    """From `soft` upward a warning, from `hard` upward the end; None is no limit."""

    soft: float | None = None
    hard: float | None = None


@dataclass(frozen=True, slots=True)
class GrowthLimits:
    """What one module's process tree may hold."""

    memory_bytes: ResourceLimits = field(default_factory=lambda: ResourceLimits(512 * _MIB, 1024 * _MIB))
    fds: ResourceLimits = field(default_factory=lambda: ResourceLimits(512, 1024))
    processes: ResourceLimits = field(default_factory=lambda: ResourceLimits(64, 256))
    threads: ResourceLimits = field(default_factory=lambda: ResourceLimits(512, 2048))
    cpu_cores: ResourceLimits = field(default_factory=ResourceLimits)
    """Averaged over a minute. None by default: a module may work as long as it answers."""
    warm_up_seconds: float = 60.0
    """After the first sample, in which growing is what a program does."""
    leak_rise_bytes: float = 48 * _MIB
    """What floors may rise before it counts, or the lowest of them itself if that is more: small runtimes let 40 MB pile up
    before they collect, and Go lets its heap double."""
    leak_horizon_seconds: float = 6 * 3600.0
    """A leak that reaches the hard limit later than this is not worth an interruption yet."""


@dataclass(frozen=True, slots=True)
class SoftLimit:
    """`resource` (a field of `GrowthLimits`) reached its soft limit; said once, and again only after relief."""

    resource: str
    value: float
    limit: float


@dataclass(frozen=True, slots=True)
class HardLimit:
    """`resource` is at its hard limit or above; said at each sample."""

    resource: str
    value: float
    limit: float


@dataclass(frozen=True, slots=True)
class SteadyLeak:
    """Memory rises without end; said at the end of each 6 s in which it does."""

    bytes_per_second: float
    seconds_until_limit: float


Verdict = SoftLimit | HardLimit | SteadyLeak


class GrowthWatch:
    """The history of one life of a module. All times are of one clock, and grow; a sample each 4 s or more often is meant."""

    def __init__(self, limits: GrowthLimits | None = None) -> None:
        self._limits = limits or GrowthLimits()
        self._warned: set[str] = set()
        self._first: float | None = None
        self._bucket = -1
        self._lowest = 0
        self._floors: deque[int] = deque(maxlen=_REMEMBERED_BUCKETS)
        self._cpu: deque[tuple[float, float]] = deque()

    def add(self, sample: TreeSample, now: float) -> Verdict | None:
        """Return the worst that follows from a sample taken at `now`: hard limit, leak, soft limit, or nothing."""
        if self._first is None:
            self._first = now
        leak = self._leak(sample, now - self._first)
        soft: SoftLimit | None = None
        for resource, value, limits in self._measured(sample, now):
            if limits.hard is not None and value >= limits.hard:
                return HardLimit(resource, value, limits.hard)
            soft = soft or self._soft(resource, value, limits.soft)
        return leak or soft

    @property
    def floors(self) -> tuple[int, ...]:
        """The lowest memory of each 6 s since the warm-up, in bytes, the last 20 minutes of them: the curve for a report."""
        return tuple(self._floors)

    def _measured(self, sample: TreeSample, now: float) -> list[tuple[str, float, ResourceLimits]]:
        limits = self._limits
        return [
            ("memory_bytes", sample.memory_bytes, limits.memory_bytes),
            ("fds", sample.fds, limits.fds),
            ("processes", sample.processes, limits.processes),
            ("threads", sample.threads, limits.threads),
            ("cpu_cores", self._cores(sample.cpu_seconds, now), limits.cpu_cores),
        ]

    def _soft(self, resource: str, value: float, limit: float | None) -> SoftLimit | None:
        if limit is None or value < limit * _RELIEF:
            self._warned.discard(resource)
        elif value >= limit and resource not in self._warned:
            self._warned.add(resource)
            return SoftLimit(resource, value, limit)
        return None

    def _cores(self, cpu_seconds: float, now: float) -> float:
        """Return the cores in use over the last minute, 0 until that has passed."""
        window = _BUCKETS * _BUCKET_SECONDS
        self._cpu.append((now, cpu_seconds))
        while len(self._cpu) > 1 and now - self._cpu[1][0] >= window:
            self._cpu.popleft()
        then, used = self._cpu[0]
        return max(cpu_seconds - used, 0.0) / (now - then) if now - then >= window else 0.0

    def _leak(self, sample: TreeSample, age: float) -> SteadyLeak | None:
        memory = sample.memory_bytes
        if age < self._limits.warm_up_seconds:
            return None
        bucket = int(age // _BUCKET_SECONDS)
        if bucket == self._bucket:
            self._lowest = min(self._lowest, memory)
            return None
        ended, self._bucket = self._bucket, bucket
        floor, self._lowest = self._lowest, memory
        if ended < 0:
            return None
        if bucket != ended + 1:  # the hub slept: what came before says nothing about what comes now
            self._floors.clear()
            return None
        self._floors.append(floor)
        return self._judge(memory)

    def _judge(self, memory: int) -> SteadyLeak | None:
        hard = self._limits.memory_bytes.hard
        floors = list(self._floors)
        for merged in _MERGED:
            recent = floors[-_BUCKETS * merged :]
            if hard is None or len(recent) < _BUCKETS * merged:
                break
            window = [min(recent[at : at + merged]) for at in range(0, len(recent), merged)]
            if self._rises(window):
                rate = _slope(window) / (merged * _BUCKET_SECONDS)
                left = max(hard - memory, 0.0) / rate
                if left <= self._limits.leak_horizon_seconds:
                    return SteadyLeak(rate, left)
        return None

    def _rises(self, window: list[int]) -> bool:
        steps = sorted(later - earlier for earlier, later in itertools.pairwise(window))
        enough = max(self._limits.leak_rise_bytes, min(window))
        return sum(step > 0 for step in steps) >= _RISING and sum(steps[:-_STEPS]) >= enough


def _slope(window: list[int]) -> float:
    """Return the usual rise from one floor to the next (Theil-Sen)."""
    pairs = itertools.combinations(range(len(window)), 2)
    return statistics.median((window[later] - window[earlier]) / (later - earlier) for earlier, later in pairs)
