"""Own the checks of the base framing of the Language Server Protocol, for modules whose manifest chooses it."""

from collections.abc import Callable
from typing import Final

from hub.conformance._bench import Bench
from hub.conformance._check import Check, NotOffered, Outcome
from hub.conformance._judging import missed, must, problem
from hub.conformance._session import Ended, Silent, compact

__all__ = ["CHECKS"]

_AREA: Final = "framing"
_SMALL_LIMIT_BYTES: Final = 65_536


def _headers(name: str, right: str, lay_out: Callable[[bytes], bytes], mend: str, requirement: str = "HUB-FRAME-20") -> Check:
    @must(f"{requirement}/{name}", _AREA, right, mend)
    def run(bench: Bench) -> Outcome:
        if bench.target.framing != "content-length":
            return NotOffered("its manifest does not say framing = content-length")
        with bench.start("initialised", max_frame_bytes=_SMALL_LIMIT_BYTES) as (session, _):
            request_id = session.next_id()
            body = compact({"jsonrpc": "2.0", "id": request_id, "method": "ping", "params": {}})
            data = lay_out(body)
            session.raw(b"")
            session.post(data, [request_id])
            try:
                answer = session.wait(request_id)
            except (Silent, Ended) as error:
                return missed(str(error), error, data)
            return None if answer.is_result else problem("it is answered with an error", answer)

    return run


def _length(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


CHECKS: Final = (
    _headers(
        "name-in-any-case",
        "the answer",
        lambda body: b"content-LENGTH:%d\r\n\r\n%b" % (len(body), body),
        "compare the names of headers without regard to case",
    ),
    _headers(
        "ignores-other-headers",
        "the answer",
        lambda body: b"X-Other: 1\r\nContent-Type: application/json\r\n" + _length(body),
        "skip headers that you do not know",
    ),
    _headers(
        "body-over-several-lines",
        "the answer",
        lambda body: _length(body.replace(b",", b",\n")),
        "read exactly Content-Length bytes, whatever they are",
        "HUB-FRAME-21",
    ),
    _headers(
        "skips-an-over-long-body",
        "the answer to what comes behind it",
        lambda body: _length(b'"' + b"x" * (2 * _SMALL_LIMIT_BYTES) + b'"') + _length(body),
        "skip as many bytes as the header says, and go on",
        "HUB-FRAME-21",
    ),
)
