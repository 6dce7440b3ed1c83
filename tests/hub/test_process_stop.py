"""Own the proof that a stop ends every process within its deadlines and leaves nothing of it; know no protocol."""

import errno
import os
import signal
import time
from collections.abc import Callable
from typing import Any

import anyio
import pytest

from hub._childprocess import StopDeadlines, StopStep
from hub._exitstatus import ExitStatus
from hub._leader import Leader, PolledLeader, ReapingLeader, leader_of
from tests.hub.children import SHORT, read_line, shell, watched, write_line

pytestmark = pytest.mark.process

_WATCHES = pytest.mark.parametrize("watch", [leader_of, PolledLeader, ReapingLeader], ids=["best", "polled", "reaping"])
Watch = Callable[[int], Leader]

# It says `ready` when its traps are set, and then sits there whatever is closed.
_DEAF_TO_EOF = "{traps} echo ready; while :; do sleep 60 & wait; done"

_PATIENT = StopDeadlines(after_stdin_close_seconds=2, after_sigterm_seconds=2, after_sigkill_seconds=2)


@_WATCHES
async def test_a_module_that_ends_with_its_input_is_not_signalled(watch: Watch) -> None:
    async with shell("trap 'exit 9' TERM; echo ready; cat; exit 7", watch=watch) as process:
        await read_line(process)
        report = await process.stop("the operator asked for it", _PATIENT)
    assert (report.step, report.status) == (StopStep.STDIN_CLOSED, ExitStatus(code=7))
    assert report.reason == "the operator asked for it"
    assert 0 < report.seconds < 2


@_WATCHES
async def test_a_module_deaf_to_the_end_of_its_input_is_asked_by_sigterm(watch: Watch) -> None:
    async with shell(_DEAF_TO_EOF.format(traps="trap 'exit 9' TERM;"), watch=watch) as process:
        await read_line(process)
        report = await process.stop("test", StopDeadlines(0.1, 2, 2))
    assert (report.step, report.status) == (StopStep.SIGTERM, ExitStatus(code=9))


@_WATCHES
async def test_a_module_that_ignores_sigterm_is_killed(watch: Watch) -> None:
    async with shell(_DEAF_TO_EOF.format(traps="trap '' TERM;"), watch=watch) as process:
        await read_line(process)
        report = await process.stop("test", SHORT)
        assert (report.step, report.status) == (StopStep.SIGKILL, ExitStatus(signal=signal.SIGKILL))
        assert report.seconds >= 0.2
        assert await process.wait() == report.status


@_WATCHES
async def test_a_stopped_process_is_killed_all_the_same(watch: Watch) -> None:
    async with shell("echo ready; cat", watch=watch) as process:
        await read_line(process)
        os.kill(process.pid, signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
        report = await process.stop("test", SHORT)
    assert (report.step, report.status.signal) == (StopStep.SIGKILL, signal.SIGKILL)


@pytest.mark.bound(10, "the deadlines of the real ladder are what is tested")
async def test_the_whole_ladder_leaves_room_for_the_cleanup_in_ten_seconds() -> None:
    async with shell("echo ready; cat") as process:
        await read_line(process)
        os.kill(process.pid, signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
        report = await process.stop("test")
    assert report.step == StopStep.SIGKILL
    assert 3.5 <= report.seconds < 6  # HUB-CLEAN-1 takes 4 of the 10


async def test_sigterm_reaches_the_children_of_the_module_too() -> None:
    script = (
        "(trap 'echo asked; exit 0' TERM; echo ready; while :; do sleep 60 & wait; done) & trap 'wait; exit 0' TERM; wait; wait"
    )
    async with shell(script) as process:
        await read_line(process)
        report = await process.stop("test", StopDeadlines(0.1, 2, 2))
        assert await read_line(process) == "asked"
    assert report.step == StopStep.SIGTERM


@_WATCHES
async def test_no_child_of_the_module_outlives_a_stop(watch: Watch) -> None:
    async with shell("trap '' TERM; sleep 60 & echo $!; wait", watch=watch) as process:
        with watched(int(await read_line(process))) as gone:
            await process.stop("test", SHORT)
            await gone()


@_WATCHES
async def test_what_a_module_left_behind_is_killed_when_it_has_ended_by_itself(watch: Watch) -> None:
    async with shell("(trap '' TERM HUP; echo ready; sleep 60) & echo $!; read line", watch=watch) as process:
        lines = {await read_line(process), await read_line(process)} - {"ready"}
        with watched(int(lines.pop())) as gone:
            write_line(process)
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
            report = await process.stop("test", _PATIENT)
            await gone()
    assert (report.step, report.status) == (StopStep.ALREADY_ENDED, ExitStatus(code=0))


@_WATCHES
async def test_a_stop_that_is_cancelled_kills_at_once(watch: Watch) -> None:
    async with shell(_DEAF_TO_EOF.format(traps="trap '' TERM;"), watch=watch) as process:
        await read_line(process)
        with watched(process.pid) as gone:
            begun = time.monotonic()
            with anyio.move_on_after(0.1):
                await process.stop("test", StopDeadlines(30, 30, 2))
            assert time.monotonic() - begun < 2
            assert process.exit_status == ExitStatus(signal=signal.SIGKILL)
            await gone()


async def test_a_step_without_time_is_left_out() -> None:
    async with shell("trap 'exit 9' TERM; echo ready; cat") as process:
        await read_line(process)
        report = await process.stop("test", StopDeadlines(0, 0, 2))
    assert (report.step, report.status.signal) == (StopStep.SIGKILL, signal.SIGKILL)


async def test_two_stops_at_once_agree() -> None:
    statuses: list[ExitStatus] = []

    async def stop(deadlines: StopDeadlines) -> None:
        statuses.append((await process.stop("test", deadlines)).status)

    async with shell(_DEAF_TO_EOF.format(traps="trap '' TERM;")) as process:
        await read_line(process)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(stop, StopDeadlines(30, 30, 2))
            tasks.start_soon(stop, StopDeadlines(0, 0.1, 2))
    assert statuses == [ExitStatus(signal=signal.SIGKILL)] * 2


class _HeldByTheKernel(PolledLeader):
    """A leader in uninterruptible sleep, as on a dead network disk: no signal reaches it before `let_go`."""

    let_go = False

    def collect(self) -> ExitStatus | None:
        return super().collect() if self.let_go else None

    def signal_group(self, signal: signal.Signals) -> bool:
        return super().signal_group(signal) if self.let_go else True


async def test_a_process_that_the_kernel_holds_does_not_hold_the_hub_and_can_still_be_waited_for() -> None:
    leaders: list[_HeldByTheKernel] = []

    def watch(pid: int) -> Leader:
        leaders.append(_HeldByTheKernel(pid))
        return leaders[0]

    process = shell("sleep 60", watch=watch)
    report = await process.stop("test", StopDeadlines(0.05, 0.05, 0.05))
    await process.aclose()
    assert report.step == StopStep.SURVIVED
    assert not report.status.known
    assert report.seconds < 2
    with watched(process.pid):
        leaders[0].let_go = True
        os.kill(process.pid, signal.SIGKILL)
        assert await process.wait() == ExitStatus(signal=signal.SIGKILL)


@pytest.mark.parametrize("number", [errno.EINVAL, errno.EPERM])
async def test_a_kernel_without_signals_to_groups_by_descriptor_is_served_too(
    monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(*_: Any) -> None:
        refused.append(number)
        raise OSError(number, os.strerror(number))

    refused: list[int] = []
    monkeypatch.setattr(signal, "pidfd_send_signal", refuse)
    async with shell("trap '' TERM; sleep 60 & echo $!; wait") as process:
        with watched(int(await read_line(process))) as gone:
            report = await process.stop("test", SHORT)
            await gone()
    assert refused
    assert report.step == StopStep.SIGKILL


@pytest.mark.parametrize("watch", [PolledLeader, ReapingLeader])
async def test_a_number_that_may_belong_to_others_is_never_signalled(monkeypatch: pytest.MonkeyPatch, watch: Watch) -> None:
    def kill(group: int, number: int) -> None:
        sent.append((group, number))

    sent: list[tuple[int, int]] = []
    async with shell("read line", watch=watch) as process:
        write_line(process)
        os.waitpid(process.pid, 0)
        monkeypatch.setattr(os, "killpg", kill)
        await process.stop("test", SHORT)
        await process.aclose()
    assert sent == []


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ESRCH, errno.ENOSYS, errno.EPERM])
async def test_a_child_is_watched_without_a_pidfd_when_none_can_be_had(number: int) -> None:
    def refuse(_: int) -> int:
        raise OSError(number, os.strerror(number))

    async with shell("exit 5", watch=lambda pid: leader_of(pid, open_pidfd=refuse)) as process:
        assert await process.wait() == ExitStatus(code=5)
