"""Own the tests of hub_sdk.testing itself: what it refuses, and what it tells the test; know nothing of processes."""

import asyncio
import dataclasses
import threading
from typing import Any

import pytest

from hub_sdk import AsyncContext, Context, HubCallError, Module, testing


@dataclasses.dataclass
class Form:
    """What a person is asked."""

    sure: bool


def made(**more: Any) -> Module:
    return Module("m", version="1.0.0", license="MIT", authors=["a"], **more)


def test_what_the_module_has_not_declared_is_not_permitted_in_tests_either() -> None:
    # HUB-HOST-1, HUB-CAPS-7
    module = made(permissions=["call:system.load"])

    @module.function
    def use(ctx: Context, what: str) -> str:
        services = {
            "store": lambda: ctx.store.get("x"),
            "ask": lambda: ctx.ask("?", Form),
            "call": lambda: ctx.call("system.kill"),
        }
        with pytest.raises(HubCallError) as caught:
            services[what]()
        return caught.value.kind

    with testing.running(module, host={"system.kill": lambda: None}) as running:
        assert {running.call("use", what=what) for what in ("store", "ask", "call")} == {"not_permitted"}


def test_a_function_that_does_not_end_when_cancelled_fails_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub_sdk.testing._memory._CLOSE_SECONDS", 0.05)
    module = made()
    go_on = threading.Event()

    @module.function
    def deaf() -> None:
        go_on.wait(5)

    with pytest.raises(AssertionError, match="still running although"), testing.running(module) as running:
        running.start("deaf")
    go_on.set()


def test_a_fake_that_breaks_tells_the_test_and_not_the_module() -> None:
    module = made(permissions=["call:a"])

    @module.function
    def use(ctx: Context) -> Any:
        return ctx.call("a.b", x=1)

    def fake() -> None: ...

    with (
        testing.running(module, host={"a.b": fake}) as running,
        pytest.raises(TypeError, match="unexpected keyword argument 'x'"),
    ):
        running.call("use")


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_async_functions_share_the_loop_of_an_async_test(anyio_backend: str) -> None:
    module = made(permissions=["call:a"])
    met = asyncio.Event()

    @module.function
    async def wait(ctx: AsyncContext) -> Any:
        await met.wait()
        return await ctx.call("a.b")

    async def fake() -> str:
        await asyncio.sleep(0)
        return "from a fake"

    async with testing.running_async(module, host={"a.b": fake}) as running:
        call = running.start("wait")
        met.set()
        assert await call.result() == "from a fake"
        forever = running.start("wait")
        met.clear()
        forever.cancel()
        with pytest.raises(testing.CallFailed, match="cancelled"):
            await forever.result()
