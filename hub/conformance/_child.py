"""Own one process of the module under test: its start, its end, what it left behind; know no protocol and print nothing.

Everything here waits at most as long as it is told. The module is started as the hub starts it: own session, the short
environment, its own directory.
"""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from hub._diagnose import Diagnosis, diagnose
from hub._exitstatus import ExitStatus

__all__ = ["RUN_VARIABLE", "CannotSpawn", "Child"]

# Marks everything that a run started, so that a child which left the group is found too.
RUN_VARIABLE: Final = "HUB_CONFORMANCE_RUN"
# After SIGKILL only the kernel can hold a process; longer than this it holds it for good.
_KILLED_SECONDS: Final = 2.0
_POLL_SECONDS: Final = 0.002
_STDERR_TAIL_BYTES: Final = 64 * 1024


class CannotSpawn(Exception):
    """The program could not be started; `diagnosis` says why."""

    def __init__(self, diagnosis: Diagnosis) -> None:
        super().__init__(diagnosis.why)
        self.diagnosis = diagnosis


class Child:
    """A running module. `stdin`, `stdout`, `stderr` are non-blocking descriptors, -1 once closed."""

    def __init__(self, argv: Sequence[str], cwd: Path, env: Mapping[str, str], token: str) -> None:
        self.argv, self.cwd, self.env = list(argv), cwd, {**env, RUN_VARIABLE: token}
        self._token = token
        try:
            self._popen = subprocess.Popen(  # noqa: S603 - running a module that its author named is what this is for
                self.argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=cwd,
                env=self.env,
                bufsize=0,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise CannotSpawn(diagnose(self.argv, cwd, error, env=self.env)) from error
        self.pid = self._popen.pid
        self.begun = time.monotonic()
        self.ended_at: float | None = None
        self._status: ExitStatus | None = None
        self.left_behind: list[str] = []
        pipes = (self._popen.stdin, self._popen.stdout, self._popen.stderr)
        self.stdin, self.stdout, self.stderr = (pipe.fileno() if pipe is not None else -1 for pipe in pipes)
        for descriptor in (self.stdin, self.stdout, self.stderr):
            os.set_blocking(descriptor, False)

    def close_stdin(self) -> None:
        """Let the module see the end of its input; idempotent."""
        if self._popen.stdin is not None and self.stdin >= 0:
            with suppress(OSError):
                self._popen.stdin.close()
            self.stdin = -1

    def has_ended(self) -> bool:
        """Return whether the process has ended; it is not reaped yet, so its number still belongs to it."""
        if self.ended_at is None:
            try:
                found = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:  # somebody else in this program reaped it
                self.ended_at, self._status = time.monotonic(), ExitStatus.unknown()
                return True
            if found is not None:
                self.ended_at = time.monotonic()
        return self.ended_at is not None

    @property
    def status(self) -> ExitStatus | None:
        """How the process ended, or None while it runs."""
        if self._status is None and self.has_ended() and self._status is None:
            code = self._popen.wait()
            self._status = ExitStatus(code=code) if code >= 0 else ExitStatus(signal=-code)
        return self._status

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal to the whole group."""
        with suppress(OSError):
            os.killpg(self.pid, number)

    def survivors(self) -> list[str]:
        """Return what still runs of what this process started, the process itself left out, as `pid command`."""
        return [f"{pid} {_command_of(pid)}" for pid in self._others()]

    def finish(self) -> None:
        """Kill what is left, reap, close; idempotent. What had to be killed although the module had ended is `left_behind`."""
        if self.has_ended():
            self.left_behind += self.survivors()
        for pid in self._others():
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        if self._status is None:
            self.send_signal(signal.SIGKILL)
        deadline = time.monotonic() + _KILLED_SECONDS
        while self._status is None and self.status is None and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
        self.close_stdin()
        for pipe in (self._popen.stdout, self._popen.stderr):
            if pipe is not None:
                pipe.close()
        self.stdout = self.stderr = -1

    def explain_end(self, stderr_tail: bytes) -> Diagnosis | None:
        """Return why the process ended, in words, or None while it runs."""
        status = self.status
        return diagnose(self.argv, self.cwd, status, stderr_tail[-_STDERR_TAIL_BYTES:], env=self.env) if status else None

    def _others(self) -> list[int]:
        marker = f"{RUN_VARIABLE}={self._token}".encode()
        try:
            names = [path.name for path in Path("/proc").iterdir()]
        except OSError:  # another system: the group is all there is to be seen
            return []
        return [int(name) for name in names if name.isdigit() and int(name) != self.pid and _belongs(name, marker)]


def _belongs(pid: str, marker: bytes) -> bool:
    """Return whether a process carries the mark of a run and is no zombie (its environment reads as empty then)."""
    try:
        return marker in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return False


def _command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()[:80]
    except OSError:
        return ""
