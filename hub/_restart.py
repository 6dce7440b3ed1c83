"""Own the restart policy: history and time in, "again after a delay" or "not again" out; pure, no clock, no processes.

The shape is that of an Erlang supervisor (intensity and period) with exponential backoff between attempts.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

__all__ = ["Again", "Never", "RestartHistory", "RestartLimits", "Verdict"]

Policy = Literal["always", "on-failure", "never"]


class Verdict(StrEnum):
    """Why a module's process is gone, as the supervisor judges it."""

    NEVER_STARTED = "never_started"
    FAILED_IN_HANDSHAKE = "failed_in_handshake"
    FAILED_IN_INIT = "failed_in_init"
    RAN_AND_DIED = "ran_and_died"
    RAN_AND_EXITED = "ran_and_exited"  # status 0, unasked
    WEDGED = "wedged"
    OVER_ITS_LIMITS = "over_its_limits"
    PROTOCOL_ABUSE = "protocol_abuse"
    RECYCLED = "recycled"  # the hub itself wanted a fresh process; no failure
    DEPENDENCY = "dependency"  # something it requires went down and came back; no failure


_NO_FAILURE: Final = frozenset({Verdict.RECYCLED, Verdict.DEPENDENCY})


@dataclass(frozen=True, slots=True)
class RestartLimits:
    """The numbers of the policy, in seconds."""

    first_delay_seconds: float = 0.2  # a person does not notice it, a crash loop does not take a core
    longest_delay_seconds: float = 30.0
    jitter: float = 0.2  # modules that died together do not come back together
    healthy_seconds: float = 60.0  # up so long, a failure counts as the first one again
    max_restarts: int = 5
    window_seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class Again:
    """Start it again after so many seconds."""

    delay_seconds: float


@dataclass(frozen=True, slots=True)
class Never:
    """Do not start it again; `gave_up` tells a module that failed too often from one that is not to be restarted."""

    why: str
    gave_up: bool


class RestartHistory:
    """What happened to one module, and what follows. `random` returns a number from 0 up to 1; all times are of one clock."""

    def __init__(self, policy: Policy, random: Callable[[], float], limits: RestartLimits | None = None) -> None:
        self._policy = policy
        self._random = random
        self._limits = limits or RestartLimits()
        self._restarts: deque[float] = deque()
        self._in_a_row = 0
        self.total = 0  # restarts since a person started it

    def ended(self, verdict: Verdict, now: float, *, up_seconds: float, permanent: bool = False) -> Again | Never:
        """Return what to do about an end.

        `up_seconds` is how long it ran, 0 when it never did; `permanent` says that another attempt would only repeat it.
        """
        if verdict in _NO_FAILURE:
            return Again(0.0)
        if permanent:
            return Never("another attempt would end in the same way", gave_up=False)
        if self._policy == "never":
            return Never("its policy is never to restart it", gave_up=False)
        if verdict is Verdict.RAN_AND_EXITED and self._policy == "on-failure":
            return Never("it ended by itself with status 0", gave_up=False)
        if up_seconds >= self._limits.healthy_seconds:
            self._in_a_row = 0
            self._restarts.clear()
        while self._restarts and now - self._restarts[0] >= self._limits.window_seconds:
            self._restarts.popleft()
        if len(self._restarts) >= self._limits.max_restarts:
            return Never(f"it was restarted {len(self._restarts)} times in {self._limits.window_seconds:g} s", gave_up=True)
        self._restarts.append(now)
        self._in_a_row += 1
        self.total += 1
        return Again(self._delay(healthy=up_seconds >= self._limits.healthy_seconds))

    def _delay(self, *, healthy: bool) -> float:
        if healthy:
            return 0.0
        limits = self._limits
        delay = min(limits.first_delay_seconds * 2 ** min(self._in_a_row - 1, 32), limits.longest_delay_seconds)
        return delay * (1 + limits.jitter * (2 * self._random() - 1))

    def reset(self) -> None:
        """Forget all failures and count anew: a person said "start it"."""
        self._restarts.clear()
        self._in_a_row = self.total = 0
