"""Own the checks of many calls at a time, context and progress; know no particular function."""

import json
from typing import Any, Final

from hub.conformance._bench import Bench
from hub.conformance._check import Level, NotOffered, Outcome, watched
from hub.conformance._exercise import exercise, give_up, quick_call, slow_call
from hub.conformance._judging import missed, must, problem, should
from hub.conformance._session import Answer, Ended, Silent
from hub_protocol.limits import MAX_IN_FLIGHT, PROGRESS_PER_SECOND

__all__ = ["CHECKS"]

_AREA: Final = "concurrency"
# Sixty-four calls, one after the other, against one.
_TIMES_LONGER: Final = 4
# Above the rate of the rule by so much, because clocks and pipes bunch what was sent evenly.
_TOLERANCE: Final = 1.5


@must(
    "HUB-CALL-5/answers-64-at-once",
    _AREA,
    "an answer to each of 64 requests written together",
    "read all requests, and work on them in whatever order; do not write while nobody reads",
)
def many(bench: Bench) -> Outcome:
    call = quick_call(bench)
    session = bench.session()
    method, params = (call.function.name, call.params) if call is not None else ("ping", {})
    ids = [session.next_id() for _ in range(MAX_IN_FLIGHT)]
    session.post(b"".join(session.build(method, params, request_id) for request_id in ids), [*ids])
    came: list[Answer] = []
    try:
        for request_id in ids:
            came.append(session.wait(request_id, _TIMES_LONGER * bench.settings.answer_seconds))
            if not came[-1].is_result:
                return problem("one of 64 requests at a time is answered with an error", came[-1])
    except (Silent, Ended) as error:
        bench.drop(silent=isinstance(error, Silent))
        return missed(f"{len(came)} of 64 requests at a time are answered, and then: {error}", error, came=came)
    return None


@must(
    "HUB-PING-1/answers-while-calls-are-under-way",
    _AREA,
    "the answer to ping before the call ends",
    "read messages while handlers run, or do not offer the feature concurrent",
)
def ping_during_call(bench: Bench) -> Outcome:
    session = bench.session()
    if "concurrent" not in session.features:
        return NotOffered("it does not offer concurrent")
    found = slow_call(bench)
    if found is None:
        return NotOffered("no function that may be called takes long enough")
    session = bench.session()
    request_id = session.send(found[0].name, found[1])
    try:
        session.ask("ping")
    except Silent as error:
        bench.drop(silent=True)
        return missed(f"while a call is under way, ping is not answered: {error}", error)
    give_up(bench, session, request_id)
    return None


@must(
    "HUB-CALL-6/takes-context",
    _AREA,
    "the same result with and without context",
    "read context beside params, and ignore members of it that you do not know",
)
def context(bench: Bench) -> Outcome:
    session = bench.session()
    if "context" not in session.features:
        return NotOffered("it does not offer context")
    call = quick_call(bench)
    if call is None:
        return NotOffered("no function that may be called was answered well")
    whole: dict[str, Any] = {"timeout_ms": 5000, "trace_id": "4bf92f3577b34da6", "chain": ["other.first", "mine.second"]}
    for given in ({}, whole, {**whole, "profile": "default", "colour": "blue"}):
        answer = bench.session().ask(call.function.name, call.params, context=given)
        if not answer.is_result:
            return problem(f"with context {json.dumps(given)} it is answered with an error", answer)
    return None


@should(
    "HUB-PROG-2/not-too-often",
    _AREA,
    f"at most {PROGRESS_PER_SECOND} times a second for one call",
    "send progress at most every 50 ms; the SDKs do that for you",
)
def rate(bench: Bench) -> Outcome:
    for call in exercise(bench):
        if call.answer is None:
            continue
        allowed = PROGRESS_PER_SECOND * max(1.0, call.answer.seconds) * _TOLERANCE
        if call.progress > allowed:
            why = f"{call.progress} times within {call.answer.seconds:.2f} s"
            return problem(why, sent=call.answer.sent, received=[call.last_progress, call.answer.line])
    return None if "progress" in bench.notes.seen else NotOffered("no call reported progress")


_NO_PROGRESS: Final = ("progress", "no call reported progress")

CHECKS: Final = (
    many,
    ping_during_call,
    context,
    watched(
        "HUB-PROG-1/has-its-form",
        Level.MUST,
        _AREA,
        "id and done, and total and message where known",
        "send id, the call's, and done, a number",
        only_if=_NO_PROGRESS,
    ),
    watched(
        "HUB-PROG-1/belongs-to-a-call-under-way",
        Level.MUST,
        _AREA,
        "progress before the answer, with the id of the call",
        "stop reporting before you answer",
        only_if=_NO_PROGRESS,
    ),
    watched(
        "HUB-PROG-1/does-not-fall",
        Level.MUST,
        _AREA,
        "done that grows or stays",
        "report what is done so far, not what is left",
        only_if=_NO_PROGRESS,
    ),
    rate,
)
