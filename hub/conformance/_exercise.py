"""Own the first round of calls: each function that may be called once, with arguments that surely fit; know no checks."""

import json
from dataclasses import dataclass
from typing import Any, Final, cast

from hub.conformance._bench import Bench
from hub.conformance._functions import TestedFunction
from hub.conformance._members import members
from hub.conformance._session import Answer, Session, Silent
from hub.conformance._smallest import smallest

__all__ = ["Called", "call_once", "context_of", "exercise", "good_arguments", "quick_call", "slow_call"]

# What a call may be told to wait for, by the name of the argument, with the number of its units in a second.
_WAITS: Final = (("ms", 1000), ("milli", 1000), ("second", 1), ("delay", 1), ("duration", 1), ("sleep", 1), ("wait", 1))
_SLOW_SECONDS: Final = 20
_SURELY_SLOW_SECONDS: Final = 0.3
_CANCELLED_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Called:
    """One call that was made: `answer` is None for one that was given up."""

    function: TestedFunction
    params: dict[str, Any]
    answer: Answer | None
    asked: frozenset[str] = frozenset()
    """The methods of the hub that it used."""
    progress: int = 0
    """How often it told how far it is."""
    last_progress: bytes = b""
    """The last time that it did."""

    @property
    def asked_host(self) -> bool:
        """Whether it used host services."""
        return bool(self.asked)


def good_arguments(function: TestedFunction) -> dict[str, Any] | None:
    """Return arguments that fit: those of an example, else small ones; None where none were found."""
    for example in function.examples:
        params = members(example.get("params"))
        if "result" in example and function.arguments.accepts(params):
            return params
    made = smallest(function.params)
    return members(cast("object", made)) if isinstance(made, dict) and function.arguments.accepts(made) else None


def call_once(bench: Bench, function: TestedFunction, params: dict[str, Any]) -> Called:
    """Call a function; one that takes its time is given up. Raises: Silent, Ended."""
    session = bench.session()
    mark = len(session.host.asked)
    context = {"context": context_of(function)} if "context" in session.features else {}
    request_id = session.send(function.name, params, **context)
    answer: Answer | None = None
    try:
        answer = session.wait(request_id, bench.settings.call_seconds)
    except Silent:
        give_up(bench, session, request_id)
    asked = frozenset(request.method for request in session.host.asked[mark:])
    key = json.dumps(request_id)
    told = session.last_progress.get(key, b"")
    return Called(function, params, answer, asked, len(session.progress.get(key, [])), told)


def context_of(function: TestedFunction, **more: str) -> dict[str, Any]:
    """Return the context of a call; `profile` may be given."""
    return {"timeout_ms": 30_000, "trace_id": "4bf92f3577b34da6", "chain": [f"conformance.{function.name}"[:120]], **more}


def give_up(bench: Bench, session: Session, request_id: int | str) -> None:
    """Cancel a call, or end the module where that is not possible."""
    if "cancel" in session.features:
        session.notify("$/cancelRequest", {"id": request_id})
        try:
            session.wait(request_id, _CANCELLED_SECONDS)
        except Silent:
            bench.drop(silent=True)
    else:
        bench.drop()


def exercise(bench: Bench) -> list[Called]:
    """Return the first calls of all functions that may be called, made once in a run. Raises: Silent, Ended."""

    def make() -> list[Called]:
        bench.session()
        made: list[Called] = []
        for function in bench.may_call():
            bench.hurry()
            params = good_arguments(function)
            if params is not None:
                made.append(call_once(bench, function, params))
        return made

    return bench.remembered("exercise", make)


def quick_call(bench: Bench) -> Called | None:
    """Return a call that was answered well and asked the hub nothing; None where there was none."""
    good = [call for call in exercise(bench) if call.answer is not None and call.answer.is_result and not call.asked_host]
    return min(good, key=lambda call: call.answer.seconds if call.answer else 0.0, default=None)


def slow_call(bench: Bench) -> tuple[TestedFunction, dict[str, Any]] | None:
    """Return a call that surely takes its time: one told to wait by an argument whose name says so, or one that did before.

    Tried once in a run.
    """

    def make() -> tuple[TestedFunction, dict[str, Any]] | None:
        bench.session()
        for function, params in _candidates(bench):
            session = bench.session()
            request_id = session.send(function.name, params)
            try:
                session.wait(request_id, _SURELY_SLOW_SECONDS)
            except Silent:
                give_up(bench, session, request_id)
                return function, params
        return None

    return bench.remembered("slow", make)


def _candidates(bench: Bench) -> list[tuple[TestedFunction, dict[str, Any]]]:
    found = [(call.function, call.params) for call in exercise(bench) if call.answer is None]
    for function in bench.may_call():
        bench.hurry()
        good = good_arguments(function)
        for name in members(function.params.get("properties")):
            units = next((units for word, units in _WAITS if word in name.lower()), None)
            if units is None or good is None:
                continue
            params = {**good, name: _SLOW_SECONDS * units}
            if function.arguments.accepts(params):
                found.append((function, params))
    return found
