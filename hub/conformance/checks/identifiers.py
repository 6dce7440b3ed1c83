"""Own the checks of ids: whatever a request is called, its answer is called so too."""

from typing import Final

from hub.conformance._bench import Bench
from hub.conformance._check import Check, Outcome
from hub.conformance._judging import missed, must, problem
from hub.conformance._session import Answer, Ended, Silent
from hub_protocol.limits import MAX_SAFE_INTEGER

__all__ = ["CHECKS"]

_AREA: Final = "envelope"
_IDS: Final[tuple[tuple[str, int | str], ...]] = (
    ("zero", 0),
    ("a-negative-id", -1),
    ("the-largest-id", MAX_SAFE_INTEGER),
    ("a-string", "abc"),
    ("a-string-of-digits", "0042"),
    ("a-long-string", "x" * 128),
    ("a-string-beyond-ascii", "ünï🙂"),
)


def _echoes(name: str, request_id: int | str) -> Check:
    @must(
        f"HUB-ID-3/echoes-{name}",
        _AREA,
        "an answer with the very id of the request: same type, same value",
        "keep the id as the JSON value that came, and write it back unchanged",
    )
    def run(bench: Bench) -> Outcome:
        session = bench.session()
        answer = session.ask("ping", request_id=request_id)
        found = answer.message.get("id")
        same = found == request_id and type(found) is type(request_id)
        return None if same else problem(f"the id comes back as {found!r}", answer)

    return run


@must(
    "HUB-ID-3/tells-1-from-its-string",
    _AREA,
    'two answers, one to 600001 and one to "600001"',
    "do not use an id's text as the key of a table",
)
def two_types(bench: Bench) -> Outcome:
    session = bench.session()
    number, text = 600_001, "600001"
    session.post(session.build("ping", {}, number) + session.build("ping", {}, text), [number, text])
    answers: list[Answer] = []
    try:
        answers += [session.wait(number)]
        answers += [session.wait(text)]
    except (Silent, Ended) as error:
        bench.drop(silent=isinstance(error, Silent))
        return missed(str(error), error, came=answers)
    wrong = [answer for answer, asked in zip(answers, (number, text), strict=True) if answer.message.get("id") != asked]
    return problem("it mixes up a number and a string", wrong[0]) if wrong else None


CHECKS: Final = (*(_echoes(name, request_id) for name, request_id in _IDS), two_types)
