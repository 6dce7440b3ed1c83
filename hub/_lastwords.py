"""Own what an exit status and the last words on standard error say about an end; know nothing of files and processes.

The words are a plugin's, so hostile: each pattern is bounded, and what is quoted from them is harmless to print.
"""

import re
from typing import Final, NamedTuple

from hub._diagnosis import HINTS, Diagnosis
from hub._exitstatus import ExitStatus
from hub._logrecord import harmless_text
from hub_protocol.limits import EXIT_STATUS_DO_NOT_RESTART

__all__ = ["EXIT_CANNOT_EXECUTE", "EXIT_NOT_FOUND", "explained_end", "plain_end"]

# What a shell, `env` or a launcher says when it could not become the program (POSIX, Shell Command Language, 2.8.2).
EXIT_CANNOT_EXECUTE: Final = 126
EXIT_NOT_FOUND: Final = 127

_QUOTED_CHARACTERS: Final = 200  # a line or two of a terminal
_TAIL_BYTES: Final = 8192  # what a program dies with stands at the end


class _Words(NamedTuple):
    """A pattern whose only group is the name of what is missing; `status` is the one that must go with it, if any."""

    pattern: re.Pattern[str]
    reason: str
    sentence: str
    status: int | None = None


def _words(pattern: str, reason: str, sentence: str, status: int | None = None) -> _Words:
    return _Words(re.compile(pattern), reason, sentence, status)


_NO_LIBRARY: Final = "it needs the shared library {}, which is not here"
_KNOWN_WORDS: Final = (
    _words(r"error while loading shared libraries: ([^:\n]{1,200}):", "missing_library", _NO_LIBRARY),  # glibc
    _words(r"Error loading shared library ([^:\n]{1,200}):", "missing_library", _NO_LIBRARY),  # musl
    _words(r"Library not loaded: ([^\n]{1,200})", "missing_library", _NO_LIBRARY),  # macOS
    _words(r"version `?([A-Z]{1,20}_[0-9.]{1,20})'? not found", "old_system_library", "it needs {}, newer than this system's"),
    _words(
        r"(?:can't open file|cannot open|Can't open) '?([^'\n:]{1,200})'?:[^\n]{0,20}No such", "missing_file", "there is no {}"
    ),
    _words(r"No module named ['\"]?([\w.]{1,200})", "missing_package", "its Python package {} is missing"),
    _words(r"Cannot find (?:module|package) ['\"]([^'\"\n]{1,200})", "missing_package", "Node does not find {}"),
    _words(
        r"env: [^\w\n]{0,3}([^\n:'’]{1,200})['’]?: No such", "missing_command", "it calls {}, which is missing", EXIT_NOT_FOUND
    ),
    _words(r": ([^\n: ]{1,200}): (?:command )?not found", "missing_command", "it calls {}, which is missing", EXIT_NOT_FOUND),
)

# An installation may still be under way; everything else stays as it is.
_MAY_PASS: Final = frozenset({"missing_package"})

_SIGNAL_HINTS: Final = {
    "SIGKILL": "if nobody did this by hand, the system was out of memory: look into its log (`dmesg`)",
    "SIGILL": "it was probably built for a newer processor: build it for this one",
    "SIGSYS": "a sandbox forbids a system call that the plugin needs",
}


def explained_end(status: ExitStatus, tail: bytes) -> Diagnosis | None:
    """Return the cause that a linker, a shell or a runtime named in the last words, or None."""
    text = tail[-_TAIL_BYTES:].decode("utf-8", "replace")
    for known in _KNOWN_WORDS if status != ExitStatus(code=0) else ():
        found = known.pattern.search(text) if known.status in {None, status.code} else None
        if found is not None:
            why = known.sentence.format(harmless_text(found[1].strip(), _QUOTED_CHARACTERS))
            return Diagnosis.of(known.reason, why, permanent=known.reason not in _MAY_PASS)
    return None


def plain_end(status: ExitStatus, tail: bytes) -> Diagnosis:
    """Return what the status alone says; the last words become the hint."""
    said = _last_line(tail)
    hint = f"its last words: {said}" if said else "it wrote nothing to standard error: run it by hand"
    if status.signal is not None:
        return Diagnosis(
            "killed", f"it was {status.describe()}", _SIGNAL_HINTS.get(status.signal_name or "", hint), permanent=False
        )
    match status.code:
        case 0:
            hint = "a module runs until its standard input ends: is this a program that speaks the protocol?"
            return Diagnosis("exited", "it exited with status 0", hint, permanent=False)
        case code if code == EXIT_STATUS_DO_NOT_RESTART:
            return Diagnosis("configuration", "it says that its configuration is wrong (exit status 78)", hint)
        case code if code == EXIT_CANNOT_EXECUTE:
            return Diagnosis("not_executable", "something that it calls cannot be executed (exit status 126)", hint)
        case code if code == EXIT_NOT_FOUND:
            why = "something that it calls is not installed (exit status 127)"
            return Diagnosis("missing_command", why, hint if said else HINTS["missing_command"])
        case _:
            return Diagnosis("exited", f"it {status.describe()}", hint, permanent=False)


def _last_line(tail: bytes) -> str:
    lines = tail[-_TAIL_BYTES:].decode("utf-8", "replace").splitlines()
    return next((harmless_text(line.strip(), _QUOTED_CHARACTERS) for line in reversed(lines) if line.strip()), "")
