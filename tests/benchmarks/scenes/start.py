"""Own what it costs to start modules, {"language": ..., "count": ...}: in the hub, and the same processes without it."""

import os
import time
from collections.abc import Mapping
from typing import Any

from tests.benchmarks.fleet import write_fleet
from tests.benchmarks.processor import cpu_seconds, tree_of
from tests.benchmarks.scenes.alone import introduce_alone
from tests.benchmarks.scenes.stage import Figure, directory, hub_in, play, start_all

__all__ = ["scene"]


async def scene(options: Mapping[str, Any]) -> list[Figure]:
    """Start them with nothing known of them, again with everything approved, and by the least that can do it."""
    subject = f"start {options['count']} × {options['language']}"
    figures: list[Figure] = []

    def add(who: str, wall: float, cpu: float) -> None:
        figures.append(Figure(f"{subject}: until all run", who, "s", wall))
        figures.append(Figure(f"{subject}: cpu of all", who, "s", cpu))

    with directory() as place:
        commands = write_fleet(place / "plugins", options["language"], options["count"])
        for who in ("hub, first time", "hub"):
            before, begun = cpu_seconds([os.getpid()]), time.perf_counter()
            async with hub_in(place) as hub:
                await start_all(hub)
                wall = time.perf_counter() - begun
                tree = tree_of(os.getpid())
                own = cpu_seconds(tree[:1]) - before
                add(who, wall, own + cpu_seconds(tree[1:]))
                figures.append(Figure(f"{subject}: cpu of the hub alone", who, "s", own))
                for name in hub.modules:
                    assert await hub.call(f"{name}.add", a=2, b=3) == 5
        add("alone", *introduce_alone(place / "plugins", commands))
    return figures


if __name__ == "__main__":
    play(scene)
