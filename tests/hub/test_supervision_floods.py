"""Own the proof that no module can make the hub talk or grow without end, and that two hubs in one process are two."""

import signal
import time
from pathlib import Path

import anyio
import pytest

from hub import Settings
from hub.testing import MemorySpawner
from tests.hub.modules import Watcher, bad_plugin, hub_of, memory_plugin
from tests.hub.supervised import AT_ONCE, running

_FLOOD_SECONDS = 1.0


@pytest.mark.process
@pytest.mark.bound(15, reason="reads more than 8 MiB in small pieces, which a loaded machine does in five seconds")
@pytest.mark.parametrize("fault", ["stderr", "hub.log", "long-lines", "no-line-ends"])
async def test_a_flood_of_log_lines_is_cut_and_counted_and_costs_nobody_else_anything(tmp_path: Path, fault: str) -> None:
    """HUB-LOG-1."""
    bad_plugin(tmp_path / "plugins", "good", "neighbour")
    bad_plugin(tmp_path / "plugins", "bad", "floods", "--fault", fault)
    hub = hub_of(tmp_path / "plugins")
    watcher = Watcher(hub)
    async with hub:
        for name in ("good", "bad"):
            await hub.start(name)
        begun, slowest, answers = time.monotonic(), 0.0, 0
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(hub.call, "bad.flood")
            while time.monotonic() - begun < _FLOOD_SECONDS:
                called = time.monotonic()
                assert await hub.call("good.echo", x=1) == {"x": 1}
                slowest, answers = max(slowest, time.monotonic() - called), answers + 1
        took = time.monotonic() - begun
        # What was written is more than was passed on, and that is said.
        written = await hub.call("bad.written")
        lines = watcher.logged("bad")
        assert written["bytes"] > 8 * 1024 * 1024
        # A second's worth may come at once, and then so much a second.
        assert sum(map(len, lines)) < (took + 2) * 1024 * 1024
        assert len(lines) < (took + 1.5) * 1000
        assert max(map(len, lines)) <= 9 * 1024
        if fault in ("stderr", "hub.log"):
            await watcher.wait_for_log("dropped", "bad")
        assert hub.modules["bad"].state == "running"
        assert answers >= 20
        assert slowest < 0.5


async def test_two_hubs_in_one_process_are_two(tmp_path: Path) -> None:
    """The same plugin in both: one hub's module dies until it is given up, the other hub's module does not notice."""
    for place in ("one", "two"):
        memory_plugin(tmp_path / place / "plugins", "a")
    async with MemorySpawner({"a": running()}) as first_spawn, MemorySpawner({"a": running()}) as second_spawn:
        first = hub_of(tmp_path / "one" / "plugins", spawn=first_spawn, settings=AT_ONCE)
        second = hub_of(tmp_path / "two" / "plugins", spawn=second_spawn, settings=Settings())
        first_watch, second_watch = Watcher(first), Watcher(second)
        async with second:
            async with first:
                for hub in (first, second):
                    await hub.start("a")
                for count in range(2, 7):
                    first_spawn.processes["a"].kill(signal.SIGKILL)
                    await first_watch.wait("module.running", "a", count=count)
                first_spawn.processes["a"].kill(signal.SIGKILL)
                await first_watch.wait("module.gave-up", "a")
                assert (first.modules["a"].state, second.modules["a"].state) == ("failed", "running")
            # And when one of them is closed, the other goes on.
            assert await second.call("a.echo", x=1) == {"x": 1}
            assert [event.kind for event in second_watch.events if "backing" in event.kind or "fail" in event.kind] == []
