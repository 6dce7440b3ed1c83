"""Own what the kernel says of one process group: whether its leader ended, how, and signals to it; know no policy and no pipes.

Two dangers shape this file. A process number belongs to another program as soon as the process is reaped, so nothing here
sends to a bare number after that. And any code in the host program may reap our child (`waitpid(-1)`, SIGCHLD ignored), so its
status may be gone when we ask: then it is unknown, where `subprocess` would say 0.
"""

import os
import signal as signals
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, Protocol

import anyio

from hub._exitstatus import ExitStatus

__all__ = ["Leader", "PidfdLeader", "PolledLeader", "ReapingLeader", "leader_of"]

# Linux 6.9: "to the group of this process", by descriptor, so never to a recycled number. Python names it from 3.13 on.
_PIDFD_SIGNAL_PROCESS_GROUP: Final = 4

# Without a pidfd the end is noticed by asking: soon after the spawn (programs that cannot start), then rarely (no load).
_POLL_FIRST_SECONDS: Final = 0.002
_POLL_LAST_SECONDS: Final = 0.05


# Not in every Python: those built against an old C library lack it.
_PIDFD_OPEN: Final[Callable[[int], int] | None] = getattr(os, "pidfd_open", None)


class Leader(Protocol):
    """The first process of a group, ours to reap."""

    @property
    def pid(self) -> int:
        """The process number, which is the number of the group too."""
        ...

    async def ended(self) -> None:
        """Return when the leader has ended; one task at a time."""
        ...

    def collect(self) -> ExitStatus | None:
        """Return how the leader ended, or None while it runs.

        At its end everything left of its group is killed, then the leader is reaped, in this order and without a pause.
        """
        ...

    def signal_group(self, signal: signals.Signals) -> bool:
        """Send to each member of the group; return whether the kernel found one."""
        ...

    def close(self) -> None:
        """Give back what the kernel lent us; idempotent."""
        ...


class PolledLeader:
    """Any POSIX system with `waitid`: asks again and again at a bounded rate, without a thread."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._status: ExitStatus | None = None

    @property
    def pid(self) -> int:
        """The process number, which is the number of the group too."""
        return self._pid

    async def ended(self) -> None:
        """Return when the leader has ended; late by at most `_POLL_LAST_SECONDS`."""
        pause = _POLL_FIRST_SECONDS
        while self.collect() is None:
            await anyio.sleep(pause)
            pause = min(pause * 1.5, _POLL_LAST_SECONDS)

    def collect(self) -> ExitStatus | None:
        """Return how the leader ended, or None while it runs; see `Leader.collect`."""
        if self._status is None and (status := self._peek()) is not None:
            # The zombie still holds the number, so the group can be hit by it and nobody else can.
            self.signal_group(signals.SIGKILL)
            with suppress(ChildProcessError):
                self._wait(os.WEXITED | os.WNOHANG)
            self._status = status
        return self._status

    def signal_group(self, signal: signals.Signals) -> bool:
        """Send to the group by its number, or do nothing when somebody else may own the number by now."""
        if self._status is not None or self._peek() == ExitStatus.unknown():
            return False
        try:
            os.killpg(self._pid, signal)
        except OSError:  # gone, or running as another user: there is nothing that we could do about either
            return False
        return True

    def close(self) -> None:
        """Do nothing: there is nothing to give back."""

    def _peek(self) -> ExitStatus | None:
        try:
            found = self._wait(os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return ExitStatus.unknown()
        if found is None:
            return None
        if found.si_code == os.CLD_EXITED:
            return ExitStatus(code=found.si_status)
        return ExitStatus(signal=found.si_status, core_dumped=found.si_code == os.CLD_DUMPED)

    def _wait(self, options: int) -> Any:
        return os.waitid(os.P_PID, self._pid, options)


class PidfdLeader(PolledLeader):
    """Linux: a descriptor that becomes readable at the end, whoever reaps, and whatever holds the pipes of the leader."""

    def __init__(self, pid: int, pidfd: int) -> None:
        super().__init__(pid)
        self._pidfd = pidfd

    async def ended(self) -> None:
        """Return when the leader has ended, at once; one task at a time."""
        if self._pidfd >= 0:
            with suppress(anyio.ClosedResourceError):
                await anyio.wait_readable(self._pidfd)
        # The descriptor can be readable a moment before the status is there: the last thread is still on its way out.
        await super().ended()

    def signal_group(self, signal: signals.Signals) -> bool:
        """Send to the group by descriptor, which is safe at any time; by number on kernels before 6.9."""
        if self._pidfd < 0:
            return False
        try:
            signals.pidfd_send_signal(self._pidfd, signal, None, _PIDFD_SIGNAL_PROCESS_GROUP)
        except ProcessLookupError:
            return False
        except OSError:  # EINVAL before Linux 6.9, EPERM in a sandbox
            return super().signal_group(signal)
        return True

    def close(self) -> None:
        """Close the descriptor; idempotent."""
        pidfd, self._pidfd = self._pidfd, -1
        if pidfd >= 0:
            anyio.notify_closing(pidfd)
            os.close(pidfd)

    def _wait(self, options: int) -> Any:
        if self._pidfd < 0:
            return super()._wait(options)
        return os.waitid(os.P_PIDFD, self._pidfd, options)


class ReapingLeader(PolledLeader):
    """Where the end cannot be seen without reaping (macOS before Python 3.13): kills the group right after instead of before.

    The number of a group stays taken while it has members, so a wrong group could be hit only if ours is empty and the number
    is given out again between two system calls.
    """

    def collect(self) -> ExitStatus | None:
        """Return how the leader ended, or None while it runs; see `Leader.collect`."""
        if self._status is None:
            try:
                pid, waited = os.waitpid(self._pid, os.WNOHANG)
            except ChildProcessError:
                self._status = ExitStatus.unknown()
                return self._status
            if pid == self._pid:
                with suppress(OSError):
                    os.killpg(self._pid, signals.SIGKILL)
                self._status = _from_wait_status(waited)
        return self._status

    def _peek(self) -> ExitStatus | None:
        return self.collect()


def _from_wait_status(waited: int) -> ExitStatus:
    if os.WIFSIGNALED(waited):
        return ExitStatus(signal=os.WTERMSIG(waited), core_dumped=os.WCOREDUMP(waited))
    return ExitStatus(code=os.WEXITSTATUS(waited))


def leader_of(pid: int, *, open_pidfd: Callable[[int], int] | None = _PIDFD_OPEN) -> Leader:
    """Return the best way that this system has to watch our child `pid`, which must be the leader of its group."""
    if not hasattr(os, "waitid"):
        return ReapingLeader(pid)
    if open_pidfd is None or sys.platform != "linux":
        return PolledLeader(pid)
    try:
        return PidfdLeader(pid, open_pidfd(pid))
    except OSError:
        # Already reaped by somebody else, a sandbox without the call, or no free descriptor: asking needs none of them.
        return PolledLeader(pid)
