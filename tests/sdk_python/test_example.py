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
    echo: Module = program.module
    with testing.running(echo) as module:
        for function in echo.definition.functions.values():
            for example in function.shown.get("examples", []):
                assert module.call(function.name, **example["params"]) == example["result"]
