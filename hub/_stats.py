"""Own how often a module was called and how that went: counts, and how long the last calls took; pure, no clock."""

from collections import Counter, deque
from typing import Any, Final

__all__ = ["CallStats"]

# Enough for a p99 that means something, and the last hour of a quiet module or the last second of a busy one.
_KEPT_TIMES: Final = 1024
# Kinds come from one table of forty; the bound is for what a later hub may do.
_KEPT_KINDS: Final = 64


class CallStats:
    """Of one module, since the hub started; times are of the newest calls only."""

    def __init__(self) -> None:
        self.calls = 0
        self.errors: Counter[str] = Counter()
        self._seconds: deque[float] = deque(maxlen=_KEPT_TIMES)

    def ended(self, seconds: float, error_kind: str | None) -> None:
        """Count a call that took `seconds` and ended with an error of this kind, or well."""
        self.calls += 1
        self._seconds.append(seconds)
        if error_kind is not None and (error_kind in self.errors or len(self.errors) < _KEPT_KINDS):
            self.errors[error_kind] += 1

    def quantiles(self, *fractions: float) -> list[float | None]:
        """Return for each fraction (0.5 is the median) the time that so many of the kept calls did not exceed, in seconds."""
        times = sorted(self._seconds)
        return [times[min(len(times) - 1, int(fraction * len(times)))] if times else None for fraction in fractions]

    def to_json(self) -> dict[str, Any]:
        """Return calls, errors by kind, and the median and 99th percentile in milliseconds."""
        median, slow = self.quantiles(0.5, 0.99)
        return {"calls": self.calls, "errors": dict(self.errors), "p50_ms": _ms(median), "p99_ms": _ms(slow)}


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 3)
