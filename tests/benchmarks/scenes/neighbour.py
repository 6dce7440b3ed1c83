"""Own what a module feels of another that floods or stalls, {"seconds": ...}: p99 of its calls, one at a time, by turns."""

import time
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import anyio

from hub import Hub, Settings
from hub.errors import HubError
from tests.benchmarks.fleet import write_fleet
from tests.benchmarks.peers.work import text_of
from tests.benchmarks.scenes.stage import Figure, directory, hub_in, p99, play, start_all

__all__ = ["scene"]

_NEIGHBOUR, _OFFENDER = "m000", "m001"
_ITS_OWN = ("spin", "log", "stderr", "stall")
# What a module that stalls has not read, in so many calls: more than its pipe and its turn hold.
_STALLED_CALLS, _STALLED_CHARACTERS = 200, 64 * 1024
_CALLERS = 64
# The disturbance lasts a little longer than what is measured, on both sides.
_MARGIN_SECONDS = 0.1
_MICROSECONDS = 1e6


async def _calls(hub: Hub, seconds: float) -> list[float]:
    taken: list[float] = []
    end = time.perf_counter() + seconds
    number = 0
    while (begun := time.perf_counter()) < end:
        number += 1
        assert await hub.call(f"{_NEIGHBOUR}.add", a=number, b=1) == number + 1
        taken.append(time.perf_counter() - begun)
    return taken


async def _offend(hub: Hub, how: str, seconds: float) -> int:
    """Have the offender do it for so long; return how often it did."""
    if how == "calls":
        return await _flood_of_calls(hub, seconds)
    done: list[int] = []

    async def disturb() -> None:
        done.append(await hub.call(f"{_OFFENDER}.disturb", how=how, milliseconds=round(seconds * 1000)))

    async def echo(value: str) -> None:
        with suppress(HubError):  # that it is told so is the subject of tests
            await hub.call(f"{_OFFENDER}.echo", value=value)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(disturb)
        if how == "stall":
            await anyio.sleep(_MARGIN_SECONDS / 4)
            value = text_of(_STALLED_CHARACTERS, "A")
            for _ in range(_STALLED_CALLS):
                tasks.start_soon(echo, value)
    return done[0]


async def _flood_of_calls(hub: Hub, seconds: float) -> int:
    end, count = time.perf_counter() + seconds, 0

    async def caller() -> None:
        nonlocal count
        while time.perf_counter() < end:
            await hub.call(f"{_OFFENDER}.add", a=1, b=2)
            count += 1

    async with anyio.create_task_group() as callers:
        for _ in range(_CALLERS):
            callers.start_soon(caller)
    return count


async def scene(options: Mapping[str, Any]) -> list[Figure]:
    """Measure in peace, beside a module that only computes, and beside each kind of offender."""
    seconds: float = options["seconds"]
    figures: list[Figure] = []
    with directory() as place:
        write_fleet(place / "plugins", "C", 2)
        async with hub_in(place, Settings()) as hub:
            await start_all(hub)
            await _calls(hub, seconds / 4)
            for how in ("peace", *_ITS_OWN, "calls"):
                done: list[int] = []

                async def offend(how: str, done: list[int]) -> None:
                    done.append(await _offend(hub, how, seconds + 2 * _MARGIN_SECONDS))

                taken = list[float]()
                async with anyio.create_task_group() as tasks:
                    if how != "peace":
                        tasks.start_soon(partial(offend, how, done))
                        await anyio.sleep(_MARGIN_SECONDS)
                    taken = await _calls(hub, seconds)
                if how != "peace" and not done[0]:
                    msg = f"the module did not do its {how}"
                    raise RuntimeError(msg)
                figures.append(Figure("p99 of a call beside another module", how, "µs", p99(taken) * _MICROSECONDS))
                if done:
                    figures.append(Figure("so often did the other module do it", how, "", done[0]))
    return figures


if __name__ == "__main__":
    play(scene)
