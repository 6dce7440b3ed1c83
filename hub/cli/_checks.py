"""Own what `hub doctor` finds out about this machine: each check is one finding; start, change and print nothing."""

import os
import platform
import resource
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hub import __version__
from hub.errors import HubError

if TYPE_CHECKING:
    from hub import Hub

__all__ = ["ERROR", "INFO", "OK", "WARNING", "Finding", "findings"]

OK: Final = "ok"
INFO: Final = "info"
WARNING: Final = "warning"
ERROR: Final = "error"

_MINIMUM_PYTHON: Final = (3, 11)
# What builds plugins; a machine that only runs them needs none of it but what their manifests name.
_TOOLS: Final = ("sh", "python3", "node", "go", "cargo")
# Linux 6.9 signals a whole process group by descriptor.
_GROUP_BY_DESCRIPTOR: Final = (6, 9)


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: `status` is `ok`, `info`, `warning`, or `error` where the hub cannot work like this."""

    name: str
    status: str
    detail: str
    hint: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return what `--json` prints of it."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def findings(hub: "Hub") -> Iterator[Finding]:
    """Return all findings, in the order in which a person wants to read them."""
    yield Finding("hub", OK, __version__)
    yield _python()
    yield _platform()
    yield from _walls()
    yield from _directories(hub)
    yield from _plugins(hub)
    yield from _approvals(hub)
    for tool in _TOOLS:
        found = shutil.which(tool, path=hub.paths.search_path)
        yield Finding(f"tool {tool}", INFO, found or "not found; needed only for plugins that are written in it")


def _python() -> Finding:
    version = platform.python_version()
    if sys.version_info < _MINIMUM_PYTHON:
        return Finding("python", ERROR, f"{version}: too old", hint="install Python 3.11 or newer")
    return Finding("python", OK, f"{version} ({sys.executable})")


def _platform() -> Finding:
    detail = f"{platform.system()} {platform.release()} {platform.machine()}"
    if os.name != "posix":
        return Finding("platform", ERROR, f"{detail}: not supported", hint="run the hub on Linux or another POSIX system")
    if sys.platform != "linux":
        return Finding("platform", WARNING, f"{detail}: not tested", hint="Linux is what the hub is tested on")
    return Finding("platform", OK, detail)


def _walls() -> Iterator[Finding]:
    """Return what this version of the hub does, and does not do, to hold modules; no more than is true."""
    yield Finding(
        "wall: process group", OK, "each module leads a session and group of its own, which is killed whole at its end"
    )
    yield _descriptors()
    yield Finding(
        "wall: environment",
        OK,
        "a module sees a short list of variables and what its manifest names, not the hub's environment",
    )
    yield Finding(
        "wall: approval", OK, "nothing is initialised or called before its exact content was approved; checked at each start"
    )
    yield from _after_death()
    absent = "not enforced by this version: "
    yield Finding("wall: cpu", INFO, f"{absent}a module may use as much as you may")
    yield Finding("wall: files, network", INFO, f"{absent}a module runs as you, and reaches all that you reach")


def _after_death() -> Iterator[Finding]:
    """Return what holds when the hub is killed, when a process leaves its session, and when it wants too much memory."""
    by_mark = Path("/proc/self/environ").exists()
    if not Path("/bin/sh").exists():
        yield Finding("wall: death of the hub", INFO, "not here: without /bin/sh, a module has to end at the end of its input")
    elif by_mark:
        yield Finding(
            "wall: death of the hub",
            OK,
            "when the hub is killed, a guardian ends every module and all that carries its mark in the environment",
        )
    else:
        yield Finding("wall: death of the hub", OK, "when the hub is killed, a guardian ends the process group of every module")
    if by_mark:
        yield Finding(
            "wall: stray descendants",
            OK,
            "what leaves its module's session is found by its mark and ended; without that it ends with `hub`",
        )
    else:
        yield Finding("wall: stray descendants", INFO, "not here: without /proc, a process that leaves its session outlives it")
    if hasattr(resource, "prlimit"):
        detail = "a module with [limits] memory_bytes gets a wall at twice that and 256 MiB; core dumps are off"
        yield Finding("wall: memory", OK, detail)
    else:
        yield Finding("wall: memory", INFO, "not here: this system cannot limit a process from outside")


def _descriptors() -> Finding:
    name = "wall: process descriptors"
    try:
        os.close(os.pidfd_open(os.getpid()))
    except (AttributeError, OSError):
        return Finding(name, INFO, "not here: the end of a module is noticed by asking, up to 50 ms late")
    release = platform.release().split("-")[0].split(".")[:2]
    newer = tuple(int(part) if part.isdigit() else 0 for part in release) >= _GROUP_BY_DESCRIPTOR
    how = "by descriptor" if newer else "by number (by descriptor from Linux 6.9 on)"
    return Finding(name, OK, f"the end of a module is noticed at once; its group is signalled {how}")


def _directories(hub: "Hub") -> Iterator[Finding]:
    for name in ("state", "data", "runtime"):
        path: Path = getattr(hub.paths, name)
        why = _why_not_writable(path)
        if why is None:
            yield Finding(f"{name} directory", OK, str(path))
        else:
            hint = f"repair it, or set XDG_{'RUNTIME_DIR' if name == 'runtime' else f'{name.upper()}_HOME'}"
            yield Finding(f"{name} directory", ERROR, f"{path}: {why}", hint)


def _why_not_writable(path: Path) -> str | None:
    """Return why `path` could not be written to, or made where it is not there yet."""
    there = next((place for place in (path, *path.parents) if place.exists()), None)
    if there is None or not there.is_dir():
        return f"{there or path} is no directory"
    if not os.access(there, os.W_OK | os.X_OK):
        return f"{there} is not writable"
    if there == path and path.stat().st_uid != os.geteuid():
        return "it belongs to another user"
    return None


def _plugins(hub: "Hub") -> Iterator[Finding]:
    registry = hub.registry
    for problem in registry.problems:
        yield Finding("plugins directory", ERROR, problem.message, problem.hint)
    places = ", ".join(str(directory) for directory in registry.directories)
    if not registry.problems:
        yield Finding("plugins directory", OK, f"{places}: {len(registry.plugins)} plugins, {len(registry.broken)} broken")
    for name, error in registry.broken.items():
        yield Finding(f"plugin {name}", WARNING, error.message, error.hint)


def _approvals(hub: "Hub") -> Iterator[Finding]:
    store = hub.gate.store
    try:
        names = store.names()
    except HubError as error:
        yield Finding("approvals", ERROR, error.message, error.hint)
        return
    for name in names:
        try:
            store.get(name)
        except HubError as error:
            yield Finding(f"approval of {name}", ERROR, error.message, error.hint)
    yield Finding("approvals", OK, f"{len(names)} in {hub.paths.approvals}")
