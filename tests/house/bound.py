"""Own the time that a test may take; know nothing of what tests do.

Two clocks: an async test is cancelled at its bound, so that its own clean-up runs and the report shows where it stood. What
does not yield to that (code without async, a loop that never awaits) is interrupted by a signal a second later.
"""

import functools
import inspect
import signal
import traceback
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import anyio
import pytest

__all__ = ["BOUND_SECONDS", "bound_of", "cancelled_at", "interrupted_at"]

# Long enough for a loaded machine with two cores, short enough to sit through.
BOUND_SECONDS = 5.0

# Above this the last resort of pytest's own settings (faulthandler_timeout) would end the whole run first.
MAX_BOUND_SECONDS = 100.0

# What an async test gets to clean up after its cancellation.
GRACE_SECONDS = 1.0


def bound_of(item: pytest.Item) -> float:
    """Return the seconds that `item` may take; `bound` without a reason, or beyond the maximum, fails the test."""
    marker = item.get_closest_marker("bound")
    if marker is None:
        return BOUND_SECONDS
    return _read_marker(*marker.args, **marker.kwargs)


def _read_marker(seconds: float, reason: str = "") -> float:
    if not reason:
        pytest.fail("cannot raise the bound: @pytest.mark.bound(seconds, reason) needs its reason", pytrace=False)
    if not 0 < seconds <= MAX_BOUND_SECONDS:
        pytest.fail(f"cannot set the bound to {seconds} s: it must lie between 0 and {MAX_BOUND_SECONDS:g} s", pytrace=False)
    return seconds


@contextmanager
def interrupted_at(seconds: float) -> Generator[None]:
    """Fail what runs inside after `seconds`, wherever it is in Python."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        pytest.fail(_verdict(seconds))

    previous = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def cancelled_at(seconds: float, test: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """Return `test`, cancelled and failed after `seconds`."""

    @functools.wraps(test)
    async def bounded(*args: Any, **kwargs: Any) -> None:
        stood = ""
        with anyio.move_on_after(seconds) as scope:
            try:
                await test(*args, **kwargs)
            except anyio.get_cancelled_exc_class() as cancelled:
                stood = _place(test, cancelled)
                raise
        if scope.cancelled_caught:
            pytest.fail(_verdict(seconds) + stood, pytrace=not stood)

    return bounded


def _place(test: Callable[..., Any], cancelled: BaseException) -> str:
    """Return the line of the file of `test` that was being awaited."""
    frames = [frame for frame in traceback.extract_tb(cancelled.__traceback__) if frame.filename == inspect.getfile(test)]
    return "".join(f"\n{frame.filename}:{frame.lineno}: in {frame.name}: {frame.line}" for frame in frames)


def _verdict(seconds: float) -> str:
    return f"took longer than {seconds:g} s; where the time is the subject of the test: @pytest.mark.bound(seconds, reason)"
