"""Own the counting proofs: what a call, an idle module and a waiting caller cost the hub, in pieces and not in time."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import jsonschema_rs
import pytest

from hub import Hub
from hub.testing import MemorySpawner
from hub_protocol import _json
from tests.hub.modules import echoing, function, hub_of, memory_plugin, serving

_SCHEMA = {"properties": {"n": {"type": "integer"}}}


@asynccontextmanager
async def _hub(tmp_path: Path, names: tuple[str, ...] = ("a",)) -> AsyncGenerator[Hub]:
    declared = [function("echo", params=_SCHEMA, returns={"type": "object"}), function("unused", params=_SCHEMA)]
    for name in names:
        memory_plugin(tmp_path / "plugins", name)
    programs = {name: serving({"echo": echoing}, functions=declared) for name in names}
    async with MemorySpawner(programs) as spawn, hub_of(tmp_path / "plugins", spawn=spawn) as hub:
        for name in names:
            await hub.start(name)
        yield hub


def _counted(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> list[Any]:
    """Replace a function by itself and a list of what it was called with."""
    calls: list[Any] = []
    real = getattr(owner, name)

    def counting(*args: Any, **kwargs: Any) -> Any:
        calls.append(args[0] if args else None)
        return real(*args, **kwargs)

    monkeypatch.setattr(owner, name, counting)
    return calls


async def test_each_frame_is_parsed_once_and_each_request_encoded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with _hub(tmp_path) as hub:
        whole, part = _counted(monkeypatch, _json, "decode"), _counted(monkeypatch, _json, "decode_part")
        encoded = _counted(monkeypatch, _json, "encode")
        for number in range(50):
            await hub.call("a.echo", n=number)
        assert (len(whole) + len(part), len(encoded)) == (50, 50)


async def test_a_schema_is_compiled_at_the_first_call_of_its_function_and_never_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with _hub(tmp_path) as hub:
        compiled = _counted(monkeypatch, jsonschema_rs, "Draft202012Validator")
        for number in range(50):
            await hub.call("a.echo", n=number)
        # One for the arguments and one for the result; none for the function that nobody calls.
        assert len(compiled) == 2


async def test_idle_modules_keep_no_task_of_a_call_and_their_number_of_tasks_is_fixed(tmp_path: Path) -> None:
    names = tuple(f"m{number}" for number in range(10))
    tasks: list[int] = []
    for count in (1, 10):
        async with _hub(tmp_path / str(count), names[:count]) as hub:
            await anyio.wait_all_tasks_blocked()
            before = len(anyio.get_running_tasks())
            for name in names[:count]:
                await hub.call(f"{name}.echo", n=1)
            await anyio.wait_all_tasks_blocked()
            # A call leaves nothing behind.
            assert len(anyio.get_running_tasks()) == before
            tasks.append(before)
    each = (tasks[1] - tasks[0]) / 9
    # The life of the process, its output, its input, its standard error and the watch on that; and the program itself.
    assert each <= 7


@pytest.mark.parametrize("anyio_backend", ["asyncio"])  # the only one of the two that shows its timers
async def test_idle_modules_have_no_timers_of_the_event_loop(tmp_path: Path) -> None:
    names = tuple(f"m{number}" for number in range(10))
    timers: list[int] = []
    for count in (1, 10):
        async with _hub(tmp_path / str(count), names[:count]) as hub:
            for name in names[:count]:
                await hub.call(f"{name}.echo", n=1)
            await anyio.wait_all_tasks_blocked()
            scheduled: list[asyncio.TimerHandle] = getattr(asyncio.get_running_loop(), "_scheduled")  # noqa: B009 - it is not public
            timers.append(sum(not handle.cancelled() for handle in scheduled))
    assert timers[0] == timers[1]


async def test_a_call_under_way_needs_no_task_of_the_hub(tmp_path: Path) -> None:
    async def never(*_args: Any) -> None:
        await anyio.sleep_forever()

    memory_plugin(tmp_path / "plugins", "a")
    async with (
        MemorySpawner({"a": serving({"never": never})}) as spawn,
        hub_of(tmp_path / "plugins", spawn=spawn) as hub,
    ):
        await hub.start("a")
        await anyio.wait_all_tasks_blocked()
        before = len(anyio.get_running_tasks())
        async with anyio.create_task_group() as tasks:
            for _ in range(50):
                tasks.start_soon(hub.call, "a.never")
            while not _under_way(hub, 50):
                await anyio.lowlevel.checkpoint()
            await anyio.wait_all_tasks_blocked()
            # The callers' own tasks, and those in which the program pretends to work.
            assert len(anyio.get_running_tasks()) <= before + 100
            tasks.cancel_scope.cancel()


def _under_way(hub: Hub, count: int) -> bool:
    loaded = hub._loaded["a"]  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001 - what is under way is not public
    return loaded.slots.in_flight == count
