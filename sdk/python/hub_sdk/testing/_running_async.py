"""Own the running of a module in tests with asyncio; know nothing of how messages travel."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from hub_sdk.module import Module
from hub_sdk.testing._errors import CallFailed
from hub_sdk.testing._host import Answers
from hub_sdk.testing._memory import MemoryHub, Pending, Progress
from hub_sdk.testing._setting import Setting, check_ended, check_started, settle_in
from hub_sdk.types import ModuleError, plain

__all__ = ["AsyncCall", "AsyncRunning", "running_async"]


class AsyncCall:
    """One call under way, to be awaited."""

    def __init__(self, pending: Pending, hub: MemoryHub, future: asyncio.Future[Any], seconds: float) -> None:
        self._pending = pending
        self._hub = hub
        self._future = future
        self._seconds = seconds

    @property
    def progress(self) -> list[Progress]:
        """What the function has told of its progress so far."""
        return list(self._pending.progress)

    def cancel(self) -> None:
        """Give up, as a caller does; `result` then tells how the module took it."""
        self._hub.cancel(self._pending)

    async def result(self) -> Any:
        """Return the result, as JSON. Raises: as `Call.result`."""
        async with asyncio.timeout(self._seconds):
            return await asyncio.shield(self._future)


_Send = Callable[[Pending, dict[str, Any], dict[str, Any] | None], AsyncCall]


class AsyncRunning:
    """A running module, for tests with asyncio: async functions run in the test's own loop."""

    def __init__(self, setting: Setting, send: _Send) -> None:
        self._setting = setting
        self._send = send

    def for_account(self, name: str) -> "AsyncRunning":
        """Return the same running module, called for that account."""
        return AsyncRunning(msgspec.structs.replace(self._setting, account=name), self._send)

    def start(self, function: str, /, *, timeout_seconds: float | None = None, **params: Any) -> AsyncCall:
        """Call a function and do not wait; `timeout_seconds` becomes the call's deadline."""
        context = self._setting.context(function, timeout_seconds)
        return self._send(self._setting.pending(function), plain(params), context)

    async def call(self, function: str, /, **params: Any) -> Any:
        """Call a function and return its result, as JSON. Raises: as `Call.result`."""
        return await self.start(function, **params).result()

    async def run_examples(self) -> int:
        """Run every example that the module declares. As `Running.run_examples`."""
        examples = self._setting.examples()
        for example in examples:
            try:
                outcome = await self.call(example.function, **example.params)
            except (ModuleError, CallFailed) as error:
                outcome = error
            example.check(outcome)
        return len(examples)


@asynccontextmanager
async def running_async(
    module: Module,
    *,
    config: Mapping[str, Any] | None = None,
    host: Mapping[str, Callable[..., Any]] | None = None,
    answers: Answers | None = None,
    store: dict[str, Any] | None = None,
    credentials: dict[str, dict[str, Any]] | None = None,
    account: str | None = None,
    timeout_seconds: float = 5.0,
) -> AsyncGenerator[AsyncRunning]:
    """Run a module in memory, in the running asyncio loop. Arguments and errors are those of `running`."""
    setting = Setting(module, config or {}, host or {}, answers, store, credentials, account, timeout_seconds)
    loop = asyncio.get_running_loop()
    hub = MemoryHub(module.definition, setting.make_host(), loop)

    def send(pending: Pending, params: dict[str, Any], context: dict[str, Any] | None) -> AsyncCall:
        future: asyncio.Future[Any] = loop.create_future()
        pending.settle = settle_in(future)
        hub.request(pending, params, context)
        return AsyncCall(pending, hub, future, timeout_seconds)

    try:
        with tempfile.TemporaryDirectory() as directory:
            result: Any = None
            for pending, params in setting.opening(Path(directory)):
                result = await send(pending, params, None).result()
            check_started(result)
            try:
                yield AsyncRunning(setting, send)
            finally:
                await send(setting.closing(), {}, None).result()
    finally:
        ended = await hub.close()
    check_ended(module, ended=ended)
