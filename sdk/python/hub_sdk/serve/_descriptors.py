"""Own the move of standard input and output out of everybody's reach; know nothing of what travels there.

After it, whatever prints (the language, a C library, a child process) prints into the log, and whatever reads standard input
finds its end.
"""

import contextlib
import fcntl
import os
import sys

import msgspec

__all__ = ["Descriptors", "take_descriptors"]

# Above what a program opens by itself and closes by number; a lower limit of the process makes us take any.
_FIRST_PRIVATE = 200


class Descriptors(msgspec.Struct, frozen=True):
    """Where frames are read and written. Both close by themselves in a child process, forked or executed."""

    input: int
    output: int


def take_descriptors() -> Descriptors:
    """Move descriptors 0 and 1 to private ones, put /dev/null and the log in their places, and return them."""
    taken = Descriptors(_private(0), _private(1))
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    # What was printed before and is still in Python's buffer goes to the log this way, too.
    os.dup2(2, 1)
    with contextlib.suppress(AttributeError, ValueError, OSError):  # a program may have replaced it by anything
        sys.stdout.reconfigure(line_buffering=True, errors="backslashreplace")  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    # A forked child is not protected by close-on-exec, and one that holds them open hides our end from the hub.
    os.register_at_fork(after_in_child=lambda: _close(taken))
    return taken


def _private(descriptor: int) -> int:
    try:
        return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _FIRST_PRIVATE)
    except OSError:
        return os.dup(descriptor)


def _close(taken: Descriptors) -> None:
    for descriptor in (taken.input, taken.output):
        with contextlib.suppress(OSError):
            os.close(descriptor)
