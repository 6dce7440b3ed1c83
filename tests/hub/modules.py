"""Own how tests of the host make plugins on disk and a hub around them; know nothing of what is tested."""

import sys
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

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


Handler = Callable[[ModuleEnd, dict[str, Any]], Coroutine[Any, Any, None]]


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


# What `serving` hands to handlers beside functions: all that nothing else was found for, and a reserved request.
_NO_FUNCTIONS = ("*", "module_cleanup")


def serving(
    handlers: Mapping[str, Handler],
    *,
    functions: list[dict[str, Any]] | None = None,
    info: Mapping[str, Any] | None = None,
    permissions: tuple[str, ...] = (),
) -> Program:
    """Return a program with these functions; each handler gets the request and answers it itself, in a task of its own."""

    async def program(module: ModuleEnd) -> int:
        asked = _ASKED[module] = _Asked()
        await module.introduce(
            functions or [function(name) for name in handlers if name not in _NO_FUNCTIONS], info=info, permissions=permissions
        )
        async with anyio.create_task_group() as tasks:
            while (message := await module.receive()) is not None:
                if "method" not in message:
                    asked.answers[message["id"]] = message
                    asked.came.set()
                    asked.came = anyio.Event()
                elif (handler := _handler_for(message["method"], handlers)) is not None:
                    tasks.start_soon(handler, module, message)
                elif message["method"] == "module_cleanup":
                    await module.answer(message, {})
            tasks.cancel_scope.cancel()
        return 0

    return program


def _handler_for(method: str, handlers: Mapping[str, Handler]) -> Handler | None:
    return handlers.get(method) or (None if method == "module_cleanup" else handlers.get("*"))


class _Asked:
    """What a module asked the hub, and what it was answered."""

    def __init__(self) -> None:
        self.last = 0
        self.answers: dict[str, dict[str, Any]] = {}
        self.came = anyio.Event()


_ASKED: WeakKeyDictionary[ModuleEnd, _Asked] = WeakKeyDictionary()


async def ask_hub(module: ModuleEnd, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Ask the hub from a program made by `serving`; return its result, or its error object."""
    asked = _ASKED[module]
    asked.last += 1
    number = f"m{asked.last}"
    await module.send({"id": number, "method": method, "params": dict(params)})
    while number not in asked.answers:
        await asked.came.wait()
    answer = asked.answers.pop(number)
    return answer.get("error") or {"result": answer["result"]}


async def asking(module: ModuleEnd, request: dict[str, Any]) -> None:
    """Ask the hub what the arguments say (`method`, `params`), inside this call, and answer with its answer."""
    asked = request["params"]
    await module.answer(request, await ask_hub(module, asked["method"], {"call_id": request["id"], **asked["params"]}))


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
