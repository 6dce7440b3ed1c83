"""Own the running of a module in tests without async; know nothing of how messages travel."""

import asyncio
import concurrent.futures
import tempfile
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from hub_sdk.module import Module
from hub_sdk.testing._errors import CallFailed
from hub_sdk.testing._host import Answers
from hub_sdk.testing._memory import MemoryHub, Pending, Progress
from hub_sdk.testing._setting import Setting, check_ended, check_started, settle_in
from hub_sdk.types import ModuleError, plain

__all__ = ["Call", "Running", "running"]


class Call:
    """One call under way."""

    def __init__(
        self, pending: Pending, cancel: Callable[[], None], future: concurrent.futures.Future[Any], seconds: float
    ) -> None:
        self._pending = pending
        self._cancel = cancel
        self._future = future
        self._seconds = seconds

    @property
    def progress(self) -> list[Progress]:
        """What the function has told of its progress so far."""
        return list(self._pending.progress)

    def cancel(self) -> None:
        """Give up, as a caller does; `result` then tells how the module took it."""
        self._cancel()

    def result(self) -> Any:
        """Return the result, as JSON.

        Raises:
            ModuleError: one of the function's declared errors, as the author's own class.
            CallFailed: any other error that it answered.
            TimeoutError: it did not answer in time.
        """
        return self._future.result(self._seconds)


_Send = Callable[[Pending, dict[str, Any], dict[str, Any] | None], Call]


class Running:
    """A running module, for tests without async."""

    def __init__(self, setting: Setting, send: _Send) -> None:
        self._setting = setting
        self._send = send

    def for_account(self, name: str) -> "Running":
        """Return the same running module, called for that account."""
        return Running(msgspec.structs.replace(self._setting, account=name), self._send)

    def start(self, function: str, /, *, timeout_seconds: float | None = None, **params: Any) -> Call:
        """Call a function and do not wait; `timeout_seconds` becomes the call's deadline."""
        context = self._setting.context(function, timeout_seconds)
        return self._send(self._setting.pending(function), plain(params), context)

    def call(self, function: str, /, **params: Any) -> Any:
        """Call a function and return its result, as JSON. Raises: see `Call.result`."""
        return self.start(function, **params).result()

    def run_examples(self) -> int:
        """Run every example that the module declares; return how many. Raises: AssertionError for one that is not true."""
        examples = self._setting.examples()
        for example in examples:
            try:
                outcome = self.call(example.function, **example.params)
            except (ModuleError, CallFailed) as error:
                outcome = error
            example.check(outcome)
        return len(examples)


@contextmanager
def running(
    module: Module,
    *,
    config: Mapping[str, Any] | None = None,
    host: Mapping[str, Callable[..., Any]] | None = None,
    answers: Answers | None = None,
    store: dict[str, Any] | None = None,
    credentials: dict[str, dict[str, Any]] | None = None,
    account: str | None = None,
    timeout_seconds: float = 5.0,
) -> Generator[Running]:
    """Run a module in memory: introduced, initialised, and cleaned up at the end. Async functions get a loop in a thread.

    Args:
        module: what is tested.
        config: what the operator set.
        host: other modules' functions, `{"system.processes": lambda limit: [...]}`.
        answers: what the person answers to `ask`, in order, None declines; or a function of message and schema.
        store: the module's store; look into it afterwards.
        credentials: what is kept, by account: `{"work": {"token": "..."}}`; look into it afterwards.
        account: the one that calls are for, else `default`; `running.for_account(name)` calls for another.
        timeout_seconds: the deadline of each call, and how long the test waits for it.

    Raises:
        Disable: the module did not want to run.
        CallFailed: `on_init` failed.
    """
    setting = Setting(module, config or {}, host or {}, answers, store, credentials, account, timeout_seconds)
    loop = asyncio.new_event_loop()
    # A daemon: what a test leaves stuck must not keep its process.
    thread = threading.Thread(target=loop.run_forever, name="hub-testing", daemon=True)
    thread.start()
    hub = MemoryHub(module.definition, setting.make_host(), loop)
    send = _sender(hub, loop, timeout_seconds)
    try:
        with tempfile.TemporaryDirectory() as directory:
            result: Any = None
            for pending, params in setting.opening(Path(directory)):
                result = send(pending, params, None).result()
            check_started(result)
            try:
                yield Running(setting, send)
            finally:
                send(setting.closing(), {}, None).result()
    finally:
        ended = asyncio.run_coroutine_threadsafe(_close(hub, loop), loop).result(timeout_seconds)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
    check_ended(module, ended=ended)


async def _close(hub: MemoryHub, loop: asyncio.AbstractEventLoop) -> bool:
    ended = await hub.close()
    await loop.shutdown_asyncgens()
    await loop.shutdown_default_executor()
    return ended


def _sender(hub: MemoryHub, loop: asyncio.AbstractEventLoop, seconds: float) -> _Send:
    def send(pending: Pending, params: dict[str, Any], context: dict[str, Any] | None) -> Call:
        future: concurrent.futures.Future[Any] = concurrent.futures.Future()
        pending.settle = settle_in(future)
        loop.call_soon_threadsafe(hub.request, pending, params, context)

        def cancel() -> None:
            loop.call_soon_threadsafe(hub.cancel, pending)

        return Call(pending, cancel, future, seconds)

    return send
