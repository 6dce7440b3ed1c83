"""Own the checks of methods and notifications: what must be answered, how, and what never is; know no functions' meaning."""

from typing import Any, Final

from hub.conformance._bench import Bench
from hub.conformance._check import Check, Level, Outcome
from hub.conformance._judging import answers_in, expect_error, expect_result, must, problem
from hub.conformance._session import compact

__all__ = ["CHECKS"]

_AREA: Final = "envelope"
_SWITCH: Final = "answer what you do not know with -32601, as the last branch of your dispatch"
_METHODS: Final = (
    ("a-made-up-method", "no_such_function_4711"),
    ("method-names-have-a-case", "PING"),
    ("a-reserved-method-of-tomorrow", "module_restart"),
    ("a-method-of-the-hub", "hub.call"),
    ("an-internal-name", "__init__"),
    ("a-name-of-object-prototypes", "constructor"),
    ("a-name-with-spaces", "ping "),
    ("rpc-discover", "rpc.discover"),
)


def _unknown(name: str, method: str) -> Check:
    @must(f"HUB-LIFE-5/refuses-{name}", _AREA, "error -32601, and the module lives on", _SWITCH)
    def run(bench: Bench) -> Outcome:
        return expect_error(bench.session().ask(method, {}), -32601)

    return run


def _never_answered(check: str, message: dict[str, Any], right: str, mend: str, level: Level = Level.MUST) -> Check:
    def run(bench: Bench) -> Outcome:
        session = bench.session()
        session.settle(0.0)
        data = session.wire.frame(compact(message))
        session.raw(data, (message.get("id"),))
        answers = answers_in(session.barrier())
        return problem("it is answered", sent=data, received=answers) if answers else None

    return Check(check, level, _AREA, right, mend, run)


@must("HUB-PING-1/answers", _AREA, "any result", "answer ping with {}")
def ping(bench: Bench) -> Outcome:
    return expect_result(bench.session(), "ping")


@must("HUB-PING-1/answers-a-hundred", _AREA, "a hundred results", "answer each ping, in whatever order")
def hundred(bench: Bench) -> Outcome:
    session = bench.session()
    for _ in range(100):
        found = expect_result(session, "ping")
        if found is not None:
            return found
    return None


@must("HUB-MSG-3/absent-params-are-empty", _AREA, "the answer, as with {}", "take absent params for {}")
def absent_params(bench: Bench) -> Outcome:
    session = bench.session()
    request_id = session.next_id()
    session.post(session.wire.frame(b'{"jsonrpc":"2.0","id":%d,"method":"ping"}' % request_id), [request_id])
    answer = session.wait(request_id)
    return None if answer.is_result else problem("without params it is answered with an error", answer)


@must(
    "HUB-MSG-7/ignores-members-of-requests", _AREA, "the answer, as without", "ignore members of a message that you do not know"
)
def unknown_members(bench: Bench) -> Outcome:
    session = bench.session()
    request_id = session.next_id()
    body = {"jsonrpc": "2.0", "id": request_id, "method": "ping", "params": {"x": 1}, "priority": "high", "meta": {"a": [1]}}
    session.post(session.wire.frame(compact(body)), [request_id])
    answer = session.wait(request_id)
    return None if answer.is_result else problem("members that it does not know make it fail", answer)


@must(
    "HUB-LIFE-5/lives-on",
    _AREA,
    "the answer to the ping behind twenty unknown methods",
    "an unknown method is an answer, not an end",
)
def lives_on(bench: Bench) -> Outcome:
    session = bench.session()
    for number in range(20):
        session.ask(f"unknown_{number}", {})
    return expect_result(session, "ping")


_IGNORE: Final = "do not answer a message without id, whatever it says"
_DROP: Final = "drop a response that answers nothing; two sides that answer answers never stop"

CHECKS: Final = (
    ping,
    hundred,
    absent_params,
    unknown_members,
    *(_unknown(name, method) for name, method in _METHODS),
    lives_on,
    _never_answered(
        "HUB-LIFE-6/ignores-an-unknown-notification",
        {"jsonrpc": "2.0", "method": "weather_changed", "params": {"city": "Oslo"}},
        "nothing",
        _IGNORE,
    ),
    _never_answered(
        "HUB-LIFE-6/ignores-a-reserved-notification",
        {"jsonrpc": "2.0", "method": "$/setTrace", "params": {"value": "off"}},
        "nothing",
        _IGNORE,
    ),
    _never_answered(
        "HUB-MSG-2/never-answers-a-notification", {"jsonrpc": "2.0", "method": "ping", "params": {}}, "nothing", _IGNORE
    ),
    _never_answered(
        "HUB-ID-4/drops-an-unknown-response",
        {"jsonrpc": "2.0", "id": 4711, "result": {}},
        "nothing",
        _DROP,
        Level.SHOULD,
    ),
    _never_answered(
        "HUB-ID-4/drops-an-unknown-error",
        {"jsonrpc": "2.0", "id": "m999", "error": {"code": -31042, "message": "x"}},
        "nothing",
        _DROP,
        Level.SHOULD,
    ),
)
