"""Own the place of the control socket: directory, lock, stale and living ones; know nothing of what is said over it.

Whoever holds the lock of the directory is the hub. The kernel lets go of it with the process, however that ends, so a socket
file without a lock is a leftover, and there is no moment at which two hubs could both think so.
"""

import errno
import fcntl
import os
import socket
import stat
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from hub._names import printable
from hub._peercred import credentials_of
from hub._private import make_private_directory
from hub.errors import BadSettings

__all__ = ["ControlSocket", "check_private_directory"]

# What clients wait in before they are accepted; Linux cuts it to its own limit (somaxconn).
_BACKLOG: Final = 128
_SOCKET_MODE: Final = 0o600
_OTHERS: Final = 0o077
# Each time a hub that ends takes the directory away between two of our steps; more often would be a fight.
_TRIES: Final = 10
_PROBE_SECONDS: Final = 1.0
# What a file system answers that cannot lock a directory (NFS).
_CANNOT_LOCK: Final = frozenset({errno.EBADF, errno.ENOLCK, errno.ENOTSUP, errno.EINVAL})


class ControlSocket:
    """The socket that a hub listens on, from `open` to `close`; after that nothing of it is left on disk."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = -1
        self._made = False
        self._inode: tuple[int, int] | None = None
        self._listener: socket.socket | None = None

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @property
    def listener(self) -> socket.socket:
        """The listening socket, not blocking."""
        assert self._listener is not None  # noqa: S101 - between open and close
        return self._listener

    def open(self) -> None:
        """Listen.

        Raises:
            BadSettings: a hub is running already (`data["pid"]`), or the directory is not private, or cannot be used.
        """
        self._lock_directory()
        try:
            self._remove_stale()
            self._listener = self._bind()
        except OSError as error:
            self.close()
            raise _cannot_listen(self._path, (error.strerror or str(error)).lower()) from error
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Remove the socket file, let go of the lock, stop listening. Connections that are open stay open."""
        with suppress(OSError):
            found = self._path.lstat()
            if (found.st_dev, found.st_ino) == self._inode:
                self._path.unlink()
        if self._made:
            # Only what was made here is taken away, and only when it is empty.
            with suppress(OSError):
                self._path.parent.rmdir()
        if self._listener is not None:
            self._listener.close()
        if self._lock >= 0:
            os.close(self._lock)
        self._listener, self._lock, self._inode, self._made = None, -1, None, False

    def _lock_directory(self) -> None:
        directory = self._path.parent
        for _ in range(_TRIES):
            self._made = not os.path.lexists(directory)
            if self._made:
                make_private_directory(directory)
            check_private_directory(directory)
            with suppress(FileNotFoundError):
                self._lock = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW)
                self._take_lock()
                # A hub that ended may have removed the directory while we waited at its door.
                if os.path.samestat(os.fstat(self._lock), directory.stat()):
                    return
            self._let_go()
        raise _cannot_listen(self._path, "its directory is removed again and again")

    def _take_lock(self) -> None:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            blocked = isinstance(error, BlockingIOError)
            if not blocked and error.errno not in _CANNOT_LOCK:
                self._let_go()
                raise _cannot_listen(self._path, (error.strerror or str(error)).lower()) from error
            alive, pid = _who_listens(self._path)
            if blocked or alive:
                self._let_go()
                raise _running_already(pid) from None

    def _let_go(self) -> None:
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _remove_stale(self) -> None:
        with suppress(FileNotFoundError):
            if not stat.S_ISSOCK(self._path.lstat().st_mode):
                raise _cannot_listen(self._path, "there is something else, which is no socket")
            self._path.unlink()

    def _bind(self) -> socket.socket:
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            # The directory is closed to others, so it does not matter that the mode follows a moment later.
            listener.bind(os.fspath(self._path))
            self._path.chmod(_SOCKET_MODE)
            found = self._path.lstat()
            self._inode = (found.st_dev, found.st_ino)
            listener.listen(_BACKLOG)
            listener.setblocking(False)  # noqa: FBT003 - the standard library takes it by position only
        except BaseException:
            listener.close()
            raise
        return listener


def check_private_directory(directory: Path) -> None:
    """Let a directory pass that nobody but this user can reach into.

    Raises:
        BadSettings: it is a link, no directory, somebody else's, or open to others.
    """
    try:
        found = directory.lstat()
    except OSError as error:
        raise _bad_directory(directory, (error.strerror or str(error)).lower(), None) from error
    if not stat.S_ISDIR(found.st_mode):
        raise _bad_directory(directory, "it is no directory", "remove it")
    if found.st_uid != os.geteuid():
        raise _bad_directory(directory, f"it belongs to another user (uid {found.st_uid})", None)
    if found.st_mode & _OTHERS:
        mode = stat.S_IMODE(found.st_mode)
        raise _bad_directory(directory, f"others may use it (mode {mode:04o})", f"chmod 700 {printable(str(directory))}")


def _bad_directory(directory: Path, why: str, mend: str | None) -> BadSettings:
    hint = mend or "point XDG_RUNTIME_DIR to a directory of your own"
    return BadSettings(f"cannot use the runtime directory {printable(str(directory))}: {why}", hint=hint)


def _cannot_listen(path: Path, why: str) -> BadSettings:
    hint = "point XDG_RUNTIME_DIR to a directory of your own with a short path"
    return BadSettings(f"cannot listen on {printable(str(path))}: {why}", hint=hint)


def _running_already(pid: int | None) -> BadSettings:
    who = f" (pid {pid})" if pid is not None else ""
    hint = "`hub ps` shows what it runs; `hub down` ends it"
    return BadSettings(f"cannot start: a hub is already running{who}", hint=hint, data={"pid": pid} if pid else None)


def _who_listens(path: Path) -> tuple[bool, int | None]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(_PROBE_SECONDS)
        try:
            probe.connect(os.fspath(path))
        except OSError:
            return False, None
        found = credentials_of(probe)
        return True, found.pid if found is not None else None
