"""Own the tests of the example `echo`, as its author would write them, and that its examples are true."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from hub_sdk import Module, testing

FOLDER = Path(__file__).parents[2] / "sdk/python/examples/echo"


@pytest.fixture
def program() -> ModuleType:
    spec = importlib.util.spec_from_file_location("echo_example", FOLDER / "echo.py")
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def test_it_echoes_adds_counts_and_stops_at_seven(program: Any) -> None:
    with testing.running(program.module) as module:
        assert module.call("echo", value={"a": [1, None]}) == {"a": [1, None]}
        assert module.call("add", a=1, b=2) == 3
        call = module.start("count", to=2)
        assert call.result() == ["1", "2"]
        assert [progress.done for progress in call.progress] == [1, 2]
        with pytest.raises(program.SevenIsNotCounted):
            module.call("count", to=7)


def test_its_examples_are_true(program: Any) -> None:
    # HUB-CAPS-5
    with testing.running(program.module) as module:
        assert module.run_examples() == 2


@pytest.mark.parametrize(
    "example", [{"params": {"a": 1}, "result": 2}, {"params": {"a": 1}, "error": 9}], ids=["result", "error"]
)
def test_an_example_that_is_not_true_fails_the_test(example: Any) -> None:
    module = Module("m", version="1.0.0", license="MIT", authors=["a"])

    @module.function(examples=[example])
    def same(a: int) -> int:
        return a

    with testing.running(module) as running, pytest.raises(AssertionError, match="an example of same is not true"):
        running.run_examples()
    assert same(1) == 1


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_its_examples_are_true_in_an_async_test_too(anyio_backend: str, program: Any) -> None:
    async with testing.running_async(program.module) as module:
        assert await module.run_examples() == 2
