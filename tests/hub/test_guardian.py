"""Own the proof that nothing outlives a killed hub; know nothing of modules and their protocol."""

import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest

from hub._guardian import Guardian
from hub._process import PosixProcess, spawn
from hub._strays import HUB_MARK, new_mark
from tests.hub.children import python, read_line, spec_of, watched, write_line
from tests.hub.families import FAMILY, Witness, until, witness

pytestmark = pytest.mark.process

_ALL = ("child", "grandchild", "daemon")
_KILLED_HUB_SECONDS = 2.0

# A hub in its own process: `python -c _HUB backend path register mark`.
_HUB = """
import os, signal, sys
from pathlib import Path
import anyio
from hub._childprocess import SpawnSpec
from hub._guardian import Guardian
from hub._process import spawn
from tests.hub.families import FAMILY
backend, path, register, mark = sys.argv[1:]
async def main():
    guardian = Guardian(mark)
    guardian.start()
    command = [sys.executable, "-I", "-S", "-c", FAMILY, path]
    process = spawn(SpawnSpec("family", command, Path("/"), {"HUB_INSTANCE": mark} if register != "unmarked" else {}))
    if register != "unregistered":
        guardian.add(process.pid)
    if register == "forked" and os.fork() == 0:
        while True:
            signal.pause()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(guardian.run)
        print(guardian.pid, flush=True)
        await anyio.sleep_forever()
anyio.run(main, backend=backend)
"""


@asynccontextmanager
async def _hub(backend: str, seen: Witness, register: str) -> AsyncGenerator[tuple[PosixProcess, int]]:
    """Start a hub with a family, and return it and the number of its guardian."""
    path = os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)
    spec = spec_of(sys.executable, "-c", _HUB, backend, seen.path, register, new_mark(), env={"PYTHONPATH": path})
    async with spawn(spec) as process:
        yield process, int(await read_line(process))


@pytest.mark.parametrize("register", ["registered", "unregistered", "forked"])
async def test_a_hub_that_is_killed_takes_child_grandchild_and_daemon_with_it(anyio_backend_name: str, register: str) -> None:
    async with witness() as seen, _hub(anyio_backend_name, seen, register) as (process, guardian):
        await seen.arrival(*_ALL)
        with watched(guardian) as gone:
            os.kill(process.pid, signal.SIGKILL)
            with anyio.fail_after(_KILLED_HUB_SECONDS):
                await seen.end(*_ALL)
                await gone()


async def test_without_marks_the_groups_of_registered_modules_are_ended(anyio_backend_name: str) -> None:
    async with witness() as seen, _hub(anyio_backend_name, seen, "unmarked") as (process, guardian):
        await seen.arrival(*_ALL)
        try:
            with watched(guardian) as gone:
                os.kill(process.pid, signal.SIGKILL)
                await seen.end("child", "grandchild")
                await gone()
            assert seen.lives("daemon")
        finally:
            os.kill(seen.pids["daemon"], signal.SIGKILL)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGPIPE", "SIGTSTP"])
async def test_what_a_terminal_sends_does_not_end_the_guardian(anyio_backend_name: str, name: str) -> None:
    async with witness() as seen, _hub(anyio_backend_name, seen, "registered") as (process, guardian):
        await seen.arrival(*_ALL)
        await _is_on_guard(guardian)
        os.kill(guardian, getattr(signal, name))
        os.kill(process.pid, signal.SIGKILL)
        await seen.end(*_ALL)


async def _is_on_guard(guardian: int) -> None:
    """Return when the guardian ignores what it ignores, which is the first thing that it does."""
    status, term = Path(f"/proc/{guardian}/status"), 1 << (signal.SIGTERM - 1)
    await until(lambda: bool(int(status.read_text().split("SigIgn:\t")[1].split()[0], 16) & term))


async def test_a_guardian_holds_its_pipe_and_nothing_else() -> None:
    guardian = Guardian(new_mark())
    guardian.start()
    pid = guardian.pid
    assert pid is not None
    await _is_on_guard(pid)
    found = {entry.name: str(entry.readlink()) for entry in Path(f"/proc/{pid}/fd").iterdir()}
    assert found.pop("0").startswith("pipe:")
    assert found == {"1": "/dev/null", "2": "/dev/null"}
    assert os.getsid(pid) == pid
    assert Path(f"/proc/{pid}/cwd").readlink() == Path("/")
    assert HUB_MARK not in Path(f"/proc/{pid}/environ").read_text()
    await guardian.aclose()


async def test_a_close_with_nothing_registered_ends_the_guardian_and_nobody_else() -> None:
    mark = new_mark()
    spec = spec_of("/bin/sh", "-c", "echo ready; read line", env={HUB_MARK: mark})
    async with spawn(spec) as process:
        await read_line(process)
        guardian = Guardian(mark)
        guardian.add(process.pid)
        guardian.remove(process.pid)
        pid = guardian.pid
        assert pid is not None
        with watched(pid) as gone:
            await guardian.aclose()
            await gone()
        assert guardian.pid is None
        await guardian.aclose()
        write_line(process)
        assert (await process.wait()).code == 0


async def test_a_close_with_something_registered_ends_that_first() -> None:
    mark = new_mark()
    async with witness() as seen, spawn(spec_of(sys.executable, "-c", FAMILY, seen.path, env={HUB_MARK: mark})) as process:
        await seen.arrival(*_ALL)
        guardian = Guardian(mark)
        guardian.add(process.pid)
        await guardian.aclose()
        await seen.end(*_ALL)


async def test_a_guardian_that_dies_is_replaced_and_told_of_everything() -> None:
    guardian = Guardian("no process carries this")
    async with python("import time; print(flush=True); time.sleep(60)") as process, anyio.create_task_group() as tasks:
        await read_line(process)
        tasks.start_soon(guardian.run)
        guardian.add(process.pid)
        for _ in range(2):
            pid = guardian.pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            await until(lambda pid=pid: guardian.pid not in {pid, None})
        with watched(process.pid) as gone:
            await guardian.aclose()
            await gone()
    assert guardian.trouble is None


async def test_a_guardian_that_does_not_read_is_replaced_and_never_waited_for() -> None:
    guardian = Guardian(new_mark())
    async with python("input()") as process, anyio.create_task_group() as tasks:
        tasks.start_soon(guardian.run)
        guardian.start()
        pid = guardian.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        for count in range(100_000):
            guardian.remove(process.pid)
            guardian.add(process.pid)
            if count % 1000 == 0:
                await anyio.lowlevel.checkpoint()
                if guardian.pid != pid:
                    break
        assert guardian.pid != pid
        await guardian.aclose()


async def test_a_hub_without_a_shell_goes_on_and_says_so_once() -> None:
    told: list[str] = []
    guardian = Guardian(new_mark(), interpreter="/nowhere/sh", on_trouble=told.append)
    async with python("input()") as process:
        guardian.add(process.pid)
        await guardian.run()
        guardian.remove(process.pid)
    await guardian.aclose()
    assert told == ["cannot guard the modules against the death of the hub: /nowhere/sh: No such file or directory"]
    assert guardian.trouble == told[0]


async def test_a_shell_that_ends_at_once_is_not_started_for_ever() -> None:
    guardian = Guardian(new_mark(), interpreter="/bin/false")
    guardian.start()
    await guardian.run()
    assert guardian.trouble == "cannot guard the modules against the death of the hub: /bin/false ends at once"
    await guardian.aclose()
