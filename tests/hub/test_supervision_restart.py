"""Own the proof of what follows from each kind of end: its verdict, a restart or none, delays, and giving up once."""

import signal
from itertools import pairwise
from pathlib import Path
from typing import Any

import anyio
import pytest

from hub import ApprovalRequest, Settings
from hub._liveness import PingLimits
from hub._restart import RestartLimits
from hub.errors import HubError
from hub.testing import ModuleEnd, Program
from tests.hub.supervised import (
    AT_ONCE,
    HELD,
    Clock,
    Lives,
    Stage,
    abuses,
    dies_in_init,
    disables,
    error_of,
    exits,
    loaded,
    refuses_info,
    refuses_init,
    running,
    stage,
)  # fmt: skip

_FAILS_TO_START: dict[str, tuple[Program, str]] = {
    "ends at once": (exits(1), "never_started"),
    "ends at once, well": (exits(0), "never_started"),
    "does not say who it is": (refuses_info, "failed_in_handshake"),
    "floods in the handshake": (abuses("handshake"), "protocol_abuse"),
    "floods in init": (abuses("init"), "protocol_abuse"),
    "refuses init": (refuses_init(), "failed_in_init"),
    "dies in init": (dies_in_init(1), "failed_in_init"),
    "ends in init, well": (dies_in_init(0), "failed_in_init"),
}


@pytest.mark.parametrize("how", list(_FAILS_TO_START))
async def test_a_first_start_that_fails_has_its_verdict_and_is_not_tried_again(tmp_path: Path, how: str) -> None:
    program, verdict = _FAILS_TO_START[how]
    async with stage(tmp_path, {"a": program}) as on:
        await error_of(on.hub, "a.echo")
        await anyio.wait_all_tasks_blocked()
        failed = on.watcher.of("module.failed", "a")
        assert [(event.data["verdict"], event.data["restart"]) for event in failed] == [(verdict, False)]
        assert on.kinds("a") == ["module.starting", "module.failed"]


@pytest.mark.parametrize("how", list(_FAILS_TO_START))
async def test_a_restart_that_fails_has_its_verdict_and_is_tried_again(tmp_path: Path, how: str) -> None:
    program, verdict = _FAILS_TO_START[how]
    async with stage(tmp_path, {"a": Lives(running(), program, running())}) as on:
        await on.hub.start("a")
        on.kill("a")
        await on.watcher.wait("module.running", "a", count=2)
        told = on.watcher.of("module.backing-off", "a")
        assert [event.data["verdict"] for event in told] == ["ran_and_died", verdict]
        assert on.watcher.of("module.failed", "a") == []


@pytest.mark.parametrize(
    ("how", "verdict", "again"),
    [
        ("killed", "ran_and_died", True),
        ("exit 3", "ran_and_died", True),
        ("exit 0", "ran_and_exited", False),
        ("flood", "protocol_abuse", True),
        ("silence", "wedged", True),
    ],
)
async def test_a_module_that_ran_has_a_verdict_of_its_own_for_each_end(
    tmp_path: Path, how: str, verdict: str, again: bool
) -> None:
    async def flood(module: ModuleEnd, _request: dict[str, Any]) -> None:
        await module.write(b"hello\n" * 200)

    async def silence(_module: ModuleEnd, _request: dict[str, Any]) -> None:
        """Answer no ping."""

    settings = Settings(restart=AT_ONCE.restart, ping=PingLimits(0.02, 2) if how == "silence" else PingLimits())
    first = running({"flood": flood, **({"ping": silence} if how == "silence" else {})})
    async with stage(tmp_path, {"a": Lives(first, running())}, settings=settings) as on:
        await on.hub.start("a")
        match how:
            case "killed":
                on.kill("a", signal.SIGKILL)
            case "exit 3" | "exit 0":
                await error_of(on.hub, "a.exit", {"status": int(how[-1])})
            case "flood":
                await error_of(on.hub, "a.flood")
            case _:
                pass
        told = await on.watcher.wait("module.backing-off" if again else "module.failed", "a")
        assert (told.data["verdict"], told.data["restart"]) == (verdict, again)
        if again:
            await on.watcher.wait("module.running", "a", count=2)


@pytest.mark.parametrize(
    ("policy", "status", "restarted"),
    [("always", 0, True), ("always", 1, True), ("on-failure", 0, False), ("on-failure", 1, True), ("never", 1, False)],
)
async def test_the_policy_of_the_manifest_decides(tmp_path: Path, policy: str, status: int, restarted: bool) -> None:
    manifests = {"a": f'[restart]\npolicy = "{policy}"\n'}
    async with stage(tmp_path, {"a": running()}, manifests=manifests) as on:
        await on.hub.start("a")
        await error_of(on.hub, "a.exit", {"status": status})
        if restarted:
            await on.watcher.wait("module.running", "a", count=2)
        else:
            failed = await on.watcher.wait("module.failed", "a")
            assert (failed.data["restart"], failed.data["gave_up"]) == (False, False)
            await anyio.wait_all_tasks_blocked()
            assert on.hub.modules["a"].state == "failed"
            # It is not given up: whoever calls it has it started.
            assert await on.hub.call("a.echo", x=1) == {"x": 1}


@pytest.mark.parametrize("where", ["running", "init", "start"])
async def test_exit_status_78_is_obeyed_wherever_it_comes(tmp_path: Path, where: str) -> None:
    """HUB-LIFE-8."""
    second = {"running": running(), "init": dies_in_init(78), "start": exits(78)}[where]
    async with stage(tmp_path, {"a": Lives(running(), second, running())}) as on:
        await on.hub.start("a")
        if where == "running":
            await error_of(on.hub, "a.exit", {"status": 78})
        else:
            on.kill("a")
        failed = await on.watcher.wait("module.failed", "a")
        await anyio.wait_all_tasks_blocked()
        assert (failed.data["restart"], failed.data["gave_up"]) == (False, False)
        assert "module.gave-up" not in on.kinds("a")
        assert on.hub.modules["a"].pid is None


async def test_what_cannot_succeed_is_not_tried_again(tmp_path: Path) -> None:
    answers = iter([True, False])

    def approve_once(_request: ApprovalRequest) -> bool:
        return next(answers)

    lives = Lives(running(), running(functions=[{"name": "other"}]))
    async with stage(tmp_path, {"a": lives}, approve=approve_once) as on:
        await on.hub.start("a")
        on.kill("a")
        failed = await on.watcher.wait("module.failed", "a")
        assert (failed.data["error"]["kind"], failed.data["restart"]) == ("not_approved", False)
        await anyio.wait_all_tasks_blocked()
        assert len(on.spawn.spawned) == 2


async def test_a_program_that_is_gone_is_not_tried_again(tmp_path: Path) -> None:
    async with stage(tmp_path, {"a": running()}) as on:
        await on.hub.start("a")
        del on.spawn.programs["a"]
        on.kill("a")
        failed = await on.watcher.wait("module.failed", "a")
        assert (failed.data["error"]["data"]["reason"], failed.data["verdict"]) == ("missing", "never_started")
        await anyio.wait_all_tasks_blocked()
        assert len(on.spawn.spawned) == 2


async def test_a_module_that_disables_itself_in_a_restart_is_stopped_and_stays_so(tmp_path: Path) -> None:
    """HUB-LIFE-10."""
    async with stage(tmp_path, {"a": Lives(running(), disables(), running())}) as on:
        await on.hub.start("a")
        on.kill("a")
        await on.watcher.wait("module.disabled", "a")
        await on.watcher.wait("module.stopped", "a")
        await anyio.wait_all_tasks_blocked()
        assert (on.hub.modules["a"].state, len(on.spawn.spawned)) == ("stopped", 2)


async def test_delays_double_and_are_told(tmp_path: Path) -> None:
    restart = RestartLimits(first_delay_seconds=0.001, longest_delay_seconds=0.005)
    async with stage(tmp_path, {"a": Lives(running(), exits(1))}, settings=Settings(restart=restart)) as on:
        await on.hub.start("a")
        on.kill("a")
        await on.watcher.wait("module.gave-up", "a")
        told = on.watcher.of("module.backing-off", "a")
        assert [event.data["retry_after_seconds"] for event in told] == pytest.approx([0.001, 0.002, 0.004, 0.005, 0.005])


@pytest.mark.parametrize(("random", "seconds"), [(0.0, 800.0), (0.5, 1000.0), (0.999999, 1200.0)])
async def test_the_random_source_spreads_the_delay_by_a_fifth(tmp_path: Path, random: float, seconds: float) -> None:
    async with stage(tmp_path, {"a": running()}, settings=HELD, random=lambda: random) as on:
        await on.hub.start("a")
        on.kill("a")
        told = await on.watcher.wait("module.backing-off", "a")
        assert told.data["retry_after_seconds"] == pytest.approx(seconds, rel=0.001)


async def test_after_a_minute_of_being_up_it_is_restarted_at_once_and_all_is_forgotten(tmp_path: Path) -> None:
    clock, restart = Clock(), RestartLimits(first_delay_seconds=0.001)
    async with stage(tmp_path, {"a": running()}, settings=Settings(restart=restart), clock=clock) as on:
        await on.hub.start("a")
        for count in range(2, 6):
            on.kill("a")
            await on.watcher.wait("module.running", "a", count=count)
        clock.ahead += 60
        for count in range(6, 10):
            on.kill("a")
            await on.watcher.wait("module.running", "a", count=count)
        told = [event.data["retry_after_seconds"] for event in on.watcher.of("module.backing-off", "a")]
        assert told == pytest.approx([0.001, 0.002, 0.004, 0.008, 0.0, 0.002, 0.004, 0.008])


async def test_a_minute_of_trying_to_start_is_not_a_minute_of_being_up(tmp_path: Path) -> None:
    clock = Clock()

    async def slow(module: ModuleEnd) -> int:
        clock.ahead += 100
        return await exits(1)(module) or 1

    async with stage(tmp_path, {"a": Lives(running(), slow, running())}, settings=AT_ONCE, clock=clock) as on:
        await on.hub.start("a")
        on.kill("a")
        await on.watcher.wait("module.running", "a", count=2)
        assert all(first.time <= second.time for first, second in pairwise(on.watcher.events))
        told = on.watcher.of("module.backing-off", "a")
        assert len(told) == 2
        assert loaded(on.hub, "a").supervisor.restarts == 2


async def _crash_until_given_up(on: Stage) -> None:
    await on.hub.start("a")
    on.kill("a")
    await on.watcher.wait("module.gave-up", "a")


async def test_it_gives_up_once_and_every_call_from_then_on_is_told_so(tmp_path: Path) -> None:
    lives = Lives(running(), exits(1))
    async with stage(tmp_path, {"a": lives}) as on:
        await _crash_until_given_up(on)
        assert lives.count == 6
        errors = [await error_of(on.hub, "a.echo") for _ in range(100)]
        with pytest.raises(HubError) as raised:
            await on.hub.start("a")
        errors.append(raised.value)
        assert {(error.kind, error.code, error.data["may_have_executed"]) for error in errors} == {("gave_up", -31022, False)}
        assert len({id(error) for error in errors}) == len(errors)
        assert all("5 times" in error.message and error.hint and "restart" in error.hint for error in errors)
        assert errors[0].data["cause"]["kind"] == "start_failed"
        assert (lives.count, on.hub.modules["a"].state) == (6, "failed")
        assert [kind for kind in on.kinds("a") if kind in ("module.failed", "module.gave-up")] == [
            "module.failed",
            "module.gave-up",
        ]


async def test_a_start_by_hand_forgets_that_it_was_given_up(tmp_path: Path) -> None:
    lives = Lives(running(), *[exits(1)] * 5, running())
    async with stage(tmp_path, {"a": lives}) as on:
        await _crash_until_given_up(on)
        loaded(on.hub, "a").start_by_hand()
        assert await on.hub.call("a.echo", x=1) == {"x": 1}
        # And it may fail as often as before.
        on.kill("a")
        await on.watcher.wait("module.running", "a", count=3)


async def test_a_start_by_hand_that_fails_again_is_given_up_again_and_said_again(tmp_path: Path) -> None:
    async with stage(tmp_path, {"a": Lives(running(), exits(1))}) as on:
        await _crash_until_given_up(on)
        loaded(on.hub, "a").start_by_hand()
        await on.watcher.wait("module.gave-up", "a", count=2)
        assert (await error_of(on.hub, "a.echo")).kind == "gave_up"


async def test_a_crash_in_each_call_is_given_up_too(tmp_path: Path) -> None:
    kinds: list[str] = []
    async with stage(tmp_path, {"a": running()}) as on:
        while "gave_up" not in kinds:
            kinds.append((await error_of(on.hub, "a.exit", {"status": 3})).kind)
        assert kinds == ["module_died"] * 6 + ["gave_up"]
        assert len(on.watcher.of("module.gave-up", "a")) == 1
