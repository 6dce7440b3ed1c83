"""Own the proof that a child process starts as promised and that its end is seen, whatever it does; know no protocol."""

import os
import resource
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import anyio
import pytest

from hub._childprocess import StopStep
from hub._exitstatus import ExitStatus
from hub._leader import Leader, PolledLeader, ReapingLeader, leader_of
from hub._process import spawn
from hub.errors import StartFailed
from tests.hub.children import python, read_line, shell, spec_of, watched, write_line

pytestmark = pytest.mark.process

_WATCHES = pytest.mark.parametrize("watch", [leader_of, PolledLeader, ReapingLeader], ids=["best", "polled", "reaping"])
Watch = Callable[[int], Leader]


@_WATCHES
async def test_the_exit_code_is_known_to_every_waiter(watch: Watch) -> None:
    found: list[ExitStatus] = []

    async def wait() -> None:
        found.append(await process.wait())

    async with shell("read line; exit 3", watch=watch) as process:
        assert process.exit_status is None
        async with anyio.create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(wait)
            await anyio.wait_all_tasks_blocked()
            assert found == []
            write_line(process)
        assert found == [ExitStatus(code=3)] * 3
        assert process.exit_status == await process.wait() == ExitStatus(code=3)


@_WATCHES
@pytest.mark.parametrize("name", ["SIGSEGV", "SIGABRT", "SIGKILL"])
async def test_a_death_by_signal_has_its_name(watch: Watch, name: str) -> None:
    async with shell(f"ulimit -c 0; kill -s {name.removeprefix('SIG')} $$", watch=watch) as process:
        status = await process.wait()
    assert status.code is None
    assert status.describe() == f"killed by {name}"


async def test_a_cancelled_waiter_does_not_take_the_end_away_from_another() -> None:
    async with shell("read line") as process, anyio.create_task_group() as tasks:
        async with anyio.create_task_group() as cancelled:
            cancelled.start_soon(process.wait)
            await anyio.wait_all_tasks_blocked()
            tasks.start_soon(process.wait)
            await anyio.wait_all_tasks_blocked()
            cancelled.cancel_scope.cancel()
        await anyio.wait_all_tasks_blocked()
        write_line(process)
    assert process.exit_status == ExitStatus(code=0)


@_WATCHES
async def test_a_grandchild_that_holds_the_pipes_cannot_hide_the_end_and_is_killed(watch: Watch) -> None:
    async with shell("sleep 60 & echo $!; read line; exit 3", watch=watch) as process:
        with watched(int(await read_line(process))) as gone:
            write_line(process)
            assert await process.wait() == ExitStatus(code=3)
            await gone()


@_WATCHES
async def test_a_status_that_the_host_program_took_away_is_unknown_and_never_a_number(watch: Watch) -> None:
    async with shell("read line; exit 3", watch=watch) as process:
        write_line(process)
        os.waitpid(process.pid, 0)
        status = await process.wait()
        assert not status.known
        assert (await process.stop("test")).step == StopStep.ALREADY_ENDED


async def test_a_grandchild_is_killed_although_the_host_program_took_the_status_away() -> None:
    async with shell("sleep 60 & echo $!; read line") as process:
        with watched(int(await read_line(process))) as gone:
            write_line(process)
            os.waitpid(process.pid, 0)
            await process.wait()
            await gone()


@_WATCHES
async def test_a_host_program_that_ignores_the_end_of_children_sees_it_as_unknown(watch: Watch) -> None:
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        async with shell("read line; exit 3", watch=watch) as process:
            write_line(process)
            status = await process.wait()
    finally:
        signal.signal(signal.SIGCHLD, before)
    assert status == ExitStatus.unknown()


async def test_a_child_leads_its_own_session_in_its_own_directory_with_nothing_but_three_pipes(tmp_path: Path) -> None:
    spare, _ = pair = os.pipe()
    os.set_inheritable(spare, True)
    script = "import os; print(os.getpid() == os.getsid(0), os.getcwd(), sorted(os.listdir('/proc/self/fd')))"
    try:
        async with spawn(spec_of(sys.executable, "-I", "-S", "-c", script, cwd=tmp_path)) as process:
            # The fourth is the descriptor of the listing itself.
            assert await read_line(process) == f"True {tmp_path.resolve()} ['0', '1', '2', '3']"
            await process.wait()
    finally:
        for descriptor in pair:
            os.close(descriptor)


async def test_the_ends_of_the_hub_never_block_and_those_of_the_child_do() -> None:
    async with python("import os; print([os.get_blocking(fd) for fd in (0, 1, 2)])") as process:
        ours = (process.stdin_fd, process.stdout_fd, process.stderr_fd)
        assert [os.get_blocking(fd) for fd in ours] == [False] * 3
        assert await read_line(process) == "[True, True, True]"


async def test_a_child_inherits_the_listed_variables_and_those_of_its_manifest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUD_TOKEN", "secret")
    monkeypatch.setenv("LC_TIME", "C")
    spec = spec_of(sys.executable, "-I", "-S", "-c", "import os; print(sorted(os.environ))", env={"REGION": "nyc1"})
    async with spawn(spec) as process:
        names = await read_line(process)
    assert "CLOUD_TOKEN" not in names
    assert all(f"'{name}'" in names for name in ("PATH", "LC_TIME", "REGION"))


async def test_a_launcher_becomes_the_program_under_the_same_number() -> None:
    spec = replace(spec_of("/bin/sh", "-c", "echo $$"), launcher=("/usr/bin/env", "WORD=1"))
    async with spawn(spec) as process:
        assert await read_line(process) == str(process.pid)


@pytest.mark.parametrize("name", ["with space", "grüße-漢字", "two\nlines", "-dash", "'quote\"", "x" * 140 + "/" + "y" * 159])
async def test_a_path_of_any_shape_is_started(tmp_path: Path, name: str) -> None:
    program = tmp_path / name / "run"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\necho started\n")
    program.chmod(0o755)
    for argv in (str(program), "./run"):
        async with spawn(spec_of(argv, cwd=program.parent)) as process:
            assert await read_line(process) == "started"
            await process.wait()


async def test_closing_an_end_wakes_who_waits_for_it_and_hides_its_number() -> None:
    async def read() -> None:
        with pytest.raises(anyio.ClosedResourceError):
            await anyio.wait_readable(process.stdout_fd)

    async with shell("read line") as process:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(read)
            await anyio.wait_all_tasks_blocked()
            process.close_stdout()
        process.close_stdout()
        assert process.stdout_fd == -1


async def test_closing_kills_what_runs_and_may_be_done_twice() -> None:
    process = shell("trap '' TERM; echo ready; while :; do sleep 60; done")
    await read_line(process)
    with watched(process.pid) as gone:
        await process.aclose()
        await gone()
    await process.aclose()
    assert (process.stdin_fd, process.stdout_fd, process.stderr_fd) == (-1, -1, -1)
    assert process.exit_status == ExitStatus(signal=signal.SIGKILL)


async def test_a_failed_start_is_an_error_of_the_module_in_words_and_holds_nothing() -> None:
    with pytest.raises(StartFailed) as caught:
        spawn(spec_of("/nowhere/program"))
    assert caught.value.message == "cannot start probe: /nowhere/program does not exist"
    assert caught.value.data == {"reason": "missing_program", "permanent": True}
    assert caught.value.hint


# Closed descriptors leave holes below the highest; these fill them, so that the limit alone says how many are free.
_MORE_THAN_ANY_HOLE = 100


@pytest.mark.parametrize("free", [0, 3, 6, 7])
async def test_a_hub_without_free_descriptors_says_so_and_holds_nothing(free: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    filler = [os.open("/dev/null", os.O_RDONLY) for _ in range(_MORE_THAN_ANY_HOLE)]
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(filler) + 1 + free, hard))
    try:
        with pytest.raises(StartFailed) as caught:
            spawn(spec_of("/bin/true"))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for descriptor in filler:
            os.close(descriptor)
    assert caught.value.data == {"reason": "too_many_open_files", "permanent": False}


@pytest.mark.parametrize("argv", [("/bin/echo", "null\0byte"), ("null\0byte",), ("/bin/echo", "surrogate\ud800")])
async def test_an_argument_that_no_system_takes_is_an_error_of_the_module(argv: tuple[str, ...]) -> None:
    with pytest.raises(StartFailed) as caught:
        spawn(spec_of(*argv))
    assert caught.value.data["reason"] == "bad_argument"
