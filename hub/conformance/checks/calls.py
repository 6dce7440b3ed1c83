"""Own the checks of functions: examples, generated arguments, wrong arguments; know no particular function."""

from dataclasses import replace
from typing import Final

from hub.conformance._bench import Bench
from hub.conformance._check import Check, Failed, Level, NotOffered, NotTested, Outcome
from hub.conformance._exercise import exercise, good_arguments
from hub.conformance._functions import TestedFunction
from hub.conformance._fuzz import MISSING, fuzzed, is_available
from hub.conformance._judging import missed, must, problem
from hub.conformance._members import members
from hub.conformance._session import Ended, Silent
from hub.conformance._smallest import Kind, wrong_arguments

__all__ = ["CHECKS"]

_AREA: Final = "calls"
# Than what needs no work: an example may do what the function is for.
_TIMES_LONGER: Final = 4
# What no handler can work with: an argument that is not there, or is of another type.
_UNUSABLE: Final[tuple[Kind, ...]] = ("missing", "type", "null")
_NONE: Final = "the module has no functions"


def _nothing_to_call(bench: Bench) -> NotOffered | NotTested | None:
    bench.introduction()
    if not bench.functions:
        return NotOffered(_NONE)
    if bench.may_call():
        return None
    if any(function.is_read_only for function in bench.functions):
        why = "all functions that change nothing are open_world, and what they reach is no place for a test"
        return NotOffered(f"{why}: --allow-effects calls them, best with a --config that names a stand-in")
    why = f"none of the {len(bench.functions)} functions is declared read-only, so none was called"
    return NotTested(f"{why}: declare the hint read_only where it is true, or test with --allow-effects")


@must(
    "HUB-CAPS-5/examples-are-true",
    _AREA,
    "the result, or the error, that the example tells",
    "correct the example, or the function; leave out an example whose result is not the same each time",
)
def examples(bench: Bench) -> Outcome:
    if (nothing := _nothing_to_call(bench)) is not None:
        return nothing
    ran = 0
    for function in bench.may_call():
        for example in function.examples:
            params = example.get("params", {})
            if ("result" in example) == ("error" in example) or not function.arguments.accepts(params):
                continue  # has a check of its own
            answer = bench.session().ask(function.name, params, _TIMES_LONGER * bench.settings.answer_seconds)
            ran += 1
            right = answer.result == example.get("result") if "result" in example else answer.code == example["error"]
            if not right or answer.is_result != ("result" in example):
                failed = problem(f"the example of {function.name} tells something else", answer)
                return replace(failed, call=function.command(_module(bench), params))
    return None if ran else NotOffered("no function that may be called has an example")


def _module(bench: Bench) -> str:
    answer = bench.introduction().info
    return str(members(answer.result if answer is not None else None).get("name", bench.target.name))


def _generated(check: str, level: Level, right: str, mend: str, *, seen: str = "", unseen: str = "") -> Check:
    def run(bench: Bench) -> Outcome:
        if (nothing := _nothing_to_call(bench)) is not None:
            return nothing
        if not is_available():
            return NotTested(MISSING)
        found = fuzzed(bench).get(check)
        if found is not None:
            return Failed(found.why, found.sent, found.received, found.function.command(_module(bench), found.params))
        called = exercise(bench)
        for call in called:
            if call.answer is not None:
                for name, why in call.function.faults_of(call.answer, host_refused=call.asked_host):
                    if name == check:
                        command = call.function.command(_module(bench), call.params)
                        return replace(problem(why, call.answer), call=command)
        return NotOffered(unseen) if seen and seen not in bench.notes.seen else None

    return Check(check, level, _AREA, right, mend, run)


def _to_be_refused(bench: Bench, kinds: tuple[Kind, ...]) -> list[TestedFunction]:
    """Return the functions that get wrong arguments: also those with effects, where no module can take them for good ones."""
    if not set(kinds) <= set(_UNUSABLE):
        return bench.may_call()
    # Nobody's servers are staked on a module that has not passed this very test.
    return [function for function in bench.functions if not (bench.withholds(function) and function.is_destructive)]


def _wrong(check: str, kinds: tuple[Kind, ...], level: Level, mend: str, none: str) -> Check:
    def run(bench: Bench) -> Outcome:
        bench.introduction()
        tried = 0
        for function in _to_be_refused(bench, kinds):
            bench.hurry()
            good = good_arguments(function)
            if good is None:
                continue
            for wrong in wrong_arguments(function.params, good, function.arguments):
                if wrong.kind not in kinds:
                    continue
                tried += 1
                command = function.command(_module(bench), wrong.params)
                try:
                    answer = bench.session().ask(function.name, wrong.params)
                except (Silent, Ended) as error:
                    bench.drop(silent=isinstance(error, Silent))
                    return replace(missed(f"{wrong.why}: {error}", error), call=command)
                if answer.code != -32602:  # noqa: PLR2004 - invalid_params
                    failed = problem(f"{wrong.why}, and the answer is not error -32602", answer)
                    return replace(failed, call=command)
        return None if tried else NotOffered(none)

    return Check(check, level, _AREA, "error -32602, and the module lives on", mend, run)


_CHECK_ARGUMENTS: Final = "check arguments against the function's schema before you use them (the SDKs do)"

CHECKS: Final = (
    examples,
    _generated(
        "HUB-CALL-1/results-fit",
        Level.MUST,
        "a result that fits returns",
        "correct the function, or say in returns what it really answers",
    ),
    _generated(
        "HUB-CALL-1/good-arguments-do-not-break-it",
        Level.MUST,
        "a result, or an error of the function's own",
        "handle this case, or say in params that such arguments do not fit",
    ),
    _generated(
        "HUB-CALL-2/does-not-end",
        Level.MUST,
        "an answer; the module lives on",
        "catch what a handler raises, and answer -32603",
    ),
    _generated(
        "HUB-CALL-2/takes-what-its-schema-allows",
        Level.SHOULD,
        "no error -32602 for arguments that fit the schema",
        "say in params all that the function demands (minimum, pattern, enum), so that a caller knows before",
    ),
    _generated(
        "HUB-CALL-3/own-codes-are-outside",
        Level.MUST,
        "a code outside -32768…-31000 for an error of the function's own",
        "choose a number such as 1001",
    ),
    _generated(
        "HUB-CALL-3/declares-its-errors",
        Level.SHOULD,
        "a code that errors declares",
        "add code and message to errors of the function",
    ),
    _generated(
        "HUB-CALL-3/error-data-fits",
        Level.SHOULD,
        "data that fits the schema declared for this error",
        "correct the schema in errors, or the data",
    ),
    _generated(
        "HUB-CALL-4/keeps-texts-to-itself",
        Level.MUST,
        "a message without the text of the exception, such as: internal error 5f3a9c",
        "write the text to the log under a correlation id, and answer the id",
        seen="internal_error",
        unseen="no call failed unexpectedly",
    ),
    _wrong(
        "HUB-CALL-2/refuses-missing-arguments",
        ("missing",),
        Level.MUST,
        _CHECK_ARGUMENTS,
        "no function needs an argument",
    ),
    _wrong(
        "HUB-CALL-2/refuses-wrong-types",
        ("type", "null"),
        Level.MUST,
        _CHECK_ARGUMENTS,
        "no function says the type of an argument",
    ),
    _wrong(
        "HUB-CALL-2/refuses-what-is-out-of-bounds",
        ("bounds",),
        Level.SHOULD,
        _CHECK_ARGUMENTS,
        "no function that may be called bounds an argument",
    ),
    _wrong(
        "HUB-CALL-2/refuses-unknown-arguments",
        ("unknown",),
        Level.SHOULD,
        _CHECK_ARGUMENTS,
        "no function that may be called forbids other arguments",
    ),
)
