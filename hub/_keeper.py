"""Own that nothing outlives what started it: a spawner that marks, lists, limits and guards each process; know no plugins.

Four nets, one behind the other. The group of a process is killed at its end (`_process.py`); what left the group, by its mark
(`_strays.py`); everything, when the hub is killed (`_guardian.py`); and what even that missed, by the next hub (`_sweep.py`).
Where the program is a hub alone, a fifth: what lost its parent and its mark ends with the hub (`_adoption.py`).
"""

import dataclasses
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, Self

import anyio

from hub._adoption import adopt_orphans, end_orphans, reap_orphans
from hub._childprocess import ChildProcess, Spawner, SpawnSpec, StopDeadlines, StopReport
from hub._exitstatus import ExitStatus
from hub._guardian import Guardian
from hub._procfs import has_procfs, start_ticks_of
from hub._rlimits import Wall, Walls, set_walls
from hub._start_times import StartTimes
from hub._strays import HUB_MARK, MODULE_MARK, StrayReport, kill_strays, new_mark
from hub._sweep import RunningList, SweepReport, sweep

__all__ = ["Keeper", "KeptProcess"]

_DEFAULT_DEADLINES: Final = StopDeadlines()
# How long an orphan that has ended may stay a zombie.
_REAP_SECONDS: Final = 10.0


class Keeper:
    """Starts the processes of one hub.

    Args:
        directory: where running hubs list what they run; made private.
        spawn: what really starts a process.
        walls: for the name of a module, what each of its processes may have.
        on_strays: told the name of a module and which processes had left its session, when there were any.
        on_trouble: told in words, once each, what of all this does not work here. Neither may block or raise.
        adopts: whether this program is nothing but a hub, so that the orphans of its processes are its own.
    """

    def __init__(
        self,
        directory: Path,
        spawn: Spawner,
        *,
        walls: Callable[[str], Walls] = lambda _name: Walls(),
        on_strays: Callable[[str, StrayReport], None] = lambda _name, _report: None,
        on_trouble: Callable[[str], None] = lambda _words: None,
        adopts: bool = False,
    ) -> None:
        self._adopts = adopts
        self._children: dict[int, str] = {}  # the mark of each process
        self._start_times = StartTimes()
        self._directory = directory
        self._spawn = spawn
        self._walls = walls
        self._on_strays = on_strays
        self._on_trouble = on_trouble
        self._mark = new_mark()
        self._list: RunningList | None = None
        self.guardian = Guardian(self._mark, on_trouble=on_trouble)

    async def open(self) -> SweepReport:
        """End what dead hubs left behind; return what that was. Nothing is started or written before the first `spawn`."""
        self._adopts = self._adopts and adopt_orphans()
        return await sweep(self._directory)

    async def run(self) -> None:
        """Keep the guardian alive, until cancelled."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self.guardian.run)
            while self._adopts:
                await anyio.sleep(_REAP_SECONDS)
                reap_orphans(self._known())

    def _known(self) -> set[int]:
        return set(self._children) if self.guardian.pid is None else {*self._children, self.guardian.pid}

    async def aclose(self) -> None:
        """End what is still running, then the guardian; to be called after the processes were closed. Bounded; idempotent."""
        if self._adopts and (ended := await end_orphans(self._known())):
            gone = ", ".join(f"{stray.name} ({stray.pid})" for stray in ended)
            self._on_trouble(f"ended what modules had left behind without a mark: {gone}")
        await self.guardian.aclose()
        if self._list is not None:
            self._list.close()

    def spawn(self, spec: SpawnSpec) -> ChildProcess:
        """Start a process; this is a `Spawner`.

        Raises:
            StartFailed: see `hub._process.spawn`.
        """
        mark = new_mark()
        marked = dataclasses.replace(spec, env={**spec.env, HUB_MARK: self._mark, MODULE_MARK: mark})
        process = self._spawn(marked)
        start_ticks = start_ticks_of(process.pid)
        if start_ticks is None and has_procfs():
            return process  # no process of this system: a pretended one, in a test
        self._children[process.pid] = mark
        self.guardian.add(process.pid)
        self._listed().add(spec.name, process.pid, mark)
        walls = set_walls(process.pid, self._walls(spec.name))
        return KeptProcess(process, start_ticks, walls, lambda kept: self._end(kept, spec.name, mark))

    def _listed(self) -> RunningList:
        if self._list is None:
            self._list = RunningList(self._directory, self._mark)
            self._list.open()
            if self._list.trouble is not None:
                self._on_trouble(self._list.trouble)
        return self._list

    async def _end(self, process: "KeptProcess", name: str, mark: str) -> None:
        report = await kill_strays(mark, since=process.start_ticks, times=self._start_times)
        if report.killed or not report.complete:
            self._on_strays(name, report)
        # Without a status the kernel holds it, and it may still have to be ended; and its number may be another child's by now.
        if process.exit_status is not None and self._children.get(process.pid) == mark:
            del self._children[process.pid]
            self.guardian.remove(process.pid)
            self._listed().remove(process.pid)
        if self._adopts:
            reap_orphans(self._known())


class KeptProcess:
    """A `ChildProcess` of which nothing is left after `aclose`, whatever session it went to; made by `Keeper.spawn`."""

    def __init__(
        self,
        process: ChildProcess,
        start_ticks: int | None,
        walls: tuple[Wall, ...],
        end: Callable[["KeptProcess"], Awaitable[None]],
    ) -> None:
        self._process = process
        self.start_ticks = start_ticks
        self.walls = walls
        self._end = end
        self._closing = anyio.Lock()
        self._closed = False

    @property
    def pid(self) -> int:
        """The process number; it means nothing after the end."""
        return self._process.pid

    @property
    def start_time(self) -> float:
        """When the process was spawned, in seconds of the hub's monotonic clock."""
        return self._process.start_time

    @property
    def exit_status(self) -> ExitStatus | None:
        """How the process ended, or None as far as is known."""
        return self._process.exit_status

    @property
    def stdin_fd(self) -> int:
        """The hub's non-blocking write end, or -1."""
        return self._process.stdin_fd

    @property
    def stdout_fd(self) -> int:
        """The hub's non-blocking read end, or -1."""
        return self._process.stdout_fd

    @property
    def stderr_fd(self) -> int:
        """The hub's non-blocking read end, or -1."""
        return self._process.stderr_fd

    def close_stdin(self) -> None:
        """Let the module see end of input; idempotent."""
        self._process.close_stdin()

    def close_stdout(self) -> None:
        """Give up reading; idempotent."""
        self._process.close_stdout()

    def when_stdout_closes(self, told: Callable[[], None]) -> None:
        """See `ChildProcess.when_stdout_closes`."""
        self._process.when_stdout_closes(told)

    def close_stderr(self) -> None:
        """Give up reading; idempotent."""
        self._process.close_stderr()

    async def wait(self) -> ExitStatus:
        """Return how the process ended; see `ChildProcess.wait`."""
        return await self._process.wait()

    async def stop(self, reason: str, deadlines: StopDeadlines = _DEFAULT_DEADLINES) -> StopReport:
        """End the process and its group; see `ChildProcess.stop`."""
        return await self._process.stop(reason, deadlines)

    async def aclose(self) -> None:
        """Kill what still runs, close every descriptor, then kill what left the session; idempotent, also when cancelled."""
        try:
            await self._process.aclose()
        finally:
            with anyio.CancelScope(shield=True):
                async with self._closing:
                    if not self._closed:
                        self._closed = True
                        await self._end(self)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.aclose()
