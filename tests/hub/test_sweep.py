"""Own the proof that a new hub ends what a dead one left, and never a stranger; know nothing of modules."""

import fcntl
import json
import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from hub._process import PosixProcess, spawn
from hub._procfs import boot_id, start_ticks_of
from hub._strays import HUB_MARK, MODULE_MARK, new_mark
from hub._sweep import RunningList, SweepReport, sweep
from tests.hub.children import python, read_line, spec_of, watched
from tests.hub.families import FAMILY, Witness, witness

pytestmark = pytest.mark.process

_ALL = ("child", "grandchild", "daemon")
_NOTHING = SweepReport((), ())

# A hub in its own process that is nothing but its list: `python -c _HUB directory hub-mark module-mark fork`, then a number.
_HUB = """
import os, signal, sys
from pathlib import Path
from hub._sweep import RunningList
directory, hub_mark, module_mark, fork = sys.argv[1:]
running = RunningList(Path(directory), hub_mark)
running.open()
print(running.trouble, flush=True)
running.add("family", int(input()), module_mark)
if not fork or os.fork() == 0:
    print(running.trouble, flush=True)
signal.pause()
"""


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Return where hubs list what they run."""
    return tmp_path / "running"


@asynccontextmanager
async def _hub_with_family(directory: Path, *, fork: str = "") -> AsyncGenerator[tuple[PosixProcess, Witness]]:
    """Start a hub, then a family, and tell the hub that this is its module."""
    hub_mark, mark = new_mark(), new_mark()
    path = os.pathsep.join([*sys.path[1:], str(Path.cwd())])
    spec = spec_of(sys.executable, "-c", _HUB, str(directory), hub_mark, mark, fork, env={"PYTHONPATH": path})
    async with spawn(spec) as hub:
        assert await read_line(hub) == "None"
        async with _family(hub_mark, mark) as (seen, pid):
            os.write(hub.stdin_fd, f"{pid}\n".encode())
            assert await read_line(hub) == "None"
            yield hub, seen


@asynccontextmanager
async def _family(hub_mark: str, mark: str) -> AsyncGenerator[tuple[Witness, int]]:
    env = {HUB_MARK: hub_mark, MODULE_MARK: mark}
    async with witness() as seen, spawn(spec_of(sys.executable, "-I", "-S", "-c", FAMILY, seen.path, env=env)) as process:
        await seen.arrival(*_ALL)
        try:
            yield seen, process.pid
        finally:
            if seen.lives("daemon"):
                os.kill(seen.pids["daemon"], signal.SIGKILL)


def _stale(directory: Path, **changes: Any) -> Path:
    """Write the file of a hub that is dead."""
    directory.mkdir(mode=0o700, exist_ok=True)
    path = directory / "0123456789abcdef.running"
    content: dict[str, Any] = {"boot": boot_id(), "pid": os.getpid(), "start": 1, "mark": new_mark(), "modules": []}
    content.update(changes)
    path.write_text(json.dumps(content) + "\n")
    path.chmod(0o600)
    return path


@pytest.mark.parametrize("fork", ["", "forked"])
async def test_what_a_dead_hub_left_is_ended_and_its_file_removed(directory: Path, fork: str) -> None:
    async with _hub_with_family(directory, fork=fork) as (hub, seen):
        os.kill(hub.pid, signal.SIGKILL)
        os.waitid(os.P_PID, hub.pid, os.WEXITED | os.WNOWAIT)  # not through `wait`, which would end the forked one too
        report = await sweep(directory)
        await seen.end(*_ALL)
        assert report.modules == ("family",)
        assert seen.pids["daemon"] in {stray.pid for stray in report.killed}
        assert list(directory.iterdir()) == []


async def test_what_a_living_hub_runs_is_left_alone(directory: Path) -> None:
    async with _hub_with_family(directory) as (_, seen):
        assert await sweep(directory) == _NOTHING
        assert all(seen.lives(name) for name in _ALL)
        assert len(list(directory.iterdir())) == 1


async def test_a_hub_of_the_same_process_is_left_alone(directory: Path) -> None:
    running = RunningList(directory, new_mark())
    running.open()
    async with python("input()") as process:
        running.add("module", process.pid, new_mark())
        assert await sweep(directory) == _NOTHING
        running.remove(process.pid)
    running.close()
    running.close()
    assert list(directory.iterdir()) == []


@pytest.mark.parametrize("wrong", ["start", "mark", "nothing"])
async def test_a_number_is_a_module_only_with_its_start_time_and_its_mark(directory: Path, wrong: str) -> None:
    mark = new_mark()
    async with spawn(spec_of("/bin/sh", "-c", "echo; read line", env={MODULE_MARK: mark})) as process:
        await read_line(process)
        start = start_ticks_of(process.pid)
        assert start is not None
        module = {"name": "m", "pid": process.pid, "start": start, "mark": mark}
        module |= {"start": {"start": start + 1}, "mark": {"mark": new_mark()}}.get(wrong, {})
        path = _stale(directory, modules=[module])
        with watched(process.pid) as gone:
            report = await sweep(directory)
            if wrong == "nothing":
                await gone()
        assert report.modules == (("m",) if wrong == "nothing" else ())
        assert (process.exit_status is None) or wrong == "nothing"
        assert not path.exists()


async def test_a_file_that_names_this_very_process_does_it_no_harm(directory: Path) -> None:
    _stale(directory, modules=[{"name": "us", "pid": os.getpid(), "start": start_ticks_of(os.getpid()), "mark": new_mark()}])
    assert await sweep(directory) == _NOTHING


# A hub that is itself the module that the file names, with everything that proves it.
_INNER_HUB = f"""
import json, os, sys
from pathlib import Path
import anyio
from hub._procfs import start_ticks_of
from hub._sweep import sweep
path = Path(sys.argv[1])
us = {{"name": "us", "pid": os.getpid(), "start": start_ticks_of(os.getpid()), "mark": os.environ["{MODULE_MARK}"]}}
path.write_text(json.dumps(json.loads(path.read_text()) | {{"modules": [us], "mark": os.environ["{HUB_MARK}"]}}))
report = anyio.run(sweep, path.parent)
print(report.modules, report.killed)
"""


async def test_a_hub_that_is_a_module_of_a_dead_hub_does_not_end_itself(directory: Path) -> None:
    path = os.pathsep.join([*sys.path[1:], str(Path.cwd())])
    env = {HUB_MARK: new_mark(), MODULE_MARK: new_mark(), "PYTHONPATH": path}
    async with spawn(spec_of(sys.executable, "-c", _INNER_HUB, str(_stale(directory)), env=env)) as process:
        assert await read_line(process) == "() ()"


@pytest.mark.parametrize(
    "content",
    ["", "null", "{", "[" * 100_000, '{"boot": 1}', "\0" * 100, "x" * 2_000_000],
    ids=["empty", "null", "cut", "deep", "wrong", "zeros", "long"],
)
async def test_a_file_of_garbage_is_removed(directory: Path, content: str) -> None:
    path = _stale(directory)
    path.write_text(content)
    assert await sweep(directory) == _NOTHING
    assert not path.exists()


async def test_a_list_from_before_the_machine_was_started_says_nothing(directory: Path) -> None:
    mark = new_mark()
    async with spawn(spec_of("/bin/sh", "-c", "echo; read line", env={HUB_MARK: mark})) as process:
        await read_line(process)
        path = _stale(directory, boot="another", mark=mark)
        assert await sweep(directory) == _NOTHING
        assert process.exit_status is None
        os.kill(process.pid, 0)
        assert not path.exists()


async def test_an_empty_mark_is_not_the_mark_of_everybody(directory: Path) -> None:
    async with spawn(spec_of("/bin/sh", "-c", "echo; read line", env={HUB_MARK: ""})) as process:
        await read_line(process)
        _stale(directory, mark="")
        assert await sweep(directory) == _NOTHING


async def test_a_file_that_others_could_have_written_is_not_believed(directory: Path, tmp_path: Path) -> None:
    path = _stale(directory)
    path.chmod(0o622)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("kept")
    (directory / "link.running").symlink_to(elsewhere)
    os.mkfifo(directory / "fifo.running", 0o600)
    assert await sweep(directory) == _NOTHING
    assert len(list(directory.iterdir())) == 3
    assert elsewhere.read_text() == "kept"


async def test_a_list_that_is_locked_belongs_to_a_living_hub_wherever_that_is(directory: Path) -> None:
    # In another process namespace its number means nothing here.
    path = _stale(directory)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        assert await sweep(directory) == _NOTHING
        assert path.exists()
    finally:
        os.close(descriptor)


async def test_where_nothing_was_ever_listed_there_is_nothing_to_do(directory: Path) -> None:
    assert await sweep(directory) == _NOTHING


async def test_a_hub_that_cannot_list_what_it_runs_works_on_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    running = RunningList(tmp_path / "file", new_mark())
    running.open()
    running.add("m", os.getpid(), new_mark())
    running.remove(os.getpid())
    running.close()
    assert running.trouble is not None
    assert running.trouble.startswith("cannot make the directory")


async def test_the_file_is_private_and_becomes_shorter_again(directory: Path) -> None:
    running = RunningList(directory, new_mark())
    running.open()
    (path,) = directory.iterdir()
    empty = path.stat()
    async with python("input()") as process:
        running.add("m" * 1000, process.pid, new_mark())
        assert path.stat().st_size > empty.st_size + 1000
        running.remove(process.pid)
    assert (path.stat().st_size, path.stat().st_mode & 0o777) == (empty.st_size, 0o600)
    running.close()
