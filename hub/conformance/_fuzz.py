"""Own generated calls: each function gets arguments by chance, and a failing call is made as small as it can be.

The one file that runs hypothesis, which is an extra: `MISSING` says in words how to install it.
"""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any, Final, cast

from hub.conformance._bench import Bench
from hub.conformance._exercise import call_once
from hub.conformance._functions import TestedFunction
from hub.conformance._notes import shown_bytes
from hub.conformance._session import Ended, Silent, compact

__all__ = ["MISSING", "Found", "fuzzed", "is_available"]

MISSING: Final = "hypothesis is not installed, so no calls were generated: pip install 'hub[test]'"
_DIED: Final = "HUB-CALL-2/does-not-end"
# A function that takes its time takes it each time.
_MOST_SLOW_CALLS: Final = 1
_INTERNAL_ERROR: Final = -32603
_MARK: Final = " 7d1e-mark"


class _Fails(Exception):
    """What hypothesis makes smaller: one kind of exception for all faults."""


@dataclass(frozen=True, slots=True)
class Found:
    """The smallest call that fails a check."""

    function: TestedFunction
    params: dict[str, Any]
    why: str
    sent: str
    received: str

    @property
    def size(self) -> tuple[int, str]:
        """By which the smallest is chosen: short before long, then as text."""
        text = json.dumps(self.params, sort_keys=True)
        return len(text), text


@dataclass(slots=True)
class _Hunt:
    """The generated calls of one function. A hunt is over when time is; hypothesis is then told that all is well."""

    bench: Bench
    function: TestedFunction
    until: float
    found: dict[str, Found] = field(default_factory=dict[str, Found])
    calls: int = 0
    slow: int = 0
    target: str = ""
    probed: bool = False

    @property
    def is_over(self) -> bool:
        """Whether nothing is called any more."""
        return time.monotonic() > self.until or self.slow >= _MOST_SLOW_CALLS

    def one(self, params: dict[str, Any]) -> None:
        """Make one call. Raises: _Fails for what hypothesis shall make smaller."""
        if self.is_over:
            return
        self.calls += 1
        checks = self._judge(params)
        self.target = self.target or next(iter(checks), "")
        # One fault at a time: a smaller call that fails in another way is another fault.
        if self.target and self.target in checks:
            raise _Fails

    def _judge(self, params: dict[str, Any]) -> set[str]:
        try:
            called = call_once(self.bench, self.function, params)
        except (Silent, Ended) as error:
            self.bench.drop()
            self._note(_DIED, params, str(error), shown_bytes(error.sent), shown_bytes(error.received) or "nothing")
            return {_DIED}
        if called.answer is None:
            self.slow += 1
            return set()
        refused = bool(self.bench.notes.seen & {"refused"}) or called.asked_host
        faults = self.function.faults_of(called.answer, host_refused=refused)
        for check, why in faults:
            self._note(check, params, why, shown_bytes(called.answer.sent), shown_bytes(called.answer.line))
        if called.answer.code == _INTERNAL_ERROR and not self.probed:
            self.probed = True
            self._probe_message(params)
        return {check for check, _ in faults}

    def _probe_message(self, params: dict[str, Any]) -> None:
        """Make the failing call again with texts that nobody writes by chance, and look for them in the message."""
        marked = {name: f"{value}{_MARK}" if isinstance(value, str) else value for name, value in params.items()}
        if marked == params or not self.function.arguments.accepts(marked):
            return
        answer = call_once(self.bench, self.function, marked).answer
        if answer is not None and answer.code == _INTERNAL_ERROR and _MARK in str(answer.error.get("message")):
            why = "the message quotes an argument, as the text of an exception would"
            check = "HUB-CALL-4/keeps-texts-to-itself"
            self._note(check, marked, why, shown_bytes(answer.sent), shown_bytes(answer.line))

    def _note(self, check: str, params: dict[str, Any], why: str, sent: str, received: str) -> None:
        new = Found(self.function, params, why, sent, received)
        old = self.found.get(check)
        if old is None or new.size < old.size:
            self.found[check] = new


def is_available() -> bool:
    """Return whether calls can be generated."""
    return find_spec("hypothesis") is not None


def fuzzed(bench: Bench) -> dict[str, Found]:
    """Return the smallest failing call of each check, over all functions that may be called; made once in a run."""

    def make() -> dict[str, Found]:
        found: dict[str, Found] = {}
        end = time.monotonic() + bench.settings.calls_seconds
        for function in bench.may_call():
            now = time.monotonic()
            if now > end:
                bench.memory["without generated calls"] = bench.memory.get("without generated calls", 0) + 1
                continue
            bench.hurry()
            hunt = _Hunt(bench, function, min(end, now + bench.settings.function_seconds))
            _run(hunt)
            bench.memory["generated calls"] = bench.memory.get("generated calls", 0) + hunt.calls
            for check, one in hunt.found.items():
                found.setdefault(check, one)
        return found

    return bench.remembered("fuzz", make)


def _run(hunt: _Hunt) -> None:
    import hypothesis
    from hypothesis import strategies
    from hypothesis.errors import HypothesisException

    from hub.conformance._generate import arguments

    settings = hunt.bench.settings
    made = arguments(hunt.function.params, lambda value: hunt.is_over or hunt.function.arguments.accepts(value))
    if compact(hunt.function.params) in (b"{}", b'{"type":"object","additionalProperties":false}'):
        with suppress(_Fails):  # noted; there is nothing smaller
            hunt.one({})
        return

    @strategies.composite
    def while_there_is_time(draw: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        # Of a schema that is too large, or that few values fit, most is made in vain.
        return {} if hunt.is_over else draw(made)

    def body(params: dict[str, Any]) -> None:
        hunt.one(params)

    quiet: Callable[..., Any] = hypothesis.settings(
        max_examples=settings.calls_per_function,
        database=None,
        deadline=None,
        derandomize=False,
        print_blob=False,
        report_multiple_bugs=False,
        verbosity=hypothesis.Verbosity.quiet,
        phases=(hypothesis.Phase.generate, hypothesis.Phase.shrink),
        suppress_health_check=cast("Any", list(hypothesis.HealthCheck)),
    )
    try:
        hypothesis.seed(settings.seed)(quiet(hypothesis.given(while_there_is_time())(body)))()
    except _Fails:
        return  # noted, and as small as it gets
    except HypothesisException as error:
        # Flaky: the time was up, or the function answers now so, now so. Unsatisfiable: nothing fits the schema.
        hunt.bench.memory.setdefault("not generated", {})[hunt.function.name] = type(error).__name__
