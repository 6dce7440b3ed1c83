"""Own reading plugins and configuration anew under a running hub: what appears, goes or changed; know nothing of who asks.

A plugin whose manifest cannot be read any more stays as it is: a typing error ends nothing that runs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub._hub import Hub
from hub._operate import order_of
from hub._registry import Plugin
from hub.errors import HubError

__all__ = ["Reloaded", "reload"]


@dataclass(frozen=True, slots=True)
class Reloaded:
    """What a reload found: names of modules, and the errors of plugins that cannot be used."""

    added: list[str]
    removed: list[str]
    changed: list[str]
    broken: list[HubError]

    def to_json(self) -> Mapping[str, Any]:
        """Return it for the control socket."""
        names = {"added": self.added, "removed": self.removed, "changed": self.changed}
        return {**names, "broken": [error.to_json() for error in self.broken]}


async def reload(hub: Hub, config: Mapping[str, Mapping[str, Any]]) -> Reloaded:
    """Take the plugins directories as they are now: stop what is gone, restart what changed and ran, with what requires it.

    A module whose part of `config`, which becomes the hub's, is another one has changed too.
    """
    registry = hub.look()
    known = set(hub.loaded)
    before, hub.config = hub.config, config
    removed = sorted(known - set(registry.plugins) - set(registry.broken))
    changed = [
        name
        for name in sorted(known & set(registry.plugins))
        if before.get(name) != config.get(name) or await _differs(hub, registry.plugins[name])
    ]
    running = [module.name for module in hub.loaded.values() if module.is_active]
    for name in removed:
        await hub.stop(name, reason="its plugin was removed")
    for name in changed:
        await hub.stop(name, reason="its plugin changed")
    added = sorted(set(registry.plugins) - known)
    hub.replace_registry(registry, removed)
    for name in [*changed, *added]:
        hub.load(registry.plugins[name])
    for name in order_of(hub, [name for name in running if name in hub.loaded]):
        if not hub.loaded[name].is_active:
            hub.loaded[name].start_by_hand()
    return Reloaded(added, removed, changed, [*registry.problems, *registry.broken.values()])


async def _differs(hub: Hub, plugin: Plugin) -> bool:
    """Return whether a plugin is not what it was when its module was loaded, or started last."""
    module = hub.loaded[plugin.name]
    if plugin != module.plugin:
        return True
    if module.tree is None or not module.is_active:
        return False
    try:
        return (await hub.gate.digest(plugin)).digest != module.tree.digest
    except HubError:
        return True  # it cannot be read: its start will say why
