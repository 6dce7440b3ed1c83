"""Own the checks of size and endurance: large frames, a thousand requests, memory, the log; know no functions' meaning."""

from pathlib import Path
from typing import Final

from hub.conformance._bench import Bench
from hub.conformance._check import Check, Level, NotOffered, Outcome
from hub.conformance._exercise import quick_call
from hub.conformance._judging import missed, must, problem
from hub.conformance._session import Ended, Session, Silent
from hub.conformance._wire import LONGEST_LINE_BYTES

__all__ = ["CHECKS"]

_AREA: Final = "size"
_MIB: Final = 1024 * 1024
# A shell that reads byte by byte takes a quarter of a second for a MiB.
_SECONDS_A_MIB: Final = 2.0
_CALLS: Final = 1_000
_WARM_UP_CALLS: Final = 200
# Collectors of garbage run when they like; a leak of 16 KiB a call is seen.
_MOST_GROWTH_BYTES: Final = 16 * _MIB
_PAGE_BYTES: Final = 4096
# The hub drops what is more.
_MOST_LINES_A_SECOND: Final = 1_000


def _payload(mib: int) -> Check:
    @must(
        f"HUB-FRAME-4/takes-{mib}-mib",
        _AREA,
        "the answer: the limit is 16 MiB",
        "put long lines together from pieces in linear time, without a limit of the library's own (bufio.Scanner, readline)",
    )
    def run(bench: Bench) -> Outcome:
        if mib not in bench.settings.payload_mib:
            return NotOffered("this run leaves large payloads out")
        session = bench.session()
        request_id = session.next_id()
        frame = session.wire.frame(
            b'{"jsonrpc":"2.0","id":%d,"method":"ping","params":{"x":"%b"}}' % (request_id, b"x" * (mib * _MIB))
        )
        seconds = bench.settings.answer_seconds + mib * _SECONDS_A_MIB
        try:
            session.post(frame, [request_id])
            answer = session.wait(request_id, seconds)
        except (Silent, Ended) as error:
            bench.drop(silent=True)
            return missed(f"a frame of {mib} MiB: {error}", error, frame)
        return None if answer.is_result else problem(f"a frame of {mib} MiB is refused", answer)

    return run


def _rss(session: Session) -> int:
    try:
        return int(Path(f"/proc/{session.wire.child.pid}/statm").read_text().split()[1]) * _PAGE_BYTES
    except (OSError, IndexError, ValueError):
        return 0


def memory(bench: Bench) -> Outcome:
    """Call a quick function a thousand times and compare the memory before and after."""
    call = quick_call(bench)
    session = bench.session()
    method, params = (call.function.name, call.params) if call is not None else ("ping", {})
    if _rss(session) == 0:
        return NotOffered("this system does not show the memory of a process")
    # A function that takes a while is not called a thousand times: half the seconds of one function's share are enough.
    slow = (
        call is not None and call.answer is not None and call.answer.seconds > bench.settings.function_seconds / _WARM_UP_CALLS
    )
    if slow:
        method, params = "ping", {}
    before = 0
    answer = None
    for number in range(_CALLS):
        answer = session.ask(method, params)
        if number == _WARM_UP_CALLS:
            before = _rss(session)
    growth = _rss(session) - before
    if growth <= _MOST_GROWTH_BYTES:
        return None
    return problem(f"its memory grew by {growth // _MIB} MiB in {_CALLS} times {method}", answer)


def log_lines(bench: Bench) -> Outcome:
    """Look at the lines of standard error that the hub would cut or drop."""
    bench.observe()
    session = bench.session()
    wire = session.wire
    if wire.longest_stderr_line > LONGEST_LINE_BYTES:
        longest = max(bytes(wire.stderr).split(b"\n"), key=len)
        return problem(f"a line on standard error has {wire.longest_stderr_line} bytes", received=[longest])
    seconds = max(1.0, wire.clock() - wire.child.begun)
    rate = wire.stderr_lines / seconds
    if rate <= _MOST_LINES_A_SECOND:
        return None
    return problem(f"it writes {rate:.0f} lines a second to standard error", received=bytes(wire.stderr).splitlines()[-1:])


CHECKS: Final = (
    _payload(1),
    _payload(8),
    _payload(15),
    Check(
        "HUB-LOG-1/is-not-cut",
        Level.SHOULD,
        _AREA,
        "lines of at most 8 KiB, at most 1000 a second: the hub drops what is more",
        "log less, or at a level that can be switched off",
        log_lines,
    ),
    Check(
        "SENSE/memory-after-a-thousand-calls",
        Level.SHOULD,
        _AREA,
        "as much memory as after two hundred",
        "look for a list or table that only grows",
        memory,
    ),
)
