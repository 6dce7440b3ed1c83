"""Own the start and the end of a child process on POSIX systems; know no protocol, and never move a byte of its pipes."""

import os
import signal as signals
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Self

import anyio

from hub._childprocess import SpawnSpec, StopDeadlines, StopReport, StopStep
from hub._diagnose import diagnose
from hub._exitstatus import ExitStatus
from hub._leader import Leader, leader_of
from hub._pipe_end import PipeEnd
from hub.errors import StartFailed

__all__ = ["PosixProcess", "spawn"]

_DEFAULT_DEADLINES: Final = StopDeadlines()

# After SIGKILL the members of the group vanish within milliseconds. Later there are only zombies of an init that reaps late.
_GROUP_GONE_SECONDS: Final = 0.2
_GROUP_POLL_SECONDS: Final = 0.005


class PosixProcess:
    """A child that leads its own session and group; see `ChildProcess` for what is promised. Made by `spawn`."""

    def __init__(self, leader: Leader, pipes: tuple[int, int, int], clock: Callable[[], float]) -> None:
        self._leader = leader
        self._stdin, self._stdout, self._stderr = (PipeEnd(fd) for fd in pipes)
        self._clock = clock
        self._start_time = clock()
        self._status: ExitStatus | None = None
        self._waiting = anyio.Lock()  # a descriptor can be waited for by one task only

    @property
    def pid(self) -> int:
        """The process number; it means nothing after the end."""
        return self._leader.pid

    @property
    def start_time(self) -> float:
        """When the process was spawned, in seconds of the hub's monotonic clock."""
        return self._start_time

    @property
    def exit_status(self) -> ExitStatus | None:
        """How the process ended, or None as far as is known."""
        return self._status

    @property
    def stdin_fd(self) -> int:
        """The hub's non-blocking write end, or -1."""
        return self._stdin.fd

    @property
    def stdout_fd(self) -> int:
        """The hub's non-blocking read end, or -1."""
        return self._stdout.fd

    @property
    def stderr_fd(self) -> int:
        """The hub's non-blocking read end, or -1."""
        return self._stderr.fd

    def close_stdin(self) -> None:
        """Let the module see end of input; idempotent."""
        self._stdin.close()

    def close_stdout(self) -> None:
        """Give up reading; idempotent."""
        self._stdout.close()

    def when_stdout_closes(self, told: Callable[[], None]) -> None:
        """Call `told` just before `stdout_fd` is closed."""
        self._stdout.when_closing(told)

    def close_stderr(self) -> None:
        """Give up reading; idempotent."""
        self._stderr.close()

    async def wait(self) -> ExitStatus:
        """Return how the process ended, any number of times and from any task; what it left of its group is killed by then."""
        async with self._waiting:
            while (status := self._collect()) is None:
                await self._leader.ended()
        return status

    async def stop(self, reason: str, deadlines: StopDeadlines = _DEFAULT_DEADLINES) -> StopReport:
        """End the process and its group: close stdin, SIGTERM, SIGKILL; a step with a deadline of 0 seconds is left out.

        Cancelled in the middle, it goes on to SIGKILL at once, and ends all the same within `after_sigkill_seconds`.
        """
        begun = self._clock()
        step = StopStep.ALREADY_ENDED
        try:
            if self._collect() is None:
                step = await self._ask_to_end(deadlines)
        finally:
            await self._force_end(deadlines.after_sigkill_seconds)
        if self._status is None:
            step = StopStep.SURVIVED
        return StopReport(step, self._status or ExitStatus.unknown(), self._clock() - begun, reason)

    async def aclose(self) -> None:
        """Kill what still runs, then close every descriptor; idempotent, also when cancelled."""
        try:
            await self._force_end(_DEFAULT_DEADLINES.after_sigkill_seconds)
        finally:
            self._close_descriptors()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.aclose()

    async def _ask_to_end(self, deadlines: StopDeadlines) -> StopStep:
        if deadlines.after_stdin_close_seconds > 0:
            self.close_stdin()
            if await self._ended_within(deadlines.after_stdin_close_seconds):
                return StopStep.STDIN_CLOSED
        if deadlines.after_sigterm_seconds > 0:
            self._leader.signal_group(signals.SIGTERM)
            if await self._ended_within(deadlines.after_sigterm_seconds):
                return StopStep.SIGTERM
        return StopStep.SIGKILL

    async def _force_end(self, seconds: float) -> None:
        # Shielded: a cancelled caller must not leave a process behind. Bounded: nor may a dead network disk hang the hub.
        with anyio.CancelScope(shield=True):
            self.close_stdin()
            self._leader.signal_group(signals.SIGKILL)
            if await self._ended_within(seconds):
                await self._group_gone()

    async def _ended_within(self, seconds: float) -> bool:
        with anyio.move_on_after(seconds):
            await self.wait()
        return self._collect() is not None

    async def _group_gone(self) -> None:
        with anyio.move_on_after(_GROUP_GONE_SECONDS):
            while self._leader.signal_group(signals.SIGKILL):  # noqa: ASYNC110 - the kernel has no event for this
                await anyio.sleep(_GROUP_POLL_SECONDS)

    def _collect(self) -> ExitStatus | None:
        if self._status is None:
            self._status = self._leader.collect()
        return self._status

    def _close_descriptors(self) -> None:
        self.close_stdin()
        self.close_stdout()
        self.close_stderr()
        self._leader.close()


def spawn(
    spec: SpawnSpec, *, clock: Callable[[], float] = time.monotonic, watch: Callable[[int], Leader] = leader_of
) -> PosixProcess:
    """Start a process on the calling thread, which must be the event loop's: the parent-death signal follows this thread.

    Raises:
        StartFailed: with the reason in words, what to do about it as hint, and `data["reason"]` as a stable key.
    """
    pipes: list[int] = []
    try:
        for _ in range(3):
            pipes += os.pipe()
        pid = _start(spec, pipes)
    except (OSError, ValueError) as error:  # ValueError: a null byte or a lone surrogate in an argument or a variable
        _close_all(pipes)
        found = diagnose([*spec.launcher, *spec.argv], spec.cwd, error, env=spec.env)
        raise StartFailed(
            f"cannot start {spec.name}: {found.why}",
            hint=found.hint,
            data={"reason": found.reason, "permanent": found.permanent},
        ) from error
    stdin_read, stdin_write, stdout_read, stdout_write, stderr_read, stderr_write = pipes
    _close_all([stdin_read, stdout_write, stderr_write])
    return PosixProcess(watch(pid), (stdin_write, stdout_read, stderr_read), clock)


def _start(spec: SpawnSpec, pipes: list[int]) -> int:
    # Popen itself and not the event loop's version of it: that one reads the pipes, and waits for the child, in its own ways.
    popen = subprocess.Popen(  # noqa: S603 - running a program that a person approved is what the hub is for
        [*spec.launcher, *spec.argv],
        stdin=pipes[0],
        stdout=pipes[3],
        stderr=pipes[5],
        cwd=spec.cwd,
        env=dict(spec.env),
        close_fds=True,
        start_new_session=True,  # its own group to end it with, and no Ctrl-C from the operator's terminal
    )
    # From here on the leader alone waits for it: a collected Popen would warn of a child that still runs, and reap it.
    popen.returncode = 0
    return popen.pid


def _close_all(descriptors: list[int]) -> None:
    for descriptor in descriptors:
        with suppress(OSError):
            os.close(descriptor)
