"""Own the checks of reading good frames, however they are laid out and cut; know no garbage and no functions."""

import time
from collections.abc import Callable
from typing import Any, Final

from hub.conformance._bench import Bench
from hub.conformance._check import Check, NotOffered, Outcome
from hub.conformance._judging import END_OF_INPUT, answers_in, missed, must, problem
from hub.conformance._session import Answer, Ended, Session, Silent, compact
from hub_protocol.limits import MAX_SAFE_INTEGER

__all__ = ["CHECKS"]

_AREA: Final = "framing"
# Between two writes, so that a module that reads at once gets two pieces.
_PIECE_SECONDS: Final = 0.001
# Small enough to fill in no time, large enough for every message of an honest module.
_SMALL_LIMIT_BYTES: Final = 65_536
_LAYOUTS: Final[tuple[tuple[str, str, Callable[[bytes], bytes], str], ...]] = (
    (
        "carriage-return",
        "a carriage return before the line feed",
        lambda body: body + b"\r\n",
        "strip white space from the line",
    ),
    (
        "white-space-around",
        "spaces and tabs around the JSON text",
        lambda body: b" \t " + body + b" \t \n",
        "strip white space from the line before you look at its first character",
    ),
    (
        "blank-lines",
        "empty lines, and lines of white space",
        lambda body: b"\n\n  \t\r\n" + body + b"\n\n",
        "skip a line that is empty after stripping",
    ),
)


def _ping(session: Session) -> tuple[int, bytes]:
    request_id = session.next_id()
    return request_id, session.build("ping", {}, request_id).rstrip(b"\n")


def _answered(session: Session, data: bytes, ids: list[int], why: str, before: bytes = b"") -> Outcome:
    """Write bytes that hold good pings, and fail unless each is answered with a result and no other answer comes.

    `before` is what was written of them already; a failure shows the whole.
    """
    session.settle(0.0)
    session.post(data, [*ids])
    came: list[Answer] = []
    try:
        for request_id in ids:
            came.append(session.wait(request_id))
            if not came[-1].is_result:
                return problem(why, came[-1], sent=before + data)
    except (Silent, Ended) as error:
        return missed(f"{why}: {error}", error, before + data, came)
    extra = answers_in(session.settle())
    return problem(f"{why}: it answers more than was asked", sent=before + data, received=extra) if extra else None


def _lines_only(bench: Bench) -> NotOffered | None:
    return NotOffered("its manifest says framing = content-length") if bench.target.framing != "newline" else None


def _layout(name: str, what: str, lay_out: Callable[[bytes], bytes], mend: str) -> Check:
    @must(f"HUB-FRAME-3/{name}", _AREA, "the answer, as without it", mend)
    def run(bench: Bench) -> Outcome:
        if (other := _lines_only(bench)) is not None:
            return other
        session = bench.session()
        request_id, body = _ping(session)
        return _answered(session, lay_out(body), [request_id], f"with {what} it does not answer")

    return run


@must("HUB-FRAME-11/byte-by-byte", _AREA, "the answer", "put a frame together from all pieces up to its line feed")
def byte_by_byte(bench: Bench) -> Outcome:
    session = bench.session()
    request_id = session.next_id()
    data = session.build("ping", {}, request_id)
    for place in range(len(data) - 1):
        session.raw(data[place : place + 1])
        if place % 8 == 0:
            time.sleep(_PIECE_SECONDS)
    return _answered(session, data[-1:], [request_id], "written byte by byte, a request is not answered", data[:-1])


@must("HUB-FRAME-11/split-anywhere", _AREA, "an answer to each", "do not expect that one read brings one frame")
def split(bench: Bench) -> Outcome:
    session = bench.session()
    cuts = range(1, len(session.build("ping", {}, session.next_id())), 3)
    for cut in cuts:
        request_id = session.next_id()
        data = session.build("ping", {}, request_id)
        session.raw(data[:cut])
        time.sleep(_PIECE_SECONDS)
        found = _answered(session, data[cut:], [request_id], f"cut after {cut} bytes, a request is not answered", data[:cut])
        if found is not None:
            return found
    return None


@must("HUB-FRAME-11/several-at-once", _AREA, "an answer to each", "go on with what is left in the buffer after the first frame")
def glued(bench: Bench) -> Outcome:
    session = bench.session()
    ids = [session.next_id() for _ in range(20)]
    data = b"".join(session.build("ping", {}, request_id) for request_id in ids)
    return _answered(session, data, ids, "of twenty requests in one write not all are answered")


@must("HUB-FRAME-11/one-and-a-half", _AREA, "both answers", "keep the half frame until its other half comes")
def one_and_a_half(bench: Bench) -> Outcome:
    session = bench.session()
    first, second = session.next_id(), session.next_id()
    whole, cut = session.build("ping", {}, first), session.build("ping", {}, second)
    found = _answered(session, whole + cut[:20], [first], "with half a frame behind it, a request is not answered")
    return found or _answered(session, cut[20:], [second], "the other half comes later, and is not answered", whole + cut[:20])


def _with_params(bench: Bench, params: dict[str, Any], why: str) -> Outcome:
    session = bench.session()
    request_id = session.next_id()
    return _answered(session, session.wire.frame(_body(request_id, params)), [request_id], why)


def _body(request_id: int, params: dict[str, Any]) -> bytes:
    return compact({"jsonrpc": "2.0", "id": request_id, "method": "ping", "params": params})


@must("HUB-FRAME-5/reads-utf-8", _AREA, "the answer", "read standard input as UTF-8, whatever the locale says")
def unicode(bench: Bench) -> Outcome:
    text = "ü € 漢字 🙂 \u2028 \u0085 \x7f"
    return _with_params(bench, {"text": text}, "with characters beyond ASCII a request is not answered")


@must("HUB-FRAME-6/reads-escapes", _AREA, "the answer", "use a JSON parser: every escape may occur in a string")
def escapes(bench: Bench) -> Outcome:
    session = bench.session()
    request_id = session.next_id()
    body = _body(request_id, {}).replace(b'"params":{}', rb'"params":{"text":"\u0041\ud83d\ude42\"\\\/\b\f\n\r\t\u0000"}')
    return _answered(session, session.wire.frame(body), [request_id], "with escapes in a string a request is not answered")


@must("HUB-FRAME-7/reads-64-deep", _AREA, "the answer", "allow 64 levels, the frame's own object counted")
def deep(bench: Bench) -> Outcome:
    value: Any = 0
    for _ in range(62):
        value = [value]
    return _with_params(bench, {"x": value}, "nested 64 deep, which is allowed, a request is not answered")


@must("HUB-FRAME-9/reads-safe-integers", _AREA, "the answer", "keep integers up to 2^53 - 1")
def safe_integers(bench: Bench) -> Outcome:
    numbers = [MAX_SAFE_INTEGER, -MAX_SAFE_INTEGER, 0.5, 1e300, -0.0]
    return _with_params(bench, {"numbers": numbers}, "with the largest safe integers a request is not answered")


@must(
    "HUB-FRAME-4/accepts-the-limit",
    _AREA,
    "the answer to a frame of exactly max_frame_bytes",
    "compare with >, not with >=, and do not count the line feed",
)
def limit(bench: Bench) -> Outcome:
    with bench.start("initialised", max_frame_bytes=_SMALL_LIMIT_BYTES) as (session, _):
        for size in (_SMALL_LIMIT_BYTES - 1, _SMALL_LIMIT_BYTES):
            request_id = session.next_id()
            room = size - len(_body(request_id, {"x": ""}))
            data = session.wire.frame(_body(request_id, {"x": "x" * room}))
            found = _answered(
                session, data, [request_id], f"a frame of {size} bytes, {_SMALL_LIMIT_BYTES} allowed, is not answered"
            )
            if found is not None:
                return found
    return None


@must(
    "HUB-FRAME-14/member-names-have-a-case",
    _AREA,
    "no answer: a message without id is a notification",
    "compare member names exactly (Go's encoding/json does not)",
)
def case_of_id(bench: Bench) -> Outcome:
    session = bench.session()
    session.settle(0.0)
    request_id = session.next_id()
    data = session.wire.frame(_body(request_id, {}).replace(b'"id"', b'"ID"'))
    session.raw(data, (request_id,))
    results = [line for message, line in session.barrier() if "result" in message]
    return problem('"ID" is taken for "id"', sent=data, received=results) if results else None


@must(
    "HUB-FRAME-12/half-a-frame-at-the-end",
    _AREA,
    "no answer: the line feed that ends a frame never came",
    "drop what is left at the end of standard input. Loops over lines (readLine, readline, gets, awk) hand it out like a line: "
    "see whether its line feed was there (eof after gets, RT in gawk), or cut bytes at line feeds yourself",
)
def half_at_the_end(bench: Bench) -> Outcome:
    with bench.start("initialised") as (session, _):
        request_id, body = _ping(session)
        half = body if bench.target.framing == "newline" else body[:-1]
        session.raw(half, (request_id,))
        session.wire.close_input()
        session.wire.wait_for_end(bench.settings.exit_seconds)
        came = answers_in(session.settle())
    return problem("it acts on a frame that never ended", sent=half, then=END_OF_INPUT, received=came) if came else None


@must(
    "HUB-OUT-2/flushes-each-frame",
    _AREA,
    "the whole answer, line feed included, before anything else is asked",
    "flush standard output after each frame; in a pipe it is buffered by default",
)
def flushed(bench: Bench) -> Outcome:
    with bench.start("spawned") as (session, _):
        try:
            session.ask("module_info", bench.greeting(), bench.settings.start_seconds)
            session.ask("capabilities")
        except (Silent, Ended) as error:
            return missed(f"one request alone is not answered: {error}", error)
    return None


@must("HUB-FRAME-2/members-behind-params", _AREA, "the answer", "look members up by name, with a JSON parser")
def behind_params(bench: Bench) -> Outcome:
    # The hub promises one order; a module that relies on it is a full citizen, so only what follows params is free here.
    session = bench.session()
    request_id = session.next_id()
    body = compact({"jsonrpc": "2.0", "id": request_id, "method": "ping", "params": {}, "context": {}, "x": [1]})
    return _answered(session, session.wire.frame(body), [request_id], "members behind params confuse it")


CHECKS: Final = (
    flushed,
    *(_layout(*layout) for layout in _LAYOUTS),
    byte_by_byte,
    split,
    glued,
    one_and_a_half,
    unicode,
    escapes,
    deep,
    safe_integers,
    limit,
    case_of_id,
    behind_params,
    half_at_the_end,
)
