"""Own how much of a module that talks unasked is read at a time; pure: the time is an argument.

Answers are waited for; log records, stray lines and other notifications are not. One that floods the hub with these is read in
small pieces, so that between any two of them everybody else has a turn.
"""

from typing import Final

__all__ = ["Pace"]

# As much as is kept of a log (HUB-LOG-1).
_NOISE_PER_SECOND: Final = 1000.0
# Within this much in a moment a module is no flood, and is read like any other.
_QUIET: Final = 100.0
# What a pipe holds. The allocator fetches what is longer than 128 KiB from the kernel anew for each read, which then takes
# thirty times as long as the reading.
_READ_BYTES: Final = 64 * 1024
# Some eight notifications: they take about as long as a call of another module, which goes on between any two such reads.
_SMALL_READ_BYTES: Final = 512


class Pace:
    """A token bucket of one second's worth of noise."""

    def __init__(self) -> None:
        self._left = _NOISE_PER_SECOND
        self._at = 0.0

    @property
    def is_flooded(self) -> bool:
        """Whether more came unasked than is quiet, as far as `heard` was told."""
        return self._left < _NOISE_PER_SECOND - _QUIET

    @property
    def read_bytes(self) -> int:
        """How much to read at a time."""
        return _SMALL_READ_BYTES if self.is_flooded else _READ_BYTES

    def heard(self, noise: int, now: float) -> None:
        """Count what came unasked with a read at `now` (seconds that only grow); 0 may be left out unless `is_flooded`."""
        refilled = self._left + (now - self._at) * _NOISE_PER_SECOND
        # No debt: when a flood is over, its module is read like any other within a second.
        self._left = max(0.0, min(_NOISE_PER_SECOND, refilled) - noise)
        self._at = now
