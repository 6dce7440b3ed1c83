"""Own the proof that the pretended process keeps the promises of a real one, and that the checks find one who does not."""

import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from hub._childprocess import ChildProcess, SpawnSpec, StopDeadlines, StopStep
from hub.errors import StartFailed
from hub.testing import MemoryProcess, MemorySpawner, ModuleEnd, Program, check_child_process
from tests.hub.children import shell

_SPEC = SpawnSpec("cat", ["cat"], Path("/"), {})
_QUICK = StopDeadlines(0.01, 0.01, 1)


async def _cat(module: ModuleEnd) -> None:
    while line := await module.read_line():
        await module.write(line)


@asynccontextmanager
async def _started(program: Program) -> AsyncGenerator[MemoryProcess]:
    async with MemorySpawner({"cat": program}) as spawn:
        process = spawn(_SPEC)
        try:
            yield process
        finally:
            await process.aclose()


async def test_a_process_in_memory_keeps_the_promises() -> None:
    async with MemorySpawner({"cat": _cat}) as spawn:
        await check_child_process(lambda: spawn(_SPEC))


@pytest.mark.process
async def test_a_real_process_keeps_the_same_promises() -> None:
    await check_child_process(lambda: shell("exec cat"))


async def test_a_process_that_breaks_a_promise_is_found() -> None:
    class KeepsItsInput(MemoryProcess):
        def close_stdin(self) -> None:
            """Do nothing."""

    async with anyio.create_task_group() as tasks:

        def start() -> ChildProcess:
            process = KeepsItsInput(_SPEC)
            tasks.start_soon(process.run, _cat)
            return process

        with pytest.raises(AssertionError, match="a closed descriptor is -1"):
            await check_child_process(start)


async def test_what_a_program_raises_is_its_last_words_and_exit_status_1() -> None:
    async def program(_module: ModuleEnd) -> None:
        msg = "the reason"
        raise ValueError(msg)

    async with _started(program) as process:
        assert (await process.wait()).code == 1
        await anyio.wait_readable(process.stderr_fd)


@pytest.mark.parametrize(
    ("ignores", "step", "died_of"), [(False, StopStep.SIGTERM, signal.SIGTERM), (True, StopStep.SIGKILL, signal.SIGKILL)]
)
async def test_a_program_deaf_to_the_end_of_its_input_is_ended_by_the_ladder(
    ignores: bool, step: StopStep, died_of: signal.Signals
) -> None:
    async def program(module: ModuleEnd) -> None:
        module.ignores_sigterm = ignores
        await anyio.sleep_forever()

    async with _started(program) as process:
        await anyio.wait_all_tasks_blocked()
        report = await process.stop("test", _QUICK)
        assert (report.step, report.status.signal) == (step, died_of)


async def test_a_program_that_nobody_gave_cannot_be_started() -> None:
    async with MemorySpawner({}) as spawn:
        with pytest.raises(StartFailed):
            spawn(_SPEC)
        assert spawn.spawned == [_SPEC]


async def test_what_still_runs_ends_with_the_spawner() -> None:
    async with MemorySpawner({"cat": _cat}) as spawn:
        process = spawn(_SPEC)
        await anyio.wait_all_tasks_blocked()
    assert process.exit_status is not None
    await process.aclose()
