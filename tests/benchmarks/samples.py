"""Own what was measured: series of values by part, subject, contestant and mode; know nothing of how they came about."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median
from typing import Any, NamedTuple

__all__ = ["Key", "Samples", "Series"]


class Key(NamedTuple):
    """What a series is of: `unit` is that of the values; `mode` is pinned, unpinned or empty."""

    part: str
    subject: str
    who: str
    mode: str
    unit: str


class Series(NamedTuple):
    """The values of a key in the order in which they were measured, one a round."""

    key: Key
    values: list[float]

    @property
    def median(self) -> float:
        """The median of the values."""
        return median(self.values)

    def to_json(self) -> dict[str, Any]:
        """Return everything, the summary too."""
        spread = {"median": self.median, "min": min(self.values), "max": max(self.values)}
        return {**self.key._asdict(), **spread, "values": self.values}


@dataclass
class Samples:
    """All series of a run, and what went wrong in it."""

    faults: list[str] = field(default_factory=list[str])
    _series: dict[Key, list[float]] = field(default_factory=dict[Key, list[float]])

    def add(self, key: Key, value: float) -> None:
        """Add a value of another round."""
        self._series.setdefault(key, []).append(value)

    def all(self, part: str | None = None) -> Iterator[Series]:
        """Yield every series, or those of one part."""
        for key, values in self._series.items():
            if part in (None, key.part):
                yield Series(key, values)

    def find(self, part: str, subject: str, who: str, mode: str = "") -> Series | None:
        """Return one series, None where it was not measured."""
        for series in self.all(part):
            if series.key[1:4] == (subject, who, mode):
                return series
        return None

    def median(self, part: str, subject: str, who: str, mode: str = "") -> float | None:
        """Return the median of one series, None where it was not measured."""
        series = self.find(part, subject, who, mode)
        return None if series is None else series.median
