"""Own the reading of Linux's /proc about one process at a time; decide nothing, and send no signals.

A process can vanish, and its number can be given to another, between any two reads: every answer is about a moment in the past.
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

__all__ = [
    "PAGE_BYTES",
    "TICKS_PER_SECOND",
    "ProcessStat",
    "boot_id",
    "carries",
    "has_procfs",
    "name_of",
    "process_numbers",
    "read_proc",
    "read_stat",
    "start_ticks_of",
]

PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")
TICKS_PER_SECOND: Final = os.sysconf("SC_CLK_TCK")

_CHUNK_BYTES: Final = 64 * 1024
# The kernel lets arguments and environment together have 6 MiB at most, with the usual limit of the stack.
_MAX_ENVIRONMENT_BYTES: Final = 8 * 1024 * 1024
# Up to field 24 of /proc/PID/stat; more are of no interest here.
_FIELDS_NEEDED: Final = 22


@dataclass(frozen=True, slots=True)
class ProcessStat:
    """What /proc/PID/stat says; a number together with its start time (ticks since boot) names a process for ever."""

    pid: int
    state: str
    parent: int
    group: int
    session: int
    threads: int
    start_ticks: int
    cpu_ticks: int
    """User and system time, its own and that of the children it has waited for."""
    resident_pages: int

    @property
    def is_dead(self) -> bool:
        """Whether it is a zombie: nothing runs, and only its parent can make it vanish."""
        return self.state in {"Z", "X"}


def has_procfs() -> bool:
    """Return whether this system has a /proc that can be read."""
    return start_ticks_of(os.getpid()) is not None


def read_stat(pid: int) -> ProcessStat | None:
    """Return what is known of a process, or None when there is none; 8 µs."""
    fields = _stat_fields(pid)
    if not fields:
        return None
    return ProcessStat(
        pid=pid,
        state=fields[0].decode(),
        parent=int(fields[1]),
        group=int(fields[2]),
        session=int(fields[3]),
        threads=int(fields[17]),
        start_ticks=int(fields[19]),
        cpu_ticks=sum(map(int, fields[11:15])),
        resident_pages=int(fields[21]),
    )


def start_ticks_of(pid: int) -> int | None:
    """Return when a process was started, in ticks since boot, or None when there is no such process or no /proc; 10 µs."""
    fields = _stat_fields(pid)
    return int(fields[19]) if fields else None


def _stat_fields(pid: int) -> list[bytes]:
    """Return the fields of /proc/PID/stat from the state on, as many as are needed and the rest in one; or none."""
    content = read_proc(f"/proc/{pid}/stat")
    # The name stands in parentheses and may itself have any character in it, parentheses and newlines too.
    fields = content[content.rfind(b")") + 1 :].split(None, _FIELDS_NEEDED)
    return fields if len(fields) >= _FIELDS_NEEDED else []


def name_of(pid: int) -> str:
    """Return the short name of a process, hostile text of at most 15 bytes, or an empty one."""
    return read_proc(f"/proc/{pid}/comm").decode(errors="replace").rstrip("\n")


def process_numbers() -> list[tuple[int, int]]:
    """Return the number of each process that can be seen and that of the inode of its directory, highest number first; 100 µs.

    A process keeps its inode while the kernel remembers it; another process never has the same number and the same inode.
    """
    with suppress(OSError), os.scandir("/proc") as entries:
        return sorted(((int(name), entry.inode()) for entry in entries if (name := entry.name).isdigit()), reverse=True)
    return []


def carries(pid: int, entry: bytes) -> bool | None:
    """Return whether `entry` (`NAME=value`) stood in the environment of a process when its present program was started.

    None when it shows no environment: it is gone, another user's or the kernel's, or just becoming another program.
    """
    content = read_proc(f"/proc/{pid}/environ", _MAX_ENVIRONMENT_BYTES)
    # Most processes are strangers: the copy that finds whole entries only is made for the others.
    return (entry in content and entry in content.split(b"\0")) if content else None


def boot_id() -> str:
    """Return a value that changes with each start of the machine, or an empty one where the system has none."""
    return read_proc("/proc/sys/kernel/random/boot_id").decode(errors="replace").strip()


def read_proc(path: str, max_bytes: int = _CHUNK_BYTES) -> bytes:
    """Return the content of a file of /proc up to `max_bytes`, empty when it is gone, forbidden or was never there."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        content = chunk = os.read(descriptor, min(max_bytes, _CHUNK_BYTES))
        while len(chunk) == _CHUNK_BYTES and len(content) < max_bytes:
            chunk = os.read(descriptor, _CHUNK_BYTES)
            content += chunk
    except OSError:  # it ended in the meantime
        return b""
    finally:
        os.close(descriptor)
    return content
