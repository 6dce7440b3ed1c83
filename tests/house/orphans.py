"""Own the process that adopts what tests leave behind, as init would; know nothing of tests or of the hub.

A grandchild whose parent has died belongs to init and can no longer be told from the rest of the machine's processes. So the
test run gets an init of its own: a forked parent that Linux hands all orphans of the run to. It reaps them, as init does (the
hub may rely on that), and its children, the run itself excepted, are exactly the processes that somebody forgot.
"""

import contextlib
import ctypes
import os
import signal
from pathlib import Path

__all__ = ["children_of", "command_of", "enter_nursery", "orphans"]

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_VARIABLE = "HUB_TESTS_ADOPTED_BY"
_SIGNALLED = 128  # what a shell adds to the number of the signal that ended a program


def enter_nursery() -> None:
    """Go on as the child of a process that adopts orphans; that process waits here and ends as this one does."""
    if os.environ.get(_VARIABLE) == str(os.getppid()):
        return
    adopter = os.getpid()
    run = os.fork()
    if run == 0:
        os.environ[_VARIABLE] = str(adopter)
        _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        return
    # From here on this process is no pytest any more: it must not flush, finalise or print a thing.
    try:
        os._exit(_adopt_until_end_of(run))
    finally:
        os._exit(1)


def orphans() -> set[int]:
    """Return the pids of the processes of this run that live on although their parents have died."""
    if os.environ.get(_VARIABLE) != str(os.getppid()):
        return set()
    # A zombie among them is about to be reaped.
    return {pid for pid in children_of(os.getppid()) - {os.getpid()} if _state_of(pid) not in {"Z", "X", ""}}


def children_of(pid: int) -> set[int]:
    """Return the pids of the children of all threads of `pid`, zombies included."""
    found: set[int] = set()
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):  # the thread has ended since
            found.update(int(word) for word in path.read_text().split())
    return found


def command_of(pid: int) -> str:
    """Return what a person would recognise the process by, and whether it is a zombie."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0").replace(b"\0", b" ").decode(errors="replace")
        name = words or Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return f"process {pid} (gone by now)"
    return f"process {pid} `{name}`" + (" (a zombie: nobody waited for it)" if _state_of(pid) == "Z" else "")


def _state_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][:1]
    except OSError:
        return ""


def _adopt_until_end_of(run: int) -> int:
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to both; the run decides what it means
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _frame: os.kill(run, received))
    while True:
        pid, status = os.waitpid(-1, 0)
        if pid == run:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else _SIGNALLED - code


def _prctl(option: int, value: int) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
