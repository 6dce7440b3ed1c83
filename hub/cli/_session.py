"""Own one opened hub for one command: made from the environment and the options, always closed; know no noun.

This is the one place that decides through which hub a command goes.
"""

import os
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

import anyio

from hub import Config, Hub, Paths, Settings
from hub.cli._ask import Asker
from hub.cli._interrupts import SIGNALS, Interrupted, Interrupts
from hub.cli._output import Output
from hub.cli._screen import Screen

__all__ = ["Work", "run_with_hub"]

_T = TypeVar("_T")
Work = Callable[[Hub, Screen], Awaitable[_T]]


def run_with_hub(output: Output, plugins: Sequence[str], work: Work[_T]) -> _T:
    """Open a hub, do `work` with it, close it, and return the outcome of the work.

    Raises:
        HubError: whatever the work raises; `Interrupted` after Ctrl-C.
    """

    async def session() -> _T:
        return await _Session(output, plugins, work).run()

    return anyio.run(session)


class _Session(Generic[_T]):
    def __init__(self, output: Output, plugins: Sequence[str], work: Work[_T]) -> None:
        self._screen = Screen(output)
        asker = Asker(output, self._screen)
        config = Config.load(Paths.from_environment(os.environ, plugins=plugins), os.environ)
        self._hub = Hub(
            list(plugins) or None,
            ask=asker.ask if asker.can_ask else None,
            config=config.modules,
            keep_credentials=config.keep_credentials,
            settings=Settings(adopt_orphans=True),
        )
        self._work = work
        self._interrupts = Interrupts(self._kill)
        self._outcome: list[_T] = []
        self._failure: Exception | None = None

    async def run(self) -> _T:
        async with anyio.create_task_group() as tasks:
            with anyio.open_signal_receiver(*SIGNALS) as signals:
                tasks.start_soon(self._interrupts.watch, signals)
                await self._serve()
                tasks.cancel_scope.cancel()
        # Raised here, outside of all groups of tasks, so that it arrives as what it is.
        if self._failure is not None:
            raise self._failure
        if not self._outcome:
            raise Interrupted("interrupted")
        return self._outcome[0]

    async def _serve(self) -> None:
        try:
            self._hub.on_event(self._screen.on_event)
            async with self._hub:
                with self._interrupts.work:
                    await self._do()
                self._screen.clear()
                self._interrupts.work_is_done()
        except Exception as error:  # noqa: BLE001 - told by _main, the one place that tells
            self._failure = self._failure or error
        finally:
            self._screen.clear()

    async def _do(self) -> None:
        try:
            self._outcome.append(await self._work(self._hub, self._screen))
        except Exception as error:  # noqa: BLE001 - inside the hub's own group of tasks it would be wrapped into a group
            self._failure = error

    def _kill(self) -> None:
        # A polite stop is under way already, and ends once they are gone.
        self._hub.kill()
