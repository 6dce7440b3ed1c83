"""Own how much of something a module may do in a window of time; pure: the time is an argument."""

__all__ = ["Budget"]


class Budget:
    """So many pieces and bytes in each window of `window_seconds`, which begins with the first piece in it."""

    def __init__(self, pieces: int, size_bytes: int, window_seconds: float) -> None:
        self._max_pieces = pieces
        self._max_bytes = size_bytes
        self._window_seconds = window_seconds
        self._window = float("-inf")
        self._pieces = 0
        self._bytes = 0
        self._refused = 0

    def spend(self, size_bytes: int, now: float) -> bool:
        """Count one piece; return False when the budget is overspent. `now` is seconds of any clock that only grows."""
        if now - self._window >= self._window_seconds:
            self._window, self._pieces, self._bytes = now, 0, 0
        self._pieces += 1
        self._bytes += size_bytes
        within = self._pieces <= self._max_pieces and self._bytes <= self._max_bytes
        self._refused += not within
        return within

    def take_refused(self) -> int:
        """Return how many pieces were refused since the last time, so that it can be said."""
        refused, self._refused = self._refused, 0
        return refused
