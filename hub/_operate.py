"""Own what a person does with the modules of a running hub: start, restart, all at once; know nothing of how they are asked."""

from contextlib import suppress

import anyio

from hub._hub import Hub
from hub._order import start_order
from hub.errors import HubError

__all__ = ["order_of", "restart", "start_all", "start_by_hand", "stop_by_hand"]

# Starting an interpreter is work for a processor: more at a time than a few only make each one slower.
_AT_A_TIME = 8


async def start_by_hand(hub: Hub, name: str) -> None:
    """Start a module because a person said so, its failures forgotten, and return once it runs.

    Raises:
        HubError: it does not start; it may be tried again in the background, as its policy says.
    """
    hub.loaded[name].start_by_hand()
    await hub.start(name)


async def stop_by_hand(hub: Hub, name: str) -> None:
    """Stop a module and what requires it because a person said so: no call brings it back, only a person does."""
    hub.loaded[name].supervisor.hold()
    await hub.stop(name, reason="asked by a person")


async def restart(hub: Hub, name: str) -> None:
    """Stop and start a module, and with it all that requires it and was running.

    Raises:
        HubError: it does not start again.
    """
    before = {module.name for module in hub.loaded.values() if module.is_active}
    await hub.stop(name, reason="a person restarts it")
    await start_by_hand(hub, name)
    for other in order_of(hub, sorted(before)):
        if other in before and not hub.loaded[other].is_active:
            hub.loaded[other].start_by_hand()


def order_of(hub: Hub, names: list[str]) -> list[str]:
    """Return `names` in an order in which what is required comes first; what cannot be ordered comes last."""
    ordered: list[str] = []
    for name in names:
        try:
            ordered += [one for one in start_order(hub.needs, [name], broken=hub.registry.broken).order if one not in ordered]
        except HubError:
            ordered.append(name)  # its start says what is wrong
    return [name for name in ordered if name in names]


async def start_all(hub: Hub, names: list[str]) -> None:
    """Begin to start these modules, what is required first, a few at a time; return when each one runs or has failed once."""
    room = anyio.CapacityLimiter(_AT_A_TIME)

    async def start(name: str) -> None:
        async with room:
            # A failure is an event of its own, and the supervisor's to deal with.
            with suppress(HubError):
                await start_by_hand(hub, name)

    async with anyio.create_task_group() as tasks:
        for name in order_of(hub, names):
            tasks.start_soon(start, name)
