"""Own the proof that a stop and a start win over whatever the module and its supervisor are doing at that moment."""

from contextlib import suppress
from pathlib import Path

import anyio
import pytest

from hub.errors import HubError
from hub.testing import ModuleEnd, Program
from tests.hub.families import until
from tests.hub.supervised import (
    HELD,
    Lives,
    dies_in_init,
    error_of,
    exits,
    loaded,
    refuses_init,
    running,
    silent_init,
    stage,
)  # fmt: skip


async def test_a_stop_while_it_waits_to_be_restarted_is_the_end_of_it(tmp_path: Path) -> None:
    async with stage(tmp_path, {"a": running()}, settings=HELD) as on:
        await on.hub.start("a")
        on.kill("a")
        await on.watcher.wait("module.backing-off", "a")
        await on.hub.stop("a")
        assert on.hub.modules["a"].state == "stopped"
        assert on.kinds("a") == ["module.starting", "module.running", "module.backing-off", "module.stopped"]
        assert not loaded(on.hub, "a").supervisor.will_be_back
        # And the next call begins a new life.
        assert await on.hub.call("a.echo", x=1) == {"x": 1}


@pytest.mark.parametrize("lives", [exits(3), Lives(running(), *[exits(3)] * 6)], ids=["never ran", "gave up"])
async def test_a_module_that_has_failed_is_stopped_when_it_is_stopped(tmp_path: Path, lives: Program) -> None:
    async with stage(tmp_path, {"a": lives}) as on:
        with suppress(HubError):
            await on.hub.start("a")
            on.kill("a")
        await on.watcher.wait("module.failed", "a")
        await on.hub.stop("a", reason="enough")
        assert on.hub.modules["a"].state == "stopped"
        assert (await on.watcher.wait("module.stopped", "a")).data["reason"] == "enough"
        await on.hub.stop("a")
        assert on.kinds("a").count("module.stopped") == 1, "it is said once"


async def test_a_caller_that_waits_for_a_restart_is_told_when_it_is_stopped_instead(tmp_path: Path) -> None:
    errors: list[HubError] = []
    async with stage(tmp_path, {"a": running()}, settings=HELD) as on, anyio.create_task_group() as tasks:
        await on.hub.start("a")
        on.kill("a")
        await on.watcher.wait("module.backing-off", "a")

        async def call() -> None:
            errors.append(await error_of(on.hub, "a.echo"))

        tasks.start_soon(call)
        await anyio.wait_all_tasks_blocked()
        await on.hub.stop("a", reason="enough")
    assert [error.kind for error in errors] == ["not_running"]
    assert "enough" in errors[0].message


async def test_a_stop_during_the_start_leaves_nothing(tmp_path: Path) -> None:
    reached = anyio.Event()
    async with stage(tmp_path, {"a": silent_init(reached)}) as on, anyio.create_task_group() as tasks:
        tasks.start_soon(error_of, on.hub, "a.echo")
        await reached.wait()
        await on.hub.stop("a")
        assert on.spawn.processes["a"].exit_status is not None
        assert on.kinds("a") == ["module.starting", "module.stopping", "module.stopped"]


@pytest.mark.parametrize("state", ["running", "starting"])
async def test_a_start_by_hand_during_a_stop_begins_when_the_stop_is_over(tmp_path: Path, state: str) -> None:
    asked, go = anyio.Event(), anyio.Event()

    async def hesitate(module: ModuleEnd, request: dict[str, object]) -> None:
        asked.set()
        await go.wait()
        await module.answer(request, {})

    first = running({"module_cleanup": hesitate}, functions=[{"name": "echo"}]) if state == "running" else silent_init(asked)
    async with stage(tmp_path, {"a": Lives(first, running())}) as on, anyio.create_task_group() as tasks:
        if state == "running":
            await on.hub.start("a")
            tasks.start_soon(on.hub.stop, "a")
            await asked.wait()
        else:
            loaded(on.hub, "a").start_by_hand()
            await asked.wait()
            tasks.start_soon(on.hub.stop, "a")
            await on.watcher.wait("module.stopping", "a")
        assert on.hub.modules["a"].state == "stopping"
        loaded(on.hub, "a").start_by_hand()
        await anyio.wait_all_tasks_blocked()
        go.set()
        await on.watcher.wait("module.running", "a", count=2 if state == "running" else 1)
        assert on.kinds("a")[-3:] == ["module.stopped", "module.starting", "module.running"]


@pytest.mark.parametrize("state", ["running", "starting"])
async def test_a_call_during_a_stop_waits_for_its_end_and_starts_it_again(tmp_path: Path, state: str) -> None:
    reached = anyio.Event()
    first = running() if state == "running" else silent_init(reached)
    async with stage(tmp_path, {"a": Lives(first, running())}) as on, anyio.create_task_group() as tasks:
        loaded(on.hub, "a").start_by_hand()
        if state == "running":
            await on.watcher.wait("module.running", "a")
        else:
            await reached.wait()
        tasks.start_soon(on.hub.stop, "a")
        await on.watcher.wait("module.stopping", "a")
        assert await on.hub.call("a.echo", x=1) == {"x": 1}


async def test_a_stop_while_a_failed_restart_is_cleared_away_is_the_end_of_it(tmp_path: Path) -> None:
    answered, stubborn = anyio.Event(), anyio.Event()

    async def linger(module: ModuleEnd) -> None:
        module.ignores_sigterm = True
        await refuses_init()(module)
        stubborn.set()
        await anyio.sleep_forever()

    lives = Lives(running(), linger, running())
    async with stage(tmp_path, {"a": lives}) as on:
        await on.hub.start("a")
        on.kill("a")
        await on.watcher.wait("module.backing-off", "a", count=2)
        await stubborn.wait()
        process = on.spawn.processes["a"]
        assert process.exit_status is None
        await on.hub.stop("a")
        assert process.exit_status is not None
        await anyio.wait_all_tasks_blocked()
        assert (on.hub.modules["a"].state, lives.count) == ("stopped", 2)
    assert not answered.is_set()


async def test_a_crash_while_it_is_restarted_is_one_more_failure_and_not_the_end(tmp_path: Path) -> None:
    lives = Lives(running(), exits(1), dies_in_init(1), running())
    async with stage(tmp_path, {"a": lives}) as on:
        await on.hub.start("a")
        on.kill("a")
        await on.watcher.wait("module.running", "a", count=2)
        told = on.watcher.of("module.backing-off", "a")
        assert [event.data["verdict"] for event in told] == ["ran_and_died", "never_started", "failed_in_init"]
        assert on.watcher.of("module.failed", "a") == []


async def test_a_hub_that_closes_while_a_restart_fails_closes_in_peace(tmp_path: Path) -> None:
    stubborn = anyio.Event()

    async def linger(module: ModuleEnd) -> None:
        await refuses_init()(module)
        stubborn.set()
        await anyio.sleep_forever()

    async with stage(tmp_path, {"a": Lives(running(), linger)}) as on:
        await on.hub.start("a")
        on.kill("a")
        await stubborn.wait()
    assert on.hub.modules["a"].pid is None


async def test_a_hub_that_closes_while_a_module_crashes_closes_in_peace(tmp_path: Path) -> None:
    async def crash_the_other(module: ModuleEnd, request: dict[str, object]) -> None:
        on.kill("below")
        await on.watcher.wait("module.backing-off", "below")
        await module.answer(request, {})

    above = running(
        {"module_cleanup": crash_the_other}, functions=[{"name": "echo"}], info={"required_modules": {"below": "*"}}
    )
    manifests = {"above": '[required_modules]\nbelow = "*"\n'}
    async with stage(tmp_path, {"above": above, "below": running()}, manifests=manifests) as on:
        await on.hub.start("above")
    assert {module.pid for module in on.hub.modules.values()} == {None}


async def test_a_restart_that_is_under_way_when_the_hub_closes_leaves_nothing(tmp_path: Path) -> None:
    async def hesitate(module: ModuleEnd, request: dict[str, object]) -> None:
        await until(lambda: len(on.spawn.spawned) == 3)
        await module.answer(request, {})

    needs = {"required_modules": {"below": "*"}}
    above = running({"module_cleanup": hesitate}, functions=[{"name": "echo"}], info=needs)
    manifests = {"above": '[required_modules]\nbelow = "*"\n'}
    async with stage(tmp_path, {"above": above, "below": running()}, manifests=manifests) as on:
        await on.hub.start("above")
        on.kill("below")
        await on.watcher.wait("module.backing-off", "below")
    assert on.spawn.processes["below"].exit_status is not None


async def test_a_stop_during_a_call_ends_the_call_and_does_not_bring_the_module_back(tmp_path: Path) -> None:
    functions = [{"name": "hang", "hints": {"idempotent": True}}, {"name": "echo"}, {"name": "exit"}]
    errors: list[HubError] = []
    async with stage(tmp_path, {"a": running(functions=functions)}) as on:
        # A death before it, so that there was a restart to remember.
        await on.hub.start("a")
        on.kill("a")
        await on.watcher.wait("module.running", "a", count=2)
        async with anyio.create_task_group() as tasks:

            async def call() -> None:
                errors.append(await error_of(on.hub, "a.hang"))

            tasks.start_soon(call)
            await anyio.wait_all_tasks_blocked()
            await on.hub.stop("a")
        assert [(error.kind, error.data["may_have_executed"]) for error in errors] == [("module_died", True)]
        assert on.hub.modules["a"].state == "stopped"


async def test_a_stop_while_a_required_module_is_being_restarted_ends_both_waits(tmp_path: Path) -> None:
    manifests = {"above": '[required_modules]\nbelow = "*"\n'}
    async with stage(tmp_path, {"above": running(), "below": running()}, manifests=manifests, settings=HELD) as on:
        await on.hub.start("below")
        on.kill("below")
        await on.watcher.wait("module.backing-off", "below")
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(error_of, on.hub, "above.echo")
            await anyio.wait_all_tasks_blocked()
            await on.hub.stop("below")
        assert [module.state for module in on.hub.modules.values()] == ["discovered", "stopped"]


async def test_a_start_by_hand_ends_the_wait_for_a_restart(tmp_path: Path) -> None:
    async with stage(tmp_path, {"a": running()}, settings=HELD) as on:
        await on.hub.start("a")
        on.kill("a")
        await on.watcher.wait("module.backing-off", "a")
        loaded(on.hub, "a").start_by_hand()
        await on.watcher.wait("module.running", "a", count=2)


async def test_any_order_of_starts_and_stops_ends_in_what_was_said_last(tmp_path: Path) -> None:
    async with stage(tmp_path, {"a": running()}) as on:
        async with anyio.create_task_group() as tasks:
            for _ in range(20):
                loaded(on.hub, "a").start_by_hand()
                tasks.start_soon(on.hub.stop, "a")
                await anyio.lowlevel.checkpoint()
        loaded(on.hub, "a").start_by_hand()
        await anyio.wait_all_tasks_blocked()
        assert await on.hub.call("a.echo", x=1) == {"x": 1}
        await on.hub.stop("a")
        assert on.hub.modules["a"].pid is None
