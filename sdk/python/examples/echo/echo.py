"""A whole module: three functions, progress, an error of its own, and a way to end early. It needs nothing but the SDK."""

from typing import Annotated, Any

from hub_sdk import Context, Ge, Le, Module, ModuleError

module = Module(
    "echo",
    version="1.0.0",
    license="Apache-2.0",
    authors=["The hub authors"],
    description=["The smallest module that shows everything once."],
)


class SevenIsNotCounted(ModuleError):
    """Seven is not counted."""

    code = 7


@module.function(read_only=True, idempotent=True, examples=[{"params": {"value": "hello"}, "result": "hello"}])
def echo(value: Annotated[Any, "anything at all"]) -> Any:
    """Answer the value that was given."""
    return value


@module.function(read_only=True, idempotent=True, examples=[{"params": {"a": 2, "b": 3}, "result": 5}])
async def add(a: Annotated[int, "the first"], b: Annotated[int, "the second"]) -> int:
    """Add two integers."""
    return a + b


@module.function(read_only=True, errors=[SevenIsNotCounted])
def count(ctx: Context, to: Annotated[int, Ge(1), Le(100), "where to stop"] = 3) -> list[str]:
    """Count, ten times a second."""
    counted: list[str] = []
    for number in range(1, to + 1):
        if number == 7:  # noqa: PLR2004
            raise SevenIsNotCounted
        ctx.sleep(0.1)  # ends at once when the call is cancelled
        counted.append(str(number))
        ctx.progress(number, to)
    ctx.log.info("counted", to=to)
    return counted


if __name__ == "__main__":
    module.run()
