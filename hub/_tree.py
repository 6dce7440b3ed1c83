"""Own the measuring of a process tree: what it holds at one moment; know nothing of limits, and remember nothing.

Only descendants by parenthood are measured: a daemon that left the tree is not (it is ended with its module, see `_strays.py`).
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from hub._procfs import PAGE_BYTES, TICKS_PER_SECOND, ProcessStat, has_procfs, read_proc, read_stat

__all__ = ["TreeSample", "can_measure", "sample_tree"]

# A fork bomb must not hold the event loop: at 25 µs a process this is 25 ms, and any sane limit is far below.
_MAX_PROCESSES: Final = 1000
_KIB: Final = 1024


@dataclass(frozen=True, slots=True)
class TreeSample:
    """What a process and all its descendants hold together."""

    processes: int
    """Zombies included: they fill the process table too."""
    memory_bytes: int
    """Resident memory; what processes share counts once where that was looked at, else once for each."""
    fds: int
    threads: int
    cpu_seconds: float
    """User and system time since the start, descendants that have ended and were waited for included."""


def can_measure() -> bool:
    """Return whether this system says what processes hold (Linux); elsewhere `sample_tree` returns None."""
    return has_procfs()


def sample_tree(pid: int, start_ticks: int | None, *, share_above_bytes: int | None = None) -> TreeSample | None:
    """Measure the tree below `pid`, or return None when that process (of this start time) is gone or cannot be measured.

    25 µs for a process with one thread, 7 µs more for each further thread, and never a wait. Above `share_above_bytes` of
    resident memory in several processes each page is counted once, by 0.2 ms and more a process: forked workers share most of
    theirs, and would otherwise be taken for a multiple of what they are.
    """
    root = read_stat(pid)
    if root is None or root.is_dead or (start_ticks is not None and root.start_ticks != start_ticks):
        return None
    found = list(_tree(root))
    pages = fds = threads = cpu_ticks = 0
    for stat in found:
        pages += stat.resident_pages
        fds += _descriptors(stat.pid)
        threads += stat.threads
        cpu_ticks += stat.cpu_ticks
    memory = pages * PAGE_BYTES
    if share_above_bytes is not None and memory > share_above_bytes and len(found) > 1:
        memory = sum(_proportional_bytes(stat) for stat in found)
    return TreeSample(len(found), memory, fds, threads, cpu_ticks / TICKS_PER_SECOND)


def _tree(root: ProcessStat) -> Iterator[ProcessStat]:
    waiting = [root]
    seen = {root.pid}
    while waiting and len(seen) <= _MAX_PROCESSES:
        stat = waiting.pop()
        yield stat
        for child in _children(stat):
            # Between two reads a number may have become another's: what is no child of this process any more is not ours.
            found = read_stat(child)
            if found is not None and found.parent == stat.pid and child not in seen:
                seen.add(child)
                waiting.append(found)


def _children(stat: ProcessStat) -> Iterator[int]:
    # Each thread has its own children. A kernel without this file (CONFIG_PROC_CHILDREN) shows a process without any.
    for thread in _threads(stat):
        yield from map(int, read_proc(f"/proc/{stat.pid}/task/{thread}/children").split())


def _threads(stat: ProcessStat) -> list[str]:
    if stat.threads == 1:
        return [str(stat.pid)]
    with suppress(OSError):
        return os.listdir(f"/proc/{stat.pid}/task")  # noqa: PTH208 - a path object costs more than the call
    return []


def _descriptors(pid: int) -> int:
    directory = f"/proc/{pid}/fd"
    with suppress(OSError):
        # Linux 6.2 counts for us, where listing 100 000 of them takes 30 ms.
        return os.stat(directory).st_size or len(os.listdir(directory))  # noqa: PTH116, PTH208 - as above
    return 0


def _proportional_bytes(stat: ProcessStat) -> int:
    for line in read_proc(f"/proc/{stat.pid}/smaps_rollup").splitlines():
        if line.startswith(b"Pss:"):
            return int(line.split()[1]) * _KIB
    return stat.resident_pages * PAGE_BYTES
