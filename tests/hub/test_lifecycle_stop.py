"""Own the proof that a stop ends every module at any step of its life, within its time, and that it is asked politely first."""

import json
import os
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

from hub import ApprovalRequest, Event, Hub, Settings
from hub._childprocess import StopDeadlines
from hub.errors import HubError
from hub.testing import MemorySpawner, ModuleEnd, Program
from tests.hub.modules import Watcher, bad_plugin, echoing, hub_of, memory_plugin, serving

_QUICK = Settings(cleanup_seconds=0.2, stop=StopDeadlines(0.2, 0.2, 1))
_WHO = {"name": "a", "version": "1.0.0", "license": "MIT", "authors": ["A. Person"]}


@asynccontextmanager
async def _real(tmp_path: Path, fault: str, settings: Settings = _QUICK) -> AsyncGenerator[tuple[Hub, Watcher]]:
    bad_plugin(tmp_path / "plugins", "bad", "stop", "--fault", fault)
    hub = hub_of(tmp_path / "plugins", settings=settings)
    watcher = Watcher(hub)
    async with hub:
        await hub.call("bad.echo")
        yield hub, watcher


@asynccontextmanager
async def _memory(tmp_path: Path, program: Program, **options: Any) -> AsyncGenerator[tuple[Hub, Watcher, MemorySpawner]]:
    memory_plugin(tmp_path / "plugins", "a")
    async with MemorySpawner({"a": program}) as spawn:
        hub = hub_of(tmp_path / "plugins", spawn=spawn, **options)
        watcher = Watcher(hub)
        async with hub:
            yield hub, watcher, spawn


@pytest.mark.process
@pytest.mark.parametrize(
    ("fault", "exit_status"),
    [
        ("hangs-in-cleanup", {"signal": "SIGTERM"}),
        ("refuses-cleanup", {"code": 0}),
        ("crashes-in-cleanup", {"signal": "SIGKILL"}),
        ("speaks-after-cleanup", {"code": 0}),
        ("exits-3-after-cleanup", {"code": 3}),
        ("ignores-end-of-input", {"signal": "SIGTERM"}),
        ("ignores-sigterm", {"signal": "SIGKILL"}),
        ("ignores-all", {"signal": "SIGKILL"}),
    ],
)
async def test_a_module_that_does_not_stop_is_stopped(tmp_path: Path, fault: str, exit_status: dict[str, Any]) -> None:
    """HUB-CLEAN-1, HUB-CLEAN-3, HUB-CLEAN-4."""
    async with _real(tmp_path, fault) as (hub, watcher):
        pid = hub.modules["bad"].pid
        assert pid is not None
        begun = time.monotonic()
        await hub.stop("bad")
        assert time.monotonic() - begun < 2
        assert (hub.modules["bad"].state, hub.modules["bad"].pid) == ("stopped", None)
        assert "got module_cleanup" in watcher.logged("bad")
        ended = watcher.of("module.stopped", "bad")[0].data["exit"]
        assert exit_status.items() <= ended.items()
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


@pytest.mark.process
@pytest.mark.bound(15, "the deadlines of the real ladder are what is tested")
@pytest.mark.parametrize("anyio_backend", ["asyncio"])  # seconds of waiting, and the short ladders above run on both
async def test_the_whole_ladder_of_a_module_that_ignores_everything_ends_within_ten_seconds(tmp_path: Path) -> None:
    async with _real(tmp_path, "ignores-all", Settings()) as (hub, watcher):
        begun = time.monotonic()
        await hub.stop("bad")
        assert 6 < time.monotonic() - begun < 10
        assert watcher.of("module.stopped", "bad")[0].data["exit"]["signal"] == "SIGKILL"


@pytest.mark.process
async def test_a_stopped_process_does_not_hold_the_hub_open(tmp_path: Path) -> None:
    bad_plugin(tmp_path / "plugins", "bad", "death", "--fault", "stops-itself")
    async with hub_of(tmp_path / "plugins", settings=_QUICK) as hub:
        with anyio.move_on_after(0.2):
            await hub.call("bad.fall")
        pid = hub.modules["bad"].pid
        assert pid is not None
        begun = time.monotonic()
    assert time.monotonic() - begun < 2
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.process
async def test_a_module_that_never_reads_does_not_hold_the_hub_open(tmp_path: Path) -> None:
    bad_plugin(tmp_path / "plugins", "bad", "flow", "--fault", "never-reads")
    async with hub_of(tmp_path / "plugins", settings=_QUICK) as hub:
        await hub.call("bad.misbehave")
        with pytest.raises(HubError):
            await hub.request("bad.echo", {"text": "x" * 2**20}, timeout_seconds=0.1)
        begun = time.monotonic()
    assert time.monotonic() - begun < 2


async def test_two_who_stop_a_module_at_once_clean_it_up_once(tmp_path: Path) -> None:
    cleanups: list[int] = []

    async def clean_up(module: ModuleEnd, request: dict[str, Any]) -> None:
        cleanups.append(request["id"])
        await anyio.lowlevel.checkpoint()
        await module.answer(request, {})

    async with _memory(tmp_path, serving({"echo": echoing, "module_cleanup": clean_up})) as (hub, watcher, _):
        await hub.start("a")
        async with anyio.create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(hub.stop, "a")
        await hub.stop("a")
    assert len(cleanups) == 1
    assert len(watcher.of("module.stopped")) == 1


async def test_a_stop_goes_on_when_who_asked_for_it_gives_up(tmp_path: Path) -> None:
    cleaning, go_on = anyio.Event(), anyio.Event()

    async def clean_up(module: ModuleEnd, request: dict[str, Any]) -> None:
        cleaning.set()
        await go_on.wait()
        await module.answer(request, {})

    async with _memory(tmp_path, serving({"echo": echoing, "module_cleanup": clean_up})) as (hub, watcher, _):
        await hub.start("a")
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(hub.stop, "a")
            await cleaning.wait()
            tasks.cancel_scope.cancel()
        assert hub.modules["a"].state == "stopping"
        go_on.set()
        assert (await watcher.wait("module.stopped")).data["exit"] == {"text": "exited with status 0", "code": 0}


def _stuck_at(method: str, reached: anyio.Event) -> Program:
    async def program(module: ModuleEnd) -> None:
        answers: dict[str, Any] = {"module_info": _WHO, "capabilities": {"functions": []}}
        while (request := await module.receive()) is not None:
            if request["method"] == method:
                reached.set()
            else:
                await module.answer(request, answers.get(request["method"], {}))

    return program


@pytest.mark.parametrize("method", ["module_info", "capabilities", "module_init"])
@pytest.mark.parametrize("how", ["stop", "close"])
async def test_a_module_is_stopped_at_any_step_of_its_start(tmp_path: Path, method: str, how: str) -> None:
    reached, errors = anyio.Event(), list[HubError]()

    async def start(hub: Hub) -> None:
        with pytest.raises(HubError) as raised:
            await hub.start("a")
        errors.append(raised.value)

    watchers: list[Watcher] = []
    async with (
        anyio.create_task_group() as tasks,
        _memory(tmp_path, _stuck_at(method, reached), settings=_QUICK) as (hub, watcher, _),
    ):
        watchers.append(watcher)
        tasks.start_soon(start, hub)
        await reached.wait()
        if how == "stop":
            await hub.stop("a")
            assert (hub.modules["a"].state, hub.modules["a"].pid) == ("stopped", None)
    assert [error.kind for error in errors] == ["not_running"]
    kinds = [event.kind for event in watchers[0].events if event.kind.startswith("module.")]
    assert kinds[-2:] == ["module.stopping", "module.stopped"]


@pytest.mark.parametrize("method", ["module_info", "capabilities", "module_init"])
async def test_a_stop_that_comes_in_the_same_moment_as_an_answer_wins(tmp_path: Path, method: str) -> None:
    async def program(module: ModuleEnd) -> None:
        answers: dict[str, Any] = {"module_info": _WHO, "capabilities": {"functions": []}}
        while (request := await module.receive()) is not None:
            answer = {"jsonrpc": "2.0", "id": request["id"], "result": answers.get(request["method"], {})}
            log = {"jsonrpc": "2.0", "method": "hub.log", "params": {"level": "info", "message": "stop me now"}}
            frames = [log, answer] if request["method"] == method else [answer]
            await module.write(b"".join(json.dumps(frame).encode() + b"\n" for frame in frames))

    memory_plugin(tmp_path / "plugins", "a")
    async with MemorySpawner({"a": program}) as spawn:
        hub = hub_of(tmp_path / "plugins", spawn=spawn)
        async with hub, anyio.create_task_group() as tasks:

            def stop_now(event: Event) -> None:
                if event.kind == "log":
                    tasks.start_soon(hub.stop, "a")

            hub.on_event(stop_now)
            with pytest.raises(HubError) as raised:
                await hub.start("a")
            assert raised.value.kind == "not_running"
        assert hub.modules["a"].state == "stopped"


@pytest.mark.parametrize("how", ["stop", "close"])
async def test_a_module_is_stopped_while_a_person_thinks_about_it(tmp_path: Path, how: str) -> None:
    asked, errors = anyio.Event(), list[HubError]()

    async def approve(_request: ApprovalRequest) -> bool:
        asked.set()
        await anyio.sleep_forever()
        return True

    async def start(hub: Hub) -> None:
        with pytest.raises(HubError) as raised:
            await hub.start("a")
        errors.append(raised.value)

    watchers: list[Watcher] = []
    async with (
        anyio.create_task_group() as tasks,
        _memory(tmp_path, serving({"echo": echoing}), approve=approve) as (hub, watcher, _),
    ):
        watchers.append(watcher)
        tasks.start_soon(start, hub)
        await asked.wait()
        if how == "stop":
            await hub.stop("a")
            assert hub.modules["a"].state == "stopped"
    assert [error.kind for error in errors] == ["not_running"]
    assert watchers[0].of("module.initialising") == []


async def test_a_call_that_comes_during_a_stop_starts_the_module_anew(tmp_path: Path) -> None:
    cleaning, go_on = anyio.Event(), anyio.Event()

    async def clean_up(module: ModuleEnd, request: dict[str, Any]) -> None:
        cleaning.set()
        await go_on.wait()
        await module.answer(request, {})

    async with _memory(tmp_path, serving({"echo": echoing, "module_cleanup": clean_up})) as (hub, watcher, spawn):
        await hub.start("a")
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(hub.stop, "a")
            await cleaning.wait()
            tasks.start_soon(hub.call, "a.echo")
            await anyio.wait_all_tasks_blocked()
            go_on.set()
        assert hub.modules["a"].state == "running"
        assert len(spawn.spawned) == 2
        kinds = [event.kind for event in watcher.events if event.kind in ("module.stopped", "module.starting")]
        assert kinds == ["module.starting", "module.stopped", "module.starting"]


@pytest.mark.parametrize("reason", ["enough", "the hub is closing"])
async def test_calls_under_way_end_with_the_stop_and_may_have_been_executed(tmp_path: Path, reason: str) -> None:
    inside, errors = anyio.Event(), list[HubError]()

    async def never(module: ModuleEnd, request: dict[str, Any]) -> None:
        inside.set()
        await anyio.sleep_forever()

    async def call(hub: Hub) -> None:
        with pytest.raises(HubError) as raised:
            await hub.call("a.never")
        errors.append(raised.value)

    async with anyio.create_task_group() as tasks, _memory(tmp_path, serving({"never": never})) as (hub, _, _):
        tasks.start_soon(call, hub)
        await inside.wait()
        if reason == "enough":
            await hub.stop("a", reason=reason)
    assert [(error.kind, error.data["may_have_executed"]) for error in errors] == [("module_died", True)]
    # It did not die by itself: there is no report of its death, and who looked for one would be told of an older one.
    assert (f"stopped during the call ({reason})" in errors[0].message, errors[0].hint) == (True, None)


async def test_stopping_what_does_not_run_does_nothing(tmp_path: Path) -> None:
    async with _memory(tmp_path, serving({"echo": echoing})) as (hub, watcher, _):
        await hub.stop("a")
        assert (hub.modules["a"].state, watcher.events) == ("discovered", [])
        with pytest.raises(HubError) as raised:
            await hub.stop("nobody")
        assert raised.value.kind == "not_found"
