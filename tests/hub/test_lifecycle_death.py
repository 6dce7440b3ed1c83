"""Own the proof that a module may die in its calls: each caller is told what happened, and nobody else notices."""

import os
import re
import signal
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import anyio
import pytest

from hub import Hub
from hub.errors import HubError
from tests.hub.modules import Watcher, bad_plugin, hub_of

pytestmark = pytest.mark.process

# What follows from a death is the supervisor's subject; here it is the death itself.
_NEVER = '[restart]\npolicy = "never"\n'


@asynccontextmanager
async def _hub(tmp_path: Path, program: str, *arguments: str) -> AsyncGenerator[tuple[Hub, Watcher]]:
    bad_plugin(tmp_path / "plugins", "good", "neighbour")
    bad_plugin(tmp_path / "plugins", "bad", program, *arguments, manifest=_NEVER)
    hub = hub_of(tmp_path / "plugins")
    watcher = Watcher(hub)
    async with hub:
        await hub.call("good.echo")
        await hub.start("bad")
        pid = hub.modules["good"].pid
        yield hub, watcher
        assert await hub.call("good.pid") == pid


async def _error_of(hub: Hub, address: str, params: dict[str, Any] | None = None, *, seconds: float | None = None) -> HubError:
    with pytest.raises(HubError) as raised:
        await hub.request(address, params or {}, timeout_seconds=seconds)
    return raised.value


@pytest.mark.parametrize(
    ("fault", "words", "status"),
    [
        ("exit-0", "exited with status 0", {"code": 0}),
        ("exit-3", "exited with status 3", {"code": 3}),
        ("kill", "killed by SIGKILL", {"signal": "SIGKILL", "core_dumped": False}),
        ("segv", "killed by SIGSEGV", {"signal": "SIGSEGV"}),
        ("abrt", "killed by SIGABRT", {"signal": "SIGABRT"}),
        ("half-a-frame", "exited with status 0", {"code": 0}),
    ],
)
async def test_a_death_in_a_call_is_told_by_name_to_everybody_who_waits_for_that_module(
    tmp_path: Path, fault: str, words: str, status: dict[str, Any]
) -> None:
    async with _hub(tmp_path, "death", "--fault", fault) as (hub, watcher):
        errors: list[HubError] = []

        async def wait() -> None:
            errors.append(await _error_of(hub, "bad.wait"))

        async with anyio.create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(wait)
            await watcher.wait_for_log("waits", "bad")
            begun = time.monotonic()
            errors.append(await _error_of(hub, "bad.fall"))
            assert time.monotonic() - begun < 1
        assert {(error.kind, error.data["may_have_executed"]) for error in errors} == {("module_died", True)}
        assert len(errors) == 4
        assert all(words in error.message for error in errors)
        assert all(status.items() <= error.data["exit"].items() for error in errors)
        assert "falls" in watcher.logged("bad")
        failed = await watcher.wait("module.failed", "bad")
        assert status.items() <= failed.data["exit"].items()
        assert hub.modules["bad"].pid is None


async def test_half_a_frame_at_the_end_is_told_and_not_acted_on(tmp_path: Path) -> None:
    """HUB-FRAME-12."""
    async with _hub(tmp_path, "death", "--fault", "half-a-frame") as (hub, watcher):
        assert (await _error_of(hub, "bad.fall")).kind == "module_died"
        await watcher.wait_for_log("ended in the middle of a frame", "bad")


async def test_a_module_that_died_is_started_again_by_the_next_call(tmp_path: Path) -> None:
    async with _hub(tmp_path, "death", "--fault", "exit-3") as (hub, watcher):
        first = hub.modules["bad"].pid
        await _error_of(hub, "bad.fall")
        assert await hub.call("bad.echo", x=1) == {"x": 1}
        assert hub.modules["bad"].pid != first
        assert len(watcher.of("module.running", "bad")) == 2


async def test_a_module_that_closes_its_output_and_lives_is_ended(tmp_path: Path) -> None:
    async with _hub(tmp_path, "death", "--fault", "closes-stdout") as (hub, watcher):
        pid = hub.modules["bad"].pid
        assert pid is not None
        begun = time.monotonic()
        error = await _error_of(hub, "bad.fall")
        assert time.monotonic() - begun < 1
        assert (error.kind, error.data["may_have_executed"]) == ("module_died", True)
        assert error.data["cause"]["kind"] == "protocol_error"
        await watcher.wait("module.failed", "bad")
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


async def test_a_module_that_closes_its_input_and_lives_executes_nothing_more(tmp_path: Path) -> None:
    async with _hub(tmp_path, "death", "--fault", "closes-stdin") as (hub, watcher):
        with anyio.move_on_after(0.3):
            await hub.call("bad.fall")
        await watcher.wait_for_log("falls", "bad")
        error = await _error_of(hub, "bad.echo", seconds=0.3)
        assert error.kind in ("timeout", "module_died")
        assert error.data["may_have_executed"] is False


@pytest.mark.parametrize("fault", ["stops-itself", "busy-loop", "half-a-frame-and-silence"])
async def test_a_module_that_does_nothing_any_more_costs_its_callers_their_deadline_and_nobody_else_anything(
    tmp_path: Path, fault: str
) -> None:
    async with _hub(tmp_path, "death", "--fault", fault) as (hub, watcher):
        error = await _error_of(hub, "bad.fall", seconds=0.2)
        assert (error.kind, error.data["may_have_executed"]) == ("timeout", True)
        assert "falls" in watcher.logged("bad")
        begun = time.monotonic()
        assert await hub.call("good.echo", x=1) == {"x": 1}
        assert time.monotonic() - begun < 1


async def test_a_grandchild_that_keeps_the_output_open_does_not_hold_the_hub_up(tmp_path: Path) -> None:
    async with _hub(tmp_path, "death", "--fault", "grandchild-keeps-stdout") as (hub, watcher):
        begun = time.monotonic()
        error = await _error_of(hub, "bad.fall")
        assert time.monotonic() - begun < 2.5
        assert (error.kind, error.data["exit"]["code"]) == ("module_died", 1)
        found = [match for line in watcher.logged("bad") if (match := re.fullmatch(r"grandchild (\d+)", line))]
        grandchild = int(found[0][1])
        with suppress(ProcessLookupError):
            os.kill(grandchild, signal.SIGKILL)  # it is the test's own to clear away


async def test_a_process_that_somebody_kills_from_outside_is_told_so(tmp_path: Path) -> None:
    async with _hub(tmp_path, "death", "--fault", "kill") as (hub, watcher):
        pid = hub.modules["bad"].pid
        assert pid is not None
        async with anyio.create_task_group() as tasks:

            async def wait() -> None:
                error = await _error_of(hub, "bad.wait")
                assert error.data["exit"]["signal"] == "SIGTERM"

            tasks.start_soon(wait)
            await watcher.wait_for_log("waits", "bad")
            os.kill(pid, signal.SIGTERM)
        await watcher.wait("module.failed", "bad")


async def test_a_request_that_was_only_begun_to_be_written_was_not_executed(tmp_path: Path) -> None:
    async with _hub(tmp_path, "flow", "--fault", "never-reads") as (hub, _):
        pid = hub.modules["bad"].pid
        assert pid is not None
        assert await hub.call("bad.misbehave") == "from now on"
        errors: dict[str, HubError] = {}

        async def call(name: str, text: str) -> None:
            errors[name] = await _error_of(hub, "bad.echo", {"text": text})

        async with anyio.create_task_group() as tasks:
            for name, text in (("read or not", ""), ("begun", "x" * 2**20), ("waiting", "")):
                tasks.start_soon(call, name, text)
                await anyio.wait_all_tasks_blocked()
            os.kill(pid, signal.SIGKILL)
        assert {name: error.data["may_have_executed"] for name, error in errors.items()} == {
            "read or not": True, "begun": False, "waiting": False,
        }  # fmt: skip
        assert {error.kind for error in errors.values()} == {"module_died"}
