"""Own what modules cost that do nothing, {"count": ..., "seconds": ...}: memory for each, processor time of the hub for all."""

import gc
import os
from collections.abc import Mapping
from typing import Any

import anyio

from tests.benchmarks.fleet import write_fleet
from tests.benchmarks.processor import cpu_seconds, tree_of
from tests.benchmarks.scenes.stage import Figure, directory, hub_in, play, resident_bytes, start_all

__all__ = ["scene"]

# What a start leaves to be done a moment later.
_SETTLE_SECONDS = 2.0


async def scene(options: Mapping[str, Any]) -> list[Figure]:
    """Run one module for what the first one costs, then all; wait, and see what that cost."""
    count, seconds = options["count"], options["seconds"]
    subject = f"{count} idle modules"
    with directory() as place:
        write_fleet(place / "plugins", "C", count + 1)
        async with hub_in(place) as hub:
            await hub.start("m000")
            await hub.call("m000.add", a=1, b=2)
            gc.collect()
            first = resident_bytes()
            await start_all(hub)
            await anyio.sleep(_SETTLE_SECONDS)
            gc.collect()
            memory = (resident_bytes() - first) / count
            before = cpu_seconds([os.getpid()])
            threads = len(os.listdir("/proc/self/task"))  # noqa: PTH208 - counted, not looked at
            await anyio.sleep(seconds)
            spent = cpu_seconds([os.getpid()]) - before
            helpers = len(tree_of(os.getpid())) - 1 - (count + 1)
        # The directory of 101 modules is known before the first one starts, and a manifest is part of what a module costs.
        return [
            Figure(f"{subject}: memory of the hub for each", "hub", "KiB", memory / 1024),
            Figure(f"{subject}: processor of the hub", "hub", "% of a core", 100 * spent / seconds),
            Figure(f"{subject}: threads of the hub", "hub", "", threads),
            Figure(f"{subject}: processes of the hub's own", "hub", "", helpers),
        ]


if __name__ == "__main__":
    play(scene)
