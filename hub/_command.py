"""Own how a manifest's command becomes the program to run, and which programs are refused; look at files, run nothing."""

import os
import re
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from hub._names import printable

__all__ = ["VCS_DIRECTORIES", "BadCommand", "resolve_command"]

# Left out of a plugin's digest, hence nothing in them may be run.
VCS_DIRECTORIES: Final = frozenset({".git", ".hg", ".svn"})


class BadCommand(ValueError):
    """The command names something outside the plugin's directory; `hint` says how to write it."""

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def resolve_command(directory: Path, command: Sequence[str], search_path: str) -> tuple[str, ...]:
    """Return the argument vector for a command of the plugin in `directory`, which is absolute.

    The first word is a path inside the plugin's directory when it has a slash or names a file there; an absolute path elsewhere
    and a bare name that is looked up on `search_path` are programs of the machine, which the plugin's digest does not cover. A
    program that does not exist (yet) is returned as it is: whether it can be started is found out by starting it.

    Raises:
        BadCommand: a word leaves the plugin's directory by `..` or through a symbolic link.
    """
    for word in command:
        if ".." in re.split(r"[/=]", word):
            raise BadCommand(
                f'"{printable(word, 60)}" leads out of the plugin\'s directory',
                hint="put what the plugin needs into its own directory",
            )
        _refuse_escape(directory, word)
    first = command[0]
    if os.path.isabs(first):  # noqa: PTH117 - kept as the author wrote it
        return tuple(command)
    if "/" in first or _is_file_or_link(directory / first):
        return (str(directory / first), *command[1:])
    return (_look_up(first, search_path) or first, *command[1:])


def _refuse_escape(directory: Path, word: str) -> None:
    """Refuse a word that names something in the plugin's directory which is elsewhere, or not covered by the digest."""
    path = directory / word
    if not path.is_relative_to(directory) or not _exists(path):
        return
    try:
        root, real = Path(os.path.realpath(directory)), Path(os.path.realpath(path))
    except (OSError, ValueError):
        return
    if not real.is_relative_to(root):
        raise BadCommand(
            f'"{printable(word, 60)}" is a symbolic link to {printable(str(real), 80)}, outside the plugin\'s directory',
            hint="put the file itself there, or name a program of the machine by its name or absolute path",
        )
    if VCS_DIRECTORIES.intersection(real.relative_to(root).parts):
        raise BadCommand(
            f'"{printable(word, 60)}" is inside the metadata of a version control system',
            hint="move it elsewhere in the plugin's directory",
        )


def _exists(path: Path) -> bool:
    try:
        path.lstat()
    except (OSError, ValueError):
        return False
    return True


def _is_file_or_link(path: Path) -> bool:
    try:
        return not stat.S_ISDIR(path.lstat().st_mode)
    except (OSError, ValueError):
        return False


def _look_up(name: str, search_path: str) -> str | None:
    for entry in search_path.split(os.pathsep):
        # A relative entry would make the program depend on where the hub was started.
        if os.path.isabs(entry):  # noqa: PTH117 - a string that may be empty
            candidate = os.path.join(entry, name)  # noqa: PTH118 - see above
            if os.path.isfile(candidate) and os.access(candidate, os.X_OK):  # noqa: PTH113 - see above
                return candidate
    return None
