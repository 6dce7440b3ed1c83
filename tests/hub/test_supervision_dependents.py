"""Own the proof that modules hear when what they require goes down or comes back, and stop and start in order if they ask."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from hub.testing import ModuleEnd, Program
from tests.hub.modules import ask_hub, function
from tests.hub.supervised import AT_ONCE, HELD, Lives, Stage, error_of, exits, loaded, running, stage

_WITH = "[restart]\nrestart_with_dependencies = true\n"


@asynccontextmanager
async def _chain(
    tmp_path: Path,
    *,
    asking: tuple[str, ...] = ("a", "b"),
    programs: Mapping[str, Program] | None = None,
    settings: object = AT_ONCE,
) -> AsyncGenerator[Stage]:
    """Yield a hub in which `a` requires `b`, which requires `c`; those in `asking` want to be restarted with them."""
    required = {"a": "b", "b": "c"}
    manifests = {
        name: (f'[required_modules]\n{required[name]} = "*"\n' if name in required else "") + (_WITH if name in asking else "")
        for name in "abc"
    }
    found = {
        name: running(info={"required_modules": {required[name]: "*"}} if name in required else None)
        for name in ("a", "b", "c")
    }
    async with stage(tmp_path, {**found, **(programs or {})}, manifests=manifests, settings=settings) as on:
        await on.hub.start("a")
        yield on


def _order(on: Stage, *kinds: str) -> list[tuple[str | None, str]]:
    return [(event.module, event.kind.partition(".")[2]) for event in on.watcher.events if event.kind in kinds]


async def test_those_that_ask_for_it_are_stopped_from_the_top_and_started_from_the_bottom(tmp_path: Path) -> None:
    async with _chain(tmp_path) as on:
        on.kill("c")
        await on.watcher.wait("module.running", "a", count=2)
        order = _order(on, "module.stopped", "module.running")[3:]
        assert order.index(("a", "stopped")) < order.index(("b", "stopped")) < order.index(("b", "running"))
        assert order.index(("c", "running")) < order.index(("b", "running")) < order.index(("a", "running"))
        assert len(order) == 5
        stopping = on.watcher.of("module.stopping", "b")
        assert [event.data["reason"] for event in stopping] == ["it requires c, which went down"]


async def test_a_dependency_that_stays_down_leaves_them_stopped_until_it_is_back(tmp_path: Path) -> None:
    async with _chain(tmp_path, settings=HELD) as on:
        on.kill("c")
        await on.watcher.wait("module.stopped", "b")
        await anyio.wait_all_tasks_blocked()
        assert _order(on, "module.stopped") == [("a", "stopped"), ("b", "stopped")]
        assert [on.hub.modules[name].state for name in "abc"] == ["stopped", "stopped", "backing-off"]
        loaded(on.hub, "c").start_by_hand()
        await on.watcher.wait("module.running", "a", count=2)
        assert _order(on, "module.running")[3:] == [("c", "running"), ("b", "running"), ("a", "running")]


async def test_those_that_do_not_ask_go_on_and_are_told(tmp_path: Path) -> None:
    async with _chain(tmp_path, asking=()) as on:
        on.kill("c")
        await on.watcher.wait("dependency.up", "b")
        told = [(event.kind, event.module, event.data) for event in on.watcher.events if event.kind.startswith("dependency")]
        assert told == [("dependency.down", "b", {"required": "c"}), ("dependency.up", "b", {"required": "c"})]
        assert len(on.spawn.spawned) == 4
        assert await on.hub.call("a.echo", x=1) == {"x": 1}


async def test_those_above_a_module_that_is_stopped_for_its_dependency_are_told_too(tmp_path: Path) -> None:
    async with _chain(tmp_path, asking=("b",)) as on:
        on.kill("c")
        await on.watcher.wait("dependency.up", "a")
        told = [
            (event.kind, event.data["required"])
            for event in on.watcher.events
            if event.kind.startswith("dependency") and event.module == "a"
        ]
        assert told == [("dependency.down", "b"), ("dependency.up", "b")]
        assert len(on.watcher.of("module.starting", "a")) == 1


async def test_a_person_who_stopped_one_of_them_is_not_overruled(tmp_path: Path) -> None:
    async with _chain(tmp_path, settings=HELD) as on:
        on.kill("c")
        await on.watcher.wait("module.stopped", "b")
        await on.hub.stop("b")
        loaded(on.hub, "c").start_by_hand()
        await on.watcher.wait("module.running", "c", count=2)
        await anyio.wait_all_tasks_blocked()
        assert [on.hub.modules[name].state for name in "abc"] == ["stopped", "stopped", "running"]


async def test_a_dependency_that_is_given_up_leaves_them_stopped_and_a_call_is_told_the_cause(tmp_path: Path) -> None:
    async with _chain(tmp_path, programs={"c": Lives(running(), exits(1))}) as on:
        on.kill("c")
        await on.watcher.wait("module.gave-up", "c")
        await on.watcher.wait("module.stopped", "b")
        error = await error_of(on.hub, "a.echo")
        assert error.kind == "dependency_failed"
        assert error.data["cause"]["kind"] == "gave_up"
        assert len(on.watcher.of("module.gave-up")) == 1


async def test_one_that_crashes_above_a_dependency_that_was_given_up_is_not_tried_in_vain(tmp_path: Path) -> None:
    async with _chain(tmp_path, asking=(), programs={"c": Lives(running(), exits(1))}) as on:
        on.kill("c")
        await on.watcher.wait("module.gave-up", "c")
        on.kill("b")
        failed = await on.watcher.wait("module.failed", "b")
        assert (failed.data["error"]["kind"], failed.data["restart"]) == ("dependency_failed", False)
        assert len(on.watcher.of("module.backing-off", "b")) == 1


async def test_a_module_may_be_restarted_with_its_dependency_any_number_of_times(tmp_path: Path) -> None:
    async with _chain(tmp_path, asking=("b",)) as on:
        for count in range(2, 6):
            on.kill("c")
            await on.watcher.wait("module.running", "b", count=count)
        assert on.watcher.of("module.backing-off", "b") == []
        assert loaded(on.hub, "b").supervisor.restarts == 0


@pytest.mark.parametrize("features", [[], ["concurrent"]])
async def test_a_call_to_a_dependency_that_dies_in_it_is_answered_and_does_not_hang(
    tmp_path: Path, features: list[str]
) -> None:
    async def ask(module: ModuleEnd, request: dict[str, object]) -> None:
        asked = {"call_id": request["id"], "function": "below.exit", "params": {"status": 3}}
        await module.answer(request, await ask_hub(module, "hub.call", asked))

    info = {"features": ["host_services", *features], "required_modules": {"below": "*"}}
    above = running({"call": ask}, functions=[function("call"), function("echo")], info=info)
    async with stage(tmp_path, {"above": above, "below": running()}) as on:
        answer = await on.hub.call("above.call")
        assert answer["data"]["kind"] == "module_died"
        assert await on.hub.call("above.echo", x=1) == {"x": 1}


_UNMET: Mapping[str, tuple[dict[str, str], dict[str, str]]] = {
    "absent": ({"nobody": "^1.0"}, {}),
    "of another version": ({"b": "^9.0"}, {}),
    "a circle": ({"b": "*"}, {"a": "*"}),
}


@pytest.mark.parametrize("why", _UNMET)
async def test_what_is_required_only_in_words_and_cannot_be_had_is_the_failure_of_one_module(tmp_path: Path, why: str) -> None:
    of_a, of_b = _UNMET[why]
    programs = {"a": running(info={"required_modules": of_a}), "b": running(info={"required_modules": of_b}), "c": running()}
    async with stage(tmp_path, programs) as on:
        await on.hub.start("c")
        loaded(on.hub, "a").start_by_hand()  # as `hub up` does: nobody waits for it
        event = await on.watcher.wait("module.failed", "a")
        assert (event.data["error"]["kind"], event.data["restart"]) == ("dependency_failed", False)
        assert event.data["error"]["data"]["chain"][0] == "a"
        assert on.hub.modules["a"].state == "failed"
        assert await on.hub.call("c.echo", x=1) == {"x": 1}
