"""Own the loop of a module with async functions: one whose tasks can begin at once; know nothing of what they do."""

import asyncio
import selectors
from asyncio import Task, current_task
from collections.abc import Callable, Coroutine
from contextvars import Context
from typing import Any

__all__ = ["SteppingLoop"]


class SteppingLoop(asyncio.SelectorEventLoop):
    """An event loop like every other, but for `begin_task`."""

    def __init__(self, selector: selectors.BaseSelector | None = None) -> None:
        """Wait with that selector, by default the system's."""
        super().__init__(selector)
        self._makes_tasks = True  # and not the author
        self._first: list[tuple[Callable[[], object], Context]] = []
        self._keeper = self._keep

    def set_task_factory(self, factory: Any) -> None:
        """Have tasks made by the author's own function."""
        super().set_task_factory(factory)
        self._makes_tasks = factory is None

    def begin_task(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Make a task and give it its first turn now; in the next turn where a task is under way, or makes its own tasks.

        Python 3.12 has eager tasks; this is the same for 3.11. The task is an ordinary one from its first step on, so that
        `asyncio.timeout` and task groups find it.
        """
        if not self._makes_tasks or current_task(self) is not None:
            return self.create_task(coroutine)
        # A new task asks its loop for its first step, by this name. Not a method of the class: all others would pay for it.
        own = self.__dict__
        own["call_soon"] = self._keeper
        try:
            task = Task(coroutine, loop=self)
        finally:
            del own["call_soon"]
        if self._first:
            step, context = self._first.pop()
            context.run(step)
        return task

    def _keep(self, step: Callable[[], object], *, context: Context) -> None:
        self._first.append((step, context))
