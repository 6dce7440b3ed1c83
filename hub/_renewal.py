"""Own the ends that a running module needs without a fault: a fresh process before it grows too large, rest while idle."""

from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

import anyio

from hub._reporter import Reporter
from hub._slots import Slots
from hub.errors import Closed, HubError
from hub_protocol.lifecycle import State

__all__ = ["Renewable", "Renewal"]

# What a call may still take before a module that grows is stopped all the same: it is near its limit.
_DRAIN_SECONDS = 5.0


class Renewable(Protocol):
    """The module, as far as its renewal needs to know it."""

    state: State
    slots: Slots

    @property
    def is_in_use(self) -> bool:
        """Whether it is busy, or required by a module that runs."""
        ...

    async def stop(self, reason: str) -> None:
        """End it."""
        ...

    async def ensure_running(self) -> object:
        """See that it runs. Raises: HubError."""
        ...


class Renewal:
    """Stops one module, and starts it again, for reasons of the hub. `start_task` runs work until the hub closes."""

    def __init__(self, module: Renewable, start_task: Callable[..., None], reporter: Reporter) -> None:
        self._module = module
        self._start_task = start_task
        self._reporter = reporter
        self._recycling = False

    def recycle(self, why: str) -> None:
        """Give it a fresh process as soon as its calls are done; calls that come meanwhile wait."""
        if not self._recycling:
            self._recycling = True
            self._reporter.emit("module.recycling", why=why)
            with suppress(Closed):
                self._start_task(self._recycle, why)

    async def _recycle(self, why: str) -> None:
        try:
            with anyio.move_on_after(_DRAIN_SECONDS):
                await self._module.slots.drain()
            if self._module.state is State.RUNNING:
                await self._module.stop(f"it is recycled: {why}")
                await self._module.ensure_running()
        except HubError as error:
            self._reporter.emit("module.warning", message=f"it did not come back after it was recycled: {error.message}")
        finally:
            self._recycling = False
            self._module.slots.resume()

    def stop_idle(self) -> None:
        """Stop it because nobody uses it; the next call starts it again."""
        with suppress(Closed):  # then it is stopped anyway
            self._start_task(self._stop_if_idle)

    async def _stop_if_idle(self) -> None:
        # Looked at again: a call may have come since.
        if self._module.state is State.RUNNING and not self._module.is_in_use:
            await self._module.stop("it was idle")
