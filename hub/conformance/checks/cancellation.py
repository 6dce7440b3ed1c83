"""Own the checks of cancellation and its race with the answer; know no particular function."""

from collections.abc import Mapping
from typing import Final

from hub.conformance._bench import Bench
from hub.conformance._check import NotOffered, Outcome
from hub.conformance._exercise import Called, exercise, quick_call, slow_call
from hub.conformance._judging import answers_in, missed, must, problem, should
from hub.conformance._session import Answer, Ended, Session, Silent
from hub_protocol.errors import ERRORS, is_module_code

__all__ = ["CHECKS"]

_AREA: Final = "cancellation"
_RACES: Final = 20
# Each costs a round trip; what goes wrong goes wrong in the first few.
_MOST_FUNCTIONS: Final = 50
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
    first: dict[object, Answer] = {}
    for _ in range(_RACES):
        request_id = session.next_id()
        data = session.build(method, params, request_id) + _cancel(session, request_id)
        session.post(data, [request_id])
        try:
            first[request_id] = session.wait(request_id)
        except (Silent, Ended) as error:
            bench.drop(silent=True)
            return missed(f"a call that is cancelled at once: {error}", error, data)
    return _answered_again(session, first)


@must(
    "HUB-CANCEL-2/answers-what-is-cancelled-at-once",
    _AREA,
    "one answer to a call whose cancellation comes right behind it: error -31000, or what it answers anyway",
    "answer a cancelled call in the place that answers every call; a call that is cancelled before it began is answered too",
)
def at_once_of_each(bench: Bench) -> Outcome:
    if (nothing := _not_offered(bench)) is not None:
        return nothing
    called = [call for call in exercise(bench) if call.answer is not None]
    for call in called[:_MOST_FUNCTIONS]:
        session = bench.session()
        session.settle(0.0)
        request_id = session.next_id()
        data = session.build(call.function.name, call.params, request_id) + _cancel(session, request_id)
        session.post(data, [request_id])
        try:
            answer = session.wait(request_id)
            again = _answered_again(session, {request_id: answer}, f"{call.function.name}, cancelled at once: ")
        except (Silent, Ended) as error:
            bench.drop(silent=isinstance(error, Silent))
            return missed(f"{call.function.name}, cancelled at once: {error}", error, data)
        if again:
            return again
        if not _is_an_end(answer, call):
            return problem(f"{call.function.name}, cancelled at once: error {answer.code} is not a module's to use", answer)
    return None if called else NotOffered("no function that may be called was answered before")


def _answered_again(session: Session, first: Mapping[object, Answer], what: str = "", sent: bytes = b"") -> Outcome:
    """Fail if one of these answers was not the only one by now, and show both of them. Raises: Silent, Ended."""
    for message, line in session.barrier():
        request_id: object = message.get("id")
        if "method" not in message and isinstance(request_id, int | str) and request_id in first:
            return problem(f"{what}it answers more than once", first[request_id], sent=sent, received=[line])
    return None


def _is_an_end(answer: Answer, call: Called) -> bool:
    before = call.answer.code if call.answer is not None else None
    return answer.is_result or answer.code in (ERRORS["cancelled"].code, before) or is_module_code(answer.code or 0)


def _cancel(session: Session, request_id: int) -> bytes:
    return session.wire.frame(b'{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":%d}}' % request_id)


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
        return NotOffered("no function that may be called takes long enough to be cancelled at work")
    session = bench.session()
    request_id = session.send(found[0].name, found[1])
    call = session.last_sent
    session.wire.drain(0.05)
    session.notify("$/cancelRequest", {"id": request_id})
    sent = call + session.last_sent
    try:
        answer = session.wait(request_id, seconds)
    except (Silent, Ended) as error:
        bench.drop(silent=isinstance(error, Silent))
        return missed(f"after $/cancelRequest: {error}", error, sent)
    return _answered_again(session, {request_id: answer}, sent=sent)


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
        answers = answers_in(session.barrier())
    except (Silent, Ended) as error:
        bench.drop(silent=True)
        return missed(str(error), error, sent)
    return problem("it is answered", sent=sent, received=answers) if answers else None


CHECKS: Final = (race, at_once_of_each, still_answers, at_once, unknown, finished, broken)
