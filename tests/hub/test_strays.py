"""Own the proof that what left a module's session is ended with it, and nobody else; know nothing of modules."""

import os
import signal
import sys
import time
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest

from hub._process import spawn
from hub._procfs import start_ticks_of
from hub._strays import HUB_MARK, MODULE_MARK, kill_marked, kill_strays, mark_entry, new_mark
from tests.hub.children import python, read_line, spec_of, watched
from tests.hub.families import FAMILY, witness

pytestmark = pytest.mark.process


async def test_a_daemon_that_left_the_session_is_killed_and_named() -> None:
    mark = new_mark()
    async with witness() as seen:
        spec = spec_of(sys.executable, "-I", "-S", "-c", FAMILY, seen.path, env={MODULE_MARK: mark})
        async with spawn(spec) as process:
            since = start_ticks_of(process.pid)
            await seen.arrival("child", "grandchild", "daemon")
        await seen.end("child", "grandchild")
        assert seen.lives("daemon")
        report = await kill_strays(mark, since=since)
        await seen.end("daemon")
        assert [stray.pid for stray in report.killed] == [seen.pids["daemon"]]
        assert report.killed[0].name.startswith("python")
        assert report.complete


async def test_nothing_is_found_where_nothing_is_and_a_stranger_is_left_alone() -> None:
    mark, other = new_mark(), new_mark()
    # The mark as part of another value, and of another variable, is no mark.
    near = {MODULE_MARK: other, "A": f"x{MODULE_MARK}={mark}", f"X{MODULE_MARK}": mark, "B": f"{MODULE_MARK}={mark}"}
    async with spawn(spec_of("/bin/sh", "-c", "echo; read line", env=near)) as stranger:
        await read_line(stranger)
        report = await kill_strays(mark, since=None)
        assert report.killed == ()
        assert report.complete
        os.kill(stranger.pid, 0)
        assert stranger.exit_status is None


async def test_what_is_older_than_the_module_is_never_looked_at() -> None:
    mark = new_mark()
    async with spawn(spec_of("/bin/sh", "-c", "echo; read line", env={MODULE_MARK: mark})) as older:
        await read_line(older)
        since = start_ticks_of(older.pid)
        assert since is not None
        assert (await kill_strays(mark, since=since + 1)).killed == ()
        assert [stray.pid for stray in (await kill_strays(mark, since=since)).killed] == [older.pid]


async def test_a_hub_that_carries_the_mark_itself_does_not_kill_itself() -> None:
    mark = new_mark()
    script = f"""
import anyio
from hub._strays import kill_marked
report = anyio.run(lambda: kill_marked(b"{HUB_MARK}={mark}", since=None))
print(len(report.killed))
"""
    path = os.pathsep.join([*sys.path[1:], str(Path.cwd())])
    async with spawn(spec_of(sys.executable, "-c", script, env={HUB_MARK: mark, "PYTHONPATH": path})) as process:
        assert await read_line(process) == "0"


async def test_a_process_that_forks_all_the_time_is_caught() -> None:
    mark = new_mark()
    # Each lives for a millisecond, in a session of its own; the first to have one says so.
    script = """
import os, time
for generation in range(10_000):
    if os.fork():
        os._exit(0)
    os.setsid()
    if generation == 0:
        os.write(1, b"\\n")
    time.sleep(0.001)
"""
    spec = spec_of(sys.executable, "-I", "-S", "-c", script, env={MODULE_MARK: mark})
    async with spawn(spec) as process:
        await read_line(process)
        await process.wait()
        report = await kill_strays(mark, since=None)
        assert report.killed
        assert report.complete


async def test_what_cannot_be_killed_does_not_hold_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    mark = new_mark()

    def refuse(*_args: object) -> None:
        raise PermissionError

    async with spawn(spec_of("/bin/sh", "-c", "echo; read line", env={MODULE_MARK: mark})) as process:
        await read_line(process)
        with monkeypatch.context() as patch:
            patch.setattr(signal, "pidfd_send_signal", refuse)
            begun = time.monotonic()
            report = await kill_strays(mark, since=None)
        assert time.monotonic() - begun < 1
        assert not report.complete
        assert report.killed == ()


async def test_a_cancelled_caller_does_not_leave_strays() -> None:
    mark = new_mark()
    async with spawn(spec_of("/bin/sh", "-c", "echo; read line", env={MODULE_MARK: mark})) as process:
        await read_line(process)
        with watched(process.pid) as gone:
            with anyio.CancelScope() as scope:
                scope.cancel()
                await kill_marked(mark_entry(MODULE_MARK, mark), since=None)
            await gone()


async def test_the_event_loop_goes_on_while_strays_are_looked_for() -> None:
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await anyio.lowlevel.checkpoint()

    async with python("input()"), anyio.create_task_group() as tasks:
        tasks.start_soon(count)
        await kill_strays(new_mark(), since=None)
        tasks.cancel_scope.cancel()
    assert turns > 1


async def test_marks_differ_and_have_128_bits() -> None:
    assert len({new_mark() for _ in range(100)}) == 100
    assert len(bytes.fromhex(new_mark())) == 16
