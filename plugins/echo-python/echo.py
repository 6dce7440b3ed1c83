"""The module that has everything: what the hub's tests and demonstrations call. Owns no purpose of its own.

It must stay equal to its cousins in the other languages: plugins/echo.capabilities.json says what they share. What waits is
async, so that ten thousand calls need no thread each; `log` writes to a pipe that may be full, so it gets a thread.
"""

import os
import signal
from typing import Annotated, Any, Literal, NotRequired, TypedDict

from msgspec import UNSET

from hub_sdk import AsyncContext, Context, Doc, Ge, Le, MaxLength, MinLength, Module, ModuleError, Pattern

module = Module(
    "echo-python",
    version="1.0.0",
    license="Apache-2.0",
    authors=["The hub authors"],
    description=["The module that has everything, in Python."],
    permissions=["ask", "store", "call:*"],
)

_SEVERAL = {"a": [1, None, "ü", True]}
_ADDRESS = r"^[a-z][a-z0-9_-]{0,63}\.[A-Za-z][A-Za-z0-9_-]{0,63}$"

_Key = Annotated[str, MinLength(1), MaxLength(256), Doc("1 to 256 characters")]


@module.function(
    read_only=True,
    idempotent=True,
    examples=[
        {"summary": "a value of several kinds", "params": {"value": _SEVERAL}, "result": _SEVERAL},
        {"summary": "nothing is a value too", "params": {"value": None}, "result": None},
    ],
)
async def echo(value: Annotated[Any, Doc("anything at all")]) -> Any:
    """Answer the value that was given."""
    return value


@module.function(
    read_only=True, idempotent=True, examples=[{"summary": "two and three", "params": {"a": 2, "b": 3}, "result": 5}]
)
async def add(a: Annotated[int, Doc("the first")], b: Annotated[int, Doc("the second")]) -> int:
    """Add two integers."""
    return a + b


class _Slept(TypedDict):
    slept: Annotated[float, Doc("the seconds that were asked for")]


@module.function(
    read_only=True,
    timeout_seconds=3630,
    examples=[{"summary": "no time at all", "params": {"seconds": 0, "steps": 2}, "result": {"slept": 0}}],
)
async def slow(
    ctx: AsyncContext,
    seconds: Annotated[float, Ge(0), Le(3600), Doc("how long in all")],
    steps: Annotated[int, Ge(1), Le(1000), Doc("in how many equal parts")] = 10,
) -> _Slept:
    """Sleep, and report progress after each step.

    Ends at once when it is cancelled.
    """
    import asyncio

    loop = asyncio.get_running_loop()
    start = loop.time()
    for step in range(1, steps + 1):
        # To a point in time, so that the steps' delays do not add up.
        await asyncio.sleep(start + seconds * step / steps - loop.time())
        ctx.progress(step, steps)
    return {"slept": seconds}


class _OnPurpose(ModuleError):
    code = 1001
    message = "it failed on purpose"


@module.function(errors=[_OnPurpose], examples=[{"summary": "the declared error", "params": {}, "error": 1001}])
async def fail(
    code: Annotated[int, Doc("the error's code")] = 1001,
    message: Annotated[str, Doc("the error's message")] = "it failed on purpose",
    data: Annotated[Any, Doc("the error's data; without it the error has none")] = UNSET,
) -> None:
    """Answer with an error of the module's own."""
    raise _OnPurpose(message, code=code, data=data)


@module.function(
    destructive=True,
    description="exit: ends with the status. signal: sends SIGKILL to itself. "
    "panic: an unhandled error in the handler, which the module survives.",
)
async def crash(
    how: Annotated[Literal["exit", "signal", "panic"], Doc("in which way")] = "exit",
    status: Annotated[int, Ge(0), Le(255), Doc("the exit status, for exit")] = 3,
) -> None:
    """End the process without an answer, or fail in a way that nobody expected."""
    match how:
        case "exit":
            os._exit(status)  # sys.exit() ends the call only
        case "signal":
            os.kill(os.getpid(), signal.SIGKILL)
        case "panic":
            raise RuntimeError("a panic that was asked for")


@module.function(open_world=True)
async def call_back(
    ctx: AsyncContext,
    function: Annotated[str, Pattern(_ADDRESS), Doc("module.function")],
    params: Annotated[dict[str, Any], Doc("its arguments by name")] = {},  # noqa: B006 - never changed
) -> Any:
    """Call a function of another module through the hub, and answer its result."""
    return await ctx.call_with(function, params)


@module.function(read_only=True, idempotent=True, examples=[{"summary": "three", "params": {"bytes": 3}, "result": "xxx"}])
async def big(bytes: Annotated[int, Ge(0), Le(16_000_000), Doc("how many")]) -> str:  # noqa: A002 - the name on the wire
    """Answer a string of that many x."""
    return "x" * bytes


class _Logged(TypedDict):
    logged: Annotated[int, Doc("how many lines were written")]


@module.function(idempotent=True, examples=[{"summary": "one line", "params": {}, "result": {"logged": 1}}])
def log(
    ctx: Context,
    lines: Annotated[int, Ge(1), Le(100_000), Doc("how many")] = 1,
    level: Annotated[Literal["debug", "info", "warning", "error"], Doc("of each line")] = "info",
    message: Annotated[str, Doc("of each line")] = "hello",
) -> _Logged:
    """Write lines to the log, on standard error."""
    for _ in range(lines):
        ctx.check()
        ctx.log.write(level, message)
    return {"logged": lines}


@module.function(read_only=True, idempotent=True)
async def whoami(ctx: AsyncContext) -> dict[str, Any]:
    """Answer the call's context: trace_id, chain, timeout_ms and profile, as given."""
    seconds = ctx.timeout_seconds
    given = {
        "trace_id": ctx.trace_id,
        "chain": ctx.chain or None,
        "timeout_ms": None if seconds is None else round(seconds * 1000),
        "profile": ctx.profile,
    }
    return {name: value for name, value in given.items() if value is not None}


@module.function(open_world=True, timeout_seconds=300)
async def ask(
    ctx: AsyncContext,
    message: Annotated[str, Doc("the question")],
    schema: Annotated[dict[str, Any], Doc("JSON Schema of a flat object: the form to fill in")],
) -> Any:
    """Ask the person, and answer what the hub answered."""
    content = await ctx.ask(message, schema)
    return {"action": "decline"} if content is None else {"action": "accept", "content": content}


class _Found(TypedDict):
    found: Annotated[bool, Doc("whether there is one")]
    value: NotRequired[Annotated[Any, Doc("the value, when there is one")]]


@module.function(read_only=True, idempotent=True)
async def store_get(ctx: AsyncContext, key: _Key) -> _Found:
    """Read a value from the module's store."""
    value = await ctx.store.get(key, UNSET)
    return {"found": False} if value is UNSET else {"found": True, "value": value}


@module.function(idempotent=True)
async def store_set(ctx: AsyncContext, key: _Key, value: Annotated[Any, Doc("anything at all")]) -> None:
    """Keep a value in the module's store."""
    await ctx.store.set(key, value)


class _Deleted(TypedDict):
    deleted: Annotated[bool, Doc("whether there was one")]


@module.function(destructive=True, idempotent=True)
async def store_delete(ctx: AsyncContext, key: _Key) -> _Deleted:
    """Forget a value of the module's store."""
    return {"deleted": await ctx.store.delete(key)}


class _Listed(TypedDict):
    keys: Annotated[list[str], Doc("sorted")]


@module.function(read_only=True, idempotent=True)
async def store_list(ctx: AsyncContext, prefix: Annotated[str, Doc("only keys that begin so")] = "") -> _Listed:
    """List the keys of the module's store."""
    return {"keys": await ctx.store.list(prefix)}


if __name__ == "__main__":
    module.run()
