"""Own small judgements that many checks share: what was sent and received, in words; know no particular rule."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from hub.conformance._bench import Bench
from hub.conformance._check import Check, Failed, Level, Outcome
from hub.conformance._notes import shown_bytes, shown_frames
from hub.conformance._session import Answer, Ended, Session, Silent

__all__ = ["END_OF_INPUT", "SIGTERM", "answers_in", "expect_error", "expect_result", "missed", "must", "problem", "should"]

# What is sent and is no frame, as a failure shows it.
END_OF_INPUT: Final = "the end of its input"
SIGTERM: Final = "SIGTERM"

Run = Callable[[Bench], Outcome]


def must(check: str, area: str, right: str, mend: str) -> Callable[[Run], Check]:
    """Make a check of a function, for a sentence with MUST."""
    return lambda run: Check(check, Level.MUST, area, right, mend, run)


def should(check: str, area: str, right: str, mend: str) -> Callable[[Run], Check]:
    """Make a check of a function, for a sentence with SHOULD."""
    return lambda run: Check(check, Level.SHOULD, area, right, mend, run)


def problem(
    why: str, answer: Answer | None = None, *, sent: bytes = b"", received: Sequence[bytes] = (), then: str = ""
) -> Failed:
    """Return a failure that shows what the runner sent and what the module wrote upon it.

    An answer shows itself and what it answers; `sent` is shown in place of the latter, `received` behind the former. `then` is
    what was sent behind that and is no frame, such as `END_OF_INPUT`.
    """
    frames = [*([answer.line] if answer is not None else []), *received]
    shown = shown_bytes(sent or (answer.sent if answer is not None else b""))
    return Failed(why, f"{shown} (and {then})" if shown and then else shown or then, shown_frames(frames))


def missed(why: str, error: Silent | Ended, sent: bytes = b"", came: Sequence[Answer] = ()) -> Failed:
    """Return a failure to answer; it shows what was asked, or `sent` in its place, and what the module wrote instead.

    `came` are answers to others of the requests that were sent together.
    """
    instead = [error.received] if error.received else []
    return problem(why, sent=sent or error.sent, received=[*(answer.line for answer in came), *instead])


def answers_in(came: Sequence[tuple[dict[str, Any], bytes]]) -> list[bytes]:
    """Return the frames among those that came unasked which answer something; a module may notify whenever it likes."""
    return [line for message, line in came if "method" not in message]


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
