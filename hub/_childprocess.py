"""Own what the rest of the hub may ask of a child process; know nothing of operating systems.

A second implementation (another system, or a pretended process in a test) is honest when it keeps these promises.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

from hub._exitstatus import ExitStatus
from hub_protocol.limits import EXIT_AFTER_EOF_SECONDS

__all__ = ["ChildProcess", "SpawnSpec", "Spawner", "StopDeadlines", "StopReport", "StopStep"]

# A module must exit within 1 s of the end of its input (HUB-CLEAN-3); half a second more for a machine under load.
_AFTER_STDIN_CLOSE_SECONDS: Final = EXIT_AFTER_EOF_SECONDS + 0.5
# Long enough to flush a file or end a transaction, short enough for an operator who waits at a prompt.
_AFTER_SIGTERM_SECONDS: Final = 2.0
# SIGKILL needs no help from the program: longer than this means that the kernel holds it (a dead network disk).
_AFTER_SIGKILL_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class SpawnSpec:
    """What to run.

    `argv[0]` is a path, absolute or relative to `cwd`, or a bare name that is looked for in the PATH of `env`. `launcher` is
    put before `argv`: a program that prepares the process and then becomes the plugin under the same process number.
    """

    name: str
    argv: Sequence[str]
    cwd: Path
    env: Mapping[str, str]
    launcher: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class StopDeadlines:
    """How long each step of the ladder may take, in seconds; with 4 s for `module_cleanup` before it, all ends within 10 s."""

    after_stdin_close_seconds: float = _AFTER_STDIN_CLOSE_SECONDS
    after_sigterm_seconds: float = _AFTER_SIGTERM_SECONDS
    after_sigkill_seconds: float = _AFTER_SIGKILL_SECONDS


class StopStep(StrEnum):
    """The step of the ladder after which the process was gone."""

    ALREADY_ENDED = "already_ended"
    STDIN_CLOSED = "stdin_closed"
    SIGTERM = "sigterm"
    SIGKILL = "sigkill"
    SURVIVED = "survived"  # the kernel holds it (a dead network disk); `wait` goes on waiting for it, also after `aclose`


@dataclass(frozen=True, slots=True)
class StopReport:
    """How a stop went: what ended the process, how it ended, and how long it took."""

    step: StopStep
    status: ExitStatus
    seconds: float
    reason: str


class ChildProcess(Protocol):
    """A running plugin with three pipes, and everything that it started in its own group.

    The process owns its descriptors: others read and write `stdin_fd` and `stdout_fd` on the event loop, never close them, and
    ask for the number again after each wait (it is -1 once closed, and a task waiting for it gets `anyio.ClosedResourceError`).
    All methods belong to the event loop's thread. Somebody must await `wait` or `stop`: the end is noticed nowhere else.
    """

    @property
    def pid(self) -> int:
        """The process number; it means nothing after the end."""
        ...

    @property
    def start_time(self) -> float:
        """When the process was spawned, in seconds of the hub's monotonic clock."""
        ...

    @property
    def exit_status(self) -> ExitStatus | None:
        """How the process ended, or None as far as is known."""
        ...

    @property
    def stdin_fd(self) -> int:
        """The hub's non-blocking write end, or -1."""
        ...

    @property
    def stdout_fd(self) -> int:
        """The hub's non-blocking read end, or -1."""
        ...

    @property
    def stderr_fd(self) -> int:
        """The hub's non-blocking read end, or -1."""
        ...

    def close_stdin(self) -> None:
        """Let the module see end of input; idempotent."""
        ...

    def close_stdout(self) -> None:
        """Give up reading; idempotent."""
        ...

    def when_stdout_closes(self, told: Callable[[], None]) -> None:
        """Call `told`, which must not raise, just before `stdout_fd` is closed, so that nobody goes on watching it."""
        ...

    def close_stderr(self) -> None:
        """Give up reading; idempotent."""
        ...

    async def wait(self) -> ExitStatus:
        """Return how the process ended, any number of times and from any task; what it left of its group is killed by then."""
        ...

    async def stop(self, reason: str, deadlines: StopDeadlines = ...) -> StopReport:
        """End the process and its group: close stdin, SIGTERM, SIGKILL, each with its own deadline; also when cancelled."""
        ...

    async def aclose(self) -> None:
        """Kill what still runs, then close every descriptor; idempotent, also when cancelled."""
        ...


Spawner = Callable[[SpawnSpec], ChildProcess]
"""Starts a process at once, on the calling thread. Raises: StartFailed."""
