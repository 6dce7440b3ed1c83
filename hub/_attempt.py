"""Own the attempts of one module to start: one at a time, shared, stoppable; know nothing of what a start consists of."""

from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, Protocol

import anyio

from hub.errors import Closed, HubError, NotRunning

__all__ = ["Starts"]


class StartTask(Protocol):
    """Runs work in the background. Raises `Closed` when there is no background any more."""

    def __call__(self, work: Callable[..., Coroutine[Any, Any, object]], *args: object) -> None:
        """Run it."""
        ...


class _Attempt:
    """One attempt, which any number of callers wait for. `again` is the delay of the one that follows it, if there is one."""

    def __init__(self, delay_seconds: float) -> None:
        self.done = anyio.Event()
        self.scope = anyio.CancelScope()
        self.hurry = anyio.Event()
        self.delay_seconds = delay_seconds
        self.error: HubError | None = None
        self.stopped = False
        self.stop_reason = ""
        self.again: float | None = None


class Starts:
    """The attempts of one module.

    Args:
        module: its name, for messages.
        start_task: runs an attempt: a caller that gives up must not take the module from the others.
        start: starts the module, or raises HubError.
    """

    def __init__(self, module: str, start_task: StartTask, start: Callable[[], Awaitable[None]]) -> None:
        self._module = module
        self._start_task = start_task
        self._start = start
        self._current: _Attempt | None = None

    @property
    def under_way(self) -> bool:
        """Whether there is an attempt, waiting or at work."""
        return self._current is not None

    def begin_again(self, delay_seconds: float) -> None:
        """Begin another attempt after a failure: when the one under way is over; not when that was stopped."""
        if self._current is None:
            with suppress(Closed):
                self._begin(delay_seconds)
        elif not self._current.stopped:
            self._current.again = delay_seconds

    def hurry(self) -> None:
        """See that an attempt is under way, without a delay; after one that is being stopped there will be another.

        Raises:
            Closed: the hub is closing.
        """
        if self._current is None:
            self._begin(0.0)
        elif self._current.stopped:
            self._current.again = 0.0
        else:
            self._current.hurry.set()

    async def join(self) -> None:
        """Wait for the attempt under way, or a new one; for one that is being stopped already, until it is over.

        Raises:
            HubError: it failed.
        """
        attempt = self._current or self._begin(0.0)
        was_stopped = attempt.stopped
        await attempt.done.wait()
        if attempt.error is not None and not was_stopped:
            raise attempt.error

    def stop(self, reason: str) -> Callable[[], Awaitable[None]]:
        """Stop the attempt under way, and the one that would follow; return what waits until it is over."""
        attempt = self._current
        if attempt is None:
            return _nothing
        attempt.stopped, attempt.stop_reason, attempt.again = True, reason, None
        attempt.scope.cancel()
        return attempt.done.wait

    def _begin(self, delay_seconds: float) -> _Attempt:
        attempt = _Attempt(delay_seconds)
        self._start_task(self._run, attempt)
        self._current = attempt
        return attempt

    async def _run(self, attempt: _Attempt) -> None:
        attempt.error = Closed(f"cannot start {self._module}: the hub is closing")
        try:
            with attempt.scope:
                if attempt.delay_seconds:
                    with anyio.move_on_after(attempt.delay_seconds):
                        await attempt.hurry.wait()
                await self._start()
                attempt.error = None
            if attempt.scope.cancelled_caught:
                msg = f"cannot start {self._module}: it was stopped while it was starting: {attempt.stop_reason}"
                attempt.error = NotRunning(msg, data={"module": self._module})
        except HubError as error:
            attempt.error = error
        finally:
            self._current = None
            if attempt.again is not None:
                self.begin_again(attempt.again)
            attempt.done.set()


async def _nothing() -> None:
    """Wait for nothing."""
