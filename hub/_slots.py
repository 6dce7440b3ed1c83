"""Own how many calls are under way in one module and how many wait (HUB-CALL-5); know nothing of what a call is."""

from collections import OrderedDict

import anyio

from hub.errors import Overloaded

__all__ = ["Slots"]


class Slots:
    """At most `in_flight` at a time, at most `waiting` behind them in order of arrival, and a refusal at once beyond that."""

    def __init__(self, name: str, in_flight: int, waiting: int) -> None:
        self._name = name
        self._free = in_flight
        self._in_flight = in_flight
        self._max_waiting = waiting
        self._queue: OrderedDict[anyio.Event, None] = OrderedDict()
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

    async def acquire(self) -> None:
        """Take a slot, waiting for one where there is none.

        Raises:
            Overloaded: too many wait already.
        """
        if self.try_acquire():
            return
        if len(self._queue) >= self._max_waiting:
            msg = f"cannot call {self._name}: {self._in_flight} calls are under way and {self._max_waiting} wait"
            raise Overloaded(
                msg, hint="call less at a time, or try again later", data={"module": self._name, "may_have_executed": False}
            )
        turn = anyio.Event()
        self._queue[turn] = None
        try:
            await turn.wait()
        except BaseException:
            # Cancelled. The slot may have been handed over in the same moment: then it goes to the next.
            if turn.is_set():
                self.release()
            else:
                del self._queue[turn]
            raise

    def release(self) -> None:
        """Give a slot back; the longest waiting one gets it."""
        if self._queue and not self._paused:
            turn, _ = self._queue.popitem(last=False)
            turn.set()
            return
        self._free += 1
        if not self.in_flight:
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
            turn.set()
