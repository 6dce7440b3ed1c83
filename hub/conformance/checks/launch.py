"""Own the checks of a module's first moments: silence, no side effects, in time, the same each time; know no functions."""

from pathlib import Path
from typing import Final

from hub.conformance._bench import Bench
from hub.conformance._check import Check, NotOffered, Outcome
from hub.conformance._endings import Answer
from hub.conformance._files import fingerprint
from hub.conformance._judging import END_OF_INPUT, must, problem

__all__ = ["CHECKS"]

_AREA: Final = "launch"
_TCP: Final = ("net/tcp", "net/tcp6")
# A program has to be up before the end of its input can mean anything to it.
_START_SECONDS: Final = 5.0


@must(
    "HUB-LIFE-1/silent-without-a-request",
    _AREA,
    "nothing on standard output before module_info is asked",
    "print nothing when the program starts; what is worth saying goes to standard error",
)
def silent(bench: Bench) -> Outcome:
    with bench.start("spawned") as (session, _):
        session.wire.close_input()
        session.wire.wait_for_end(_START_SECONDS)
        session.wire.drain(0.05)
        session.wire.items.clear()
        wrote = session.wire.written()
    return problem("it writes although nobody asked", then=END_OF_INPUT, received=[wrote]) if wrote else None


@must(
    "HUB-LIFE-2/leaves-its-directory-alone",
    _AREA,
    "no file of its directory is created or changed while it introduces itself",
    "do such work in module_init, and in data_directory, not when the program starts",
)
def directory_untouched(bench: Bench) -> Outcome:
    place = bench.target.directory
    if place is None:
        return NotOffered("the target is not a plugin's directory")
    before = fingerprint(place)
    with bench.start("introduced") as (_, introduction):
        after = fingerprint(place)
    changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    return problem(f"it touched {', '.join(changed[:5])}", introduction.capabilities) if changed else None


@must(
    "HUB-LIFE-2/leaves-no-temporary-files",
    _AREA,
    "nothing in TMPDIR after it has introduced itself",
    "create temporary files in module_init or later",
)
def no_temporary_files(bench: Bench) -> Outcome:
    before = {path.name for path in bench.scratch.iterdir()}
    with bench.start("introduced") as (_, introduction):
        made = sorted({path.name for path in bench.scratch.iterdir()} - before)
    return problem(f"it made {', '.join(made[:5])} in TMPDIR", introduction.capabilities) if made else None


@must(
    "HUB-LIFE-2/opens-no-connection",
    _AREA,
    "no network socket after it has introduced itself",
    "connect in module_init or in a function; a hub may start the module for its introduction alone",
)
def no_connection(bench: Bench) -> Outcome:
    if not Path("/proc/self/net/tcp").exists():
        return NotOffered("this system does not show the sockets of a process")
    with bench.start("introduced") as (session, introduction):
        opened = _sockets(session.wire.child.pid)
    why = f"it has {opened} network socket{'s' * (opened > 1)} open"
    return problem(why, introduction.capabilities) if opened else None


def _sockets(pid: int) -> int:
    known: set[str] = set()
    for table in _TCP:
        try:
            known |= {line.split()[9] for line in Path(f"/proc/{pid}/{table}").read_text().splitlines()[1:]}
        except (OSError, IndexError):
            continue
    found = 0
    try:
        for link in Path(f"/proc/{pid}/fd").iterdir():
            name = str(link.readlink())
            found += name.startswith("socket:[") and name[8:-1] in known
    except OSError:
        return 0
    return found


def _in_time(method: str, within: str) -> Check:
    @must(
        f"HUB-LIFE-3/{method.replace('_', '-')}-in-time",
        _AREA,
        f"the answer to {method} within {within} (the manifest can say otherwise)",
        "do slow work later: load libraries at the first call, connect in a function; or give it more time in [limits]",
    )
    def check(bench: Bench) -> Outcome:
        for late, answer, limit in bench.introduction().late:
            if late == method:
                return problem(f"the answer took {answer.seconds:.1f} s, {limit:g} s are allowed", answer)
        return None

    return check


def _same(member: str, method: str) -> Check:
    @must(
        f"HUB-LIFE-9/same-{method.replace('_', '-')}",
        _AREA,
        f"the answer to {method} that it gave at its first start",
        "leave out what changes from start to start: times, numbers of processes, the order of a set",
    )
    def check(bench: Bench) -> Outcome:
        first: Answer | None = getattr(bench.introduction(), member)
        with bench.start("introduced") as (_, introduction):
            second: Answer | None = getattr(introduction, member)
        if first is None or second is None or first.result == second.result:
            return None
        return problem("two starts give two answers", sent=second.sent, received=[first.line, second.line])

    return check


CHECKS: Final = (
    _in_time("module_info", "10 s"),
    _in_time("capabilities", "10 s"),
    _in_time("module_init", "30 s"),
    silent,
    directory_untouched,
    no_temporary_files,
    no_connection,
    _same("info", "module_info"),
    _same("capabilities", "capabilities"),
)
