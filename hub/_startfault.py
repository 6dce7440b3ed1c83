"""Own what is wrong with a program on disk that cannot be started; know nothing of errors and of what the program has said.

Everything here looks at files that may change meanwhile: the caller must be ready for OSError.
"""

import os
import platform
import re
import stat
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from hub._diagnosis import Diagnosis
from hub._names import printable
from hub._program import HEAD_BYTES, ProgramFile, ProgramKind, examine, machine_named

__all__ = ["fault_of_directory", "fault_of_program"]

_NATIVE_KIND: Final = {"linux": ProgramKind.ELF, "darwin": ProgramKind.MACHO, "win32": ProgramKind.PE}
_EXECUTE_BITS: Final = 0o111

# What `env` runs, behind its own options and assignments; bounded, because the file is hostile.
_RUN_BY_ENV: Final = re.compile(r"(?:(?:-\S*+|\w++=\S*+)\s++){0,20}+([^\s-]\S{0,250})")


def fault_of_directory(cwd: Path) -> Diagnosis | None:
    """Return why no process can be started in `cwd`, or None."""
    shown = printable(str(cwd))
    if not cwd.exists():
        return Diagnosis.of("missing_directory", f"its directory {shown} does not exist")
    if not cwd.is_dir():
        return Diagnosis.of("missing_directory", f"{shown} is not a directory")
    if not os.access(cwd, os.X_OK):
        return Diagnosis.of("permission", f"the hub's user may not enter its directory {shown}")
    return None


def fault_of_program(argv: Sequence[str], cwd: Path, search: str) -> Diagnosis | None:
    """Return why `argv[0]` cannot be executed, or None; `search` is the PATH of the plugin."""
    if not argv or not argv[0]:
        return Diagnosis.of("missing_program", "its command is empty")
    path = _located(argv[0], cwd, search)
    if path is None:
        return Diagnosis(
            "missing_program", f"{printable(argv[0])} is not on the PATH", "install it, or write its path in plugin.toml"
        )
    return _of_path(path) or _of_permission(path) or _of_content(path, search)


def _located(program: str, cwd: Path, search: str) -> Path | None:
    if os.sep in program:
        return cwd / program
    candidates = [cwd / directory / program for directory in search.split(os.pathsep)]
    return next((candidate for candidate in candidates if candidate.is_file()), None)


def _of_path(path: Path) -> Diagnosis | None:
    shown = printable(str(path))
    if path.is_symlink() and not path.exists():
        return Diagnosis.of("missing_program", f"{shown} is a link to {printable(str(path.readlink()))}, which does not exist")
    if not path.exists():
        return Diagnosis.of("missing_program", f"{shown} does not exist")
    found = path.stat()
    if stat.S_ISDIR(found.st_mode):
        return Diagnosis.of("is_a_directory", f"{shown} is a directory")
    if not stat.S_ISREG(found.st_mode):
        return Diagnosis.of("not_a_file", f"{shown} is not a regular file")
    return Diagnosis.of("empty_file", f"{shown} is empty") if found.st_size == 0 else None


def _of_permission(path: Path) -> Diagnosis | None:
    shown = printable(str(path))
    if not path.stat().st_mode & _EXECUTE_BITS:
        return Diagnosis.of("not_executable", f"{shown} is not executable")
    if os.statvfs(path).f_flag & getattr(os, "ST_NOEXEC", 0):
        return Diagnosis.of("noexec_mount", f"{shown} is on a file system mounted with noexec")
    if not os.access(path, os.X_OK):
        return Diagnosis.of("permission", f"the hub's user may not execute {shown}")
    return None


def _of_content(path: Path, search: str) -> Diagnosis | None:
    try:
        with path.open("rb") as file:
            found = examine(file.read(HEAD_BYTES))
    except PermissionError:
        return None  # executable but not readable, which is enough for everything but a script
    shown = printable(str(path))
    match found.kind:
        case ProgramKind.SCRIPT:
            return _of_script(shown, found, search)
        case ProgramKind.ELF | ProgramKind.MACHO | ProgramKind.PE:
            return _of_binary(shown, found)
        case ProgramKind.WASM:
            return Diagnosis.of("no_runtime", f"{shown} is WebAssembly, which no system runs by itself")
        case ProgramKind.TEXT:
            return Diagnosis.of("no_shebang", f"{shown} is text without a `#!` line")
        case _:
            return Diagnosis.of("bad_format", f"{shown} is not a program that this system knows")


def _of_script(shown: str, found: ProgramFile, search: str) -> Diagnosis | None:
    if found.interpreter is None:
        return Diagnosis.of("bad_shebang", f"the first line of {shown} names no interpreter")
    if found.carriage_return:
        return Diagnosis.of("carriage_return", f"the first line of {shown} ends in CR LF")
    interpreter, argument = Path(found.interpreter), found.argument or ""
    named = printable(found.interpreter)
    if not interpreter.exists() and Path(f"{interpreter} {argument}").exists():
        hint = (
            "a path after `#!` cannot hold a space: write `#!/usr/bin/env` and a name, or name the interpreter in plugin.toml"
        )
        return Diagnosis("bad_shebang", f"its interpreter was read as {named}, up to the first space", hint)
    if not interpreter.exists():
        return Diagnosis.of("missing_interpreter", f"its interpreter {named} does not exist")
    if interpreter.is_dir() or not os.access(interpreter, os.X_OK):
        return Diagnosis.of("bad_shebang", f"its interpreter {named} is not executable")
    return _of_env(argument, search) if interpreter.name == "env" else None


def _of_env(argument: str, search: str) -> Diagnosis | None:
    wanted = _RUN_BY_ENV.match(argument)
    if wanted is None or _located(wanted[1], Path("/"), search) is not None:
        return None
    return Diagnosis.of("missing_interpreter", f"its interpreter {printable(wanted[1])} is not on the PATH")


def _of_binary(shown: str, found: ProgramFile) -> Diagnosis | None:
    here = machine_named(platform.machine())
    if found.kind is not _NATIVE_KIND.get(sys.platform, found.kind):
        return Diagnosis.of("wrong_system", f"{shown} is a {found.kind} program, built for another system")
    if here not in found.machines:
        return Diagnosis.of(
            "wrong_architecture", f"{shown} is built for {' and '.join(found.machines)}, this machine is {here}"
        )
    if found.interpreter is not None and not Path(found.interpreter).exists():
        return Diagnosis.of("missing_loader", f"{shown} needs the loader {printable(found.interpreter)}, which is not here")
    return None
