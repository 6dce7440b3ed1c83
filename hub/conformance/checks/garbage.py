"""Own the checks of broken frames and messages: the module survives each (MUST), and says what was wrong (SHOULD).

Each kind of garbage is sent once, and two checks judge what came of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from hub.conformance._bench import Bench
from hub.conformance._check import Check, Failed, Outcome
from hub.conformance._judging import answers_in, missed, must, problem, should
from hub.conformance._members import members
from hub.conformance._session import Ended, Session, Silent

__all__ = ["CHECKS"]

_AREA: Final = "garbage"
_ID: Final = 777_001
_IDS: Final[tuple[object, ...]] = (_ID, True, 1.5, 1, "", {}, 9007199254740992, 9007199254740993)
_PARSE: Final = (-32700,)
_INVALID: Final = (-32600,)
_EITHER: Final = (-32700, -32600)
_HEAD: Final = b'{"jsonrpc":"2.0","id":%d,"method":"ping","params":' % _ID
# No module has a function of this name, and one that acts on the frame says so by another code.
_GOOD: Final = _HEAD + b"{}}"


@dataclass(frozen=True, slots=True)
class _Garbage:
    """One kind: its name, the rule that it breaks, the bytes, the codes that would be right, how to mend."""

    name: str
    requirement: str
    data: bytes
    codes: tuple[int, ...]
    mend: str
    silence_is_right: bool = False


@dataclass(frozen=True, slots=True)
class _Aftermath:
    """What came of it: what was sent, the answers, and the failure of a module that does not answer any more."""

    sent: bytes
    answers: list[dict[str, Any]]
    lines: list[bytes]
    failed: Failed | None = None

    def but(self, why: str) -> Failed:
        """Return the failure that shows all of it."""
        return self.failed or problem(why, sent=self.sent, received=self.lines)


def _params(value: bytes) -> bytes:
    return _HEAD + b'{"x":' + value + b"}}"


_STRICT: Final = "give your parser its strict mode, or check for it before parsing"
_ENVELOPE: Final = "check jsonrpc, id and method before you dispatch, and answer -32600"
_KINDS: Final = (
    _Garbage("text", "HUB-FRAME-6", b"hello?", _PARSE, "answer -32700 with id null to what is not JSON"),
    _Garbage("cut-request", "HUB-FRAME-6", _HEAD + b'{"x":', _PARSE, "answer -32700, with the id where it can be read"),
    _Garbage("two-on-one-line", "HUB-FRAME-2", _GOOD + _GOOD, _PARSE, "take the whole line for one JSON text"),
    _Garbage("nan", "HUB-FRAME-6", _params(b"NaN"), _PARSE, _STRICT),
    _Garbage("infinity", "HUB-FRAME-6", _params(b"-Infinity"), _PARSE, _STRICT),
    _Garbage("trailing-comma", "HUB-FRAME-6", _params(b"[1,]"), _PARSE, _STRICT),
    _Garbage("comment", "HUB-FRAME-6", _params(b"1/*one*/"), _PARSE, _STRICT),
    _Garbage("single-quotes", "HUB-FRAME-6", _params(b"'x'"), _PARSE, _STRICT),
    _Garbage("control-character", "HUB-FRAME-6", _params(b'"a\tb\x01"'), _PARSE, _STRICT),
    _Garbage("byte-order-mark", "HUB-FRAME-5", b"\xef\xbb\xbf" + _GOOD, _PARSE, "refuse a frame that begins with EF BB BF"),
    _Garbage("not-utf-8", "HUB-FRAME-5", _params(b'"\xff\xfe"'), _PARSE, "decode strictly, and catch the error"),
    _Garbage("utf-16", "HUB-FRAME-5", _GOOD.decode().encode("utf-16-be"), _PARSE, "decode as UTF-8 only"),
    _Garbage("nul-bytes", "HUB-FRAME-6", b"\0\0\0\0", _PARSE, "treat NUL as any other byte that is not JSON"),
    _Garbage("nested-65-deep", "HUB-FRAME-7", _params(b"[" * 63 + b"]" * 63), _PARSE, "count brackets before you parse"),
    _Garbage(
        "nested-10000-deep",
        "HUB-FRAME-7",
        _params(b"[" * 10_000 + b"]" * 10_000),
        _PARSE,
        "count brackets before you parse: many parsers recurse",
    ),
    _Garbage("never-closed", "HUB-FRAME-7", b"[" * 100_000, _PARSE, "count brackets before you parse: many parsers recurse"),
    _Garbage("name-twice", "HUB-FRAME-8", _params(b'{"a":1,"a":2}'), _PARSE, _STRICT),
    _Garbage("overflow", "HUB-FRAME-9", _params(b"1e400"), _PARSE, "refuse a number that becomes infinite"),
    _Garbage("integer-beyond-2-53", "HUB-FRAME-9", _params(b"9007199254740993"), _PARSE, "refuse it, or keep it exactly"),
    _Garbage("lone-surrogate", "HUB-FRAME-10", _params(b'"\\ud800"'), _PARSE, "refuse strings that are not Unicode"),
    _Garbage(
        "batch", "HUB-MSG-6", b"[" + _GOOD + b"," + _GOOD + b"]", _INVALID, "answer an array once with -32600 and id null"
    ),
    _Garbage("empty-batch", "HUB-MSG-6", b"[]", _INVALID, "answer an array once with -32600 and id null"),
    _Garbage("scalar-frame", "HUB-FRAME-2", b"42", _EITHER, "answer -32600 to JSON that is no object"),
    _Garbage("string-frame", "HUB-FRAME-2", b'"ping"', _EITHER, "answer -32600 to JSON that is no object"),
    _Garbage("null-frame", "HUB-FRAME-2", b"null", _EITHER, "answer -32600 to JSON that is no object"),
    _Garbage("empty-object", "HUB-MSG-1", b"{}", _INVALID, _ENVELOPE, silence_is_right=True),
    _Garbage("no-jsonrpc", "HUB-MSG-1", _GOOD.replace(b'"jsonrpc":"2.0",', b""), _INVALID, _ENVELOPE),
    _Garbage("jsonrpc-1.0", "HUB-MSG-1", _GOOD.replace(b'"2.0"', b'"1.0"'), _INVALID, _ENVELOPE),
    _Garbage("jsonrpc-number", "HUB-MSG-1", _GOOD.replace(b'"2.0"', b"2.0"), _INVALID, _ENVELOPE),
    _Garbage("no-method", "HUB-MSG-2", b'{"jsonrpc":"2.0","id":%d}' % _ID, _INVALID, _ENVELOPE),
    _Garbage("method-number", "HUB-MSG-2", _GOOD.replace(b'"ping"', b"1"), _INVALID, _ENVELOPE),
    _Garbage("method-empty", "HUB-MSG-2", _GOOD.replace(b'"ping"', b'""'), _INVALID, _ENVELOPE),
    _Garbage("method-too-long", "HUB-MSG-2", _GOOD.replace(b'"ping"', b'"%b"' % (b"x" * 129)), _INVALID, _ENVELOPE),
    _Garbage("method-in-capitals", "HUB-FRAME-14", _GOOD.replace(b'"method"', b'"METHOD"'), _INVALID, _ENVELOPE),
    _Garbage("params-array", "HUB-MSG-3", _HEAD + b"[1]}", (-32602,), "answer params that are an array with -32602"),
    _Garbage("params-string", "HUB-MSG-3", _HEAD + b'"x"}', _INVALID, "answer params that are no object with -32600"),
    _Garbage("params-null", "HUB-MSG-3", _HEAD + b"null}", _INVALID, "answer params that are no object with -32600"),
    _Garbage("id-null", "HUB-ID-1", _GOOD.replace(b"%d" % _ID, b"null"), _INVALID, "null is no id: answer -32600 with id null"),
    _Garbage(
        "id-true", "HUB-ID-1", _GOOD.replace(b"%d" % _ID, b"true"), _INVALID, "a boolean is no id (in Python, True is an int)"
    ),
    _Garbage("id-fraction", "HUB-ID-1", _GOOD.replace(b"%d" % _ID, b"1.5"), _INVALID, "a fraction is no id"),
    _Garbage("id-object", "HUB-ID-1", _GOOD.replace(b"%d" % _ID, b"{}"), _INVALID, "an object is no id"),
    _Garbage("id-empty", "HUB-ID-1", _GOOD.replace(b"%d" % _ID, b'""'), _INVALID, "an empty string is no id"),
)


def _written(session: Session, data: bytes) -> _Aftermath:
    """Write garbage and return what came of it. Raises: Silent, Ended."""
    session.settle(0.0)
    sent = session.wire.frame(data)
    with session.lenient():
        session.raw(sent, _IDS)
        came = session.barrier()
    return _Aftermath(sent, [message for message, _ in came if "method" not in message], answers_in(came))


def _send(bench: Bench, kind: _Garbage) -> _Aftermath:
    def make() -> _Aftermath:
        session = bench.session()
        try:
            return _written(session, kind.data)
        except (Silent, Ended) as error:
            bench.drop(silent=isinstance(error, Silent))
            sent = session.wire.frame(kind.data)
            return _Aftermath(sent, [], [], missed(str(error), error, sent))

    return bench.remembered(f"garbage {kind.name}", make)


def _survives(kind: _Garbage) -> Check:
    @must(
        f"HUB-FRAME-13/survives-{kind.name}",
        _AREA,
        "the answer to the ping behind it",
        "catch whatever goes wrong with one frame, and go on with the next",
    )
    def run(bench: Bench) -> Outcome:
        return _send(bench, kind).failed

    return run


def _refuses(kind: _Garbage) -> Check:
    words = " or ".join(str(code) for code in kind.codes)

    @should(f"{kind.requirement}/refuses-{kind.name}", _AREA, f"one answer: error {words}", kind.mend)
    def run(bench: Bench) -> Outcome:
        found = _send(bench, kind)
        if found.failed is not None or (not found.lines and kind.silence_is_right):
            return found.failed
        if len(found.lines) != 1:
            return found.but(f"there are {len(found.lines)} answers" if found.lines else "there is no answer")
        return None if _code(found.answers[0]) in kind.codes else found.but("it is not refused")

    return run


def _code(answer: dict[str, Any]) -> object:
    return members(answer.get("error")).get("code")


def _over_long(make: Callable[[bytes], bytes]) -> Callable[[Bench], Outcome]:
    def run(bench: Bench) -> Outcome:
        with bench.start("initialised", max_frame_bytes=65_536) as (session, _):
            data = make(b"x" * 70_000)
            try:
                bench.memory["over-long"] = _written(session, data)
            except (Silent, Ended) as error:
                return missed(str(error), error, session.wire.frame(data))
        return None

    return run


@must(
    "HUB-FRAME-4/survives-an-over-long-frame",
    _AREA,
    "the answer to the ping behind it",
    "skip to the line feed without keeping what you skip",
)
def survives_over_long(bench: Bench) -> Outcome:
    return _over_long(lambda pad: _params(b'"%b"' % pad))(bench)


@should(
    "HUB-FRAME-4/answers-an-over-long-frame",
    _AREA,
    "one error -32700 with id null",
    "count while you read; beyond max_frame_bytes of module_info answer -32700 and skip",
)
def answers_over_long(bench: Bench) -> Outcome:
    if "over-long" not in bench.memory and (failed := survives_over_long.run(bench)) is not None:
        return failed
    found: _Aftermath = bench.memory["over-long"]
    if [_code(answer) for answer in found.answers] == [-32700]:
        return None
    return found.but(f"it is not refused with -32700: {len(found.sent)} bytes, where max_frame_bytes is 65536")


@must(
    "HUB-FRAME-9/does-not-round",
    _AREA,
    "an error with id null, or the very number 9007199254740993",
    "refuse integers beyond 2^53 - 1, or keep them exactly (BigInt, json.Number)",
)
def no_rounding(bench: Bench) -> Outcome:
    found = _written(bench.session(), _GOOD.replace(b"%d" % _ID, b"9007199254740993"))
    for answer, line in zip(found.answers, found.lines, strict=True):
        if answer.get("id") not in (None, 9007199254740993) or b"e+" in line or b"9007199254740992" in line:
            return found.but("the id comes back as another number")
    return None


@should(
    "HUB-ID-5/recovers-the-id",
    _AREA,
    f"error -32600 with id {_ID}",
    "look for the id first; null is for messages whose id cannot be read",
)
def recovers(bench: Bench) -> Outcome:
    kind = next(kind for kind in _KINDS if kind.name == "method-number")
    found = _send(bench, kind)
    if len(found.lines) != 1:
        return found.but("there is not one answer")
    good = found.answers[0].get("id") == _ID and "error" in found.answers[0]
    return None if good else found.but("the answer does not carry the id")


CHECKS: Final = (
    *(check for kind in _KINDS for check in (_survives(kind), _refuses(kind))),
    survives_over_long,
    answers_over_long,
    no_rounding,
    recovers,
)
