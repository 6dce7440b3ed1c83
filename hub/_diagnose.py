"""Own the question why a program did not start or ended at once; know nothing of processes or retries.

Nothing here is needed to run a plugin, so nothing here raises, and what cannot be found out is left unsaid.
"""

import errno
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from hub._diagnosis import Diagnosis
from hub._exitstatus import ExitStatus
from hub._lastwords import EXIT_CANNOT_EXECUTE, EXIT_NOT_FOUND, explained_end, plain_end
from hub._names import printable
from hub._startfault import fault_of_directory, fault_of_program

__all__ = ["Diagnosis", "diagnose"]

# What the system is short of passes; what is too long stays too long.
_BY_ERRNO: Final[Mapping[int, Diagnosis]] = {
    errno.EMFILE: Diagnosis.of("too_many_open_files", "the hub has no file descriptor left", permanent=False),
    errno.ENFILE: Diagnosis.of("too_many_open_files", "this system has no file descriptor left", permanent=False),
    errno.EAGAIN: Diagnosis.of("too_many_processes", "this user or container may not have more processes", permanent=False),
    errno.ENOMEM: Diagnosis.of("out_of_memory", "this system is out of memory", permanent=False),
    errno.ETXTBSY: Diagnosis.of("being_written", "its file is open for writing", permanent=False),
    errno.E2BIG: Diagnosis.of("arguments_too_long", "its arguments and environment are too long for this system"),
    errno.ENAMETOOLONG: Diagnosis.of("path_too_long", "its path is too long for this system"),
    errno.ELOOP: Diagnosis.of("symlink_loop", "its path is a loop of symbolic links"),
}


def diagnose(
    argv: Sequence[str],
    cwd: Path,
    failure: OSError | ValueError | ExitStatus,
    stderr_tail: bytes = b"",
    *,
    env: Mapping[str, str] | None = None,
) -> Diagnosis:
    """Return why `argv`, run in `cwd` with `env`, failed: with an error at the spawn, or with a status soon after.

    `stderr_tail` is the end of what it wrote to standard error. The words are harmless to print, whatever the plugin contains.
    """
    if isinstance(failure, ExitStatus):
        # Only these two say that a program could not be executed; another status comes from a program that ran.
        executed = failure.code not in {EXIT_CANNOT_EXECUTE, EXIT_NOT_FOUND}
        found = None if executed else _of_files(argv, cwd, env)
        return found or explained_end(failure, stderr_tail) or plain_end(failure, stderr_tail)
    if isinstance(failure, OSError):
        return _BY_ERRNO.get(failure.errno or 0) or _of_files(argv, cwd, env) or _by_text(failure)
    return Diagnosis.of("bad_argument", f"its arguments or environment cannot be passed on: {printable(str(failure))}")


def _of_files(argv: Sequence[str], cwd: Path, env: Mapping[str, str] | None) -> Diagnosis | None:
    search = (os.environ if env is None else env).get("PATH", os.defpath)
    try:
        return fault_of_directory(cwd) or fault_of_program(argv, cwd, search)
    except (OSError, ValueError):  # a file that changes while it is looked at, a null byte in a name
        return None


def _by_text(error: OSError) -> Diagnosis:
    words = os.strerror(error.errno) if error.errno else str(error)
    name = errno.errorcode.get(error.errno or 0, "unknown")
    return Diagnosis(f"errno_{name}", printable(words[:1].lower() + words[1:]), None, permanent=False)
