"""Own the checks of broken frames and messages: the module survives each (MUST), and says what was wrong (SHOULD).

Each kind of garbage is sent once, and two checks judge what came of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from hub.conformance._bench import Bench
from hub.conformance._check import Check, Failed, Outcome
from hub.conformance._judging import must, should
from hub.conformance._members import members
from hub.conformance._notes import shown_bytes
from hub.conformance._session import Ended, Silent

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
    """What came of it: the messages, and why the module does not answer any more where it does not."""

    came: tuple[dict[str, Any], ...]
    lines: tuple[bytes, ...]
    trouble: str = ""


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


def _send(bench: Bench, kind: _Garbage) -> _Aftermath:
    def make() -> _Aftermath:
        session = bench.session()
        session.settle(0.0)
        try:
            with session.lenient():
                session.raw(session.wire.frame(kind.data), _IDS)
                came = session.barrier()
        except Silent as error:
            bench.drop(silent=True)
            return _Aftermath((), (), str(error))
        except Ended as error:
            bench.drop()
            return _Aftermath((), (), str(error))
        return _Aftermath(tuple(message for message, _ in came), tuple(line for _, line in came))

    return bench.remembered(f"garbage {kind.name}", make)


def _survives(kind: _Garbage) -> Check:
    @must(
        f"HUB-FRAME-13/survives-{kind.name}",
        _AREA,
        "the answer to the ping behind it",
        "catch whatever goes wrong with one frame, and go on with the next",
    )
    def run(bench: Bench) -> Outcome:
        found = _send(bench, kind)
        return Failed(found.trouble, shown_bytes(kind.data), "nothing") if found.trouble else None

    return run


def _refuses(kind: _Garbage) -> Check:
    words = " or ".join(str(code) for code in kind.codes)

    @should(f"{kind.requirement}/refuses-{kind.name}", _AREA, f"one answer: error {words}", kind.mend)
    def run(bench: Bench) -> Outcome:
        found = _send(bench, kind)
        if found.trouble:
            return Failed(found.trouble, shown_bytes(kind.data), "nothing")
        shown = shown_bytes(b" ".join(found.lines) or b"nothing")
        if not found.came and kind.silence_is_right:
            return None
        if len(found.came) != 1:
            many = f"there are {len(found.came)} answers" if found.came else "there is no answer"
            return Failed(many, shown_bytes(kind.data), shown)
        code = members(found.came[0].get("error")).get("code")
        return None if code in kind.codes else Failed("it is not refused", shown_bytes(kind.data), shown)

    return run


def _over_long(make: Callable[[bytes], bytes]) -> Callable[[Bench], Outcome]:
    def run(bench: Bench) -> Outcome:
        with bench.start("initialised", max_frame_bytes=65_536) as (session, _):
            data = make(b"x" * 70_000)
            try:
                with session.lenient():
                    session.raw(session.wire.frame(data), _IDS)
                    came = session.barrier()
            except (Silent, Ended) as error:
                return Failed(str(error), shown_bytes(data), "nothing")
        bench.memory["over-long"] = came
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
    came = bench.memory["over-long"]
    codes = [members(message.get("error")).get("code") for message, _ in came]
    if codes == [-32700]:
        return None
    received = shown_bytes(b" ".join(line for _, line in came) or b"nothing")
    return Failed("it is not refused with -32700", "a ping of 70000 bytes, where max_frame_bytes is 65536", received)


@must(
    "HUB-FRAME-9/does-not-round",
    _AREA,
    "an error with id null, or the very number 9007199254740993",
    "refuse integers beyond 2^53 - 1, or keep them exactly (BigInt, json.Number)",
)
def no_rounding(bench: Bench) -> Outcome:
    session = bench.session()
    session.settle(0.0)
    data = session.wire.frame(_GOOD.replace(b"%d" % _ID, b"9007199254740993"))
    with session.lenient():
        session.raw(data, _IDS)
        came = session.barrier()
    for message, line in came:
        if message.get("id") not in (None, 9007199254740993) or b"e+" in line or b"9007199254740992" in line:
            return Failed("the id comes back as another number", shown_bytes(data), shown_bytes(line))
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
    if found.trouble or len(found.came) != 1:
        return Failed(found.trouble or "there is not one answer", shown_bytes(kind.data), shown_bytes(b" ".join(found.lines)))
    good = found.came[0].get("id") == _ID and "error" in found.came[0]
    return None if good else Failed("the answer does not carry the id", shown_bytes(kind.data), shown_bytes(found.lines[0]))


CHECKS: Final = (
    *(check for kind in _KINDS for check in (_survives(kind), _refuses(kind))),
    survives_over_long,
    answers_over_long,
    no_rounding,
    recovers,
)
