"""Own the checks of modules that ask the hub: inside a call, in the right form, refused; know no particular function."""

from typing import Final

from hub.conformance._bench import Bench
from hub.conformance._check import Check, Level, NotOffered, Outcome, watched
from hub.conformance._exercise import Called, exercise
from hub.conformance._judging import missed, must, problem, should
from hub.conformance._members import members
from hub.conformance._session import Ended, Silent
from hub_protocol.errors import ERRORS, is_module_code

__all__ = ["CHECKS"]

_AREA: Final = "host services"
_UNUSED: Final = ("host", "no call asked the hub")
_HELD_SECONDS: Final = 1.0


def _asking(bench: Bench) -> Called | NotOffered:
    session = bench.session()
    if "host_services" not in session.features:
        return NotOffered("it does not offer host_services")
    call = next((call for call in exercise(bench) if call.asked_host), None)
    return call or NotOffered(_UNUSED[1])


@must(
    "HUB-HOST-2/survives-a-refusal",
    _AREA,
    "an answer, and the module lives on",
    "expect an error object in every answer of the hub",
)
def survives_refusal(bench: Bench) -> Outcome:
    outcome = _refused(bench)
    return outcome if isinstance(outcome, NotOffered) or outcome is None else _died(outcome)


def _died(outcome: Outcome | Called) -> Outcome:
    return None if isinstance(outcome, Called) else outcome


def _refused(bench: Bench) -> Outcome | Called:
    """Make a call whose host requests are all refused; return it with its answer."""
    call = _asking(bench)
    if isinstance(call, NotOffered):
        return call
    session = bench.session()
    session.host.mode = "refuse"
    try:
        answer = session.ask(call.function.name, call.params)
        session.barrier()
    except (Silent, Ended) as error:
        bench.drop(silent=True)
        return missed(f"the hub answers its request with an error: {error}", error, session.last_reply)
    finally:
        session.host.mode = "serve"
    return Called(call.function, call.params, answer, call.asked)


@should(
    "HUB-HOST-5/hands-the-cause-on",
    _AREA,
    "error -31045 with the hub's error object in data.cause, or an error of its own, or a result",
    "answer -31045 and put the error that you got into data.cause",
)
def hands_on(bench: Bench) -> Outcome:
    call = _refused(bench)
    if not isinstance(call, Called):
        return call
    answer = call.answer
    if answer is None or answer.is_result or (answer.code is not None and is_module_code(answer.code)):
        return None
    cause = members(answer.error.get("data")).get("cause")
    told = answer.code == ERRORS["host_call_failed"].code and isinstance(cause, dict)
    return None if told else problem("it does not tell what the hub said", answer)


@must(
    "HUB-HOST-7/keeps-what-comes-meanwhile",
    _AREA,
    "an answer to the other request, before or after",
    "while you wait for the hub's answer, keep other messages and work on them afterwards",
)
def meanwhile(bench: Bench) -> Outcome:
    call = _asking(bench)
    if isinstance(call, NotOffered):
        return call
    session = bench.session()
    session.host.mode = "hold"
    try:
        request_id = session.send(call.function.name, call.params)
        deadline = session.wire.clock() + _HELD_SECONDS
        while not session.held and not session.has_answer(request_id) and session.wire.pump(deadline):
            pass
        ping = session.send("ping")
        session.wire.drain(0.02)
        session.release()
        session.wait(request_id)
        session.wait(ping)
    except (Silent, Ended) as error:
        bench.drop(silent=True)
        return missed(f"a request that comes while it waits for the hub: {error}", error)
    finally:
        session.host.mode = "serve"
    return None


@must(
    "HUB-HOST-7/takes-a-late-answer",
    _AREA,
    "the answer to the call once the hub has answered",
    "wait for the hub's answer; do not expect it to be the next line",
)
def late(bench: Bench) -> Outcome:
    call = _asking(bench)
    if isinstance(call, NotOffered):
        return call
    session = bench.session()
    session.host.mode = "hold"
    try:
        request_id = session.send(call.function.name, call.params)
        session.wire.drain(0.2)
        session.notify("weather_changed", {})
        session.release()
        session.wait(request_id)
    except (Silent, Ended) as error:
        bench.drop(silent=True)
        return missed(f"the hub answers after a notification and a pause: {error}", error, session.last_reply)
    finally:
        session.host.mode = "serve"
    return None


def _watched(check: str, right: str, mend: str, level: Level = Level.MUST) -> Check:
    return watched(check, level, _AREA, right, mend, only_if=_UNUSED)


CHECKS: Final = (
    survives_refusal,
    hands_on,
    meanwhile,
    late,
    _watched(
        "HUB-HOST-1/asks-inside-a-live-call",
        "call_id of a request that the module is working on",
        "ask before you answer the call, and give the id of its request",
    ),
    _watched(
        "HUB-HOST-1/asks-for-what-it-declared",
        "a permission in capabilities, or a module in required_modules, for each host service that is used",
        "add the permission to permissions of capabilities",
        Level.SHOULD,
    ),
    _watched("HUB-HOST-1/requests-have-their-form", "params as in the table of host services", "correct the params"),
    _watched(
        "HUB-HOST-4/keys-fit",
        "keys of 1 to 256 characters",
        "say minLength 1 and maxLength 256 where a caller gives the key",
        Level.SHOULD,
    ),
    _watched("HUB-ID-2/keeps-ids-apart", "a new id for each request of its own", "count your own requests"),
    _watched("HUB-ID-1/mints-good-ids", "an integer, or a string of 1 to 128 characters", "count your own requests"),
)
