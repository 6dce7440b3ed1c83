"""Own the comparison of what the test process holds before and after a test; know nothing of pytest or of the hub.

Processes and threads may end a moment after the test did: each is waited for by the descriptor or lock that tells of its end,
until one common deadline. File descriptors end with their owners, so they are looked at last, and not waited for.
"""

import contextlib
import gc
import os
import select
import signal
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.house.orphans import children_of, command_of, orphans

__all__ = ["PATIENCE_SECONDS", "Holdings", "leaks_since"]

# A killed process is gone in a few milliseconds; a loaded machine may take its time.
PATIENCE_SECONDS = 1.0

# Trio keeps idle threads for the next caller in the whole process, for ten seconds, under this name; a busy one has another.
_IDLE_THREAD_OF_TRIO = "Trio thread "


@dataclass(frozen=True, slots=True)
class Holdings:
    """What this process holds: pids, threads, open descriptors with what they refer to, and files in its own directories."""

    processes: frozenset[int]
    threads: frozenset[threading.Thread]
    descriptors: frozenset[tuple[int, str]]
    files: frozenset[Path]

    @classmethod
    def now(cls, *directories: Path) -> Self:
        """Return what is held at this moment; `directories` are those whose files count."""
        return cls(
            processes=frozenset(children_of(os.getpid()) | orphans()),
            threads=frozenset(thread for thread in threading.enumerate() if not thread.name.startswith(_IDLE_THREAD_OF_TRIO)),
            descriptors=frozenset(_descriptors()),
            files=frozenset(path for directory in directories for path in directory.rglob("*")),
        )


def leaks_since(before: Holdings, *directories: Path, patience_seconds: float = PATIENCE_SECONDS) -> list[str]:
    """Return a line for each thing that is held now and was not `before`; end leaked processes for the next test's sake."""
    deadline = time.monotonic() + patience_seconds
    started = Holdings.now(*directories)
    stubborn = [pid for pid in sorted(started.processes - before.processes) if not _ended_by(deadline, pid)]
    for thread in started.threads - before.threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    after = Holdings.now(*directories)
    # A child that ended and was not waited for is a leak too, and no longer stubborn.
    lines = [command_of(pid) for pid in sorted({*stubborn, *(after.processes - before.processes)})]
    lines += sorted(f"thread {thread.name!r}" for thread in after.threads - before.threads)
    lines += [f"file descriptor {number}: {target}" for number, target in sorted(after.descriptors - before.descriptors)]
    lines += sorted(f"{_kind_of(path)} {path.name} in {path.parent}" for path in after.files - before.files)
    for pid in after.processes - before.processes:
        _end(pid)
    if lines:
        _let_go()
    return lines


def _let_go() -> None:
    """Run the destructors of what was forgotten: now, and in silence, or they complain in the middle of an innocent test."""

    def ignore(_unraisable: object) -> None: ...

    hook, sys.unraisablehook = sys.unraisablehook, ignore
    try:
        with warnings.catch_warnings(action="ignore"):
            gc.collect()
    finally:
        sys.unraisablehook = hook


def _descriptors() -> Iterator[tuple[int, str]]:
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208 - iterdir would hold a descriptor of its own while we look
        with contextlib.suppress(OSError):  # the descriptor of the listing itself, closed by now
            yield int(name), os.readlink(f"/proc/self/fd/{name}")  # noqa: PTH115 - a name, not a path: "pipe:[4711]"


def _kind_of(path: Path) -> str:
    return "socket" if path.is_socket() else "directory" if path.is_dir() else "file"


def _ended_by(deadline: float, pid: int) -> bool:
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))[0])
    finally:
        os.close(descriptor)


def _end(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):  # an orphan: its adopter waits for it
        os.waitpid(pid, 0)
