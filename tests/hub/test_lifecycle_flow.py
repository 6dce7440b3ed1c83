"""Own the proof that no flow of bytes, too much or none at all, holds up the hub or another module."""

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

from hub import Hub, Settings
from hub.errors import HubError
from tests.hub.modules import Watcher, bad_plugin, hub_of

pytestmark = pytest.mark.process


@asynccontextmanager
async def _hub(tmp_path: Path, fault: str, **options: Any) -> AsyncGenerator[tuple[Hub, Watcher]]:
    bad_plugin(tmp_path / "plugins", "good", "neighbour")
    bad_plugin(tmp_path / "plugins", "bad", "flow", "--fault", fault, manifest='[restart]\npolicy = "never"\n')
    hub = hub_of(tmp_path / "plugins", **options)
    watcher = Watcher(hub)
    async with hub:
        for name in ("good", "bad"):
            await hub.start(name)
        pid = hub.modules["good"].pid
        yield hub, watcher
        assert await hub.call("good.pid") == pid


async def _error_of(hub: Hub, address: str, params: dict[str, Any] | None = None, *, seconds: float | None = None) -> HubError:
    with pytest.raises(HubError) as raised:
        await hub.request(address, params or {}, timeout_seconds=seconds)
    return raised.value


async def test_a_module_that_never_reads_costs_its_callers_their_deadline_and_holds_nobody_up(tmp_path: Path) -> None:
    async with _hub(tmp_path, "never-reads") as (hub, _):
        assert await hub.call("bad.misbehave") == "from now on"
        errors: dict[str, HubError] = {}

        async def call(name: str, size: int) -> None:
            errors[name] = await _error_of(hub, "bad.echo", {"text": "x" * size}, seconds=1)

        async with anyio.create_task_group() as tasks:
            # More than a pipe holds; the second one does not leave the hub.
            for name, size in (("begun", 2**20), ("waiting", 2**20)):
                tasks.start_soon(call, name, size)
                await anyio.wait_all_tasks_blocked()
            slowest = 0.0
            for number in range(100):
                begun = time.monotonic()
                assert await hub.call("good.echo", n=number) == {"n": number}
                slowest = max(slowest, time.monotonic() - begun)
            assert errors == {}
            assert slowest < 0.5
        assert {name: (error.kind, error.data["may_have_executed"]) for name, error in errors.items()} == {
            "begun": ("timeout", True),
            "waiting": ("timeout", False),
        }
        assert all("did not read its standard input" in error.message for error in errors.values())


async def test_stray_lines_are_log_lines_and_the_frames_between_them_count(tmp_path: Path) -> None:
    """HUB-OUT-1, HUB-FRAME-3, HUB-FRAME-13."""
    async with _hub(tmp_path, "prints") as (hub, watcher):
        assert await hub.call("bad.misbehave") == "done"
        await watcher.wait("protocol.stray_line", "bad", count=3)
        assert [event.data["text"] for event in watcher.of("protocol.stray_line")] == ["hello", "more", "and after"]
        logged = [event.data for event in watcher.of("log", "bad") if event.data["source"] == "stdout"]
        assert [(line["level"], line["message"]) for line in logged] == [
            ("warning", "printed to standard output: hello"),
            ("warning", "printed to standard output: more"),
            ("warning", "printed to standard output: and after"),
        ]


@pytest.mark.parametrize("fault", ["prints-too-much", "prints-a-megabyte"])
async def test_too_many_stray_lines_end_the_module_with_that_reason(tmp_path: Path, fault: str) -> None:
    """HUB-OUT-1."""
    async with _hub(tmp_path, fault) as (hub, watcher):
        error = await _error_of(hub, "bad.misbehave")
        assert (error.kind, error.data["may_have_executed"]) == ("module_died", True)
        assert error.data["cause"]["data"]["requirement"] == "HUB-OUT-1"
        failed = await watcher.wait("module.failed", "bad")
        assert failed.data["error"]["kind"] == "protocol_error"
        assert "misbehaves" in watcher.logged("bad")


async def test_a_hundred_stray_lines_in_a_minute_are_forgiven(tmp_path: Path) -> None:
    async with _hub(tmp_path, "prints", settings=Settings(stray_lines_per_minute=3)) as (hub, watcher):
        assert await hub.call("bad.misbehave") == "done"
        await watcher.wait("protocol.stray_line", "bad", count=3)
        assert hub.modules["bad"].state == "running"


async def test_text_glued_to_a_frame_spoils_that_frame_and_no_other(tmp_path: Path) -> None:
    async with _hub(tmp_path, "glued") as (hub, watcher):
        assert (await _error_of(hub, "bad.misbehave", seconds=0.3)).kind == "timeout"
        assert (await watcher.wait("protocol.stray_line", "bad")).data["text"].startswith("progress: 3% {")
        assert await hub.call("bad.echo", x=1) == {"x": 1}


async def test_a_frame_may_come_byte_by_byte(tmp_path: Path) -> None:
    """HUB-FRAME-11."""
    async with _hub(tmp_path, "byte-by-byte") as (hub, watcher):
        assert await hub.call("bad.misbehave") == "done"
        assert watcher.of("protocol.stray_line") == []


@pytest.mark.parametrize("fault", ["notifications", "unknown-answers"])
async def test_a_flood_of_messages_that_mean_nothing_is_dropped(tmp_path: Path, fault: str) -> None:
    """HUB-LIFE-6, HUB-ID-4."""
    async with _hub(tmp_path, fault) as (hub, watcher), anyio.create_task_group() as tasks:
        tasks.start_soon(hub.call, "bad.misbehave")
        for number in range(20):
            begun = time.monotonic()
            assert await hub.call("good.echo", n=number) == {"n": number}
            assert time.monotonic() - begun < 1
        assert len(watcher.of("protocol.unexpected_response")) <= 100


async def test_a_module_that_says_without_end_that_it_changed_is_asked_once_at_a_time(tmp_path: Path) -> None:
    """HUB-CAPS-8."""
    async with _hub(tmp_path, "changes-without-end") as (hub, watcher):
        assert await hub.call("bad.misbehave") == "done"
        await watcher.wait("capabilities.changed", "bad")
        assert await hub.call("bad.echo", x=1) == {"x": 1}
        assert len(watcher.of("capabilities.changed", "bad")) <= 20


async def test_an_answer_beyond_the_frame_limit_is_an_error_of_that_call_alone(tmp_path: Path) -> None:
    """HUB-FRAME-4."""
    async with _hub(tmp_path, "huge-answer") as (hub, watcher):
        error = await _error_of(hub, "bad.misbehave")
        assert (error.kind, error.data["may_have_executed"]) == ("frame_too_large", True)
        assert (await watcher.wait("protocol.frame_rejected", "bad")).data["kind"] == "frame_too_large"
        assert await hub.call("bad.echo", x=1) == {"x": 1}
        assert len(watcher.of("module.starting", "bad")) == 1


async def test_a_module_that_asks_without_reading_is_ended_before_the_hub_grows(tmp_path: Path) -> None:
    settings = Settings(max_frame_bytes=256 * 1024)
    async with _hub(tmp_path, "asks-without-reading", settings=settings) as (hub, watcher):
        error = await _error_of(hub, "bad.misbehave")
        assert (error.kind, error.data["cause"]["kind"]) == ("module_died", "write_blocked")
        await watcher.wait("module.failed", "bad")
