"""Own one host process of the calls: its start on the cores it may use, its tasks, its end; know nothing of what they mean."""

import contextlib
import json
import os
import select
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from tests.benchmarks.peers.work import Task
from tests.benchmarks.processor import cpu_seconds, tree_of
from tests.house.tree import ROOT

__all__ = ["ENVIRON", "MODES", "Driver", "HostFailed", "Measured", "cores_of"]

MODES: Final = ("pinned", "unpinned")
_START_SECONDS: Final = 60.0
# Beside what a task is to take: one call of the slowest peer with the largest payload, three times over.
_PATIENCE_SECONDS: Final = 120.0
_END_SECONDS: Final = 15.0
_SHOWN_CHARACTERS: Final = 300
# A PYTHONDONTWRITEBYTECODE of the person who measures would make every start compile everything.
ENVIRON: Final = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


class HostFailed(Exception):
    """A host died, gave a wrong answer or none."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a task came to: `host` and `module` are how many cores each of them had busy, on average."""

    calls: int
    seconds: float
    host: float
    module: float

    @property
    def seconds_per_call(self) -> float:
        """The time of all divided by their number, whatever was in flight."""
        return self.seconds / self.calls


def cores_of(mode: str) -> set[int]:
    """Return the cores for a mode: one, or all that this process has."""
    mine = os.sched_getaffinity(0)
    # The last: interrupts like the first.
    return {max(mine)} if mode == "pinned" else mine


class Driver:
    """A host that runs; what it inherits (the cores) its module inherits too."""

    def __init__(self, command: Sequence[str | Path], mode: str) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
        # A process inherits the cores of the thread that starts it, and Go looks at them once, at its start.
        before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, cores_of(mode))
        try:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=ENVIRON, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors
            )
        finally:
            os.sched_setaffinity(0, before)
        self._buffer = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """The process number of the host."""
        return self._process.pid

    def wait_ready(self) -> None:
        """Wait until its module answers.

        Raises:
            HostFailed: it does not.
        """
        if not self._answer(_START_SECONDS).get("ready"):
            raise HostFailed("it did not say that it was ready")

    def ask(self, task: Task) -> Measured:
        """Have a task done.

        Raises:
            HostFailed: the host died of it, because an answer was wrong for instance, or took too long.
        """
        host, *module = tree_of(self.pid)
        begun, before = time.perf_counter(), (cpu_seconds([host]), cpu_seconds(module))
        answer = self.ask_anything(asdict(task), task.seconds)
        took = time.perf_counter() - begun
        busy = [(after - first) / took for first, after in zip(before, (cpu_seconds([host]), cpu_seconds(module)), strict=True)]
        return Measured(answer["calls"], answer["seconds"], *busy)

    def ask_anything(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Send one line and return the answer, which is due `seconds` and some patience later.

        Raises:
            HostFailed: there is none.
        """
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        except OSError:
            raise self._failed("it is gone") from None
        return self._answer(seconds + _PATIENCE_SECONDS)

    def _answer(self, seconds: float) -> dict[str, Any]:
        assert self._process.stdout is not None
        deadline = time.monotonic() + seconds
        while b"\n" not in self._buffer:
            ready, _, _ = select.select([self._process.stdout], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise self._failed(f"no answer within {seconds:g} s")
            piece = os.read(self._process.stdout.fileno(), 65536)
            if not piece:
                raise self._failed("it ended")
            self._buffer += piece
        line, _, self._buffer = self._buffer.partition(b"\n")
        return json.loads(line)

    def _failed(self, why: str) -> HostFailed:
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace").strip().splitlines()
        return HostFailed(f"{why}: {' / '.join(said[-4:])[-_SHOWN_CHARACTERS:]}")

    def close(self) -> None:
        """End it by the end of its standard input; kill it when that is not heard."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._errors.close()
