"""Own what happens when a running module says that its capabilities changed (HUB-CAPS-8); know no processes and no starts."""

from collections.abc import Mapping
from typing import Protocol

from hub._digest import TreeDigest
from hub._gate import Gate
from hub._instance import Instance
from hub._introduction import Function, Introduction
from hub._registry import Plugin
from hub._reporter import Reporter
from hub.errors import HubError, NotApproved
from hub_protocol.lifecycle import State

__all__ = ["Changing", "Refresher"]


class Changing(Protocol):
    """The module, as far as a refresh needs to know it."""

    plugin: Plugin
    state: State
    instance: Instance | None
    tree: TreeDigest | None
    introduction: Introduction | None

    def take(self, introduction: Introduction) -> None:
        """Offer what an approved introduction declares."""
        ...

    def keep_only(self, functions: Mapping[str, Function]) -> None:
        """Offer only what is offered already and stands unchanged in `functions`."""
        ...


class Refresher:
    """Asks one module for its capabilities again; one time after the other, however often it says that they changed."""

    def __init__(self, module: Changing, gate: Gate, reporter: Reporter, seconds: float) -> None:
        self._module = module
        self._gate = gate
        self._reporter = reporter
        self._seconds = seconds
        self._wanted = False
        self._running = False

    def wants_to_run(self) -> bool:
        """Note that the capabilities changed; return whether `run` has to be started for it."""
        self._wanted = True
        if self._running:
            return False
        self._running = True
        return True

    async def run(self) -> None:
        """Ask until nothing new was said meanwhile."""
        try:
            while self._wanted:
                self._wanted = False
                await self._refresh()
        finally:
            self._running = False

    async def _refresh(self) -> None:
        module = self._module
        instance, tree, introduction = module.instance, module.tree, module.introduction
        if module.state is not State.RUNNING or instance is None or tree is None or introduction is None:
            return
        try:
            found = await instance.ask_capabilities(introduction.module_info, self._seconds)
            request = self._gate.request_again(module.plugin, found, tree.digest, tree.files)
            approved = True
            try:
                await self._gate.require(request)
                module.take(found)
            except NotApproved:
                approved = False
                # The old functions that are still there unchanged were approved; everything else was not.
                module.keep_only(found.functions)
        except HubError as error:
            self._reporter.emit("module.warning", message=f"its changed capabilities cannot be used: {error.message}")
            return
        module.introduction = found
        self._reporter.emit("capabilities.changed", functions=sorted(found.functions), approved=approved)
