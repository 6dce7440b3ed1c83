"""Own the module `vectors` of the vectors' README, with `def` functions; know no case."""

from typing import Any, Literal

from hub_sdk import Context, Disable, InvalidParams, Module, ModuleError

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
def start(config: dict[str, Any], data_directory: str) -> None:
    settings.update(config=config, data_directory=data_directory)
    if "disable" in config:
        raise Disable(config["disable"])
    if "fail" in config:
        raise InvalidParams(config["fail"])


@module.function
def echo(value: Any) -> Any:
    return value


@module.function
def add(a: int, b: int) -> int:
    return a + b


@module.function
def slow(ctx: Context) -> None:
    ctx.sleep(3600)


class Failure(ModuleError):
    """An error whose code is not known before."""


@module.function
def fail(code: int, message: str, data: Any = None) -> None:
    raise Failure(message, code=code) if data is None else Failure(message, code=code, data=data)


@module.function(name="raise")
def raise_(secret: str) -> None:
    raise RuntimeError(secret)


@module.function
def steps(count: int, ctx: Context) -> int:
    for done in range(1, count + 1):
        ctx.progress(done, count)
    return count


@module.function
def call_back(function: str, ctx: Context, params: dict[str, Any] = {}) -> Any:  # noqa: B006 - shows that a default may be one
    return ctx.call(function, **params)


@module.function
def remember(key: str, value: Any, ctx: Context) -> Any:
    ctx.store.set(key, value)
    return ctx.store.get(key, "nothing was found")


@module.function
def forget(key: str, ctx: Context) -> bool:
    return ctx.store.delete(key)


@module.function
def keep(name: str, value: Any, ctx: Context, ttl_seconds: float | None = None) -> dict[str, Any]:
    kept = ctx.credentials.put(name, value, ttl_seconds=ttl_seconds)
    return {"account": ctx.account, "kept": kept, "same": ctx.credentials.get(name, "nothing was found") == value}


@module.function
def discard(name: str, ctx: Context) -> bool:
    return ctx.credentials.delete(name)


@module.function
def log(level: Literal["debug", "info", "warning", "error"], message: str, ctx: Context) -> None:
    ctx.log_to_hub(level, message)


@module.function
def change(ctx: Context) -> None:
    ctx.capabilities_changed()


@module.function(name="settings")
def show_settings() -> dict[str, Any]:
    return settings
