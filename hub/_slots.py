"""Own how many calls are under way in one module and how many wait (HUB-CALL-5); know nothing of what a call is."""

import math
from collections import OrderedDict

import anyio

from hub._deadlines import Deadlines
from hub._eventloop import EventLoop, Promise, running_loop
from hub.errors import Overloaded

__all__ = ["Slots"]


class _Turn:
    """One that waits; `given` once it has its slot."""

    __slots__ = ("called", "given")

    def __init__(self, called: Promise) -> None:
        self.called = called
        self.given = False

    def end(self, *, given: bool) -> None:
        self.given = given
        if not self.called.done():  # it is when the waiting task was cancelled
            self.called.set_result(None)


class Slots:
    """At most `in_flight` at a time, at most `waiting` behind them in order of arrival, and a refusal at once beyond that."""

    def __init__(self, name: str, in_flight: int, waiting: int, deadlines: Deadlines) -> None:
        self._name = name
        self._deadlines = deadlines
        self._loop: EventLoop | None = None
        self._free = in_flight
        self._in_flight = in_flight
        self._max_waiting = waiting
        self._queue: OrderedDict[_Turn, None] = OrderedDict()
        self._paused = False
        self._idle = anyio.Event()

    @property
    def in_flight(self) -> int:
        """How many are under way."""
        return self._in_flight - self._free

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._queue)

    def try_acquire(self) -> bool:
        """Take a slot if there is one and nobody waits for it; the common case, without an await."""
        if self._free and not self._queue and not self._paused:
            self._free -= 1
            return True
        return False

    async def acquire(self, until: float = math.inf) -> bool:
        """Take a slot, waiting for one where there is none; return False when `until` (of the hub's clock) came first.

        Raises:
            Overloaded: too many wait already.
        """
        if self.try_acquire():
            return True
        if len(self._queue) >= self._max_waiting:
            msg = f"cannot call {self._name}: {self._in_flight} calls are under way and {self._max_waiting} wait"
            raise Overloaded(
                msg, hint="call less at a time, or try again later", data={"module": self._name, "may_have_executed": False}
            )
        self._loop = self._loop or running_loop()
        turn = _Turn(self._loop.promise())
        self._queue[turn] = None
        deadline = self._deadlines.add(until, lambda: self._expire(turn)) if until < math.inf else None
        try:
            await turn.called
        except BaseException:
            # Cancelled. The slot may have been handed over in the same moment: then it goes to the next.
            if turn.given:
                self.release()
            else:
                self._queue.pop(turn, None)
            raise
        finally:
            if deadline is not None:
                deadline.cancel()
        return turn.given

    def _expire(self, turn: _Turn) -> None:
        if turn in self._queue:
            del self._queue[turn]
            turn.end(given=False)

    def release(self) -> None:
        """Give a slot back; the longest waiting one gets it."""
        if self._queue and not self._paused:
            turn, _ = self._queue.popitem(last=False)
            turn.end(given=True)
            return
        self._free += 1
        if self._paused and self._free == self._in_flight:
            self._idle.set()

    async def drain(self) -> None:
        """Let nothing new begin until `resume`, and wait until nothing is under way."""
        self._paused = True
        while self.in_flight:
            self._idle = anyio.Event()
            await self._idle.wait()

    def resume(self) -> None:
        """Let begin what waits."""
        self._paused = False
        while self._free and self._queue:
            self._free -= 1
            turn, _ = self._queue.popitem(last=False)
            turn.end(given=True)
