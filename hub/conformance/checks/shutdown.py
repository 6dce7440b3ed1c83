"""Own the checks of the end: cleanup, end of input, SIGTERM, nothing left behind; know no functions' meaning."""

from typing import Final

from hub.conformance._bench import Bench, Phase
from hub.conformance._check import Check, Failed, NotOffered, Outcome
from hub.conformance._exercise import slow_call
from hub.conformance._judging import END_OF_INPUT, SIGTERM, must, problem, should
from hub.conformance._session import Answer, Session

__all__ = ["CHECKS"]

_AREA: Final = "shutdown"
_EXIT: Final = "end the loop that reads when standard input ends, whatever else runs (threads as daemons)"


@must(
    "HUB-CLEAN-1/answers-in-time",
    _AREA,
    "an answer within 4 s (the manifest can say less)",
    "answer module_cleanup first where cleaning up takes long",
)
def answers(bench: Bench) -> Outcome:
    limit = bench.target.cleanup_seconds or bench.settings.cleanup_seconds
    with bench.start() as (session, _):
        answer = session.ask("module_cleanup", {}, limit + 3.0)
    if not answer.is_result:
        return problem("module_cleanup is answered with an error", answer)
    return (
        problem(f"the answer took {answer.seconds:.1f} s, {limit:g} s are allowed", answer) if answer.seconds > limit else None
    )


def _clean_up(session: Session, bench: Bench) -> tuple[Answer, bool]:
    """Go the whole way: module_cleanup, end of input, end of the process; return the answer, and whether it ended in time."""
    answer = session.ask("module_cleanup", {}, bench.settings.cleanup_seconds + 3.0)
    session.wire.drain(0.05)
    session.wire.close_input()
    ended = session.wire.wait_for_end(bench.settings.exit_seconds)
    session.settle(0.0)
    return answer, ended


@must(
    "HUB-CLEAN-2/silent-after-cleanup",
    _AREA,
    "nothing more on standard output",
    "let the answer to module_cleanup be the last thing that is written",
)
def silent(bench: Bench) -> Outcome:
    name = "HUB-CLEAN-2/silent-after-cleanup"
    with bench.start() as (session, _):
        _clean_up(session, bench)
    found = bench.notes.breaches.get(name)
    return Failed(found[0].why, found[0].sent, found[0].received) if found else None


@must("HUB-CLEAN-3/ends-in-time", _AREA, "the end of the process within 1 s of the end of its input", _EXIT)
def ends(bench: Bench) -> Outcome:
    with bench.start() as (session, _):
        answer, ended = _clean_up(session, bench)
    why = "it was still running 1 s after module_cleanup and the end of its input"
    return None if ended else problem(why, answer, then=END_OF_INPUT)


@must("HUB-CLEAN-3/exits-with-0", _AREA, "exit status 0", "return from main, or exit 0, after the end of standard input")
def status(bench: Bench) -> Outcome:
    with bench.start() as (session, _):
        answer, ended = _clean_up(session, bench)
        found = session.wire.child.status if ended else None
    return None if found is None or found.success else problem(f"it {found.describe()}", answer, then=END_OF_INPUT)


@must(
    "HUB-CLEAN-3/leaves-no-process",
    _AREA,
    "no process that it started",
    "end and wait for children in module_cleanup",
)
def no_survivors(bench: Bench) -> Outcome:
    with bench.start() as (session, _):
        answer, ended = _clean_up(session, bench)
        left = session.wire.child.survivors() if ended else []
    return problem(f"it left {left[0]}", answer, then=END_OF_INPUT) if left else None


def _ends_at(name: str, phase: Phase, what: str) -> Check:
    @must(f"HUB-LIFE-4/{name}", _AREA, "the end of the process within 1 s", _EXIT)
    def run(bench: Bench) -> Outcome:
        with bench.start(phase) as (session, _):
            session.mark()
            session.wire.close_input()
            ended = session.wire.wait_for_end(bench.settings.exit_seconds)
            wrote = session.wrote()
        why = f"{what}, it was still running 1 s after the end of its input"
        return None if ended else problem(why, then=END_OF_INPUT, received=wrote)

    return run


@must("HUB-LIFE-4/ends-during-a-call", _AREA, "the end of the process within 1 s; the call is abandoned", _EXIT)
def during_call(bench: Bench) -> Outcome:
    found = slow_call(bench)
    if found is None:
        return NotOffered("no function that may be called takes long enough")
    with bench.start() as (session, _):
        session.send(found[0].name, found[1])
        sent = session.last_sent
        session.wire.drain(0.1)
        session.mark()
        session.wire.close_input()
        ended = session.wire.wait_for_end(bench.settings.exit_seconds)
        wrote = session.wrote()
    why = "with a call under way, it goes on after the end of its input"
    return None if ended else problem(why, sent=sent, then=END_OF_INPUT, received=wrote)


def _terminated(session: Session, bench: Bench) -> bool:
    # Twice: a runtime that looks for signals between two reads may sleep through one that comes just before a read.
    half = bench.settings.exit_seconds / 2
    session.mark()
    session.wire.terminate()
    if session.wire.wait_for_end(half):
        return True
    session.wire.terminate()
    return session.wire.wait_for_end(half)


@should("HUB-CLEAN-4/ends-on-sigterm", _AREA, "the end of the process within 1 s", "do not ignore SIGTERM")
def sigterm(bench: Bench) -> Outcome:
    with bench.start() as (session, _):
        ended = _terminated(session, bench)
        wrote = session.wrote()
    return None if ended else problem("it ignores SIGTERM", then=SIGTERM, received=wrote)


@should(
    "HUB-CLEAN-4/exits-with-0-on-sigterm",
    _AREA,
    "exit status 0",
    "handle SIGTERM as the end of standard input: clean up, then exit 0",
)
def sigterm_status(bench: Bench) -> Outcome:
    with bench.start() as (session, _):
        ended = _terminated(session, bench)
        found = session.wire.child.status if ended else None
        wrote = session.wrote()
    return None if found is None or found.success else problem(f"it was {found.describe()}", then=SIGTERM, received=wrote)


CHECKS: Final = (
    answers,
    silent,
    ends,
    status,
    no_survivors,
    _ends_at("ends-before-its-introduction", "spawned", "before anything was asked"),
    _ends_at("ends-after-its-introduction", "introduced", "after its introduction"),
    _ends_at("ends-when-idle", "initialised", "with nothing to do"),
    during_call,
    sigterm,
    sigterm_status,
)
