"""Prove that a module that grows is warned about, then gets a fresh process, and that no call is lost on the way."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import anyio
import pytest

from hub import Event, Hub, Settings, _sampling
from hub._reporter import Reporter
from hub._sampling import growth_limits
from hub._tree import TreeSample
from hub.errors import ModuleDied

pytestmark = [pytest.mark.process, pytest.mark.bound(20, reason="a real process has to grow by 100 MB, twice")]

_OPEN = SimpleNamespace(is_closed=False)
_MODULE = """
import sys, json, time
kept = []
FUNCTIONS = [{"name": name, "params": {"type": "object"}} for name in ("grow", "nap")]
INFO = {"name": "growing", "version": "1.0.0", "license": "MIT", "authors": ["a"], "features": ["concurrent"]}
for line in sys.stdin:
    request = json.loads(line)
    method, params = request["method"], request.get("params", {})
    if "id" not in request:
        continue
    result = {"module_info": INFO, "capabilities": {"functions": FUNCTIONS}}.get(method, {})
    if method == "grow":
        kept.append(bytearray(params["mb"] * 1024 * 1024))
        result = len(kept)
    print(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": result}), flush=True)
"""


def _plugin(directory: Path) -> Path:
    plugin = directory / "plugins" / "growing"
    plugin.mkdir(parents=True)
    (plugin / "growing.py").write_text(_MODULE)
    manifest = f'command = ["{sys.executable}", "growing.py"]\n[limits]\nmemory_bytes = 100000000\n'
    (plugin / "plugin.toml").write_text(manifest)
    return plugin.parent


class _Waiter:
    """Waits for kinds of events."""

    def __init__(self, hub: Hub) -> None:
        self.seen: list[Event] = []
        self._more = anyio.Event()
        hub.on_event(self._take)

    def _take(self, event: Event) -> None:
        self.seen.append(event)
        self._more.set()

    async def until(self, kind: str) -> Event:
        while True:
            for event in self.seen:
                if event.kind == kind:
                    return event
            self._more = anyio.Event()
            await self._more.wait()


async def test_a_module_beyond_its_budget_is_warned_about_and_then_recycled_without_losing_a_call(tmp_path: Path) -> None:
    plugins = _plugin(tmp_path)
    async with Hub(plugins, approve=lambda _request: True, settings=Settings(sample_seconds=0.05)) as hub:
        waiter = _Waiter(hub)
        assert await hub.call("growing.grow", mb=110) == 1
        warning = await waiter.until("module.warning")
        assert "memory_bytes" in warning.data["message"]
        first = hub.modules["growing"].pid
        assert await hub.call("growing.grow", mb=60) == 2
        await waiter.until("module.recycling")
        answers: list[Any] = []
        async with anyio.create_task_group() as tasks:
            for _ in range(10):
                tasks.start_soon(_grow, hub, answers)
        # Nothing was lost: each was answered by the old process, or by the fresh one, which counts anew.
        assert len(answers) == 10
        await waiter.until("module.stopped")
        assert await hub.call("growing.grow", mb=0) <= 11
        assert hub.modules["growing"].pid != first
        assert "module.failed" not in {event.kind for event in waiter.seen}


async def _grow(hub: Hub, answers: list[Any]) -> None:
    answers.append(await hub.call("growing.grow", mb=0))


async def test_a_wall_stops_what_grows_faster_than_it_is_measured(tmp_path: Path) -> None:
    plugins = _plugin(tmp_path)
    async with Hub(plugins, approve=lambda _request: True, settings=Settings(sample_seconds=1000)) as hub:
        with pytest.raises(ModuleDied):
            await hub.call("growing.grow", mb=600)


def test_a_budget_is_the_soft_limit_and_half_as_much_again_the_hard_one() -> None:
    limits = growth_limits(100)
    assert (limits.memory_bytes.soft, limits.memory_bytes.hard) == (100, 150)
    assert growth_limits(None).memory_bytes.hard is not None


class _Planned:
    """Deadlines that a test lets pass by hand."""

    def __init__(self) -> None:
        self.entries: list[tuple[float, Callable[[], None]]] = []

    def add(self, when: float, expire: Callable[[], None]) -> SimpleNamespace:
        self.entries.append((when, expire))
        return SimpleNamespace(cancel=lambda: None)


def test_a_module_that_holds_the_same_as_before_is_measured_half_as_often(monkeypatch: pytest.MonkeyPatch) -> None:
    idle, busy = TreeSample(1, 1000, 3, 1, 0.1), TreeSample(1, 1000, 3, 1, 0.2)
    samples = [idle, idle, idle, busy, busy, idle]
    left = iter(samples)

    def next_sample(*_args: object, **_options: object) -> TreeSample:
        return next(left)

    monkeypatch.setattr(_sampling, "sample_tree", next_sample)
    planned, now, told = _Planned(), 100.0, list[Event]()
    reporter = Reporter("idle", told.append, lambda: now)
    # Of the module, and of the deadlines and the process, no more is asked than stands here.
    module, deadlines, instance = cast("Any", (None, planned, SimpleNamespace(process=SimpleNamespace(pid=1), peer=_OPEN)))
    sampling = _sampling.Sampling(module, deadlines, lambda: now, reporter, growth_limits(None), 2.0)
    sampling.begin(instance)
    pauses: list[float] = []
    for _ in samples[1:]:
        when, expire = planned.entries[-1]
        pauses.append(when - now)
        now = when
        expire()
    assert [*pauses, planned.entries[-1][0] - now] == [2.0, 4.0, 4.0, 2.0, 4.0, 2.0]
    assert told == []
