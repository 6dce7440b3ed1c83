"""Own the process that outlives a killed hub to end what the hub had started; know nothing of modules but their numbers.

SIGKILL leaves the hub no last word. So a shell in a session of its own (0.3 ms to start, 150 kB) holds the other end of a pipe,
is told what runs, and acts at the end of the pipe; see `_guardian.sh`. The parent-death signal would reach only the children of
the hub, not theirs, and would need a launcher for each.
"""

import fcntl
import os
import signal as signals
import subprocess
import time
import weakref
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import anyio

from hub._leader import Leader, leader_of
from hub._procfs import start_ticks_of
from hub._strays import HUB_MARK

__all__ = ["Guardian"]

_SHELL: Final = "/bin/sh"
_PROGRAM: Final = str(Path(__file__).with_name("_guardian.sh"))
# Not the PATH of the host: what it finds must be the system's own.
_ENVIRONMENT: Final = {"PATH": "/usr/bin:/bin:/run/current-system/sw/bin", "LC_ALL": "C"}

# Room for 26 000 lines, so that a guardian that is behind is never waited for.
_PIPE_BYTES: Final = 1024 * 1024

# One that ends so soon did not work at all; after so many in a row there is no point in another.
_SHORT_LIFE_SECONDS: Final = 10.0
_SHORT_LIVES: Final = 5
_FIRST_PAUSE_SECONDS: Final = 0.05

# Killing 1 000 processes takes it 0.1 s; who closes a hub does not wait longer than this for it.
_LAST_ACT_SECONDS: Final = 2.0


class Guardian:
    """Sees to it that the modules of this hub end with it, even if it is killed; belongs to the event loop's thread.

    Args:
        mark: the value of `HUB_MARK` in the environment of every module.
        on_trouble: told in words, once, when there is no guardian any more; must not block or raise.
        interpreter: a POSIX shell.
        clock: seconds that only grow.
    """

    def __init__(
        self,
        mark: str,
        *,
        on_trouble: Callable[[str], None] = lambda _words: None,
        interpreter: str = _SHELL,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._mark = mark
        self._on_trouble = on_trouble
        self._interpreter = interpreter
        self._clock = clock
        self._leader: Leader | None = None
        self._pipe = -1
        self._registered: dict[int, int | None] = {}
        self._wanted = anyio.Event()
        self._waiting = anyio.Lock()  # a descriptor can be waited for by one task only
        self._closed = False
        self._why = ""
        self.trouble: str | None = None
        """Why there is no guardian and will be none, in words."""
        # A forked child of the host program (a multiprocessing worker) would hold the pipe open, and so hide our death. The
        # hook stays for the life of the host: Python has no way to take it back. It keeps nothing alive.
        hook = weakref.WeakMethod(self._forget)
        os.register_at_fork(after_in_child=lambda: (forget := hook()) and forget())

    @property
    def pid(self) -> int | None:
        """The number of the guardian's process, or None when there is none."""
        return None if self._leader is None else self._leader.pid

    def start(self) -> None:
        """Start the guardian if it does not run; never raises. `run` replaces it from then on."""
        if not self._wanted.is_set():
            self._launch()
            self._wanted.set()

    def add(self, pid: int) -> None:
        """Guard the session and group that `pid`, our child that was not waited for, leads; start the guardian if need be."""
        self._registered[pid] = start_ticks_of(pid)
        if self._leader is None:
            self.start()  # it is told of all that are registered
        else:
            self._send(self._line(pid))

    def remove(self, pid: int) -> None:
        """Forget a group that is gone; idempotent."""
        if pid in self._registered:
            del self._registered[pid]
            self._send(f"del {pid}\n")

    async def run(self) -> None:
        """Replace a guardian that ended or could not be started, until cancelled."""
        await self._wanted.wait()
        short_lives = 0
        while not self._closed:
            begun = self._clock()
            await self._ended()
            if self._closed:
                return
            self._drop()
            short_lives = short_lives + 1 if self._clock() - begun < _SHORT_LIFE_SECONDS else 1
            if short_lives >= _SHORT_LIVES:
                self.trouble = f"cannot guard the modules against the death of the hub: {self._why}"
                self._on_trouble(self.trouble)
                return
            await anyio.sleep(_FIRST_PAUSE_SECONDS * (2**short_lives - 2))
            self._launch()

    async def aclose(self) -> None:
        """Dismiss the guardian; what is still registered it ends first, and everything with the mark. Bounded; idempotent."""
        self._closed = True
        self._wanted.set()  # `run` is to end too
        if not self._registered:
            self._send("end\n")
        self._close_pipe()
        if self._leader is None:
            return
        with anyio.CancelScope(shield=True):
            with anyio.move_on_after(_LAST_ACT_SECONDS):
                await self._ended()
            self._leader.signal_group(signals.SIGKILL)
            with anyio.move_on_after(_LAST_ACT_SECONDS):
                await self._ended()
        self._drop()

    async def _ended(self) -> None:
        async with self._waiting:
            while self._leader is not None and self._leader.collect() is None:
                await self._leader.ended()

    def _launch(self) -> None:
        if self._closed:
            return
        self._why = f"{self._interpreter} ends at once"
        try:
            read_end, self._pipe = os.pipe()
            try:
                os.set_blocking(self._pipe, False)
                with suppress(OSError, AttributeError):  # not everywhere, and less will do
                    fcntl.fcntl(self._pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
                self._leader = leader_of(self._spawn(read_end))
            finally:
                os.close(read_end)
        except OSError as error:
            self._why = f"{self._interpreter}: {error.strerror}"
            self._close_pipe()
            return
        self._send(f"mark {HUB_MARK}={self._mark}\n")
        for pid in self._registered:
            self._send(self._line(pid))

    def _spawn(self, read_end: int) -> int:
        popen = subprocess.Popen(  # noqa: S603 - our own program
            [self._interpreter, "-c", '. "$0"; guard', _PROGRAM],
            stdin=read_end,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",  # holds no file system that somebody wants to unmount
            env=_ENVIRONMENT,  # without the marks of an outer hub, which would end it before it has done its work
            close_fds=True,
            start_new_session=True,
        )
        popen.returncode = 0  # from here on the leader alone waits for it
        return popen.pid

    def _line(self, pid: int) -> str:
        start = self._registered[pid]
        return f"add {pid} {'-' if start is None else start}\n"

    def _send(self, line: str) -> None:
        if self._pipe < 0:
            return
        try:
            os.write(self._pipe, line.encode())  # shorter than PIPE_BUF: all of it or nothing
        except BrokenPipeError:
            pass  # `run` is about to replace it
        except OSError:
            # It has not read for thousands of lines. `run` replaces it, and the next one is told everything.
            if self._leader is not None:
                self._leader.signal_group(signals.SIGKILL)

    def _drop(self) -> None:
        self._close_pipe()
        if self._leader is not None:
            self._leader.close()
            self._leader = None

    def _close_pipe(self) -> None:
        pipe, self._pipe = self._pipe, -1
        if pipe >= 0:
            os.close(pipe)

    def _forget(self) -> None:
        self._close_pipe()
        self._leader = None
        self._closed = True
