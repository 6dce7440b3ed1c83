"""Own the list of what a running hub has started, on disk, and the end of what a dead hub left; know nothing of plugins.

The guardian ends what a killed hub leaves; this is for the case that both were killed. Each hub keeps one file, and a lock on
it that the kernel gives back at its death, however that came. Whoever gets the lock on another's file may clean up after it.
"""

import fcntl
import os
import secrets
import signal as signals
import stat
import weakref
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from hub._private import make_private_directory
from hub._procfs import boot_id, carries, read_stat, start_ticks_of
from hub._strays import HUB_MARK, MODULE_MARK, Stray, kill_marked, mark_entry
from hub.errors import BadSettings

__all__ = ["RunningList", "SweepReport", "sweep"]

_SUFFIX: Final = ".running"
_MAX_FILE_BYTES: Final = 1024 * 1024
# More dead hubs than that at a time are a broken directory; the next start goes on with the rest.
_MAX_FILES: Final = 64
_WRITABLE_BY_OTHERS: Final = 0o022
_FILE_MODE: Final = 0o600
_ATTEMPTS: Final = 5
# Linux 6.9: "to the group of this process", by descriptor.
_PIDFD_SIGNAL_PROCESS_GROUP: Final = 4
_PIDFD_OPEN: Final[Callable[[int], int] | None] = getattr(os, "pidfd_open", None)


class _Module(msgspec.Struct, frozen=True):
    name: str
    pid: int
    start: int
    mark: str


class _Content(msgspec.Struct, frozen=True):
    boot: str
    pid: int
    start: int
    mark: str
    modules: list[_Module]


@dataclass(frozen=True, slots=True)
class SweepReport:
    """What was left of dead hubs: the names of their modules that still ran, and every process that was killed."""

    modules: tuple[str, ...]
    killed: tuple[Stray, ...]


class RunningList:
    """The file of this hub. Without it the hub works on: `trouble` says why there is none, in words."""

    def __init__(self, directory: Path, mark: str) -> None:
        self._directory = directory
        self._mark = mark
        self._path = directory
        self._descriptor = -1
        self._modules: dict[int, _Module] = {}
        self._boot = boot_id()
        self._start = start_ticks_of(os.getpid()) or 0
        self.trouble: str | None = None
        # A forked child of the host program would keep the lock when we are dead; see `Guardian`.
        hook = weakref.WeakMethod(self._forget)
        os.register_at_fork(after_in_child=lambda: (forget := hook()) and forget())

    def open(self) -> None:
        """Make and lock the file; never raises."""
        try:
            make_private_directory(self._directory)
            self._create()
            self._write()
        except BadSettings as error:
            self.trouble = error.message
        except OSError as error:
            self.trouble = f"cannot list what runs in {self._directory}: {error.strerror}"

    def add(self, name: str, pid: int, mark: str) -> None:
        """Put a module, our child that was not waited for, on the list; `mark` is the value of its `MODULE_MARK`."""
        start = start_ticks_of(pid)
        if start is not None:
            self._modules[pid] = _Module(name, pid, start, mark)
            self._write()

    def remove(self, pid: int) -> None:
        """Take a module off the list; idempotent."""
        if self._modules.pop(pid, None) is not None:
            self._write()

    def close(self) -> None:
        """Remove the file if nothing is on the list, give the lock back; idempotent."""
        if self._descriptor >= 0 and not self._modules:
            with suppress(OSError):
                self._path.unlink()
        self._forget()

    def _create(self) -> None:
        for _ in range(_ATTEMPTS):
            self._path = self._directory / f"{secrets.token_hex(8)}{_SUFFIX}"
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _FILE_MODE)
            # Between the two calls a sweep may find the file without a lock, and remove it.
            if _lock(self._descriptor) and os.fstat(self._descriptor).st_nlink:
                return
            self._forget()
        raise BlockingIOError(0, "another hub removes it each time")

    def _write(self) -> None:
        if self._descriptor < 0:
            return
        content = _Content(self._boot, os.getpid(), self._start, self._mark, list(self._modules.values()))
        line = msgspec.json.encode(content) + b"\n"
        try:
            # No fsync: it is for the death of the hub, not of the machine. What is behind the first line is not read.
            os.pwrite(self._descriptor, line, 0)
            os.ftruncate(self._descriptor, len(line))
        except OSError as error:
            self.trouble = f"cannot list what runs in {self._path}: {error.strerror}"

    def _forget(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


async def sweep(directory: Path) -> SweepReport:
    """Kill what hubs that are dead left running, and remove their files. Never raises.

    Only what has the number, the start time and the mark of the list is killed, with its group, and then what carries the mark
    of that hub, which no stranger can have. Costs 30 µs where there is nothing to do.
    """
    modules: list[str] = []
    killed: list[Stray] = []
    for path in _files(directory):
        with suppress(OSError):
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
            try:
                if not _claim(descriptor):
                    continue
                content = _read(descriptor)
                if content is None or await _clean_up_after(content, modules, killed):
                    path.unlink(missing_ok=True)
            finally:
                os.close(descriptor)
    return SweepReport(tuple(modules), tuple(killed))


def _files(directory: Path) -> list[Path]:
    try:
        names = sorted(name for name in os.listdir(directory) if name.endswith(_SUFFIX))  # noqa: PTH208 - at each start
    except OSError:
        return []
    return [directory / name for name in names[:_MAX_FILES]]


def _claim(descriptor: int) -> bool:
    """Return whether the file is one that only this user can have written, and whose hub is dead."""
    found = os.fstat(descriptor)
    ours = stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & _WRITABLE_BY_OTHERS
    # No link: its hub, or another sweep, has just removed it.
    return ours and _lock(descriptor) and os.fstat(descriptor).st_nlink > 0


def _lock(descriptor: int) -> bool:
    # flock, not fcntl locks: those are given up when any descriptor of the file is closed in the same process.
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read(descriptor: int) -> _Content | None:
    """Return what the file says, or None when it says nothing about processes that can exist."""
    try:
        content = msgspec.json.decode(os.pread(descriptor, _MAX_FILE_BYTES, 0).partition(b"\n")[0], type=_Content)
    except (msgspec.MsgspecError, RecursionError):
        return None
    return content if content.mark and content.boot == boot_id() else None


async def _clean_up_after(content: _Content, modules: list[str], killed: list[Stray]) -> bool:
    """Kill what the hub left; return whether there is nothing more to do about it."""
    hub = read_stat(content.pid)
    if hub is not None and hub.start_ticks == content.start and not hub.is_dead:
        return False  # it lives: the lock means nothing on this file system
    modules += [module.name for module in content.modules if _kill_group(module)]
    report = await kill_marked(mark_entry(HUB_MARK, content.mark), since=content.start)
    killed += report.killed
    return report.complete


def _kill_group(module: _Module) -> bool:
    """Kill the group of a module that is the very process of the list; return whether it was."""
    # 1 as a group would be everybody. Our own: we are that module, a hub ourselves, and outlived the outer one.
    if module.pid <= 1 or module.pid == os.getpgrp():
        return False
    try:
        descriptor = None if _PIDFD_OPEN is None else _PIDFD_OPEN(module.pid)
    except OSError:
        return False
    try:
        found = read_stat(module.pid)
        if found is None or found.start_ticks != module.start or found.group != module.pid:
            return False
        if not carries(module.pid, mark_entry(MODULE_MARK, module.mark)):
            return False
        if descriptor is None or not _signal_group(descriptor):
            os.killpg(module.pid, signals.SIGKILL)
    except OSError:
        return False
    finally:
        if descriptor is not None:
            os.close(descriptor)
    return True


def _signal_group(descriptor: int) -> bool:
    try:
        signals.pidfd_send_signal(descriptor, signals.SIGKILL, None, _PIDFD_SIGNAL_PROCESS_GROUP)
    except OSError:  # EINVAL before Linux 6.9
        return False
    return True
