"""Own the largest echoes, with the limit of a frame raised: memory of the hub at its peak, and time by size; options: none."""

import gc
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

from hub import Hub, Settings
from tests.benchmarks.fleet import write_fleet
from tests.benchmarks.peers.work import text_of
from tests.benchmarks.scenes.stage import Figure, directory, hub_in, play, resident_bytes

__all__ = ["scene"]

_MIB = 1024 * 1024
_LIMIT_BYTES = 96 * _MIB
_REPEATS = 3


def _reset_peak() -> None:
    # Documented in proc(5): 5 sets the peak of the resident memory to what it is now.
    Path("/proc/self/clear_refs").write_text("5")


async def _echo(hub: Hub, value: str) -> float:
    begun = time.perf_counter()
    answer = await hub.call("m000.echo", value=value)
    took = time.perf_counter() - begun
    if answer != value:
        raise RuntimeError("the echo is wrong")
    return took


async def scene(options: Mapping[str, Any]) -> list[Figure]:
    """Measure the first large call for its memory, then 16 and 64 MiB by turns for their time."""
    figures: list[Figure] = []
    with directory() as place:
        write_fleet(place / "plugins", "C", 1)
        async with hub_in(place, Settings(max_frame_bytes=_LIMIT_BYTES)) as hub:
            await hub.start("m000")
            await hub.call("m000.add", a=1, b=2)
            gc.collect()
            before = resident_bytes()
            value = text_of(16 * _MIB, "A")
            argument = resident_bytes() - before
            _reset_peak()
            await _echo(hub, value)
            peak = resident_bytes("VmHWM") - before
            subject = "peak memory of a 16 MiB echo, in payloads"
            figures.append(Figure(subject, "hub, with the caller's argument", "×", peak / len(value)))
            figures.append(Figure(subject, "hub", "×", (peak - argument) / len(value)))
            figures.append(Figure(subject, "left afterwards", "×", (resident_bytes() - before - argument) / len(value)))
            taken: dict[int, list[float]] = {16: [], 64: []}
            values = {16: value, 64: text_of(64 * _MIB, "A")}
            for _ in range(_REPEATS):
                for size, seconds in taken.items():
                    seconds.append(await _echo(hub, values[size]))
            figures += [Figure(f"echo {size} MiB, limit raised", "hub", "s", median(taken[size])) for size in taken]
    return figures


if __name__ == "__main__":
    play(scene)
