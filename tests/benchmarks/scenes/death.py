"""Own how soon a death is known and repaired: {"deaths": ..., "language": ...}; policy delays are set to nothing."""

import os
import signal
import time
from collections.abc import Mapping
from typing import Any

import anyio

from hub import Event, Hub, Settings
from hub._restart import RestartLimits
from hub.errors import ModuleDied
from tests.benchmarks.fleet import write_fleet
from tests.benchmarks.scenes.alone import introduce_alone
from tests.benchmarks.scenes.stage import Figure, directory, hub_in, p99, play

__all__ = ["scene"]

_NAME = "m000"
# Each run counts as a long one, so that each death is the first: the module is started again without a delay.
_AT_ONCE = RestartLimits(healthy_seconds=0.0, first_delay_seconds=0.0)
_AGAIN_SECONDS = 30.0
_REST_SECONDS = 0.01
# How often, in between, the module is started without the hub and by hand, for comparison.
_STARTS = 10
_MILLISECONDS = 1000


class _Deaths:
    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._runs = anyio.Event()
        self._ran_at = 0.0
        hub.on_event(self._see)

    def _see(self, event: Event) -> None:
        if event.kind == "module.running":
            self._ran_at = time.perf_counter()
            self._runs.set()

    async def one(self, *, in_a_call: bool) -> tuple[float | None, float]:
        """Kill it, and return the seconds until the caller's error, where there was a caller, and until it runs again."""
        heard: list[float] = []
        killed = 0.0
        self._runs = anyio.Event()

        async def call() -> None:
            try:
                await self._hub.call(f"{_NAME}.disturb", how="stall", milliseconds=10_000)
            except ModuleDied:
                heard.append(time.perf_counter())

        async with anyio.create_task_group() as callers:
            if in_a_call:
                callers.start_soon(call)
            # Until the request is in the pipe and the module sleeps in it; and the hub is done with the death before.
            await anyio.sleep(_REST_SECONDS)
            pid = self._hub.modules[_NAME].pid
            assert pid is not None
            killed = time.perf_counter()
            os.kill(pid, signal.SIGKILL)
            with anyio.fail_after(_AGAIN_SECONDS):
                await self._runs.wait()
        return (heard[0] - killed if in_a_call else None), self._ran_at - killed

    async def by_hand(self) -> float:
        """Stop and start it, and return the seconds of the start."""
        await self._hub.stop(_NAME)
        begun = time.perf_counter()
        await self._hub.start(_NAME)
        return time.perf_counter() - begun


async def scene(options: Mapping[str, Any]) -> list[Figure]:
    """Kill it as often as said; with the module in C, each time in the middle of a call."""
    language, count = options["language"], options["deaths"]
    in_a_call = language == "C"
    found: list[tuple[float | None, float]] = []
    figures: list[Figure] = []
    with directory() as place:
        commands = write_fleet(place / "plugins", language, 1)
        async with hub_in(place, Settings(restart=_AT_ONCE)) as hub:
            await hub.start(_NAME)
            deaths = _Deaths(hub)
            for number in range(count):
                found.append(await deaths.one(in_a_call=in_a_call))
                if number % max(1, count // _STARTS) == 0:
                    alone, _ = introduce_alone(place / "plugins", commands)
                    figures.append(Figure(f"{language}: its start", "alone", "ms", alone * _MILLISECONDS))
                    by_hand = await deaths.by_hand()
                    figures.append(Figure(f"{language}: its start", "hub", "ms", by_hand * _MILLISECONDS))
    again = f"{language}: from SIGKILL until it runs again"
    figures += [Figure(again, "hub", "ms", seconds * _MILLISECONDS) for _, seconds in found]
    heard = [seconds * _MILLISECONDS for seconds, _ in found if seconds is not None]
    if heard:
        subject = "from SIGKILL to the caller's error"
        figures += [Figure(subject, "each", "ms", one) for one in heard]
        figures += [Figure(subject, "p99", "ms", p99(heard)), Figure(subject, "deaths", "", len(heard))]
    return figures


if __name__ == "__main__":
    play(scene)
