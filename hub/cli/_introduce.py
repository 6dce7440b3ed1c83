"""Own asking all modules who they are, a few at a time; one that fails hides no other. Knows no output."""

import os
from typing import TYPE_CHECKING

import anyio

from hub.errors import HubError

if TYPE_CHECKING:
    from hub import ApprovalRequest, Hub

__all__ = ["introduce_all"]


async def introduce_all(hub: "Hub") -> "tuple[list[ApprovalRequest], list[HubError]]":
    """Return what each module said, by name, and the errors of those that said nothing or cannot even be started.

    Raises:
        HubError: there is no plugin, because a plugins directory that was named cannot be read.
    """
    found: dict[str, ApprovalRequest] = {}
    failed: dict[str, HubError] = dict(hub.registry.broken)
    problems = list(hub.registry.problems)
    if problems and not hub.modules and not failed:
        raise problems[0]
    # Starting an interpreter is work for a processor: more at a time than there are only makes each one slower.
    room = anyio.CapacityLimiter(max(2, os.cpu_count() or 1))

    async def introduce(name: str) -> None:
        async with room:
            try:
                found[name] = await hub.introduce(name)
            except HubError as error:
                failed[name] = error

    async with anyio.create_task_group() as tasks:
        for name in hub.modules:
            tasks.start_soon(introduce, name)
    return [found[name] for name in sorted(found)], [*problems, *(failed[name] for name in sorted(failed))]
