"""Own the proof that the guardian's program, in every shell at hand, ends what it was told to and no stranger; know no hub."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

import hub
from hub._process import spawn
from hub._procfs import start_ticks_of
from hub._strays import HUB_MARK, new_mark
from tests.hub.children import python, read_line, spec_of, watched
from tests.hub.families import FAMILY, Witness, witness

pytestmark = pytest.mark.process

_PROGRAM = Path(hub.__file__).with_name("_guardian.sh")
_PATH = "/usr/bin:/bin"
_SECONDS = 5

_ALL = ("child", "grandchild", "daemon")


@pytest.fixture(params=[name for name in ("sh", "dash", "bash", "ksh", "mksh", "busybox") if shutil.which(name)])
def shell(request: pytest.FixtureRequest) -> list[str]:
    """Return how to start each shell that is here."""
    name = str(request.param)
    found = str(shutil.which(name))
    return [found, "sh"] if name == "busybox" else [found]


def _run(shell: list[str], lines: str, *, path: str = _PATH) -> None:
    """Run the program to its end, which comes at the end of its input."""
    command = [*shell, "-c", '. "$0"; guard', str(_PROGRAM)]
    done = subprocess.run(
        command, input=lines, env={"PATH": path}, text=True, capture_output=True, check=False, timeout=_SECONDS
    )
    assert done.returncode == 0, done.stderr
    assert "yntax" not in done.stderr


@asynccontextmanager
async def _family(mark: str) -> AsyncGenerator[tuple[Witness, str]]:
    """Start a family, and return it and the line that registers it."""
    async with witness() as seen, spawn(spec_of(sys.executable, "-c", FAMILY, seen.path, env={HUB_MARK: mark})) as process:
        await seen.arrival(*_ALL)
        try:
            yield seen, f"add {process.pid} {start_ticks_of(process.pid)}\n"
        finally:
            if seen.lives("daemon"):
                os.kill(seen.pids["daemon"], signal.SIGKILL)


@pytest.mark.parametrize("path", [_PATH, "/nowhere"], ids=["with grep", "without grep"])
async def test_everything_with_the_mark_is_ended(shell: list[str], path: str) -> None:
    async with _family(mark := new_mark()) as (seen, _):
        _run(shell, f"mark {HUB_MARK}={mark}\n", path=path)
        await seen.end(*_ALL)


async def test_a_registered_group_is_ended(shell: list[str]) -> None:
    async with _family(new_mark()) as (seen, line):
        _run(shell, line)
        await seen.end("child", "grandchild")
        assert seen.lives("daemon")


async def test_what_was_taken_off_the_list_is_left_alone(shell: list[str]) -> None:
    async with _family(new_mark()) as (seen, line), python("input()") as other:
        pid = line.split()[1]
        # Numbers that begin or end with each other must not be mistaken; these two are beyond what any system gives out.
        _run(
            shell,
            f"add {pid}0000000 1\n{line}add 9999999{pid} 1\nadd {other.pid} {start_ticks_of(other.pid)}\ndel {pid}\ndel 12\n",
        )
        assert all(seen.lives(name) for name in _ALL)
        assert not (await other.wait()).code


@pytest.mark.parametrize("order", ["first", "last"])
async def test_what_is_taken_off_the_list_takes_nothing_else_with_it(shell: list[str], order: str) -> None:
    async with _family(new_mark()) as (seen, line):
        other = "add 9999999 1\n"
        _run(shell, (other + line if order == "first" else line + other) + "del 9999999\n")
        await seen.end("child", "grandchild")


async def test_a_stranger_with_a_recycled_number_is_left_alone(shell: list[str]) -> None:
    async with _family(new_mark()) as (seen, line):
        _, pid, start = line.split()
        _run(shell, f"add {pid} {int(start) + 1}\nmark {HUB_MARK}={new_mark()}\n")
        assert all(seen.lives(name) for name in _ALL)


async def test_where_there_is_no_start_time_a_group_is_ended_while_its_leader_lives(shell: list[str]) -> None:
    async with _family(new_mark()) as (seen, line):
        _run(shell, f"add {line.split()[1]} -\n")
        await seen.end("child", "grandchild")


async def test_after_a_farewell_nobody_is_ended(shell: list[str]) -> None:
    async with _family(mark := new_mark()) as (seen, line):
        _run(shell, f"mark {HUB_MARK}={mark}\n{line}end\n")
        assert all(seen.lives(name) for name in _ALL)


@pytest.mark.parametrize("name", ["a) R 1", "two\nlines", "(((", ") *\\"])
async def test_a_process_may_call_itself_what_it_likes(shell: list[str], name: str) -> None:
    script = f"open('/proc/self/comm', 'w').write({name!r}); print(flush=True); input()"
    async with python(script) as process:
        await read_line(process)
        assert Path(f"/proc/{process.pid}/comm").read_text() == name + "\n"
        with watched(process.pid) as gone:
            _run(shell, f"add {process.pid} {start_ticks_of(process.pid)}\n")
            await gone()


async def test_a_mark_among_many_lines_is_found_without_grep(shell: list[str]) -> None:
    mark = new_mark()
    spec = spec_of("/bin/sh", "-c", "echo; read line", env={"A": "x\n" * 50, HUB_MARK: mark, "Z": "\ny" * 50})
    async with spawn(spec) as process:
        await read_line(process)
        with watched(process.pid) as gone:
            _run(shell, f"mark {HUB_MARK}={mark}\n", path="/nowhere")
            await gone()


# In a process namespace of its own, or not at all: a guardian that took 1 for a group would end every process that it can see.
_EVERYBODY = """
[ $$ = 1 ] || exit 3
sleep 60 &
start=$(cut -d " " -f 22 /proc/1/stat)
for line in "add 1 $start" "add 1 -" "add 01 -" "add 0 -" "add -1 -" "add x -" "add"; do
    printf "%s\\n" "$line" | setsid "$0" -c '. "$0"; guard' "$1"
done
kill -0 $! && echo alive
"""


async def test_no_number_stands_for_everybody(shell: list[str]) -> None:
    if len(shell) > 1:
        pytest.skip("a shell that is a part of another program")
    alone = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child", "--mount-proc"]
    command = [*alone, shell[0], "-c", _EVERYBODY, shell[0], str(_PROGRAM)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_SECONDS)
    except FileNotFoundError:
        pytest.skip("no unshare on this machine")
    if "unshare:" in done.stderr:
        pytest.skip(f"no process namespace here: {done.stderr.strip()}")
    assert done.stdout == "alive\n"
