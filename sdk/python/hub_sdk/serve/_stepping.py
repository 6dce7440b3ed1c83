"""Own the loop of a module with async functions: one whose tasks can begin at once; know nothing of what they do."""

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import Context
from typing import Any

__all__ = ["SteppingLoop"]


class SteppingLoop(asyncio.SelectorEventLoop):
    """An event loop like every other, but for `begin_task`."""

    _first_step: Callable[[], object] | None = None
    _first_context: Context | None = None

    def begin_task(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Make a task and give it its first turn now; in the next turn where a task is under way, or makes its own tasks.

        Python 3.12 has eager tasks; this is the same for 3.11. The task is an ordinary one from its first step on, so that
        `asyncio.timeout` and task groups find it.
        """
        if asyncio.current_task(self) is not None or self.get_task_factory() is not None:
            return self.create_task(coroutine)
        # A new task asks its loop for its first step, by this name. Not a method of the class: all others would pay for it.
        vars(self)["call_soon"] = self._keep
        try:
            task = asyncio.Task(coroutine, loop=self)
        finally:
            del vars(self)["call_soon"]
        step, context = self._first_step, self._first_context
        self._first_step = self._first_context = None
        if step is not None and context is not None:
            context.run(step)
        return task

    def _keep(self, step: Callable[[], object], *, context: Context) -> None:
        self._first_step, self._first_context = step, context
