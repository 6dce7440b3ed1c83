"""Own the check that tests wait for things and not for time; know nothing of what they test."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.tree import python_files, shown

# In badplugins the child's own slowness is the subject; a benchmark measures over a stretch of time.
_EXEMPT = ("tests/badplugins/", "tests/benchmarks/")
_SLEEPERS = {"anyio", "asyncio", "time", "trio"}


def _sleeps_of(tree: ast.AST) -> Iterator[ast.Call]:
    """Yield each call of a sleep of some library that waits for longer than a turn of the event loop."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=library), attr="sleep")) if library in _SLEEPERS:
                zero = len(node.args) == 1 and isinstance(node.args[0], ast.Constant) and node.args[0].value == 0
                if not zero:
                    yield node
            case ast.Call(func=ast.Name(id="sleep")):
                yield node
            case _:
                pass


def test_no_test_sleeps() -> None:
    faults = [
        f"{shown(path)}:{call.lineno}: {ast.unparse(call)}"
        for path in python_files("tests", "sdk/python/tests")
        if not shown(path).startswith(_EXEMPT)
        for call in _sleeps_of(ast.parse(path.read_text(), shown(path)))
    ]
    assert not faults, "wait for the thing itself: an event, a pipe, end of file, a process\n" + "\n".join(faults)


@pytest.mark.parametrize(
    "line", ["time.sleep(0.1)", "await anyio.sleep(delay)", "await asyncio.sleep(1)", "sleep(2)", "time.sleep(0.0 + x)"]
)
def test_a_sleep_is_found(line: str) -> None:
    assert list(_sleeps_of(ast.parse(f"async def f():\n    {line}")))


@pytest.mark.parametrize("line", ["await anyio.sleep(0)", "await anyio.sleep_forever()", "clock.sleep(3)", "'time.sleep(1)'"])
def test_what_only_yields_or_only_looks_like_a_sleep_is_left_alone(line: str) -> None:
    assert not list(_sleeps_of(ast.parse(f"async def f():\n    {line}")))


def test_every_file_of_tests_has_a_name_that_pytest_finds() -> None:
    lost = [shown(path) for path in python_files("tests") if _has_tests(path) and not path.name.startswith("test_")]
    assert not lost, "tests in a file that is not called test_*.py never run:\n" + "\n".join(lost)


def _has_tests(path: Path) -> bool:
    body = ast.parse(path.read_text(), shown(path)).body
    return any(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_") for node in body)
