"""Own the proof that a kept process leaves nothing, in life and in the death of its hub; know nothing of modules."""

import os
import signal
import sys
from pathlib import Path

import anyio
import pytest

from hub._keeper import Keeper, KeptProcess
from hub._process import spawn
from hub._rlimits import Walls
from hub._strays import StrayReport
from hub._sweep import SweepReport
from hub.testing import MemorySpawner, ModuleEnd, check_child_process
from tests.hub.children import read_line, spec_of, write_line
from tests.hub.families import FAMILY, witness

pytestmark = pytest.mark.process

_ALL = ("child", "grandchild", "daemon")

# A hub in its own process: `python -c _HUB backend directory path`.
_HUB = """
import os, sys
from pathlib import Path
import anyio
from hub._childprocess import SpawnSpec
from hub._keeper import Keeper
from hub._process import spawn
from tests.hub.families import FAMILY
backend, directory, path = sys.argv[1:]
async def main():
    keeper = Keeper(Path(directory), spawn)
    await keeper.open()
    keeper.spawn(SpawnSpec("family", [sys.executable, "-I", "-S", "-c", FAMILY, path], Path("/"), {}))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(keeper.run)
        print(keeper.guardian.pid, flush=True)
        await anyio.sleep_forever()
anyio.run(main, backend=backend)
"""


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Return where hubs list what they run."""
    return tmp_path / "running"


async def test_what_left_the_session_is_gone_after_the_close_and_reported(directory: Path) -> None:
    told: list[tuple[str, StrayReport]] = []
    keeper = Keeper(directory, spawn, on_strays=lambda name, report: told.append((name, report)))
    async with witness() as seen:
        process = keeper.spawn(spec_of(sys.executable, "-I", "-S", "-c", FAMILY, seen.path))
        await seen.arrival(*_ALL)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(process.aclose)
            tasks.start_soon(process.aclose)
        await seen.end(*_ALL)
        ((name, report),) = told
        assert name == "probe"
        assert [stray.pid for stray in report.killed] == [seen.pids["daemon"]]
    await keeper.aclose()
    assert list(directory.iterdir()) == []


async def test_a_cancelled_close_leaves_nothing_either(directory: Path) -> None:
    keeper = Keeper(directory, spawn)
    async with witness() as seen:
        process = keeper.spawn(spec_of(sys.executable, "-I", "-S", "-c", FAMILY, seen.path))
        await seen.arrival(*_ALL)
        with anyio.CancelScope() as scope:
            scope.cancel()
            await process.aclose()
        await seen.end(*_ALL)
    await keeper.aclose()


@pytest.mark.parametrize("victims", ["hub", "hub and guardian"])
async def test_of_a_killed_hub_nothing_is_left(directory: Path, anyio_backend_name: str, victims: str) -> None:
    path = os.pathsep.join([*sys.path[1:], str(Path.cwd())])
    async with witness() as seen:
        spec = spec_of(sys.executable, "-c", _HUB, anyio_backend_name, str(directory), seen.path, env={"PYTHONPATH": path})
        async with spawn(spec) as hub:
            guardian = int(await read_line(hub))
            await seen.arrival(*_ALL)
            if victims == "hub":
                os.kill(hub.pid, signal.SIGKILL)
                with anyio.fail_after(2):
                    await seen.end(*_ALL)
            else:
                os.kill(hub.pid, signal.SIGSTOP)  # or it would replace the guardian
                os.kill(guardian, signal.SIGKILL)
                os.kill(hub.pid, signal.SIGKILL)
                await hub.wait()
                assert all(seen.lives(name) for name in _ALL)
            report = await Keeper(directory, spawn).open()
            assert report.modules == (() if victims == "hub" else ("family",))
            await seen.end(*_ALL)
    assert list(directory.iterdir()) == []


async def test_a_process_stands_behind_walls_and_plays_its_part(directory: Path) -> None:
    keeper = Keeper(directory, spawn, walls=lambda name: Walls(open_files=77 if name == "probe" else None))
    process = keeper.spawn(spec_of("/bin/sh", "-c", "read line; ulimit -n; echo $HUB_INSTANCE $HUB_MODULE_MARK; exit 3"))
    assert isinstance(process, KeptProcess)
    async with process:
        write_line(process)
        assert await read_line(process) == "77"
        assert len((await read_line(process)).split()) == 2
        assert (await process.wait()).code == 3
        assert [wall.enforced for wall in process.walls] == [True, True]
        assert process.start_ticks
    await keeper.aclose()


async def test_a_kept_process_keeps_the_promises_of_a_child(directory: Path) -> None:
    keeper = Keeper(directory, spawn)
    await check_child_process(lambda: keeper.spawn(spec_of("/bin/cat")))
    await keeper.aclose()


async def test_a_hub_that_starts_nothing_makes_nothing(directory: Path) -> None:
    keeper = Keeper(directory, spawn)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(keeper.run)
        assert await keeper.open() == SweepReport((), ())
        await anyio.wait_all_tasks_blocked()
        assert keeper.guardian.pid is None
        await keeper.aclose()
    assert not directory.exists()


async def test_a_pretended_process_is_left_as_it_is(directory: Path) -> None:
    async def program(module: ModuleEnd) -> None:
        await module.read_line()

    async with MemorySpawner({"probe": program}) as pretend:
        keeper = Keeper(directory, pretend)
        process = keeper.spawn(spec_of("probe"))
        assert not isinstance(process, KeptProcess)
        await process.aclose()
        await keeper.aclose()
    assert keeper.guardian.pid is None


async def test_what_does_not_work_is_said_and_the_module_runs(tmp_path: Path) -> None:
    told: list[str] = []
    (tmp_path / "file").write_text("")
    keeper = Keeper(tmp_path / "file", spawn, on_trouble=told.append)
    for _ in range(2):
        process = keeper.spawn(spec_of("/bin/sh", "-c", "read line; exit 3"))
        write_line(process)
        assert (await process.wait()).code == 3
        await process.aclose()
    await keeper.aclose()
    assert len(told) == 1
    assert told[0].startswith("cannot make the directory")
