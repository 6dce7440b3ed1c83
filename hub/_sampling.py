"""Own the measuring of one running module and what follows: a warning, or a fresh process before it is too late; know no calls.

Costs one entry among the hub's deadlines and 25 µs every other second, half as often while nothing happens.
"""

from collections import deque
from collections.abc import Callable
from typing import Any

from hub._deadlines import Deadline, Deadlines
from hub._growth import GrowthLimits, GrowthWatch, HardLimit, ResourceLimits, SoftLimit, SteadyLeak
from hub._instance import Instance
from hub._renewal import Renewal
from hub._reporter import Reporter
from hub._tree import TreeSample, can_measure, sample_tree

__all__ = ["Sampling", "growth_limits"]

# The curve in a report: two minutes of it.
_KEPT_SAMPLES = 60
# A budget is what a module is meant to use; up to half as much again it is warned about, then it is recycled.
_HARD_SHARE = 1.5
# How much longer the pause is after two samples that are the same: so that a hub of a hundred idle modules is idle too. Each
# of the 6 s in which a leak is looked for (`_growth.py`) still has a sample.
_QUIET_TIMES = 2


def growth_limits(memory_budget_bytes: int | None) -> GrowthLimits:
    """Return the limits of a module whose manifest names a budget of memory, or none."""
    if memory_budget_bytes is None:
        return GrowthLimits()
    return GrowthLimits(memory_bytes=ResourceLimits(memory_budget_bytes, memory_budget_bytes * _HARD_SHARE))


class Sampling:
    """Measures one process tree after the other of one module, from `begin` until it ends. `seconds` is how often."""

    def __init__(
        self,
        renewal: Renewal,
        deadlines: Deadlines,
        clock: Callable[[], float],
        reporter: Reporter,
        limits: GrowthLimits,
        seconds: float,
    ) -> None:
        self.last: TreeSample | None = None
        self._renewal = renewal
        self._deadlines = deadlines
        self._clock = clock
        self._reporter = reporter
        self._limits = limits
        self._seconds = seconds
        self._entry: Deadline | None = None
        self._curve: deque[tuple[float, TreeSample]] = deque(maxlen=_KEPT_SAMPLES)

    def begin(self, instance: Instance) -> None:
        """Measure this process from now on."""
        self.end()
        self.last = None
        self._curve.clear()
        if can_measure():
            self._sample(instance, GrowthWatch(self._limits))

    def end(self) -> None:
        """Measure nothing."""
        if self._entry is not None:
            self._entry.cancel()
            self._entry = None

    def curve(self) -> list[dict[str, Any]]:
        """Return the last samples for a report, oldest first, in seconds before now."""
        now = self._clock()
        return [
            {"seconds_ago": round(now - when, 1), "memory_bytes": sample.memory_bytes, "fds": sample.fds}
            for when, sample in self._curve
        ]

    def _sample(self, instance: Instance, growth: GrowthWatch) -> None:
        soft = self._limits.memory_bytes.soft
        sample = sample_tree(instance.process.pid, None, share_above_bytes=None if soft is None else int(soft))
        if sample is None or instance.peer.is_closed:
            return
        now = self._clock()
        before, self.last = self.last, sample
        self._curve.append((now, sample))
        match growth.add(sample, now):
            case SoftLimit(resource=resource, value=value, limit=limit):
                self._reporter.emit("module.warning", message=f"{resource} at {value:g}, beyond the soft limit of {limit:g}")
            case HardLimit(resource=resource, value=value, limit=limit):
                self._renewal.recycle(f"{resource} at {value:g}, beyond the hard limit of {limit:g}")
                return
            case SteadyLeak(bytes_per_second=rate, seconds_until_limit=left):
                self._renewal.recycle(f"its memory grows by {rate:g} bytes a second, and reaches its limit in {left:.0f} s")
                return
            case None:
                pass
        pause = self._seconds * (_QUIET_TIMES if sample == before else 1)
        self._entry = self._deadlines.add(now + pause, lambda: self._sample(instance, growth))
