"""Own the marks that tell a module's processes from all others, and the end of those that left its session; know no modules.

A process that leaves its session (a double-forked daemon) cannot be found by group or by descent any more. What it does not
lose is its environment, so each life of a module gets a random mark there. A process that was started with a cleared
environment, or wrote over it, *and* left the session is not found. Being the "subreaper" of the hub's descendants would find
those too; a library does not, because it would take the orphans of the host program away from init. A program that is nothing
but a hub does (`_adoption.py`): there they end with the hub, unless that is killed.
"""

import os
import signal as signals
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import anyio
import anyio.lowlevel

from hub._procfs import carries, name_of
from hub._start_times import StartTimes

__all__ = ["HUB_MARK", "MODULE_MARK", "Stray", "StrayReport", "kill_marked", "kill_strays", "mark_entry", "new_mark"]

HUB_MARK: Final = "HUB_INSTANCE"
"""The variable that every process of one hub inherits."""
MODULE_MARK: Final = "HUB_MODULE_MARK"
"""The variable that every process of one life of one module inherits."""

# Nobody has such a value by accident.
_MARK_BYTES: Final = 16

# Far more than the few milliseconds that it takes, and short enough for the end of a module on a machine with 10 000 processes.
_STRAYS_SECONDS: Final = 1.0
# What the event loop is held for: 32 processes at 10 µs each where they are new, 20 µs where their environment is looked at.
_PROCESSES_AT_A_TIME: Final = 32

# Where so much comes and goes that no round is clear, a process that forks without end escapes this many only by luck.
_QUIET_ROUNDS: Final = 5

# Not in every Python: those built against an old C library lack it.
_PIDFD_OPEN: Final[Callable[[int], int] | None] = getattr(os, "pidfd_open", None)


@dataclass(frozen=True, slots=True)
class Stray:
    """A process that was killed; `name` is what it called itself, hostile text of at most 15 bytes."""

    pid: int
    name: str


@dataclass(frozen=True, slots=True)
class StrayReport:
    """What was killed; `complete` is False when time ran out, or there was something that could not be killed."""

    killed: tuple[Stray, ...]
    complete: bool


def new_mark(random: Callable[[int], bytes] = os.urandom) -> str:
    """Return a value for one of the two variables that nobody else has."""
    return random(_MARK_BYTES).hex()


def mark_entry(variable: str, mark: str) -> bytes:
    """Return the mark as it stands in an environment."""
    return f"{variable}={mark}".encode()


async def kill_strays(
    mark: str,
    *,
    since: int | None,
    times: StartTimes | None = None,
    seconds: float = _STRAYS_SECONDS,
    clock: Callable[[], float] = time.monotonic,
) -> StrayReport:
    """Kill what is left of one life of a module, wherever it went; to be called once its group is gone.

    `since` is when the module was started, in ticks since boot (`start_ticks_of`): what is older is never looked at. `times`
    makes it cheap to call this again and again: 0.2 ms for 100 processes of the machine, in slices, and 1 or 2 ms the first
    time. Not stopped by cancellation; without /proc it finds nothing.
    """
    return await kill_marked(mark_entry(MODULE_MARK, mark), since=since, times=times, seconds=seconds, clock=clock)


async def kill_marked(
    entry: bytes,
    *,
    since: int | None,
    times: StartTimes | None = None,
    seconds: float = _STRAYS_SECONDS,
    clock: Callable[[], float] = time.monotonic,
) -> StrayReport:
    """Kill every process that has `entry` in its environment and started at `since` or later; see `kill_strays`."""
    hunt = _Hunt(entry, since or 0, times or StartTimes())
    complete = False
    with anyio.move_on_after(seconds, shield=True):
        # By the clock too: a fork bomb may never let us wait, and then no timer ends this.
        complete = await hunt.run(clock() + seconds, clock)
    return StrayReport(tuple(hunt.killed.values()), complete)


class _Hunt:
    def __init__(self, entry: bytes, since: int, times: StartTimes) -> None:
        self._entry = entry
        self._since = since
        self._times = times
        self.killed: dict[int, Stray] = {}
        self._untouchable: set[int] = set()
        self._unclear: set[tuple[int, int]] = set()

    async def run(self, deadline: float, clock: Callable[[], float]) -> bool:
        """Kill round by round; return whether nothing is left."""
        quiet = 0
        while quiet < _QUIET_ROUNDS and clock() < deadline:
            before, self._unclear = self._unclear, set()
            found = await self._round()
            # All that was listed was seen to be a stranger: then nobody was there who could have had a child since.
            if not found and self._unclear <= before:
                return not self._untouchable
            quiet = 0 if found else quiet + 1
        return quiet == _QUIET_ROUNDS and not self._untouchable

    async def _round(self) -> bool:
        found = False
        # The newest first: what forks all the time is met before it has gone on.
        for count, (pid, started) in enumerate(self._times.look()):
            if count % _PROCESSES_AT_A_TIME == 0:
                await anyio.lowlevel.checkpoint()
            if pid not in self._untouchable and self._is_prey(pid, started):
                found = True
                await self._catch(pid)
        return found

    def _is_prey(self, pid: int, started: int | None) -> bool:
        if pid == os.getpid():
            return False  # a hub inside a module of another hub carries that one's marks
        if started is not None and started < self._since:
            return False
        answer = None if started is None else carries(pid, self._entry)
        if answer is None:  # gone, and maybe not without a child; or in the middle of becoming another program
            self._unclear.add((pid, started or 0))
        return bool(answer)

    async def _catch(self, pid: int) -> None:
        name = name_of(pid)
        try:
            if await self._kill(pid):
                self.killed[pid] = Stray(pid, name)
        except ProcessLookupError:
            pass  # it was faster
        except OSError:  # EPERM: it became another user
            self._untouchable.add(pid)

    async def _kill(self, pid: int) -> bool:
        """Kill a process that still carries the mark, and wait for its end; return whether there was one."""
        if _PIDFD_OPEN is None:
            # A few microseconds between look and signal: the kernel gives all other numbers away before this one again.
            if hit := bool(carries(pid, self._entry)):
                os.kill(pid, signals.SIGKILL)
            return hit
        descriptor = _PIDFD_OPEN(pid)
        try:
            # The descriptor names one process for ever. If the number is another's by now, the mark is missing there.
            if not carries(pid, self._entry):
                return False
            signals.pidfd_send_signal(descriptor, signals.SIGKILL)
            await anyio.wait_readable(descriptor)
        finally:
            os.close(descriptor)
        return True
