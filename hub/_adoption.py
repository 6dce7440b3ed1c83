"""Own the orphans of a program that is nothing but a hub: they become its children, and end with it; know no modules.

A process that left its module's session *and* cleared its environment carries no mark any more. What it cannot leave is
parenthood: where this process is the "subreaper" of its descendants (Linux), whoever loses its parent becomes our child.
Only for a program that has no other children: in a library it would take the orphans of the host program away from init.
"""

import os
import signal as signals
import sys
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Final

import anyio

from hub._procfs import name_of, read_proc, read_stat
from hub._strays import Stray

__all__ = ["adopt_orphans", "end_orphans", "reap_orphans"]

_PR_SET_CHILD_SUBREAPER: Final = 36  # linux/prctl.h
# A kill takes effect within milliseconds, unless the kernel holds the process; its own children come to us after that.
_END_SECONDS: Final = 2.0
_POLL_SECONDS: Final = 0.002


def adopt_orphans() -> bool:
    """Become the parent of every descendant that loses its own; return False where that cannot be (all but Linux)."""
    if sys.platform != "linux":
        return False
    import ctypes  # 10 ms, for programs that are a hub alone

    return ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0


def _orphans(known: Collection[int]) -> list[int]:
    """Return our children that nobody here started."""
    found: list[int] = []
    with suppress(OSError):
        for task in os.listdir("/proc/self/task"):  # noqa: PTH208 - names alone
            found += map(int, read_proc(f"/proc/self/task/{task}/children").split())
    return [pid for pid in found if pid not in known]


def reap_orphans(known: Collection[int]) -> None:
    """Let orphans that have ended vanish: they fill the process table, and nobody else can."""
    for pid in _orphans(known):
        _reap(pid)


def _reap(pid: int) -> None:
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


async def end_orphans(known: Collection[int], *, clock: Callable[[], float] = time.monotonic) -> list[Stray]:
    """Kill every orphan, and those that come of that, and return them; bounded, and not stopped by cancellation."""
    killed: dict[int, Stray] = {}
    until = clock() + _END_SECONDS
    with anyio.CancelScope(shield=True):
        while (orphans := _orphans(known)) and clock() < until:
            for pid in orphans:
                stat = read_stat(pid)
                if stat is not None and not stat.is_dead:
                    killed.setdefault(pid, Stray(pid, name_of(pid)))
                    with suppress(OSError):  # it became another user
                        os.kill(pid, signals.SIGKILL)
                _reap(pid)
            await anyio.sleep(_POLL_SECONDS)
    return list(killed.values())
