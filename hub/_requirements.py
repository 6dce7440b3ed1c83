"""Own what is known of the modules that a module requires, and their start before it; know no processes."""

from collections.abc import Callable, Mapping, MutableMapping
from contextlib import suppress

from hub._gate import Gate
from hub._module import LoadedModule
from hub._order import Needs, require_version, start_order
from hub._registry import Plugin, Registry
from hub.errors import DependencyFailed, HubError
from hub.events import Event
from hub_protocol.lifecycle import State

__all__ = ["known_needs", "start_required"]


def known_needs(plugin: Plugin, gate: Gate) -> Needs:
    """Return what is known of a module before it runs: from its manifest, else from its last approval."""
    if plugin.manifest.required_modules is not None:
        return Needs(plugin.manifest.version, plugin.manifest.required_modules)
    with suppress(HubError):
        approval = gate.store.get(plugin.name)
        if approval is not None:
            return Needs(plugin.manifest.version, approval.content.required_modules)
    return Needs(plugin.manifest.version)


async def start_required(
    module: LoadedModule,
    loaded: Mapping[str, LoadedModule],
    needs: MutableMapping[str, Needs],
    registry: Registry,
    emit: Callable[[Event], None],
) -> None:
    """See that all that `module` is known to require is running; what it said of itself is put into `needs` first.

    Raises:
        DependencyFailed: one is missing, of the wrong version, in a circle, or does not start.
    """
    if module.introduction is not None:
        needs[module.name] = Needs(module.introduction.version, module.introduction.required_modules)
    plan = start_order(needs, [module.name], broken=registry.broken)
    for warning in plan.warnings:
        # Of itself, and once a start: what it requires is started, and warns, by itself.
        if warning.module == module.name and module.state is State.INTRODUCED:
            emit(Event("module.warning", warning.module, {"message": str(warning)}))
    for required in plan.order:
        if required != module.name:
            await _start_one(module, loaded[required])
    for required, requirement in needs[module.name].required_modules.items():
        if required in loaded:
            require_version(module.name, required, requirement, needs[required].version)


async def _start_one(module: LoadedModule, required: LoadedModule) -> None:
    try:
        await required.ensure_running()
    except HubError as error:
        msg = f"cannot start {module.name}: it requires {required.name}: {error.message}"
        data = {"chain": [module.name, required.name], "cause": error.to_json()}
        raise DependencyFailed(msg, hint=error.hint, data=data) from error
