"""Own what a test says about the world of its module, and the opening and closing messages; know nothing of waiting."""

import asyncio
import concurrent.futures
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from hub_protocol.limits import MAX_FRAME_BYTES
from hub_protocol.methods import CAPABILITIES, MODULE_CLEANUP, MODULE_INFO, MODULE_INIT
from hub_protocol.version import FEATURES, PROTOCOL_VERSIONS
from hub_sdk.module import Module
from hub_sdk.testing._errors import CallFailed
from hub_sdk.testing._host import Answers, Host
from hub_sdk.testing._memory import Pending
from hub_sdk.types import Disable, ModuleError, plain

__all__ = ["Setting", "check_ended", "check_started", "settle_in"]


class ExampleCall(msgspec.Struct, frozen=True):
    """One declared example: a call, and the result or the code that it must end with."""

    function: str
    params: dict[str, Any]
    expected: dict[str, Any]

    def check(self, outcome: Any) -> None:
        """Raise AssertionError when the call ended in another way."""
        ended = {"error": outcome.code} if isinstance(outcome, ModuleError | CallFailed) else {"result": outcome}
        if ended != self.expected:
            raise AssertionError(f"an example of {self.function} is not true: {self.params} gives {ended}, not {self.expected}")


class Setting(msgspec.Struct, frozen=True):
    """The world of one module under test."""

    module: Module
    config: Mapping[str, Any] = {}
    host: Mapping[str, Callable[..., Any]] = {}
    answers: Answers | None = None
    store: dict[str, Any] | None = None
    credentials: dict[str, dict[str, Any]] | None = None
    account: str | None = None
    timeout_seconds: float = 5.0

    def make_host(self) -> Host:
        """Return the host that plays the other modules, the person and what is kept."""
        store = {} if self.store is None else self.store
        return Host(
            self.module.definition, self.host, self.answers, store, {} if self.credentials is None else self.credentials
        )

    def opening(self, data_directory: Path) -> list[tuple[Pending, dict[str, Any]]]:
        """Return the requests that bring a module up."""
        offer = {"protocol_versions": list(PROTOCOL_VERSIONS), "features": sorted(FEATURES), "max_frame_bytes": MAX_FRAME_BYTES}
        start = {"config": plain(self.config), "data_directory": str(data_directory)}
        return [(Pending(MODULE_INFO, ()), offer), (Pending(CAPABILITIES, ()), {}), (Pending(MODULE_INIT, ()), start)]

    def closing(self) -> Pending:
        """Return the request that brings it down."""
        return Pending(MODULE_CLEANUP, ())

    def pending(self, function: str) -> Pending:
        """Return a call of one of its functions, existing or not."""
        known = self.module.definition.functions.get(function)
        return Pending(function, known.errors if known else ())

    def examples(self) -> list[ExampleCall]:
        """Return the examples of all functions."""
        return [
            ExampleCall(
                function.name, example["params"], {word: example[word] for word in ("result", "error") if word in example}
            )
            for function in self.module.definition.functions.values()
            for example in function.shown.get("examples", [])
        ]

    def context(self, function: str, timeout_seconds: float | None) -> dict[str, Any]:
        """Return the member `context` of a call."""
        seconds = self.timeout_seconds if timeout_seconds is None else timeout_seconds
        chain = [f"{self.module.name}.{function}"]
        context: dict[str, Any] = {"timeout_ms": round(seconds * 1000), "trace_id": "0" * 16, "chain": chain}
        return context | ({"profile": self.account} if self.account else {})


def settle_in(future: concurrent.futures.Future[Any] | asyncio.Future[Any]) -> Callable[[Any, Exception | None], None]:
    """Return what puts the end of a call into a future, once."""

    def settle(result: Any, error: Exception | None) -> None:
        if future.done():
            return
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)

    return settle


def check_ended(module: Module, *, ended: bool) -> None:
    """Fail the test where a function goes on although its call was cancelled."""
    if not ended:
        raise AssertionError(f"a function of {module.name} is still running although its call was cancelled")


def check_started(result: Any) -> None:
    """Raise Disable where module_init was answered so."""
    if isinstance(result, dict) and "disable" in result:
        raise Disable(str(result["disable"]))  # pyright: ignore[reportUnknownArgumentType]
