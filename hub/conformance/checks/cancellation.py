"""Own the checks of cancellation and its race with the answer; know no particular function."""

from typing import Final

from hub.conformance._bench import Bench
from hub.conformance._check import NotOffered, Outcome
from hub.conformance._exercise import quick_call, slow_call
from hub.conformance._judging import must, problem, should
from hub.conformance._session import Ended, Silent

__all__ = ["CHECKS"]

_AREA: Final = "cancellation"
_RACES: Final = 20
# A handler looks for cancellation between two steps of its work.
_AT_ONCE_SECONDS: Final = 1.0


def _not_offered(bench: Bench) -> NotOffered | None:
    return None if "cancel" in bench.session().features else NotOffered("it does not offer cancel")


@must(
    "HUB-CANCEL-2/answers-once-whoever-wins",
    _AREA,
    "one answer to each call: the result, or error -31000",
    "let the answer be decided in one place: whoever comes second does nothing",
)
def race(bench: Bench) -> Outcome:
    if (nothing := _not_offered(bench)) is not None:
        return nothing
    call = quick_call(bench)
    method, params = (call.function.name, call.params) if call is not None else ("ping", {})
    session = bench.session()
    session.settle(0.0)
    for _ in range(_RACES):
        request_id = session.next_id()
        cancel = b'{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":%d}}' % request_id
        data = session.build(method, params, request_id) + session.wire.frame(cancel)
        session.post(data, [request_id])
        try:
            session.wait(request_id)
        except (Silent, Ended) as error:
            bench.drop(silent=True)
            return problem(f"a call that is cancelled at once: {error}", sent=data)
    extra = session.barrier()
    return problem("it answers more than once", sent=extra[0][1]) if extra else None


@must(
    "HUB-CANCEL-2/still-answers",
    _AREA,
    "an answer to the cancelled call, once",
    "answer a cancelled call with error -31000",
)
def still_answers(bench: Bench) -> Outcome:
    return _cancelled(bench, bench.settings.answer_seconds)


@should(
    "HUB-CANCEL-2/ends-the-work-at-once",
    _AREA,
    "an answer within a second of $/cancelRequest",
    "look for cancellation between the steps of the work",
)
def at_once(bench: Bench) -> Outcome:
    return _cancelled(bench, _AT_ONCE_SECONDS)


def _cancelled(bench: Bench, seconds: float) -> Outcome:
    if (nothing := _not_offered(bench)) is not None:
        return nothing
    found = slow_call(bench)
    if found is None:
        return NotOffered("no function that may be called takes long enough")
    session = bench.session()
    request_id = session.send(found[0].name, found[1])
    session.wire.drain(0.05)
    session.notify("$/cancelRequest", {"id": request_id})
    try:
        session.wait(request_id, seconds)
    except Silent as error:
        bench.drop(silent=True)
        return problem(f"after $/cancelRequest: {error}", sent=error.sent)
    extra = session.barrier()
    return problem("it answers more than once", sent=extra[0][1]) if extra else None


@must("HUB-CANCEL-3/ignores-an-unknown-id", _AREA, "nothing", "look the id up, and do nothing where it is not there")
def unknown(bench: Bench) -> Outcome:
    return _ignored(bench, {"id": 4711}) or _ignored(bench, {"id": "no such call"})


@must("HUB-CANCEL-3/ignores-a-finished-id", _AREA, "nothing", "forget a call once it is answered")
def finished(bench: Bench) -> Outcome:
    answer = bench.session().ask("ping")
    return _ignored(bench, {"id": answer.message.get("id")})


@must("HUB-CANCEL-3/survives-a-broken-cancel", _AREA, "nothing", "check that there is an id before you look it up")
def broken(bench: Bench) -> Outcome:
    return _ignored(bench, {}) or _ignored(bench, {"id": {"x": 1}})


def _ignored(bench: Bench, params: dict[str, object]) -> Outcome:
    if (nothing := _not_offered(bench)) is not None:
        return nothing
    session = bench.session()
    session.settle(0.0)
    session.notify("$/cancelRequest", params)
    sent = session.last_sent
    try:
        came = session.barrier()
    except (Silent, Ended) as error:
        bench.drop(silent=True)
        return problem(str(error), sent=sent)
    return problem("it is answered", sent=sent) if came else None


CHECKS: Final = (race, still_answers, at_once, unknown, finished, broken)
