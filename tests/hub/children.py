"""Own how process tests start a child and talk to it; know nothing of the protocol."""

import os
import sys
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

import anyio

from hub._childprocess import ChildProcess, SpawnSpec, StopDeadlines
from hub._environment import plugin_environment
from hub._leader import Leader, leader_of
from hub._process import PosixProcess, spawn

__all__ = ["SHORT", "python", "read_line", "shell", "spec_of", "watched", "write_line"]

# For children that are known to sit out a step of the ladder.
SHORT = StopDeadlines(after_stdin_close_seconds=0.1, after_sigterm_seconds=0.1, after_sigkill_seconds=2.0)


def spec_of(*argv: str, cwd: Path = Path("/"), env: Mapping[str, str] | None = None) -> SpawnSpec:
    return SpawnSpec("probe", argv, cwd, plugin_environment(os.environ, env or {}))


def shell(script: str, *, watch: Callable[[int], Leader] = leader_of) -> PosixProcess:
    return spawn(spec_of("/bin/sh", "-c", script), watch=watch)


def python(script: str) -> PosixProcess:
    return spawn(spec_of(sys.executable, "-I", "-S", "-c", script))


async def read_line(process: ChildProcess) -> str:
    """Return the next line of standard output, or what there was before its end."""
    line = b""
    while not line.endswith(b"\n"):
        await anyio.wait_readable(process.stdout_fd)
        if not (byte := os.read(process.stdout_fd, 1)):
            break
        line += byte
    return line.decode().rstrip("\n")


def write_line(process: ChildProcess) -> None:
    os.write(process.stdin_fd, b"\n")


@contextmanager
def watched(pid: int) -> Generator[Callable[[], Awaitable[None]]]:
    """Prove that `pid` lives, and give a function that returns when it has ended; the number may be of anybody by then."""
    pidfd = os.pidfd_open(pid)
    os.kill(pid, 0)
    try:
        yield lambda: anyio.wait_readable(pidfd)
    finally:
        os.close(pidfd)
