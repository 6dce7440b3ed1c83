"""Own the watching of one running module: is it alive (ping), is it used (idle stop); know nothing of what follows.

It costs an idle module one entry in the hub's heap of deadlines and no task.
"""

from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from hub._deadlines import Deadline, Deadlines
from hub._instance import Instance
from hub._liveness import Liveness, PingLimits, Step
from hub._renewal import Renewal
from hub._restart import Verdict
from hub.errors import CallTimeout, HubError, ModuleDied, WriteBlocked
from hub_protocol.methods import PING

__all__ = ["Watch", "Watched"]


class Watched(Protocol):
    """The module, as far as the watch needs to know it."""

    name: str
    last_used: float

    @property
    def is_serial(self) -> bool:
        """Whether it works on one call at a time."""
        ...

    @property
    def is_busy(self) -> bool:
        """Whether a call is under way or waits."""
        ...

    @property
    def is_in_use(self) -> bool:
        """Whether it is busy, or required by a module that runs."""
        ...

    def in_background(self, work: Callable[..., Coroutine[Any, Any, object]], *args: object) -> None:
        """Run `work` until the process ends."""
        ...


class Watch:
    """Watches one process of one module, from `begin` until it ends. `renewal` stops it when it was idle for long."""

    def __init__(
        self,
        module: Watched,
        renewal: Renewal,
        deadlines: Deadlines,
        clock: Callable[[], float],
        ping: PingLimits,
        idle_stop_seconds: float | None,
    ) -> None:
        self._module = module
        self._renewal = renewal
        self._deadlines = deadlines
        self._clock = clock
        self._ping = ping
        self._idle_seconds = idle_stop_seconds
        self._entries: list[Deadline] = []

    def begin(self, instance: Instance) -> None:
        """Watch this process from now on."""
        self.end()
        liveness = Liveness(self._ping)
        self._check_later(instance, liveness)
        if self._idle_seconds is not None:
            self._after(self._idle_seconds, lambda: self._check_idle(instance))

    def end(self) -> None:
        """Watch nothing."""
        for entry in self._entries:
            entry.cancel()
        self._entries.clear()

    def _after(self, seconds: float, work: Callable[[], None]) -> None:
        self._entries = [entry for entry in self._entries if entry.expire is not None]
        self._entries.append(self._deadlines.add(self._clock() + seconds, work))

    def _check(self, instance: Instance, liveness: Liveness, reads: int) -> None:
        if instance.peer.is_closed:
            return
        if instance.peer.reads != reads:
            liveness.heard()
        if liveness.due(serial_and_busy=self._is_serial_and_busy()) is Step.PING:
            self._module.in_background(self._send_ping, instance, liveness)
        self._check_later(instance, liveness)

    def _check_later(self, instance: Instance, liveness: Liveness) -> None:
        reads = instance.peer.reads  # now, to be compared with what it is then
        self._after(self._ping.interval_seconds, lambda: self._check(instance, liveness, reads))

    def _is_serial_and_busy(self) -> bool:
        return self._module.is_serial and self._module.is_busy

    async def _send_ping(self, instance: Instance, liveness: Liveness) -> None:
        reads = instance.peer.reads
        try:
            await instance.ask(PING, {}, self._ping.interval_seconds)
        except (CallTimeout, WriteBlocked):
            # The deadline was declared after the pipe was read once more, so the hub's own busy time is not in it.
            if instance.peer.reads != reads:
                liveness.heard()
            if liveness.missed(serial_and_busy=self._is_serial_and_busy()):
                instance.fail(_wedged(self._module.name, self._ping))
        except HubError:
            liveness.answered()  # an error is an answer as well; and a process that ended is somebody else's subject
        else:
            liveness.answered()

    def _check_idle(self, instance: Instance) -> None:
        if self._idle_seconds is None or instance.peer.is_closed:
            return
        idle = self._clock() - self._module.last_used
        if idle >= self._idle_seconds and not self._module.is_in_use:
            self._renewal.stop_idle()
        else:
            # Busy or used since: look again when it can have been idle long enough.
            left = self._idle_seconds - idle if idle < self._idle_seconds else self._idle_seconds
            self._after(left, lambda: self._check_idle(instance))


def _wedged(name: str, ping: PingLimits) -> ModuleDied:
    msg = f"{name} is wedged: it did not answer {ping.misses} pings in a row, {ping.interval_seconds:g} s each"
    return ModuleDied(msg, data={"module": name, "verdict": str(Verdict.WEDGED), "requirement": "HUB-PING-1"})
