"""Own the shape of an explanation, and the hints that several explanations share; know nothing of how causes are found."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

__all__ = ["HINTS", "Diagnosis"]

HINTS: Final[Mapping[str, str]] = {
    "arguments_too_long": "pass large values in a file",
    "bad_argument": "look at `command` and the environment in plugin.toml",
    "bad_format": "build or download the plugin again",
    "bad_shebang": "correct the first line of the file",
    "being_written": "wait until the installation of the plugin has ended",
    "carriage_return": "save the file with LF line ends (`dos2unix FILE`)",
    "empty_file": "build or download the plugin again",
    "is_a_directory": "name the program inside it in `command` of plugin.toml",
    "missing_command": "install it, or put it on the PATH of the hub",
    "missing_directory": "install the plugin again",
    "missing_file": "look at `command` in plugin.toml, or build the plugin",
    "missing_interpreter": "install it, or put it on the PATH of the hub",
    "missing_library": "install the package that holds it, or build the plugin statically",
    "missing_loader": "it was built for another C library (glibc or musl): build it for this system, or statically",
    "missing_package": "install what the plugin's README asks for, where its command looks for it",
    "missing_program": "look at `command` in plugin.toml, or build the plugin",
    "no_runtime": "install a runtime and name it first in `command` of plugin.toml",
    "no_shebang": "begin it with `#!`, or name its interpreter first in `command` of plugin.toml",
    "noexec_mount": "move the plugins to another file system",
    "not_a_file": "name a program in `command` of plugin.toml",
    "not_executable": "chmod +x FILE, or name its interpreter first in `command` of plugin.toml",
    "old_system_library": "build the plugin on a system as old as this one, or statically",
    "out_of_memory": "free memory, or run fewer modules",
    "path_too_long": "move the plugin to a shorter path",
    "permission": "look at owner and mode (`ls -ld FILE`)",
    "symlink_loop": "replace the link by the file",
    "too_many_open_files": "raise the limit (`ulimit -n`), or run fewer modules",
    "too_many_processes": "raise the limit (`ulimit -u`, or the pids limit of the container), or run fewer modules",
    "wrong_architecture": "download or build the plugin for this machine",
    "wrong_system": "download or build the plugin for this system",
}


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """`reason` is a stable key, `why` ends the sentence "cannot start x: ", `hint` says what to do.

    `permanent` says that another attempt ends in the same way until a person changes something.
    """

    reason: str
    why: str
    hint: str | None
    permanent: bool = True

    @classmethod
    def of(cls, reason: str, why: str, *, permanent: bool = True) -> "Diagnosis":
        """Return the diagnosis with the hint that goes with its reason."""
        return cls(reason, why, HINTS[reason], permanent)
