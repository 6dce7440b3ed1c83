"""Own how a hub is joined to what keeps it from leaving anything behind: limits from manifests in, events out; no decisions."""

from collections.abc import Callable
from pathlib import Path

from hub._childprocess import Spawner
from hub._keeper import Keeper
from hub._manifest import Manifest
from hub._rlimits import Walls
from hub._strays import StrayReport
from hub._sweep import SweepReport
from hub.events import Event

__all__ = ["keeper_of", "tell_swept"]

# As many as a process has by default on most systems: a module that needs more says nothing about it in any manifest yet.
_OPEN_FILES = 1024
# A fork bomb ends here; a build tool or a browser that a module starts does not come near.
_MORE_TASKS = 4096


def keeper_of(
    directory: Path,
    spawn: Spawner,
    emit: Callable[[Event], None],
    manifest_of: Callable[[str], Manifest | None],
    *,
    adopts: bool,
) -> Keeper:
    """Return the keeper of a hub; what it finds becomes events."""

    def walls(name: str) -> Walls:
        manifest = manifest_of(name)
        budget = manifest.limits.memory_bytes if manifest is not None else None
        return Walls(memory_budget_bytes=budget, open_files=_OPEN_FILES, more_tasks=_MORE_TASKS)

    def on_strays(name: str, report: StrayReport) -> None:
        killed = [stray.pid for stray in report.killed]
        emit(Event("module.strays", name, {"killed": killed, "complete": report.complete}))
        gone = ", ".join(f"{stray.name} ({stray.pid})" for stray in report.killed)
        emit(Event("module.warning", name, {"message": f"left processes outside its session, which were killed: {gone}"}))

    def on_trouble(words: str) -> None:
        emit(Event("hub.warning", None, {"message": words}))

    return Keeper(directory, spawn, walls=walls, on_strays=on_strays, on_trouble=on_trouble, adopts=adopts)


def tell_swept(report: SweepReport, emit: Callable[[Event], None]) -> None:
    """Say what a hub that was killed had left running."""
    if report.modules:
        message = f"ended what a hub that was killed had left running: {', '.join(report.modules)}"
        emit(Event("hub.warning", None, {"message": message}))
