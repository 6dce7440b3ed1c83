"""Own what every scene needs: a hub in a directory of its own, a look at processes, figures on standard output; no scene.

A scene is a program, `python -m tests.benchmarks.scenes.NAME '{"option": value}'`: each round begins with a fresh process.
"""

import gc
import json
import os
import resource
import sys
import tempfile
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import quantiles
from typing import Any

import anyio

from hub import Hub, Paths, Settings
from tests.benchmarks.build import BUILD

__all__ = ["Figure", "Scene", "directory", "hub_in", "p99", "play", "resident_bytes", "start_all"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One value: what of, whose, in which unit."""

    subject: str
    who: str
    unit: str
    value: float


Scene = Callable[[Mapping[str, Any]], Awaitable[list[Figure]]]


def play(scene: Scene) -> None:
    """Run a scene on the event loop that `hub up` takes, and print its figures as one line of JSON."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Two hundred modules have three pipes each.
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    figures = anyio.run(scene, json.loads(sys.argv[1]), backend_options={"use_uvloop": True})
    print(json.dumps([asdict(figure) for figure in figures]))


@contextmanager
def directory() -> Generator[Path]:
    """Give a directory that is gone afterwards; on the file system of build/bench, because plugins are linked from there."""
    with tempfile.TemporaryDirectory(prefix="scene-", dir=BUILD) as name:
        yield Path(name)


def hub_in(place: Path, settings: Settings | None = None) -> Hub:
    """Return a hub with the plugins of `place`, which keeps all of its own there too and approves everything."""
    given = Paths.from_environment(os.environ, plugins=[place / "plugins"])
    paths = replace(given, state=place / "state", data=place / "data", runtime=place / "run")
    return Hub(paths=paths, settings=settings, approve=lambda _request: True)


async def start_all(hub: Hub) -> None:
    """Start every module at once, and return when all run."""
    async with anyio.create_task_group() as starts:
        for name in hub.modules:
            starts.start_soon(hub.start, name)
    # As `hub up` does.
    gc.collect()
    gc.freeze()


def resident_bytes(which: str = "VmRSS") -> int:
    """Return the resident memory of this process, or its peak (`VmHWM`) since the last reset."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{which}:"))


def p99(values: list[float]) -> float:
    """Return the value that one in a hundred is above."""
    return quantiles(values, n=100, method="inclusive")[98] if len(values) > 1 else values[0]
