"""Own the modules that tests of supervision start: each of their lives plays one part; know nothing of what is tested."""

import signal
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import pytest

from hub import Hub, Settings
from hub._module import LoadedModule
from hub._restart import RestartLimits
from hub.errors import HubError
from hub.testing import MemorySpawner, ModuleEnd, Program
from tests.hub.children import SHORT
from tests.hub.modules import Watcher, asking, echoing, function, hub_of, memory_plugin, serving

__all__ = [
    "AT_ONCE",
    "HELD",
    "IDEMPOTENT",
    "Clock",
    "Lives",
    "Stage",
    "abuses",
    "dies_in_init",
    "disables",
    "error_of",
    "exits",
    "loaded",
    "refuses_info",
    "refuses_init",
    "running",
    "silent_init",
    "stage",
]

# No test waits for a delay: either it is none, or it would outlast the test, which ends it in another way.
AT_ONCE = Settings(restart=RestartLimits(first_delay_seconds=0.0), stop=SHORT)
HELD = Settings(restart=RestartLimits(first_delay_seconds=1000.0, longest_delay_seconds=1000.0), stop=SHORT)

IDEMPOTENT: Mapping[str, Any] = {"hints": {"idempotent": True}}


class _Exit(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Clock:
    """The real clock, and hours that pass when a test says so."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead


def running(handlers: Mapping[str, Any] | None = None, **options: Any) -> Program:
    """Play a module that runs: `echo`, `exit` with a `status`, `hang` for ever, `ask` the hub."""

    async def leave(_module: ModuleEnd, request: dict[str, Any]) -> None:
        raise _Exit(request["params"].get("status", 1))

    async def hang(_module: ModuleEnd, _request: dict[str, Any]) -> None:
        await anyio.sleep_forever()

    async def ping(module: ModuleEnd, request: dict[str, Any]) -> None:
        await module.answer(request, {})

    known = {"echo": echoing, "exit": leave, "hang": hang, "ask": asking, **(handlers or {})}
    declared = options.pop("functions", None) or [function(name) for name in known if name not in ("*", "ping")]
    inner = serving({"ping": ping, **known}, functions=declared, **options)

    async def program(module: ModuleEnd) -> int | None:
        status: int | None = 0
        try:
            status = await inner(module)
        except* _Exit as left:
            found: BaseException = left
            while isinstance(found, BaseExceptionGroup):
                found = found.exceptions[0]
            assert isinstance(found, _Exit)
            status = found.status
        return status

    return program


def exits(status: int) -> Program:
    """Play a program that ends at once."""

    async def program(_module: ModuleEnd) -> int:
        return status

    return program


async def refuses_info(module: ModuleEnd) -> None:
    """Play a module that does not say who it is."""
    while (request := await module.receive()) is not None:
        await module.refuse(request, -32603, "not today")


def _until_init(then: Callable[[ModuleEnd, dict[str, Any]], Coroutine[Any, Any, int | None]]) -> Program:
    async def program(module: ModuleEnd) -> int | None:
        who = {"name": module.spec.name, "version": "1.0.0", "license": "MIT", "authors": ["A. Person <a@example.org>"]}
        known = {"module_info": who, "capabilities": {"functions": [function("echo")]}}
        while (request := await module.receive()) is not None:
            if request["method"] in known:
                await module.answer(request, known[request["method"]])
            else:
                return await then(module, request)
        return 0

    return program


def dies_in_init(status: int) -> Program:
    """Play a module that ends when it is initialised."""

    async def die(_module: ModuleEnd, _request: dict[str, Any]) -> int:
        return status

    return _until_init(die)


def refuses_init(message: str = "no licence key") -> Program:
    """Play a module that answers `module_init` with an error, and stays until it is ended."""

    async def refuse(module: ModuleEnd, request: dict[str, Any]) -> None:
        await module.refuse(request, 5, message)
        await module.receive()

    return _until_init(refuse)


def disables() -> Program:
    """Play a module that says that it must not run here."""

    async def answer(module: ModuleEnd, request: dict[str, Any]) -> None:
        await module.answer(request, {"disable": "there is no such hardware here"})
        await module.receive()

    return _until_init(answer)


def silent_init(reached: anyio.Event) -> Program:
    """Play a module that never answers `module_init`."""

    async def stay(_module: ModuleEnd, _request: dict[str, Any]) -> None:
        reached.set()
        await anyio.sleep_forever()

    return _until_init(stay)


def abuses(where: str) -> Program:
    """Play a module that floods its standard output with what is no frame: in the `handshake` or in `init`."""

    async def flood(module: ModuleEnd, _request: Any = None) -> None:
        await module.write(b"hello\n" * 200)
        await anyio.sleep_forever()

    return flood if where == "handshake" else _until_init(flood)


class Lives:
    """Plays one program after another, one for each process; the last one for all that follow."""

    def __init__(self, *programs: Program) -> None:
        self._programs = list(programs)
        self.count = 0

    async def __call__(self, module: ModuleEnd) -> int | None:
        program = self._programs[min(self.count, len(self._programs) - 1)]
        self.count += 1
        return await program(module)


@dataclass
class Stage:
    """A hub with its modules, open."""

    hub: Hub
    watcher: Watcher
    spawn: MemorySpawner

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Kill a module's process from outside."""
        self.spawn.processes[name].kill(number)

    def kinds(self, name: str) -> list[str]:
        """Return the kinds of a module's events so far, without what it logs."""
        told = [event for event in self.watcher.events if event.module == name and event.kind.startswith(("module", "depend"))]
        return [event.kind for event in told if event.kind not in _STEPS]


# What every start goes through.
_STEPS = ("module.introduced", "module.approved", "module.initialising", "module.warning")


@asynccontextmanager
async def stage(
    tmp_path: Path, programs: Mapping[str, Program], *, manifests: Mapping[str, str] | None = None, **options: Any
) -> AsyncGenerator[Stage]:
    """Yield an open hub with these modules; by default failures are followed by a restart at once."""
    for name in programs:
        memory_plugin(tmp_path / "plugins", name, (manifests or {}).get(name, ""))
    async with MemorySpawner(programs) as spawn:
        given: dict[str, Any] = {"spawn": spawn, "settings": AT_ONCE, "random": _middle, **options}
        hub = hub_of(tmp_path / "plugins", **given)
        watcher = Watcher(hub)
        async with hub:
            yield Stage(hub, watcher, spawn)


def _middle() -> float:
    return 0.5  # no jitter


def loaded(hub: Hub, name: str) -> LoadedModule:
    """Return the module behind its handle, for what applications cannot ask for."""
    return hub.loaded[name]


async def error_of(hub: Hub, address: str, params: dict[str, Any] | None = None, *, seconds: float | None = None) -> HubError:
    """Call, and return the error that it ends with."""
    with pytest.raises(HubError) as raised:
        await hub.request(address, params or {}, timeout_seconds=seconds)
    return raised.value
