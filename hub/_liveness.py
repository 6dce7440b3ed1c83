"""Own when a module is pinged and when it counts as wedged (HUB-PING-1); pure: told what happens, it says what to do."""

from dataclasses import dataclass
from enum import Enum, auto

__all__ = ["Liveness", "PingLimits", "Step"]


@dataclass(frozen=True, slots=True)
class PingLimits:
    """Every so many seconds; that many misses in a row are the end."""

    interval_seconds: float = 10.0
    misses: int = 3


class Step(Enum):
    """What to do now."""

    PING = auto()
    WAIT = auto()
    WEDGED = auto()


class Liveness:
    """One module's. Call `due` every interval, and tell what was received and which pings were missed."""

    def __init__(self, limits: PingLimits) -> None:
        self.limits = limits
        self._missed = 0
        self._heard = False
        self._pinging = False

    def heard(self) -> None:
        """Note that the module wrote something: it lives, whatever it wrote."""
        self._heard = True
        self._missed = 0

    def due(self, *, serial_and_busy: bool) -> Step:
        """Return what to do, an interval after the last time. A serial module is not asked while it works on a call."""
        if self._missed >= self.limits.misses:
            return Step.WEDGED
        quiet, self._heard = not self._heard, False
        if not quiet or serial_and_busy or self._pinging:
            return Step.WAIT
        self._pinging = True
        return Step.PING

    def answered(self) -> None:
        """Note that the ping was answered, in whatever way."""
        self._pinging = False
        self._missed = 0

    def missed(self, *, serial_and_busy: bool) -> bool:
        """Note that a ping was not answered in time; return whether the module is wedged now."""
        self._pinging = False
        if self._heard or serial_and_busy:
            return False
        self._missed += 1
        return self._missed >= self.limits.misses
