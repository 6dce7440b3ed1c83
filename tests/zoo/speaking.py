"""Own the lines of the zoo about frames and ids: what is wrong with the bytes, and with what they answer to."""

from dataclasses import replace
from typing import Any

from tests.zoo.exhibit import ON_ITS_FEET, Act, Cage, Exhibit, calls, error_of, frame_fault, program

__all__ = ["EXHIBITS"]

# What `frames.py` takes for the limit; and a limit at which 100 MiB are far too much but need not be read in one go.
_LIMIT = replace(ON_ITS_FEET, max_frame_bytes=64 * 1024)
# An answer that cannot be told from no answer costs its caller this deadline.
_UNANSWERED = calls(seconds=0.3)


def _event(kind: str, /, **data: Any) -> Act:
    """Return what checks that such an event came, and that the module answers as before, in the same process."""

    async def check(cage: Cage) -> None:
        event = await cage.watcher.wait(kind, "bad")
        assert data.items() <= event.data.items()
        await cage.bad_again()
        assert len(cage.watcher.of("module.starting", "bad")) == 1

    return check


async def _lives_on(cage: Cage) -> None:
    await cage.bad_again()
    assert len(cage.watcher.of("module.starting", "bad")) == 1


_STRAY = _event("protocol.stray_line")
_REJECTED = _event("protocol.frame_rejected")


def _frame(name: str, fault: str, *kinds: str, **members: Any) -> Exhibit:
    """Return a frame that is rejected, if there are `kinds`; else one that is taken, and answered with "done"."""
    given: dict[str, Any] = {"afterwards": _REJECTED if kinds else _lives_on, **members}
    if not kinds:
        given.setdefault("answer", "done")
    return frame_fault("Frames", name, fault, kinds=kinds, **given)


def _limit(name: str, fault: str, **members: Any) -> Exhibit:
    size = 64 * 1024 - (1 if fault == "limit-minus-1" else 0)
    empty = len('{"jsonrpc":"2.0","id":4,"result":""}')
    return _frame(name, fault, answer="x" * (size - empty), settings=_LIMIT, **members)


def _nested(depth: int) -> Any:
    return [] if depth == 1 else [_nested(depth - 1)]


def _dying(name: str, fault: str, *kinds: str, act: Act, **members: Any) -> Exhibit:
    return Exhibit("Frames", name, program("death", "--fault", fault), "falls", kinds=kinds, act=act, **members)


_FRAMES = [
    _frame("banner before a frame", "banner-before", afterwards=_STRAY),
    _frame("banner after a frame", "banner-after", afterwards=_STRAY),
    _frame("garbage glued before a frame", "glued-before", "timeout", act=_UNANSWERED, afterwards=_STRAY),
    _frame("garbage glued behind a frame", "glued-after", "protocol_error", afterwards=_lives_on),
    _dying("half a frame, then the end", "half-a-frame", "module_died", act=calls("fall")),
    _dying("half a frame, then silence", "half-a-frame-and-silence", "timeout", act=calls("fall", seconds=0.3)),
    Exhibit(
        "Frames",
        "byte by byte",
        program("flow", "--fault", "byte-by-byte"),
        "wrote 1 bytes: b'{'",
        answer="done",
        afterwards=_lives_on,
    ),
    _frame("many frames in one write", "many-in-one-write"),
    _frame("CRLF", "crlf"),
    _frame("a byte order mark", "bom", "protocol_error"),
    _frame("UTF-16", "utf-16", "timeout", act=_UNANSWERED, afterwards=_lives_on),
    _frame("invalid UTF-8", "invalid-utf-8", "protocol_error"),
    _frame("pretty-printed over lines", "pretty-printed", "timeout", act=_UNANSWERED, afterwards=_STRAY),
    _limit("one byte less than the limit", "limit-minus-1"),
    _limit("as long as the limit", "limit"),
    _frame("one byte more than the limit", "limit-plus-1", "frame_too_large", settings=_LIMIT),
    _frame(
        "a line of 100 MiB",
        "line-of-100-mib",
        afterwards=_event("protocol.frame_rejected", kind="frame_too_large"),
        seconds=4.0,
    ),
    _frame("nesting of 64", "nesting-64", answer=_nested(63)),
    _frame("nesting of 65", "nesting-65", "protocol_error"),
    _frame("nesting of 10 000", "nesting-10000", "protocol_error"),
    _frame("duplicate keys", "duplicate-keys", "protocol_error"),
    _frame("NaN", "nan", "protocol_error"),
    _frame("Infinity", "infinity", "protocol_error"),
    _frame("1e400", "1e400", "protocol_error"),
    _frame("2^53 + 1", "2-to-the-53-plus-1", "protocol_error"),
    _frame("a lone surrogate", "lone-surrogate", "protocol_error"),
    _frame("a batch", "batch", "timeout", act=_UNANSWERED),
    _frame("no jsonrpc", "no-jsonrpc", "protocol_error"),
    _frame("wrong jsonrpc", "wrong-jsonrpc", "protocol_error"),
]


def _id(name: str, fault: str, *kinds: str, **members: Any) -> Exhibit:
    given: dict[str, Any] = {"afterwards": _lives_on, **members}
    if not kinds:
        given.setdefault("answer", "done")
    return frame_fault("Ids", name, fault, kinds=kinds, **given)


async def _cancelled(cage: Cage) -> Any:
    """Give a call up, and wait for the answer that comes all the same."""
    error = await error_of(cage.hub.request("bad.wait", {}, timeout_seconds=0.2))
    late = await cage.watcher.wait("protocol.unexpected_response", "bad")
    assert late.data["late"] is True
    raise error


_IDS = [
    _id("unknown", "id-unknown", afterwards=_event("protocol.unexpected_response", id=4711, late=False)),
    _id("answered twice", "id-answered-twice", afterwards=_event("protocol.unexpected_response")),
    _id("of the wrong type", "id-of-wrong-type", "timeout", act=_UNANSWERED),
    _id("null", "id-null", "timeout", act=_UNANSWERED),
    _id("a float", "id-float", "timeout", act=_UNANSWERED),
    _id("result and error", "result-and-error", "protocol_error"),
    _id("neither result nor error", "neither", "protocol_error"),
    replace(
        _id("answer to a cancelled call", "id-unknown", "timeout", act=_cancelled),
        proof="misbehaves: answers what was cancelled",
    ),
    _id("progress for a finished call", "progress-afterwards"),
]

EXHIBITS = [*_FRAMES, *_IDS]
