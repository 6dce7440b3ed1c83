"""Own the walls that the kernel puts around a process from outside, right after its start; know nothing of samples or plugins.

All of them hold for each single process, and are inherited. They are walls, not judges: far enough out that an honest module
never meets them, and near enough that a mad one is stopped between two samples. Never RLIMIT_AS: Go, V8 and wasm runtimes
reserve gigabytes that they do not use. Never RLIMIT_CPU: it is a sum over the life of a process, and a module lives long.
"""

import resource
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hub._procfs import read_proc

__all__ = ["Wall", "Walls", "can_set_walls", "set_walls"]

_MIB: Final = 1024 * 1024
# Data is more than what is resident: stacks of threads, arenas, what a collector has not returned yet.
_DATA_FACTOR: Final = 2
_DATA_EXTRA_BYTES: Final = 256 * _MIB

Prlimit = Callable[[int, int, tuple[int, int]], object]

# Linux only: other systems have no way to limit a process from outside.
_PRLIMIT: Final[Prlimit | None] = getattr(resource, "prlimit", None)


@dataclass(frozen=True, slots=True)
class Walls:
    """What each process of a module may have; None leaves a limit as the hub has it."""

    memory_budget_bytes: int | None = None
    """What the module is meant to use at most; the wall stands at twice that and 256 MiB."""
    open_files: int | None = None
    more_tasks: int | None = None
    """How many more processes and threads *the user* may have than the whole machine has now. The kernel counts all of the
    user's, not only the module's, so this keeps a fork bomb from filling the process table, and no more; root is exempt."""
    core_dumps: bool = False
    """Whether a crash may write the memory of the module, secrets included, into its directory."""


@dataclass(frozen=True, slots=True)
class Wall:
    """One wall, and in words what it does, or why it is not there."""

    name: str
    enforced: bool
    detail: str


def can_set_walls() -> bool:
    """Return whether this system can limit a process from outside."""
    return _PRLIMIT is not None


def set_walls(pid: int, walls: Walls, *, prlimit: Prlimit | None = _PRLIMIT) -> tuple[Wall, ...]:
    """Put walls around our child `pid`, only ever nearer than they were; never raises. 25 µs for all.

    What it starts before that (microseconds after the spawn) is outside of them.
    """
    return tuple(_set(pid, *wanted, prlimit) for wanted in _wanted(walls))


def _wanted(walls: Walls) -> list[tuple[str, int, int, str]]:
    found: list[tuple[str, int, int, str]] = []
    if walls.memory_budget_bytes is not None:
        limit = _DATA_FACTOR * walls.memory_budget_bytes + _DATA_EXTRA_BYTES
        found.append(("memory", resource.RLIMIT_DATA, limit, f"a process gets no more than {limit // _MIB} MiB"))
    if walls.open_files is not None:
        limit = walls.open_files
        found.append(("open files", resource.RLIMIT_NOFILE, limit, f"a process opens {limit} at most"))
    if walls.more_tasks is not None and (present := _tasks_of_machine()) is not None:
        limit = present + walls.more_tasks
        words = f"a process starts no other when its user has {limit} processes and threads; root is exempt"
        found.append(("processes", resource.RLIMIT_NPROC, limit, words))
    if not walls.core_dumps:
        found.append(("core dumps", resource.RLIMIT_CORE, 0, "a crash leaves no copy of the memory on disk"))
    return found


def _set(pid: int, name: str, which: int, limit: int, words: str, prlimit: Prlimit | None) -> Wall:
    if prlimit is None:
        return Wall(name, enforced=False, detail="this system cannot limit a process from outside")
    hard = resource.getrlimit(which)[1]  # the child has what we have; only root may raise it, and nobody should
    wanted = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    try:
        prlimit(pid, which, (wanted, wanted))
    except ProcessLookupError:
        return Wall(name, enforced=False, detail="the process had ended")
    except (OSError, ValueError, OverflowError) as error:
        return Wall(name, enforced=False, detail=getattr(error, "strerror", None) or str(error))
    return Wall(name, enforced=True, detail=words if wanted == limit else f"the hub's own limit is nearer: {wanted}")


def _tasks_of_machine() -> int | None:
    """Return how many processes and threads there are, of all users: no less than this user has, and cheap to know."""
    _, slash, rest = read_proc("/proc/loadavg").partition(b"/")
    return int(rest.split()[0]) if slash else None
