"""Own what a handler sees of its call: deadline, cancellation, progress, log, and the hub's services; know nothing of messages.

Two classes with the same names, for functions with `def` and with `async def`. One class with `call` and `acall` would let an
async function block its loop with a slip of the pen; with two, the type checker sees it, and registering refuses the wrong one.
"""

from contextvars import ContextVar
from typing import Any, Final, Literal, TypeVar, overload

from hub_protocol.methods import CAPABILITIES_CHANGED, HUB_LOG
from hub_sdk.log import Log
from hub_sdk.serve import _services
from hub_sdk.serve._calls import Call
from hub_sdk.serve._credentials import AsyncCredentials, SyncCredentials
from hub_sdk.serve._store import AsyncStore, SyncStore
from hub_sdk.serve._waiting import sleep_in_thread, wait_in_loop, wait_in_thread
from hub_sdk.types import Cancelled, Schema, plain

__all__ = ["CURRENT", "DEFAULT_ACCOUNT", "AsyncContext", "BaseContext", "Context", "async_context", "context"]

T = TypeVar("T")

# The account of a call that names none (HUB-CRED-1).
DEFAULT_ACCOUNT: Final = "default"


class BaseContext:
    """What both kinds of functions see of the call that they work on."""

    def __init__(self, call: Call) -> None:
        self._call = call

    @property
    def deadline(self) -> float | None:
        """When the caller stops waiting, on the clock of `time.monotonic()`; None where that is not known.

        It moves while a person is asked (HUB-HOST-6).
        """
        return self._call.deadline.when

    @property
    def remaining_seconds(self) -> float | None:
        """How long the caller still waits; None where that is not known."""
        return self._call.deadline.remaining_seconds()

    @property
    def timeout_seconds(self) -> float | None:
        """How long the caller was going to wait when the call was sent; None where that is not known."""
        return self._call.surroundings.timeout_seconds

    @property
    def cancelled(self) -> bool:
        """Whether the caller has given up."""
        return self._call.cancelled

    @property
    def log(self) -> Log:
        """The module's log, with the function and the trace id on each line."""
        return self._call.log

    @property
    def trace_id(self) -> str | None:
        """What all calls that one caller started have in common."""
        return self._call.surroundings.trace_id

    @property
    def chain(self) -> tuple[str, ...]:
        """The calls that led here, outermost first, this one last."""
        return self._call.surroundings.chain

    @property
    def account(self) -> str:
        """The account that this call is for, which its credentials belong to (HUB-CRED-1): the profile, else `default`."""
        return self._call.surroundings.profile or DEFAULT_ACCOUNT

    @property
    def profile(self) -> str | None:
        """The name of the account as the hub gave it; None where it gave none. `account` is what you want."""
        return self._call.surroundings.profile

    def progress(self, done: float, total: float | None = None, message: str | None = None) -> None:
        """Tell the caller how far it is. Call it as often as you like: 20 a second are sent, and always the last one."""
        self._call.progress(done, total, message)

    def log_to_hub(self, level: Literal["debug", "info", "warning", "error"], message: str, **fields: Any) -> None:
        """Log through the protocol, in order with the answers; `log` goes to standard error, which is what you want else."""
        params: dict[str, Any] = {"level": level, "message": message}
        self._call.services.notify(self._call, HUB_LOG, params | ({"fields": plain(fields)} if fields else {}))

    def capabilities_changed(self) -> None:
        """Tell the hub to ask for the capabilities again, after `module.function` has added one at run time (HUB-CAPS-8)."""
        self._call.services.notify(self._call, CAPABILITIES_CHANGED, {})


class Context(BaseContext):
    """The call that a `def` function works on."""

    def check(self) -> None:
        """Raise Cancelled when the caller has given up: put it into long loops. Raises: Cancelled."""
        if self._call.cancelled:
            raise Cancelled

    def sleep(self, seconds: float) -> None:
        """Wait, but no longer than the caller does; `time.sleep` does not notice a cancelled call. Raises: Cancelled."""
        sleep_in_thread(self._call, seconds)

    def call(self, function: str, /, **params: Any) -> Any:
        """Call another module's function: `ctx.call("system.processes", limit=3)`. Raises: HubCallError, Cancelled."""
        return wait_in_thread(self._call, _services.call(function, params, None))

    def call_with(self, function: str, params: dict[str, Any], *, timeout_seconds: float | None = None) -> Any:
        """Call a function with a time limit of its own. Raises: HubCallError, Cancelled."""
        return wait_in_thread(self._call, _services.call(function, params, timeout_seconds))

    @overload
    def ask(self, message: str, schema: type[T]) -> T | None: ...
    @overload
    def ask(self, message: str, schema: Schema) -> dict[str, Any] | None: ...
    def ask(self, message: str, schema: Any) -> Any:
        """Ask the person to fill in a flat form; return None when they decline. Raises: HubCallError, Cancelled."""
        return wait_in_thread(self._call, _services.ask(message, schema))

    @property
    def store(self) -> SyncStore:
        """The module's own small store."""
        return SyncStore(self._call)

    @property
    def credentials(self) -> SyncCredentials:
        """What the hub keeps secret for this module and the account of the call."""
        return SyncCredentials(self._call)


class AsyncContext(BaseContext):
    """The call that an `async def` function works on; a cancelled call is cancelled as a task is."""

    async def call(self, function: str, /, **params: Any) -> Any:
        """Call another module's function: `await ctx.call("system.processes", limit=3)`. Raises: HubCallError."""
        return await wait_in_loop(self._call, _services.call(function, params, None))

    async def call_with(self, function: str, params: dict[str, Any], *, timeout_seconds: float | None = None) -> Any:
        """Call a function with a time limit of its own. Raises: HubCallError."""
        return await wait_in_loop(self._call, _services.call(function, params, timeout_seconds))

    @overload
    async def ask(self, message: str, schema: type[T]) -> T | None: ...
    @overload
    async def ask(self, message: str, schema: Schema) -> dict[str, Any] | None: ...
    async def ask(self, message: str, schema: Any) -> Any:
        """Ask the person to fill in a flat form; return None when they decline. Raises: HubCallError."""
        return await wait_in_loop(self._call, _services.ask(message, schema))

    @property
    def store(self) -> AsyncStore:
        """The module's own small store."""
        return AsyncStore(self._call)

    @property
    def credentials(self) -> AsyncCredentials:
        """What the hub keeps secret for this module and the account of the call."""
        return AsyncCredentials(self._call)


# The call, and which of the two classes its function is served with: few functions ask, so none is made before.
CURRENT: Final[ContextVar[tuple[type[BaseContext], Call]]] = ContextVar("hub_sdk.context")


def context() -> Context:
    """Return the context of the call that this thread works on, in `def` functions.

    Raises:
        LookupError: there is none (outside a call, or in a thread of your own: hand it over), or the function is async.
    """
    current = CURRENT.get(None)
    if current is not None and current[0] is Context:
        return Context(current[1])
    raise LookupError("this is an async function: use async_context()" if current else "no call is under way here")


def async_context() -> AsyncContext:
    """Return the context of the call that this task works on, in `async def` functions.

    Raises:
        LookupError: there is none, or the function is not async.
    """
    current = CURRENT.get(None)
    if current is not None and current[0] is AsyncContext:
        return AsyncContext(current[1])
    raise LookupError("this is not an async function: use context()" if current else "no call is under way here")
