"""Own the attempts of one module to start: one at a time, shared, stoppable; know nothing of what a start consists of."""

from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, Protocol

import anyio

from hub.errors import Closed, HubError, NotRunning, StartFailed

__all__ = ["Starts"]


class StartTask(Protocol):
    """Runs work in the background. Raises `Closed` when there is no background any more."""

    def __call__(self, work: Callable[..., Coroutine[Any, Any, object]], *args: object) -> None:
        """Run it."""
        ...


class _Attempt:
    """One attempt, which any number of callers wait for. `again` is the delay of the one that follows it, if there is one."""

    def __init__(self, delay_seconds: float) -> None:
        self.has_process = anyio.Event()
        self.done = anyio.Event()
        self.scope = anyio.CancelScope()
        self.hurry = anyio.Event()
        self.delay_seconds = delay_seconds
        self.error: HubError | None = None
        self.is_over = False  # stopped, or failed: what is wanted from here on is another attempt
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

    def failed(self, delay_seconds: float | None) -> None:
        """Note a failure, and how long after it there is to be another attempt; after a stop there is none."""
        attempt = self._current
        if attempt is not None:
            attempt.is_over = True
            attempt.again = None if attempt.stopped else delay_seconds
        elif delay_seconds is not None:
            with suppress(Closed):
                self._begin(delay_seconds)

    def hurry(self) -> None:
        """See that an attempt is under way, without a delay; after one that is as good as over there will be another.

        Raises:
            Closed: the hub is closing.
        """
        attempt = self._current or self._begin(0.0)
        if attempt.is_over:
            attempt.again = 0.0
        else:
            attempt.hurry.set()

    async def join(self) -> None:
        """Wait for the attempt under way, or a new one; one that is as good as over is only waited for, to look again.

        Raises:
            HubError: it failed.
        """
        attempt = self._current or self._begin(0.0)
        came_late = attempt.is_over
        await attempt.done.wait()
        if attempt.error is not None and not came_late:
            raise attempt.error

    def has_process(self) -> None:
        """Note that the attempt under way has started its process, or will start none."""
        if self._current is not None:
            self._current.has_process.set()

    async def next_process(self) -> None:
        """Wait until an attempt that began without a delay has started a process, or is over."""
        if self._current is not None and not self._current.delay_seconds:
            await self._current.has_process.wait()

    async def next_result(self) -> None:
        """Wait until an attempt that began without a delay is over."""
        if self._current is not None and not self._current.delay_seconds:
            await self._current.done.wait()

    def stop(self, reason: str) -> Callable[[], Awaitable[None]]:
        """Stop the attempt under way, and the one that would follow; return what waits until it is over."""
        attempt = self._current
        if attempt is None:
            return _nothing
        attempt.is_over = attempt.stopped = True
        attempt.stop_reason, attempt.again = reason, None
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
        except Exception as error:
            attempt.error = StartFailed(f"cannot start {self._module}: a defect of the hub: {error!r}")
            raise
        finally:
            self._current = None
            if attempt.again is not None:
                with suppress(Closed):
                    self._begin(attempt.again)
            attempt.done.set()


async def _nothing() -> None:
    """Wait for nothing."""
