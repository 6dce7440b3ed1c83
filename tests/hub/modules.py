"""Own how tests of the host make plugins on disk and a hub around them; know nothing of what is tested."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import anyio

from hub import ApprovalRequest, Event, Hub
from hub._gate import Approve
from hub.testing import ModuleEnd, Program

__all__ = [
    "BAD_PLUGINS",
    "Watcher",
    "approve_everything",
    "bad_plugin",
    "echoing",
    "function",
    "hub_of",
    "memory_plugin",
    "serving",
]

BAD_PLUGINS = Path(__file__).resolve().parents[1] / "badplugins"

# Neither `site` nor the environment: a child of the test starts in 10 ms and finds its neighbours in its own directory.
_PYTHON = (sys.executable, "-S", "-E")


def approve_everything(_request: ApprovalRequest) -> bool:
    """Say yes."""
    return True


def memory_plugin(plugins: Path, name: str, manifest: str = "") -> Path:
    """Write a plugin that a `MemorySpawner` starts; `manifest` is what plugin.toml says beside the command."""
    directory = plugins / name
    directory.mkdir(parents=True)
    (directory / "plugin.toml").write_text(f'command = ["./{name}"]\n{manifest}')
    return directory


def bad_plugin(plugins: Path, name: str, program: str, *arguments: str, manifest: str = "") -> Path:
    """Write a plugin that runs `tests/badplugins/<program>.py` with `arguments`."""
    directory = plugins / name
    directory.mkdir(parents=True)
    command = [*_PYTHON, str(BAD_PLUGINS / f"{program}.py"), "--name", name, *arguments]
    (directory / "plugin.toml").write_text(f"command = {command!r}\n{manifest}")
    return directory


def hub_of(plugins: Path, *, approve: Approve | None = approve_everything, **options: Any) -> Hub:
    """Return a hub, not yet open, that approves everything."""
    plugins.mkdir(exist_ok=True)
    return Hub(plugins, approve=approve, **options)


def function(name: str, *, params: Mapping[str, Any] | None = None, **members: Any) -> dict[str, Any]:
    """Return the declaration of a function; without `params` it takes anything."""
    return {"name": name, "params": {"type": "object", **(params or {})}, **members}


def serving(
    handlers: Mapping[str, Callable[[ModuleEnd, dict[str, Any]], Any]],
    *,
    functions: list[dict[str, Any]] | None = None,
    info: Mapping[str, Any] | None = None,
    permissions: tuple[str, ...] = (),
) -> Program:
    """Return a program with these functions; each handler gets the request and answers it itself, in a task of its own."""

    async def program(module: ModuleEnd) -> int:
        await module.introduce(functions or [function(name) for name in handlers], info=info, permissions=permissions)
        async with anyio.create_task_group() as tasks:
            while (message := await module.receive()) is not None:
                if message.get("method") == "module_cleanup":
                    await module.answer(message, {})
                elif message.get("method") in handlers:
                    tasks.start_soon(handlers[message["method"]], module, message)
                elif "*" in handlers:
                    tasks.start_soon(handlers["*"], module, message)
            tasks.cancel_scope.cancel()
        return 0

    return program


async def echoing(module: ModuleEnd, request: dict[str, Any]) -> None:
    """Answer with the arguments."""
    await module.answer(request, request["params"])


class Watcher:
    """Keeps every event of a hub, and waits for one; made before the hub opens."""

    def __init__(self, hub: Hub) -> None:
        self.events: list[Event] = []
        self._came = anyio.Event()
        hub.on_event(self._put)

    def _put(self, event: Event) -> None:
        self.events.append(event)
        self._came.set()
        self._came = anyio.Event()

    def of(self, kind: str, module: str | None = None) -> list[Event]:
        """Return the events of a kind so far."""
        return [event for event in self.events if event.kind == kind and module in (None, event.module)]

    def logged(self, module: str | None = None) -> list[str]:
        """Return the messages of the log so far."""
        return [event.data["message"] for event in self.of("log", module)]

    async def wait(self, kind: str, module: str | None = None, *, count: int = 1) -> Event:
        """Return the `count`th event of a kind, waiting for it."""
        while len(found := self.of(kind, module)) < count:
            await self._came.wait()
        return found[count - 1]

    async def wait_for_log(self, text: str, module: str | None = None) -> None:
        """Wait until a line of the log is, or holds, `text`."""
        while not any(text in line for line in self.logged(module)):
            await self._came.wait()
