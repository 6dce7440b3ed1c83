"""Own reading and writing of the hub's private files, whole or not at all; know nothing of what is in them."""

import errno
import os
import stat
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from hub._names import printable
from hub.errors import BadSettings

__all__ = ["FileTooLarge", "exclusive_lock", "make_private_directory", "read_bounded", "read_trusted", "write_private"]

_ELSEWHERE_HINT = "point XDG_STATE_HOME, XDG_DATA_HOME and XDG_RUNTIME_DIR to directories that you may write to"
_PRIVATE_DIRECTORY_MODE = 0o700
_PRIVATE_FILE_MODE = 0o600
_WRITABLE_BY_OTHERS = 0o022
# A lock is held for one small write; who waits longer than this waits for something that is broken.
_LOCK_WAIT_SECONDS = 5.0
_LOCK_RETRY_SECONDS = 0.01


class FileTooLarge(OSError):
    """The file is longer than its reader accepts."""


def make_private_directory(path: Path) -> Path:
    """Make `path` and its missing parents with mode 0700, and return it.

    Raises:
        BadSettings: it cannot be made, is no directory, or belongs to somebody else.
    """
    try:
        for part in reversed([part for part in (path, *path.parents) if not os.path.isdir(part)]):  # noqa: PTH112 - see below
            with suppress(FileExistsError):
                os.mkdir(part, _PRIVATE_DIRECTORY_MODE)  # noqa: PTH102 - Path.mkdir gives parents the default mode
        found = path.stat()
        if not stat.S_ISDIR(found.st_mode):
            raise NotADirectoryError(errno.ENOTDIR, "it is not a directory")
        if found.st_uid != os.geteuid():
            raise BadSettings(
                f"cannot use the directory {printable(str(path))}: it belongs to another user (uid {found.st_uid})",
                hint=f"run the hub as that user, or {_ELSEWHERE_HINT}",
            )
        if stat.S_IMODE(found.st_mode) != _PRIVATE_DIRECTORY_MODE:
            path.chmod(_PRIVATE_DIRECTORY_MODE)
    except OSError as error:
        raise BadSettings(
            f"cannot make the directory {printable(str(path))}: {error.strerror}",
            hint=_ELSEWHERE_HINT,
        ) from error
    return path


def read_bounded(path: Path, max_bytes: int, *, follow_symlinks: bool = True) -> bytes:
    """Return the content of a regular file of at most `max_bytes`; never waits on a pipe or device.

    Raises:
        FileTooLarge: it is longer.
        OSError: it is missing, not a regular file, or not readable.
    """
    return _read(path, max_bytes, follow_symlinks=follow_symlinks)[0]


def read_trusted(path: Path, max_bytes: int) -> bytes:
    """Return the content of a file that only its owner can have written, and whose owner is this user or root.

    Raises:
        PermissionError: somebody else could have written it.
        FileTooLarge: it is longer than `max_bytes`.
        OSError: it is missing, not a regular file, or not readable.
    """
    content, found = _read(path, max_bytes, follow_symlinks=True)
    if found.st_uid not in {0, os.geteuid()}:
        raise PermissionError(errno.EPERM, f"it belongs to another user (uid {found.st_uid})")
    if found.st_mode & _WRITABLE_BY_OTHERS:
        raise PermissionError(errno.EPERM, f"others may write to it (mode {stat.S_IMODE(found.st_mode):04o})")
    return content


def _read(path: Path, max_bytes: int, *, follow_symlinks: bool) -> tuple[bytes, os.stat_result]:
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | (0 if follow_symlinks else os.O_NOFOLLOW)
    descriptor = os.open(path, flags)
    try:
        found = os.fstat(descriptor)
        if stat.S_ISDIR(found.st_mode):
            raise IsADirectoryError(errno.EISDIR, "it is a directory")
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file")
        # closefd: opening a descriptor may fail, and would then leave it open.
        with open(descriptor, "rb", closefd=False) as file:
            content = file.read(max_bytes + 1)
    finally:
        os.close(descriptor)
    if len(content) > max_bytes:
        raise FileTooLarge(errno.EFBIG, f"it is longer than {max_bytes} bytes")
    return content, found


def write_private(path: Path, content: bytes) -> None:
    """Replace `path` by `content` in one step that survives a crash at any moment, mode 0600; the directory must exist.

    Raises:
        OSError: it cannot be written; the old content is untouched.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{time.monotonic_ns()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, _PRIVATE_FILE_MODE)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 - Path.open cannot be given a descriptor
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_directory(path.parent)


def _sync_directory(directory: Path) -> None:
    """Make a rename or removal in `directory` durable."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def exclusive_lock(
    path: Path,
    *,
    wait_seconds: float = _LOCK_WAIT_SECONDS,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Generator[None]:
    """Hold the lock file `path` against every other process (and thread) that asks for it.

    Raises:
        BadSettings: another process kept it for longer than `wait_seconds`.
    """
    import fcntl

    deadline = clock() + wait_seconds
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, _PRIVATE_FILE_MODE)
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if clock() >= deadline:
                    raise BadSettings(
                        f"cannot write in {printable(str(path.parent))}: another process keeps it locked",
                        hint="end the other hub command, then try again",
                    ) from None
                sleep(_LOCK_RETRY_SECONDS)
        yield
    finally:
        os.close(descriptor)
