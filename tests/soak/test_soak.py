"""Prove by a short soak that no call is lost among dying modules, and that a killed hub takes all of them with it."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import anyio
import pytest

pytestmark = [pytest.mark.process, pytest.mark.bound(100, reason="a soak is time; the long form is `make soak`")]

_ROOT = Path(__file__).parents[2]
# Everything happens several times in this, and nothing in it is a race against this machine's speed.
_MINUTES = 0.5
_SEED = 20_261_120
# Few calls would show little; even a machine that is busy with something else makes more.
_LEAST_CALLS = 5_000
_GONE_SECONDS = 2.0
_LOOK_SECONDS = 0.05


@contextmanager
def _soak(*arguments: str) -> Generator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.soak.drive", "--seed", str(_SEED), *arguments]
    with subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("anyio_backend", ["asyncio"], indirect=True)
async def test_every_call_of_a_soak_is_accounted_for_and_the_hub_does_not_grow(anyio_backend: str) -> None:
    with _soak("--minutes", str(_MINUTES)) as process:
        printed, _ = await anyio.to_thread.run_sync(process.communicate)
    assert process.returncode == 0, printed
    assert printed.startswith(f"seed {_SEED}\n")
    calls = next(int(line.split()[0]) for line in printed.splitlines() if " calls in " in line)
    assert calls >= _LEAST_CALLS


@pytest.mark.parametrize("anyio_backend", ["asyncio"], indirect=True)
async def test_nothing_is_left_two_seconds_after_a_hub_is_killed_in_the_middle_of_a_soak(anyio_backend: str) -> None:
    """Every module, and the children of some, hold a pipe open; its end is the end of the last of them."""
    directory = Path(tempfile.gettempdir()) / "soak"
    directory.mkdir()
    try:
        with _soak("--minutes", "1", "--directory", str(directory)) as process:
            assert process.stdout is not None
            await anyio.to_thread.run_sync(process.stdout.readline)
            await anyio.to_thread.run_sync(process.stdout.readline)  # the fleet is there
            held = os.open(directory / "held", os.O_RDONLY | os.O_NONBLOCK)
            try:
                await _many_calls(directory)
                with pytest.raises(BlockingIOError):
                    os.read(held, 1)  # somebody lives
                process.kill()
                with anyio.fail_after(_GONE_SECONDS):
                    await anyio.wait_readable(held)
                assert os.read(held, 1) == b""
            finally:
                os.close(held)
    finally:
        shutil.rmtree(directory)


async def _many_calls(directory: Path) -> None:
    """Return when each module has executed some calls."""
    ledgers = [directory / f"m{number:02}.ledger" for number in range(20)]
    while not all(ledger.exists() and ledger.stat().st_size > 100 for ledger in ledgers):
        with anyio.move_on_after(_LOOK_SECONDS):
            await anyio.sleep_forever()
