"""Own what happens to modules when one that they require goes down or comes back; know nothing of why it did."""

from collections.abc import Mapping

import anyio

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
        """Tell those that require `name`; return those that are to be stopped now, in this order."""
        stopping: list[LoadedModule] = []
        for module in self._requiring(name):
            if module.state is not State.RUNNING:
                continue
            self._reporters[module.name].emit("dependency.down", required=name)
            if module.plugin.manifest.supervision.restart_with_dependencies and module.name not in self._stopped:
                self._stopped.add(module.name)
                # What is stopped goes down too, for those that require it; they come first.
                stopping += [*self.went_down(module.name), module]
        return stopping

    async def stop(self, modules: list[LoadedModule], reason: str) -> None:
        """Stop what `went_down` returned; start it again if what it requires is back by then."""
        for module in modules:
            await module.stop(reason)
        for module in reversed(modules):
            self._start_if_it_can(module)

    async def stop_all(self, reason: str) -> None:
        """Stop every module; one that is required by others after those, all that can be at the same time."""
        left = {name for name, module in self._loaded.items() if module.is_active}
        while left:
            needed = {required for name in left for required in self._needs[name].required_modules}
            # A circle cannot be running, but nothing may keep a hub open.
            layer = (left - needed) or set(left)
            async with anyio.create_task_group() as stops:
                for name in layer:
                    stops.start_soon(self._loaded[name].stop, reason)
            left -= layer

    def came_back(self, name: str) -> None:
        """Tell those that require `name`; begin to start those that were stopped for it and lack nothing now."""
        for module in self._requiring(name):
            if module.state is not State.RUNNING:
                self._start_if_it_can(module)
            elif module.name not in self._stopped:  # else it is still to be stopped, and looked at after that
                self._reporters[module.name].emit("dependency.up", required=name)

    def _start_if_it_can(self, module: LoadedModule) -> None:
        if module.name in self._stopped and self._all_up(module.name):
            self._stopped.discard(module.name)
            module.start_again()

    def forget(self, name: str) -> None:
        """Do not start it by itself: a person stopped it."""
        self._stopped.discard(name)

    def is_required(self, name: str) -> bool:
        """Return whether a module that runs or starts requires `name`."""
        return any(module.is_active for module in self._requiring(name))

    def _requiring(self, name: str) -> list[LoadedModule]:
        return [module for other, module in self._loaded.items() if name in self._needs[other].required_modules]

    def _all_up(self, name: str) -> bool:
        required = self._needs[name].required_modules
        return all(self._loaded[other].state is State.RUNNING for other in required if other in self._loaded)
