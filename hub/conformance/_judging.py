"""Own small judgements that many checks share: what was sent and received, in words; know no particular rule."""

from collections.abc import Callable
from typing import Any

from hub.conformance._bench import Bench
from hub.conformance._check import Check, Failed, Level, Outcome
from hub.conformance._notes import shown_bytes
from hub.conformance._session import Answer, Session

__all__ = ["expect_error", "expect_result", "must", "problem", "should"]

Run = Callable[[Bench], Outcome]


def must(check: str, area: str, right: str, mend: str) -> Callable[[Run], Check]:
    """Make a check of a function, for a sentence with MUST."""
    return lambda run: Check(check, Level.MUST, area, right, mend, run)


def should(check: str, area: str, right: str, mend: str) -> Callable[[Run], Check]:
    """Make a check of a function, for a sentence with SHOULD."""
    return lambda run: Check(check, Level.SHOULD, area, right, mend, run)


def problem(why: str, answer: Answer | None = None, sent: bytes = b"") -> Failed:
    """Return a failure that shows an answer and what it answers."""
    if answer is None:
        return Failed(why, shown_bytes(sent), "nothing")
    return Failed(why, shown_bytes(answer.sent or sent), shown_bytes(answer.line))


def expect_result(session: Session, method: str, params: dict[str, Any] | None = None, **how: Any) -> Outcome:
    """Ask, and fail unless a result comes."""
    answer = session.ask(method, params, **how)
    return None if answer.is_result else problem(f"{method} is answered with an error", answer)


def expect_error(answer: Answer, *codes: int) -> Outcome:
    """Fail unless an answer is an error with one of `codes`."""
    if answer.code in codes:
        return None
    wanted = " or ".join(str(code) for code in codes)
    return problem(f"the answer is {'a result' if answer.is_result else f'error {answer.code}'}, not error {wanted}", answer)
