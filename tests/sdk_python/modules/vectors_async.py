"""Own the module `vectors` of the vectors' README, with `async def` functions; know no case."""

import asyncio
from typing import Any, Literal

from hub_sdk import AsyncContext, Disable, InvalidParams, Module, ModuleError

module = Module(
    "vectors",
    version="1.0.0",
    license="Apache-2.0",
    authors=["The authors of hub"],
    permissions=["store", "call:other", "credentials"],
    implements=["example.vectors/1.0"],
)
settings: dict[str, Any] = {}


@module.on_init
async def start(config: dict[str, Any], data_directory: str) -> None:
    settings.update(config=config, data_directory=data_directory)
    if "disable" in config:
        raise Disable(config["disable"])
    if "fail" in config:
        raise InvalidParams(config["fail"])


@module.function
async def echo(value: Any) -> Any:
    return value


@module.function
async def add(a: int, b: int) -> int:
    return a + b


@module.function
async def slow() -> None:
    await asyncio.Event().wait()


class Failure(ModuleError):
    """An error whose code is not known before."""


@module.function
async def fail(code: int, message: str, data: Any = None) -> None:
    raise Failure(message, code=code) if data is None else Failure(message, code=code, data=data)


@module.function(name="raise")
async def raise_(secret: str) -> None:
    raise RuntimeError(secret)


@module.function
async def steps(count: int, ctx: AsyncContext) -> int:
    for done in range(1, count + 1):
        ctx.progress(done, count)
    return count


@module.function
async def call_back(function: str, ctx: AsyncContext, params: dict[str, Any] = {}) -> Any:  # noqa: B006 - shows that a default may be one
    return await ctx.call(function, **params)


@module.function
async def remember(key: str, value: Any, ctx: AsyncContext) -> Any:
    await ctx.store.set(key, value)
    return await ctx.store.get(key, "nothing was found")


@module.function
async def forget(key: str, ctx: AsyncContext) -> bool:
    return await ctx.store.delete(key)


@module.function
async def keep(name: str, value: Any, ctx: AsyncContext, ttl_seconds: float | None = None) -> dict[str, Any]:
    kept = await ctx.credentials.put(name, value, ttl_seconds=ttl_seconds)
    return {"account": ctx.account, "kept": kept, "same": await ctx.credentials.get(name, "nothing was found") == value}


@module.function
async def discard(name: str, ctx: AsyncContext) -> bool:
    return await ctx.credentials.delete(name)


@module.function
async def log(level: Literal["debug", "info", "warning", "error"], message: str, ctx: AsyncContext) -> None:
    ctx.log_to_hub(level, message)


@module.function
async def change(ctx: AsyncContext) -> None:
    ctx.capabilities_changed()


@module.function(name="settings")
async def show_settings() -> dict[str, Any]:
    return settings
