"""Own the one timer of a hub: many deadlines, one sleeping task; know nothing of what a deadline is for.

A timer of the event loop per call costs more than the call. Here a deadline is one entry in a heap, and giving it up is a flag.
"""

import heapq
import itertools
import math
from collections.abc import Callable

import anyio

__all__ = ["Deadline", "Deadlines"]

# Given-up entries are swept when they outnumber the live ones, but not before there are enough of them to be worth it.
_SWEEP_ENTRIES = 1024


class Deadline:
    """One entry: `expire` is called once when `when` (seconds, of the hub's clock) has passed, unless `cancel` came first."""

    __slots__ = ("_owner", "expire", "when")

    def __init__(self, when: float, expire: Callable[[], None], owner: "Deadlines") -> None:
        self.when = when
        self.expire: Callable[[], None] | None = expire
        self._owner = owner

    @property
    def is_ahead(self) -> bool:
        """Whether it has neither passed nor been given up."""
        return self.expire is not None

    def move(self, when: float) -> None:
        """Expire at another time, unless it is over already."""
        if self.expire is not None and when != self.when:
            self.when = when
            self._owner.push(self)

    def cancel(self) -> None:
        """Give the deadline up; idempotent."""
        if self.expire is not None:
            self.expire = None
            self._owner.note_given_up()


class Deadlines:
    """All deadlines of a hub. `clock` returns seconds that only grow."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._heap: list[tuple[float, int, Deadline]] = []
        self._order = itertools.count()  # deadlines themselves do not compare
        self._given_up = 0
        self._sleeping_until = -math.inf
        self._wake = anyio.Event()

    def add(self, when: float, expire: Callable[[], None]) -> Deadline:
        """Call `expire` (which must not raise or block) when `when` has passed."""
        deadline = Deadline(when, expire, self)
        heapq.heappush(self._heap, (when, next(self._order), deadline))
        if when < self._sleeping_until:
            self._wake.set()
        return deadline

    def push(self, deadline: Deadline) -> None:
        """Take a deadline again that has moved; its old entry is dead weight."""
        heapq.heappush(self._heap, (deadline.when, next(self._order), deadline))
        if deadline.when < self._sleeping_until:
            self._wake.set()
        self.note_given_up()

    def note_given_up(self) -> None:
        """Count an entry that is dead weight now."""
        self._given_up += 1
        if self._given_up > _SWEEP_ENTRIES and self._given_up * 2 > len(self._heap):
            self._heap = [entry for entry in self._heap if entry[2].expire is not None and entry[2].when == entry[0]]
            heapq.heapify(self._heap)
            self._given_up = 0

    async def run(self) -> None:
        """Keep the time until cancelled."""
        while True:
            self._wake = anyio.Event()
            self._sleeping_until = self._expire_due()
            with anyio.move_on_after(self._sleeping_until - self._clock()):
                await self._wake.wait()

    def _expire_due(self) -> float:
        """Call what is due; return when the next one is."""
        while self._heap:
            when, _, deadline = self._heap[0]
            is_dead = deadline.expire is None or deadline.when != when
            if not is_dead and when > self._clock():
                return when
            heapq.heappop(self._heap)
            if is_dead:
                self._given_up -= 1
                continue
            expire, deadline.expire = deadline.expire, None
            if expire is not None:
                expire()
        return math.inf
