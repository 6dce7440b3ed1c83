"""Own the proof that a wedged module is found and nobody else is blamed, and that an idle one is stopped and comes back."""

import os
import signal
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

from hub import Settings
from hub._liveness import PingLimits
from hub.testing import ModuleEnd, Program
from tests.hub.children import SHORT
from tests.hub.families import until
from tests.hub.modules import Watcher, ask_hub, bad_plugin, hub_of
from tests.hub.supervised import AT_ONCE, Clock, Lives, Stage, error_of, running, stage

_PING = PingLimits(0.05, 3)
_SETTINGS = Settings(ping=_PING, restart=AT_ONCE.restart, stop=SHORT)
_CONCURRENT = {"features": ["concurrent"]}


async def _silence(_module: ModuleEnd, _request: dict[str, Any]) -> None:
    """Answer nothing."""


async def _pass(seconds: float) -> None:
    """Let time pass, where the time is the subject."""
    with anyio.move_on_after(seconds):
        await anyio.sleep_forever()


def _hold_up_the_loop(seconds: float) -> None:
    until_then = time.monotonic() + seconds
    while time.monotonic() < until_then:
        pass


class _Pings:
    """Answers pings, and counts them."""

    def __init__(self) -> None:
        self.count = 0
        self._came = anyio.Event()

    async def __call__(self, module: ModuleEnd, request: dict[str, Any]) -> None:
        await module.answer(request, {})
        self.count += 1
        self._came.set()
        self._came = anyio.Event()

    async def more(self, count: int) -> None:
        """Return after so many more."""
        wanted = self.count + count
        while self.count < wanted:
            await self._came.wait()


@pytest.mark.process
@pytest.mark.parametrize("fault", ["stops-itself", "busy-loop"])
async def test_a_module_that_does_nothing_any_more_is_ended_and_started_again(tmp_path: Path, fault: str) -> None:
    """HUB-PING-1."""
    bad_plugin(tmp_path / "plugins", "bad", "death", "--fault", fault, "--features", "concurrent")
    hub = hub_of(tmp_path / "plugins", settings=_SETTINGS)
    watcher = Watcher(hub)
    async with hub:
        await hub.start("bad")
        begun = time.monotonic()
        error = await error_of(hub, "bad.fall")
        assert (error.kind, error.data["may_have_executed"]) == ("module_died", True)
        assert error.data["cause"]["data"]["verdict"] == "wedged"
        assert 2 * _PING.interval_seconds < time.monotonic() - begun < 2
        assert await hub.call("bad.echo", x=1) == {"x": 1}
        assert [event.data["verdict"] for event in watcher.of("module.backing-off")] == ["wedged"]


async def test_a_serial_module_is_not_blamed_while_it_works_and_is_asked_again_when_it_is_done(tmp_path: Path) -> None:
    """HUB-PING-1."""
    pings, go = _Pings(), anyio.Event()

    async def work(module: ModuleEnd, request: dict[str, Any]) -> None:
        before = pings.count
        await _pass(4 * _PING.interval_seconds)
        await module.answer(request, pings.count - before)

    async with stage(tmp_path, {"a": running({"ping": pings, "work": work})}, settings=_SETTINGS) as on:
        await on.hub.start("a")
        await pings.more(1)
        assert await on.hub.call("a.work") <= 1  # one may have been on its way
        await pings.more(2)
        go.set()
        assert len(on.watcher.of("module.starting")) == 1


async def test_a_concurrent_module_is_asked_while_it_works_and_may_not_be_silent(tmp_path: Path) -> None:
    """HUB-PING-1."""
    lives = Lives(running({"ping": _silence}, info=_CONCURRENT), running())
    async with stage(tmp_path, {"a": lives}, settings=_SETTINGS) as on:
        error = await error_of(on.hub, "a.hang")
        assert error.data["cause"]["data"]["verdict"] == "wedged"


@pytest.mark.parametrize("answer", ["refuses", "answers nonsense"])
async def test_any_answer_to_a_ping_is_an_answer(tmp_path: Path, answer: str) -> None:
    pings = _Pings()

    async def ping(module: ModuleEnd, request: dict[str, Any]) -> None:
        if answer == "refuses":
            await module.refuse(request, -32601, "what is a ping?")
            pings.count += 1
        else:
            await module.answer(request, [1, {"two": 3}])
            pings.count += 1

    async with stage(tmp_path, {"a": running({"ping": ping})}, settings=_SETTINGS) as on:
        await on.hub.start("a")
        await until(lambda: pings.count >= 5)
        assert on.hub.modules["a"].state == "running"


async def test_time_that_the_hub_itself_was_busy_is_not_the_modules_fault(tmp_path: Path) -> None:
    """The loop is held up for longer than all misses together, again and again; a real module answers meanwhile."""
    bad_plugin(tmp_path / "plugins", "good", "neighbour")
    settings = Settings(ping=PingLimits(0.02, 2), restart=AT_ONCE.restart)
    hub = hub_of(tmp_path / "plugins", settings=settings)
    watcher = Watcher(hub)
    async with hub:
        pid = (await hub.start("good")).pid
        for _ in range(10):
            _hold_up_the_loop(0.1)
            for _ in range(5):
                await anyio.lowlevel.checkpoint()
        assert hub.modules["good"].pid == pid
        assert await hub.call("good.pid") == pid
    assert watcher.of("module.backing-off") == []


async def test_a_module_that_was_stopped_for_a_moment_is_forgiven(tmp_path: Path) -> None:
    bad_plugin(tmp_path / "plugins", "good", "neighbour")
    hub = hub_of(tmp_path / "plugins", settings=Settings(ping=PingLimits(0.1, 4)))
    async with hub:
        pid = (await hub.start("good")).pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        await _pass(0.15)
        os.kill(pid, signal.SIGCONT)
        await _pass(0.5)
        assert await hub.call("good.pid") == pid


async def test_whatever_a_module_writes_is_a_sign_of_life(tmp_path: Path) -> None:
    written = 0

    async def chatter(module: ModuleEnd, request: dict[str, Any]) -> None:
        nonlocal written
        await module.answer(request, None)
        while True:
            await _pass(_PING.interval_seconds / 4)
            await module.send({"method": "hub.log", "params": {"level": "info", "message": "alive"}})
            written += 1

    program = running({"ping": _silence, "chatter": chatter}, info=_CONCURRENT)
    async with stage(tmp_path, {"a": program}, settings=_SETTINGS) as on:
        await on.hub.call("a.chatter")
        await until(lambda: written >= 25)
        assert on.hub.modules["a"].state == "running"


@pytest.mark.process
async def test_a_module_that_does_not_read_what_waits_for_it_is_wedged_too(tmp_path: Path) -> None:
    bad_plugin(tmp_path / "plugins", "bad", "flow", "--fault", "never-reads", "--features", "concurrent")
    settings = Settings(ping=_PING, restart=AT_ONCE.restart, max_frame_bytes=256 * 1024)
    hub = hub_of(tmp_path / "plugins", settings=settings)
    watcher = Watcher(hub)
    async with hub:
        assert await hub.call("bad.misbehave") == "from now on"
        kinds: list[str] = []

        async def call() -> None:
            kinds.append((await error_of(hub, "bad.echo", {"text": "x" * 200_000})).kind)

        async with anyio.create_task_group() as tasks:
            for _ in range(6):
                tasks.start_soon(call)
        assert set(kinds) == {"module_died", "write_blocked"}
        backing_off = await watcher.wait("module.backing-off", "bad")
        assert backing_off.data["verdict"] == "wedged"


# Idle

_IDLE = "[restart]\nidle_stop_seconds = 60\n"


async def test_an_idle_module_is_stopped_and_the_next_call_starts_it_again(tmp_path: Path) -> None:
    manifests = {"a": "[restart]\nidle_stop_seconds = 1\n"}
    async with stage(tmp_path, {"a": running()}, manifests=manifests) as on:
        await on.hub.call("a.echo")
        stopping = await on.watcher.wait("module.stopping", "a")
        assert stopping.data["reason"] == "it was idle"
        await on.watcher.wait("module.stopped", "a")
        await anyio.wait_all_tasks_blocked()
        assert on.hub.modules["a"].state == "stopped"
        assert await on.hub.call("a.echo", x=1) == {"x": 1}
        assert len(on.watcher.of("module.starting")) == 2


@asynccontextmanager
async def _with_an_idle_one(tmp_path: Path, programs: Mapping[str, Program], more: str = "") -> AsyncGenerator[Stage]:
    """Yield a hub with `a` and `idle`, which may be idle for a minute; at the end two have passed, and `idle` was stopped."""
    clock = Clock()
    manifests = {"a": _IDLE + more, "idle": _IDLE}
    async with stage(tmp_path, {"idle": running(), **programs}, manifests=manifests, clock=clock) as on:
        await on.hub.start("idle")
        yield on
        # A deadline makes the hub look at its clock; the clock jumps before that.
        async with anyio.create_task_group() as looks:
            looks.start_soon(lambda: error_of(on.hub, "busy.hang", seconds=0.4))
            await anyio.wait_all_tasks_blocked()
            clock.ahead += 120
        await on.watcher.wait("module.stopped", "idle")
        assert on.kinds("a") == ["module.starting", "module.running"]


async def test_a_module_with_a_call_under_way_is_not_idle(tmp_path: Path) -> None:
    programs = {"a": running(), "busy": running()}
    async with anyio.create_task_group() as tasks:
        async with _with_an_idle_one(tmp_path, programs, "[limits]\ncall_seconds = 3000\n") as on:
            await on.hub.start("busy")
            tasks.start_soon(error_of, on.hub, "a.hang")
            await on.watcher.wait("module.running", "a")
            await anyio.wait_all_tasks_blocked()
        tasks.cancel_scope.cancel()


async def test_a_module_that_a_running_one_requires_is_not_idle(tmp_path: Path) -> None:
    programs = {"a": running(), "busy": running(info={"required_modules": {"a": "*"}})}
    async with _with_an_idle_one(tmp_path, programs) as on:
        await on.hub.start("busy")


async def test_a_module_that_becomes_idle_while_the_hub_closes_disturbs_nothing(tmp_path: Path) -> None:
    clock = Clock()

    async def dawdle(module: ModuleEnd, request: dict[str, Any]) -> None:
        # Its own host call has a deadline, at which the hub looks at its clock; the clock jumps before that.
        async with anyio.create_task_group() as tasks:
            asked = {"call_id": request["id"], "function": "other.hang", "timeout_ms": 400}
            tasks.start_soon(ask_hub, module, "hub.call", asked)
            await anyio.wait_all_tasks_blocked()
            clock.ahead += 61
        await module.answer(request, {})

    info = {"features": ["host_services"], "required_modules": {"other": "*"}}
    above = running({"module_cleanup": dawdle}, functions=[{"name": "echo"}], info=info)
    manifests = {"a": _IDLE + '[required_modules]\nother = "*"\n[limits]\ncleanup_seconds = 4\n'}
    async with stage(tmp_path, {"a": above, "other": running()}, manifests=manifests, clock=clock) as on:
        await on.hub.start("a")
    assert on.watcher.of("module.stopping", "a")[0].data["reason"] == "the hub is closing"
