"""Own the one timer of a hub: many deadlines, one sleeping task; know nothing of what a deadline is for.

A timer of the event loop per call costs more than the call, and so does a place in a heap: nearly every deadline is given up
long before its time. So they lie unsorted in slots of time, are taken out again without a trace, and only what is still there
when its slot comes is put in order.
"""

import heapq
import itertools
import math
from collections.abc import Callable

import anyio

__all__ = ["Deadline", "Deadlines", "whole_milliseconds"]

# Short, because what is given up within an open slot stays in the heap until its time; long enough for few of them to be made.
_SLOTS_PER_SECOND = 16
# Slots that everything was taken out of are swept when they outnumber the others, but not before it is worth it.
_SWEPT_SLOTS = 1024

# uvloop keeps the time in whole milliseconds. To end a wait in between, the loop would turn without a pause until the next one;
# and a sum of doubles must not come out above it.
_MILLISECONDS = 1000
_JUST_BEFORE_SECONDS = 0.0001

# Thirty thousand years; beyond some 10^15 s a slot has no number that is of use.
_NEVER_SECONDS = 1e12


class Deadline:
    """One entry: `expire` is called once when `when` (seconds, of the hub's clock) has passed, unless `cancel` came first."""

    __slots__ = ("_owner", "expire", "slot", "when")

    def __init__(self, when: float, expire: Callable[[], None], owner: "Deadlines") -> None:
        self.when = when
        self.expire: Callable[[], None] | None = expire
        self.slot: dict[Deadline, None] | None = None  # where it lies, unless that is open
        self._owner = owner

    @property
    def is_ahead(self) -> bool:
        """Whether it has neither passed nor been given up."""
        return self.expire is not None

    def move(self, when: float) -> None:
        """Expire at another time, unless it is over already."""
        if self.expire is not None and when != self.when:
            self._leave()
            self.when = when
            self._owner.place(self)

    def cancel(self) -> None:
        """Give the deadline up; idempotent."""
        self.expire = None
        self._leave()

    def _leave(self) -> None:
        slot, self.slot = self.slot, None
        if slot is not None:
            del slot[self]


class Deadlines:
    """All deadlines of a hub. `clock` returns seconds that only grow."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._slots: dict[int, dict[Deadline, None]] = {}
        self._numbers: list[int] = []  # a heap of the slots there are
        self._sweep_at = _SWEPT_SLOTS
        self._open: list[tuple[float, int, Deadline]] = []  # a heap of what lay in the slots that have come
        self._opened = -math.inf
        self._order = itertools.count()  # deadlines themselves do not compare
        self._sleeping_until = -math.inf
        self._wake = anyio.Event()

    def add(self, when: float, expire: Callable[[], None]) -> Deadline:
        """Call `expire` (which must not raise or block) when `when` has passed."""
        deadline = Deadline(when, expire, self)
        self.place(deadline)
        return deadline

    def place(self, deadline: Deadline) -> None:
        """Take a deadline that lies nowhere; one that nobody will live to see needs no place."""
        when = deadline.when
        if when > _NEVER_SECONDS:
            return
        number = int(when * _SLOTS_PER_SECOND)
        if number <= self._opened:
            heapq.heappush(self._open, (when, next(self._order), deadline))
        else:
            slot = self._slots.get(number)
            if slot is None:
                slot = self._new_slot(number)
            slot[deadline] = None
            deadline.slot = slot
        if when < self._sleeping_until:
            self._wake.set()

    async def run(self) -> None:
        """Keep the time until cancelled."""
        while True:
            self._wake = anyio.Event()
            self._sleeping_until = self._expire_due()
            with anyio.move_on_after(whole_milliseconds(self._sleeping_until - self._clock())):
                await self._wake.wait()

    def _new_slot(self, number: int) -> dict[Deadline, None]:
        if len(self._slots) >= self._sweep_at:
            self._slots = {number: slot for number, slot in self._slots.items() if slot}
            self._numbers = sorted(self._slots)
            self._sweep_at = max(_SWEPT_SLOTS, 2 * len(self._slots))
        slot = self._slots[number] = {}
        heapq.heappush(self._numbers, number)
        return slot

    def _expire_due(self) -> float:
        """Call what is due; return when the next one is."""
        while True:
            next_slot = self._open_slots()
            while self._open and (self._open[0][2].expire is None or self._open[0][2].when != self._open[0][0]):
                heapq.heappop(self._open)  # given up or moved
            if not self._open:
                return next_slot
            when, _, deadline = self._open[0]
            if when > self._clock():
                return min(when, next_slot)
            heapq.heappop(self._open)
            expire, deadline.expire = deadline.expire, None
            if expire is not None:
                expire()

    def _open_slots(self) -> float:
        """Put in order what lies in slots that have come; return when the next one with anything in it does."""
        now = self._clock()
        while self._numbers:
            number = self._numbers[0]
            slot = self._slots[number]
            if slot and (begins := number / _SLOTS_PER_SECOND) > now:
                return begins
            heapq.heappop(self._numbers)
            del self._slots[number]
            if slot:
                self._opened = number
                for deadline in slot:
                    deadline.slot = None
                    heapq.heappush(self._open, (deadline.when, next(self._order), deadline))
        return math.inf


def whole_milliseconds(seconds: float) -> float:
    """Return how long to wait so that a loop which counts whole milliseconds wakes once, less than one too late."""
    if not 0 < seconds < _NEVER_SECONDS:
        return seconds
    return math.ceil(seconds * _MILLISECONDS) / _MILLISECONDS - _JUST_BEFORE_SECONDS
