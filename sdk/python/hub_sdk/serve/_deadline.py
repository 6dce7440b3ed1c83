"""Own when a call's caller stops waiting, which moves while the hub waits for a person (HUB-HOST-6); know no call, no hub."""

from collections.abc import Callable

__all__ = ["Deadline"]

# Of one call, all its questions together: what the protocol allows a person.
_ASK_SECONDS = 300.0


class Deadline:
    """A point on `clock`, monotonic seconds; it is known only where the hub told how long the caller waits."""

    def __init__(self, timeout_seconds: float | None, clock: Callable[[], float], since: float | None = None) -> None:
        """Begin `since` that time on the clock, by default now."""
        begin = clock() if since is None else since
        self.when = None if timeout_seconds is None else begin + timeout_seconds
        self.clock = clock
        self._patience = _ASK_SECONDS
        self._counted = float("-inf")

    def remaining_seconds(self) -> float | None:
        """Return how long the caller still waits, never less than zero; None where that is not known."""
        return None if self.when is None else max(0.0, self.when - self.clock())

    def longest_seconds(self) -> float | None:
        """Return how long the caller waits at most, when a person is asked now; None where that is not known."""
        remaining = self.remaining_seconds()
        return None if remaining is None else remaining + self._patience

    def stood_still(self, since: float, *, surely: bool) -> None:
        """Take note that the hub has worked for this call since then: `surely` it asked a person, or may have.

        What a called module asks is not told to its callers; but an answer behind the deadline shows that it has moved.
        """
        now = self.clock()
        if self.when is None or not (surely or now > self.when):
            return
        moved = min(max(0.0, now - max(since, self._counted)), self._patience)
        self._counted = now
        self._patience -= moved
        self.when += moved
