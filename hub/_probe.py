"""Own asking a plugin who it is without running it: a process for module_info and capabilities alone; know no states."""

import anyio

from hub._ending import Ending
from hub._gate import ApprovalRequest
from hub._instance import Instance
from hub._modulehost import ModuleHost
from hub._registry import Plugin
from hub._reporter import Reporter
from hub_protocol.events import Event

__all__ = ["Probe"]


class Probe:
    """Introduces one plugin, as often as asked; nothing of it is approved or initialised."""

    def __init__(self, plugin: Plugin, host: ModuleHost, reporter: Reporter) -> None:
        self._plugin = plugin
        self._host = host
        self._reporter = reporter
        self._running: set[Instance] = set()

    async def introduce(self) -> ApprovalRequest:
        """Return who the module says it is, and how that compares with what was approved.

        Raises:
            HubError: it cannot be started or introduced.
        """
        tree = await self._host.gate.digest(self._plugin)
        instance = Instance(self._plugin, self._host.around, on_event=_ignore_event, on_log=self._reporter.log)
        await instance.begin(self._host.start_task, _ignore_end)
        self._running.add(instance)
        try:
            return await self._host.gate.request(self._plugin, await instance.introduce(), tree)
        finally:
            with anyio.CancelScope(shield=True):
                await instance.stop("introduced")
            self._running.discard(instance)

    def kill(self) -> None:
        """End its processes now, without asking."""
        for instance in self._running:
            instance.kill()


def _ignore_event(_event: Event) -> None:
    """Take what a module says beside its answers: nothing is served to a module that was not approved."""


def _ignore_end(_ending: Ending) -> None:
    """Take the end of a process that was only introduced."""
