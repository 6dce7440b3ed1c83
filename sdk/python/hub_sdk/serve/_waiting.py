"""Own how a thread, or a task, waits for the hub's answer; know nothing of what was asked."""

import threading
from typing import Any

from hub_protocol.methods import HUB_ASK, HUB_CALL
from hub_sdk.serve._calls import Call
from hub_sdk.serve._services import Request
from hub_sdk.types import Cancelled, HubCallError

__all__ = ["sleep_in_thread", "wait_in_loop", "wait_in_thread"]

# The hub answers at the call's deadline by itself; this is for one that does not.
_GRACE_SECONDS = 1.0
# Without the feature `context` no deadline is known; a person who is asked something may take minutes.
_LONGEST_SECONDS = 600.0


# While these are open a person may be asked, here or by a module further on, and the deadline stands still (HUB-HOST-6).
_PATIENT = {HUB_ASK, HUB_CALL}


def _patience(call: Call, request: Request) -> float:
    deadline = call.deadline
    seconds = deadline.longest_seconds() if request.method in _PATIENT else deadline.remaining_seconds()
    return _LONGEST_SECONDS if seconds is None else min(seconds + _GRACE_SECONDS, _LONGEST_SECONDS)


def _count(call: Call, request: Request, since: float) -> None:
    if request.method in _PATIENT:
        call.deadline.stood_still(since, surely=request.method == HUB_ASK)


def _too_late(request: Request) -> HubCallError:
    return HubCallError.of_kind("timeout", f"the hub did not answer {request.method} in time")


class _ThreadWaiter:
    def __init__(self) -> None:
        self._told = threading.Event()
        self._result: Any = None
        self._error: BaseException | None = None

    def succeed(self, result: Any) -> None:
        if not self._told.is_set():
            self._result = result
            self._told.set()

    def fail(self, error: BaseException) -> None:
        if not self._told.is_set():
            self._error = error
            self._told.set()

    def wait(self, seconds: float) -> bool:
        return self._told.wait(seconds)

    def outcome(self) -> Any:
        if self._error is not None:
            raise self._error
        return self._result


def wait_in_thread(call: Call, request: Request) -> Any:
    """Ask the hub and block until it answers.

    Raises:
        HubCallError: the hub refused, or did not answer in time.
        Cancelled: the call was cancelled meanwhile.
    """
    waiter = _ThreadWaiter()
    since = call.deadline.clock()
    request_id = call.services.ask_hub(call, request.method, request.params, waiter)
    told = waiter.wait(_patience(call, request))
    _count(call, request, since)
    if not told:
        call.services.give_up(request_id)
        raise _too_late(request)
    return request.read(waiter.outcome())


def sleep_in_thread(call: Call, seconds: float) -> None:
    """Block for so many seconds.

    Raises:
        Cancelled: the call was cancelled meanwhile.
    """
    waiter = _ThreadWaiter()
    call.sleeping.append(waiter)
    try:
        if call.cancelled or waiter.wait(seconds):
            raise Cancelled
    finally:
        call.sleeping.remove(waiter)


async def wait_in_loop(call: Call, request: Request) -> Any:
    """Ask the hub and wait for its answer.

    Raises:
        HubCallError: the hub refused, or did not answer in time.
    """
    # Imported long before, by whoever runs this coroutine; at the top of the file it would cost modules without one 40 ms.
    import asyncio

    future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    since = call.deadline.clock()
    request_id = call.services.ask_hub(call, request.method, request.params, _LoopWaiter(future))
    try:
        async with asyncio.timeout(_patience(call, request)):
            result = await future
    except TimeoutError:
        call.services.give_up(request_id)
        raise _too_late(request) from None
    except asyncio.CancelledError:
        call.services.give_up(request_id)
        raise
    finally:
        _count(call, request, since)
    return request.read(result)


class _LoopWaiter:
    """Told from the loop's own thread only: the reader of standard input lives there."""

    def __init__(self, future: Any) -> None:
        self._future = future

    def succeed(self, result: Any) -> None:
        if not self._future.done():
            self._future.set_result(result)

    def fail(self, error: BaseException) -> None:
        if not self._future.done():
            self._future.set_exception(error)
