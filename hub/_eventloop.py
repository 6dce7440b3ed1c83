"""Own what the hot path needs of the event loop below anyio: a future, "soon", a watched descriptor; know no pipes' owners.

anyio's own ways cost more than a call does: an event and its checkpoint, and a registration with the kernel for each read. On
asyncio (uvloop too) the loop's primitives are used as they are; on trio the same promises are kept by its own.
"""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from typing import Any, Protocol, cast

import anyio

__all__ = ["EventLoop", "Promise", "running_loop"]


class Promise(Protocol):
    """What one task waits for. Whoever awaits it may be cancelled; then it must not be awaited again."""

    def set_result(self, result: None, /) -> None:
        """Wake the task; once, and only while it is not `done`."""
        ...

    def done(self) -> bool:
        """Whether it was set, or its task was cancelled."""
        ...

    def __await__(self) -> Generator[Any, Any, None]:
        """Wait until it is set."""
        ...


class EventLoop(Protocol):
    """The loop that the hub runs on."""

    def promise(self) -> Promise:
        """Return something to wait for."""
        ...

    def soon(self, work: Callable[[], object]) -> None:
        """Do `work`, which must not raise, after what is under way now, and before the loop waits again; or at once."""
        ...

    def each_readable(
        self, fd: int, on_readable: Callable[[], bool], until: Callable[[Callable[[], None]], None]
    ) -> Awaitable[None]:
        """Call `on_readable` each time that `fd` can be read, until it returns False.

        `until` is given the function to call before `fd` is closed by somebody else: this then returns. What `on_readable`
        raises is raised here.
        """
        ...


class _Asyncio:
    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.promise = cast("Callable[[], Promise]", self._loop.create_future)

    def soon(self, work: Callable[[], object]) -> None:
        self._loop.call_soon(work)

    async def each_readable(
        self, fd: int, on_readable: Callable[[], bool], until: Callable[[Callable[[], None]], None]
    ) -> None:
        loop = self._loop
        over: asyncio.Future[None] = loop.create_future()

        def end() -> None:
            # Before the close, or the loop would go on watching a number that the next open() gives to another file.
            if not over.done():
                loop.remove_reader(fd)
                over.set_result(None)

        def readable() -> None:
            try:
                if not on_readable():
                    end()
            except BaseException as error:  # noqa: BLE001 - raised below: out of a callback it would only be logged
                if not over.done():
                    loop.remove_reader(fd)
                    over.set_exception(error)

        loop.add_reader(fd, readable)
        until(end)
        try:
            await over
        finally:
            if over.cancelled():
                loop.remove_reader(fd)


class _OtherPromise:
    """An event, awaited as it is."""

    __slots__ = ("_event",)

    def __init__(self) -> None:
        self._event = anyio.Event()

    def set_result(self, _result: None, /) -> None:
        self._event.set()

    def done(self) -> bool:
        return self._event.is_set()

    def __await__(self) -> Generator[Any, Any, None]:
        return self._event.wait().__await__()


class _Other:
    """Any other backend of anyio, by anyio's own means."""

    def promise(self) -> Promise:
        return _OtherPromise()

    def soon(self, work: Callable[[], object]) -> None:
        work()

    async def each_readable(
        self, fd: int, on_readable: Callable[[], bool], until: Callable[[Callable[[], None]], None]
    ) -> None:
        closed = False

        def end() -> None:
            nonlocal closed
            closed = True

        until(end)
        while not closed:
            try:
                await anyio.wait_readable(fd)
            except anyio.ClosedResourceError:
                return
            if not on_readable():
                return


def running_loop() -> EventLoop:
    """Return the loop that this task runs on."""
    try:
        # Not the running loop: trio can be a guest of asyncio, and its tasks are not asyncio's.
        task = asyncio.current_task()
    except RuntimeError:
        task = None
    return _Other() if task is None else _Asyncio()
