"""Own the background tasks of a hub, which a cancellation of the hub's body does not reach; know nothing of what they do.

Whoever cancels an application wants its modules ended, and politely: that needs the tasks that serve them to the last.
"""

from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any

import anyio
import anyio.abc

__all__ = ["Background"]


class Background:
    """A task group that lives until `close`, and is cancelled by nothing else.

    What raises in there is a defect of the hub: `on_defect` is told, and all other modules go on.
    """

    def __init__(self, on_defect: Callable[[Exception], None]) -> None:
        self._on_defect = on_defect
        self._watch = anyio.create_task_group()
        self._tasks = anyio.create_task_group()

    async def open(self) -> anyio.abc.TaskGroup:
        """Return the group to start tasks in; `close` must be called."""
        await self._watch.__aenter__()
        with anyio.CancelScope(shield=True):
            await self._watch.start(self._keep)
        return self._tasks

    def start_soon(self, work: Callable[..., Coroutine[Any, Any, object]], *args: object) -> None:
        """Run `work` in the group, also while the hub closes."""
        self._tasks.start_soon(self._guarded, work, args)

    async def _guarded(self, work: Callable[..., Coroutine[Any, Any, object]], args: tuple[object, ...]) -> None:
        try:
            await work(*args)
        except Exception as error:  # noqa: BLE001 - one module's trouble must not be the end of the others
            self._on_defect(error)

    async def _keep(self, *, task_status: anyio.abc.TaskStatus[None]) -> None:
        with anyio.CancelScope(shield=True):
            async with self._tasks:
                task_status.started()
                await anyio.sleep_forever()

    async def close(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        """Cancel the tasks and wait for their end; return and raise what the `__aexit__` of a task group does."""
        self._tasks.cancel_scope.cancel()
        return await self._watch.__aexit__(kind, error, trace)
