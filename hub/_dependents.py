"""Own what happens to modules when one that they require goes down or comes back; know nothing of why it did."""

from collections.abc import Mapping

from hub._module import LoadedModule
from hub._order import Needs
from hub._reporter import Reporter
from hub_protocol.lifecycle import State

__all__ = ["Dependents"]


class Dependents:
    """Tells the modules of one hub; those whose manifest asks for it are stopped, and started again when all is back."""

    def __init__(
        self, loaded: Mapping[str, LoadedModule], needs: Mapping[str, Needs], reporters: Mapping[str, Reporter]
    ) -> None:
        self._loaded = loaded
        self._needs = needs
        self._reporters = reporters
        self._stopped: set[str] = set()

    def went_down(self, name: str) -> list[LoadedModule]:
        """Tell those that require `name`; return those that are to be stopped now."""
        stopping: list[LoadedModule] = []
        for module in self._requiring(name):
            if module.state is not State.RUNNING:
                continue
            self._reporters[module.name].emit("dependency.down", required=name)
            if module.plugin.manifest.supervision.restart_with_dependencies:
                self._stopped.add(module.name)
                stopping.append(module)
        return stopping

    def came_back(self, name: str) -> list[LoadedModule]:
        """Tell those that require `name`; return those that were stopped for it and can be started now."""
        starting: list[LoadedModule] = []
        for module in self._requiring(name):
            if module.state is State.RUNNING:
                self._reporters[module.name].emit("dependency.up", required=name)
            elif module.name in self._stopped and self._all_up(module.name):
                self._stopped.discard(module.name)
                starting.append(module)
        return starting

    def _requiring(self, name: str) -> list[LoadedModule]:
        return [module for other, module in self._loaded.items() if name in self._needs[other].required_modules]

    def _all_up(self, name: str) -> bool:
        required = self._needs[name].required_modules
        return all(self._loaded[other].state is State.RUNNING for other in required if other in self._loaded)
