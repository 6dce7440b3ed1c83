"""Own the proof of what callers of a failing module get: a wait, a retry, or an error that says whether it was executed."""

from collections import Counter
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from hub import Event, Settings
from hub._restart import RestartLimits
from hub.errors import HubError
from hub.testing import ModuleEnd
from tests.hub.modules import Watcher, bad_plugin, function, hub_of
from tests.hub.supervised import AT_ONCE, HELD, Lives, Stage, error_of, exits, loaded, running, stage

_SECONDS = 10.0
_IDEMPOTENT = [function("hang", hints={"idempotent": True}), function("echo"), function("exit")]


async def _backing_off(on: Stage) -> None:
    await on.hub.start("a")
    on.kill("a")
    await on.watcher.wait("module.backing-off", "a")


async def test_a_call_waits_for_the_restart(tmp_path: Path) -> None:
    settings = Settings(restart=RestartLimits(first_delay_seconds=0.05))
    async with stage(tmp_path, {"a": running()}, settings=settings) as on:
        await _backing_off(on)
        assert on.hub.modules["a"].state == "backing-off"
        assert await on.hub.request("a.echo", {"x": 1}, timeout_seconds=4) == {"x": 1}
        assert len(on.spawn.spawned) == 2


async def test_a_call_whose_deadline_comes_before_the_restart_is_told_at_once_and_when_to_come_again(tmp_path: Path) -> None:
    async with stage(tmp_path, {"a": running()}, settings=HELD) as on:
        await _backing_off(on)
        with anyio.fail_after(1):
            error = await error_of(on.hub, "a.echo", seconds=900)
        assert (error.kind, error.code, error.data["may_have_executed"]) == ("backing_off", -31021, False)
        assert 990 < error.data["retry_after_seconds"] <= 1000
        assert "SIGKILL" in error.message


async def test_a_hub_may_be_set_not_to_let_calls_wait(tmp_path: Path) -> None:
    settings = Settings(restart=HELD.restart, wait_while_backing_off=False)
    async with stage(tmp_path, {"a": running()}, settings=settings) as on:
        await _backing_off(on)
        with anyio.fail_after(1):
            error = await error_of(on.hub, "a.echo")
        assert (error.kind, error.data["may_have_executed"]) == ("backing_off", False)
        # What is not backing off is started as ever.
        await on.hub.stop("a")
        assert await on.hub.call("a.echo", x=1) == {"x": 1}


async def test_of_many_calls_during_the_backoff_a_bounded_number_waits(tmp_path: Path) -> None:
    outcomes: Counter[str] = Counter()
    executed = 0
    settings = Settings(restart=HELD.restart, max_waiting=10)
    async with stage(tmp_path, {"a": running()}, settings=settings) as on:
        await _backing_off(on)

        async def call() -> None:
            nonlocal executed
            try:
                await on.hub.call("a.echo")
                outcomes["answered"] += 1
            except HubError as error:
                outcomes[error.kind] += 1
                executed += error.data["may_have_executed"]

        async with anyio.create_task_group() as tasks:
            for _ in range(100):
                tasks.start_soon(call)
            await anyio.wait_all_tasks_blocked()
            assert outcomes == {"overloaded": 90}
            loaded(on.hub, "a").start_by_hand()
    assert (outcomes, executed) == ({"overloaded": 90, "answered": 10}, 0)


async def test_a_caller_that_waits_is_told_when_the_module_is_given_up(tmp_path: Path) -> None:
    settings = Settings(restart=RestartLimits(first_delay_seconds=0.05, max_restarts=1))
    async with stage(tmp_path, {"a": Lives(running(), exits(1))}, settings=settings) as on:
        await _backing_off(on)
        error = await error_of(on.hub, "a.echo")
        assert error.kind in ("start_failed", "gave_up")
        await on.watcher.wait("module.gave-up", "a")


@pytest.mark.process
@pytest.mark.parametrize(
    ("name", "deaths", "executed", "kind"),
    [("once", 0, 1, None), ("once", 1, 1, "module_died"), ("again", 1, 2, None), ("again", 2, 2, "module_died")],
)
async def test_what_is_idempotent_is_tried_again_once_and_nothing_else_is(
    tmp_path: Path, name: str, deaths: int, executed: int, kind: str | None
) -> None:
    ledger = tmp_path / "ledger"
    bad_plugin(tmp_path / "plugins", "bad", "ledger", "--file", str(ledger))
    hub = hub_of(tmp_path / "plugins", settings=AT_ONCE)
    watcher = Watcher(hub)
    async with hub:
        await hub.start("bad")
        if kind is None:
            assert await hub.call(f"bad.{name}", n=7, deaths=deaths) == 7
        else:
            error = await error_of(hub, f"bad.{name}", {"n": 7, "deaths": deaths})
            assert (error.kind, error.data["may_have_executed"]) == (kind, True)
        await watcher.wait("module.running", "bad", count=deaths + 1)
        assert await hub.call("bad.once", n=8) == 8
    assert Counter(ledger.read_text().split()) == {"7": executed, "8": 1}


async def test_who_may_not_be_tried_again_hears_of_the_death_before_what_it_left_behind_is_ended(tmp_path: Path) -> None:
    heard, ended = anyio.Event(), anyio.Event()

    async with stage(tmp_path, {"a": running(functions=_IDEMPOTENT)}) as on:
        await on.hub.start("a")
        process = on.spawn.processes["a"]
        end = process.aclose

        async def end_slowly() -> None:
            await heard.wait()
            ended.set()
            await end()

        process.aclose = end_slowly
        error = await error_of(on.hub, "a.exit")
        assert (error.kind, ended.is_set()) == ("module_died", False)
        heard.set()
        await on.hub.stop("a")
        assert ended.is_set()


async def test_a_restart_begins_before_what_the_death_left_behind_is_ended_and_initialises_after_that(tmp_path: Path) -> None:
    order: list[str] = []
    introduced, go = anyio.Event(), anyio.Event()
    again = running()

    async with stage(tmp_path, {"a": Lives(running(), again)}, settings=AT_ONCE) as on:
        await on.hub.start("a")
        process = on.spawn.processes["a"]
        end = process.aclose

        async def end_slowly() -> None:
            await go.wait()
            order.append("nothing is left")
            await end()

        def see(event: Event) -> None:
            order.append(event.kind)
            if event.kind == "module.approved":
                introduced.set()

        on.hub.on_event(see)
        process.aclose = end_slowly
        on.kill("a")
        with anyio.fail_after(_SECONDS):
            await introduced.wait()
        await anyio.wait_all_tasks_blocked()
        assert order[-1] == "module.approved"
        go.set()
        await on.watcher.wait("module.running", "a", count=2)
        assert order[order.index("nothing is left") :] == ["nothing is left", "module.initialising", "module.running"]
        assert len(on.spawn.spawned) == 2


async def test_a_module_that_is_stopped_just_after_its_death_is_stopped_when_nothing_is_left(tmp_path: Path) -> None:
    dying, go = anyio.Event(), anyio.Event()
    stopped = anyio.Event()

    async with stage(tmp_path, {"a": running()}, settings=HELD) as on, anyio.create_task_group() as tasks:
        await on.hub.start("a")
        process = on.spawn.processes["a"]
        end = process.aclose

        async def end_slowly() -> None:
            dying.set()
            await go.wait()
            await end()

        async def stop() -> None:
            await on.hub.stop("a")
            stopped.set()

        process.aclose = end_slowly
        on.kill("a")
        await dying.wait()
        tasks.start_soon(stop)
        await anyio.wait_all_tasks_blocked()
        assert (stopped.is_set(), on.kinds("a")[-2:]) == (False, ["module.backing-off", "module.stopped"])
        go.set()
        with anyio.fail_after(_SECONDS):
            await stopped.wait()
    assert on.hub.reports.last("a")["exit"]["signal"] == "SIGKILL"
    assert len(on.spawn.spawned) == 1


async def test_a_module_that_is_stopped_while_it_dies_has_died_and_is_stopped_then(tmp_path: Path) -> None:
    async with stage(tmp_path, {"a": running()}) as on:
        await on.hub.start("a")
        # Its output has ended, and nothing is decided yet.
        on.kill("a")
        while not loaded(on.hub, "a").peer.is_closed:
            await anyio.lowlevel.checkpoint()
        await on.hub.stop("a")
        event = await on.watcher.wait("module.failed", "a")
        assert (event.data["exit"]["signal"], event.data["restart"]) == ("SIGKILL", False)
        assert on.kinds("a")[-2:] == ["module.failed", "module.stopped"]
    assert on.hub.reports.last("a")["exit"]["signal"] == "SIGKILL"
    assert len(on.spawn.spawned) == 1


@pytest.mark.parametrize("why", ["deadline", "setting", "stays down"])
async def test_a_retry_that_does_not_come_about_does_not_hide_that_the_first_try_may_have_been_executed(
    tmp_path: Path, why: str
) -> None:
    errors: list[HubError] = []
    settings = Settings(restart=HELD.restart, wait_while_backing_off=why != "setting")
    second = exits(1)
    if why == "stays down":
        settings = Settings(restart=RestartLimits(first_delay_seconds=0.0, max_restarts=1))
    async with stage(tmp_path, {"a": Lives(running(functions=_IDEMPOTENT), second)}, settings=settings) as on:
        await on.hub.start("a")
        async with anyio.create_task_group() as tasks:

            async def call() -> None:
                errors.append(await error_of(on.hub, "a.hang", seconds=4))

            tasks.start_soon(call)
            await anyio.wait_all_tasks_blocked()
            on.kill("a")
    assert [(error.kind, error.data["may_have_executed"]) for error in errors] == [("module_died", True)]


async def test_a_retry_keeps_the_deadline_of_the_call(tmp_path: Path) -> None:
    async with stage(tmp_path, {"a": running(functions=_IDEMPOTENT)}) as on:
        await on.hub.start("a")
        errors: list[HubError] = []
        async with anyio.create_task_group() as tasks:

            async def call() -> None:
                with anyio.fail_after(2):
                    errors.append(await error_of(on.hub, "a.hang", seconds=0.5))

            tasks.start_soon(call)
            await anyio.wait_all_tasks_blocked()
            on.kill("a")
    assert [(error.kind, error.data["may_have_executed"]) for error in errors] == [("timeout", True)]


async def test_calls_that_wait_for_their_turn_when_it_dies_are_served_by_the_next_process(tmp_path: Path) -> None:
    outcomes: dict[str, Any] = {}
    manifests = {"a": "[limits]\nmax_in_flight = 1\n"}
    async with stage(tmp_path, {"a": running()}, manifests=manifests) as on:
        await on.hub.start("a")

        async def call(name: str) -> None:
            try:
                outcomes[name] = await on.hub.call(f"a.{name}", x=1)
            except HubError as error:
                outcomes[name] = (error.kind, error.data["may_have_executed"])

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(call, "hang")
            await anyio.wait_all_tasks_blocked()
            tasks.start_soon(call, "echo")
            await anyio.wait_all_tasks_blocked()
            on.kill("a")
    assert outcomes == {"hang": ("module_died", True), "echo": {"x": 1}}


async def test_whoever_calls_again_and_again_what_fails_at_once_lets_others_run(tmp_path: Path) -> None:
    others_ran = anyio.Event()
    async with stage(tmp_path, {"a": running()}, settings=HELD) as on, anyio.create_task_group() as tasks:
        await _backing_off(on)

        async def run() -> None:
            for _ in range(3):
                await anyio.lowlevel.checkpoint()
            others_ran.set()

        tasks.start_soon(run)
        for _ in range(1000):
            await error_of(on.hub, "a.echo", seconds=1)
            if others_ran.is_set():
                return
    pytest.fail("nobody else ran")


async def test_the_calls_of_other_modules_do_not_notice(tmp_path: Path) -> None:
    answers: list[Any] = []
    inside, go = anyio.Event(), anyio.Event()

    async def slow(module: ModuleEnd, request: dict[str, Any]) -> None:
        inside.set()
        await go.wait()
        await module.answer(request, "slow")

    async with stage(tmp_path, {"a": Lives(running(), exits(1)), "good": running({"slow": slow})}) as on:
        for name in ("a", "good"):
            await on.hub.start(name)
        async with anyio.create_task_group() as tasks:

            async def call() -> None:
                answers.append(await on.hub.call("good.slow"))

            tasks.start_soon(call)
            await inside.wait()
            on.kill("a")
            while not on.watcher.of("module.gave-up", "a"):
                assert await on.hub.call("good.echo", x=1) == {"x": 1}
                await anyio.lowlevel.checkpoint()
            go.set()
    assert answers == ["slow"]
    assert on.kinds("good")[:2] == ["module.starting", "module.running"]
    assert len(on.watcher.of("module.starting", "good")) == 1
