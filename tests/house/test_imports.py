"""Own the check that every import is one that rooms.py allows; know nothing of what the rooms are for."""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.house.rooms import FIRST_PARTY, NEVER, ROOMS, Room, barred_in_core, room_of
from tests.house.tree import ROOT, python_files, shown

# At run time only what the protocol itself needs may come along: each of these costs a module 20 to 160 ms at each start.
_HEAVY = ("anyio", "asyncio", "jsonrpcserver", "jsonschema_rs", "pydantic", "rich", "trio", "typer", "hub")


def _imports_of(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and full name of each import; of `from a import b` both a and a.b, since b may be a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def _owner_of_private(name: str) -> str | None:
    """Return the package that an underscored module in `name` belongs to."""
    parts = name.split(".")
    private = next((place for place, part in enumerate(parts) if part.startswith("_") and not part.startswith("__")), None)
    return ".".join(parts[:private]) if private else None


def _fault(room: Room, name: str) -> str | None:
    top = name.partition(".")[0]
    if top in NEVER:
        return "a folder, not a package"
    if top in FIRST_PARTY:
        return _first_party_fault(room, name, top)
    if top in sys.stdlib_module_names:
        return "no I/O, clock, chance or threads in the core" if room.pure and barred_in_core(top) else None
    return None if room.libraries is None or top in room.libraries else "not a declared dependency of this room"


def _first_party_fault(room: Room, name: str, top: str) -> str | None:
    if top not in room.packages:
        return "the rooms do not see each other"
    owner = _owner_of_private(name)
    if owner and not any(owner == package or owner.startswith(f"{package}.") for package in room.private_of):
        return f"private to {owner}"
    if name.startswith("hub.cli") and not room.folder.startswith(("hub/cli", "tests")):
        return "nothing builds on the command line"
    return None


def _faults_of(path: Path, source: str) -> list[str]:
    room = room_of(path)
    if room is None:
        return [f"{shown(path)}: in no room of tests/house/rooms.py"]
    found = ((line, name, _fault(room, name)) for line, name in _imports_of(ast.parse(source, shown(path))))
    return [f"{shown(path)}:{line}: {name}: {fault}" for line, name, fault in found if fault]


def test_every_import_is_one_that_the_rooms_allow() -> None:
    files = [path for path in python_files(".") if not path.is_relative_to(ROOT / "tests" / "badplugins")]
    faults = [fault for path in files for fault in _faults_of(path, path.read_text())]
    assert not faults, "\n" + "\n".join(faults)


@pytest.mark.parametrize(
    ("place", "line", "word"),
    [
        ("protocol/hub_protocol/framing.py", "import os", "no I/O"),
        ("protocol/hub_protocol/framing.py", "from time import monotonic", "no I/O"),
        ("protocol/hub_protocol/framing.py", "import anyio", "not a declared"),
        ("protocol/hub_protocol/framing.py", "import pydantic", "not a declared"),
        ("protocol/hub_protocol/framing.py", "import hub.errors", "do not see"),
        ("hub/_peer.py", "import hub_sdk", "do not see"),
        ("hub/_peer.py", "def f():\n    import rich", "not a declared"),
        ("hub/_peer.py", "from hub_protocol._json import parse", "private"),
        ("hub/_peer.py", "import hub.cli.plugin", "command line"),
        ("hub/cli/plugin.py", "from hub import _peer", "private"),
        ("hub/cli/plugin.py", "from tests.house import tree", "do not see"),
        ("sdk/python/hub_sdk/serve.py", "import pydantic", "not a declared"),
        ("sdk/python/hub_sdk/serve.py", "import hub", "do not see"),
        ("plugins/system/main.py", "import hub", "do not see"),
        ("tests/hub/test_peer.py", "import protocol.hub_protocol", "a folder"),
        ("elsewhere/file.py", "", "in no room"),
    ],
)
def test_an_import_across_a_wall_is_found(place: str, line: str, word: str) -> None:
    faults = _faults_of(ROOT / place, line)
    assert faults
    assert word in faults[0]


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("protocol/hub_protocol/framing.py", "import re, msgspec\nfrom hub_protocol._json import parse"),
        ("protocol/hub_protocol/types/_calls.py", "import pydantic"),
        ("protocol/hub_protocol/schemagen.py", "import pathlib, pydantic"),
        ("hub/_peer.py", "import os, anyio\nfrom hub import _process\nfrom hub_protocol import errors"),
        ("hub/cli/plugin.py", "import typer\nfrom hub import Hub\nfrom hub.cli._output import show"),
        ("plugins/system/main.py", "import psutil\nimport hub_sdk"),
        ("tests/hub/test_peer.py", "import hub._peer, hub_sdk, trio"),
    ],
)
def test_an_import_within_the_rules_is_left_alone(place: str, line: str) -> None:
    assert _faults_of(ROOT / place, line) == []


@pytest.mark.parametrize("package", ["hub_protocol", "hub_sdk"])
def test_what_a_module_imports_at_start_is_light(package: str) -> None:
    program = f"import sys, {package}; print(*[name for name in {_HEAVY} if name in sys.modules])"
    answer = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stdout.strip()) == (0, ""), answer.stderr


@pytest.mark.parametrize("folder", ["pyproject.toml", "protocol/pyproject.toml", "sdk/python/pyproject.toml"])
def test_the_linter_says_the_coarse_part_of_the_rules_while_one_types(folder: str) -> None:
    settings: dict[str, Any] = tomllib.loads((ROOT / folder).read_text())
    banned = settings["tool"]["ruff"]["lint"]["flake8-tidy-imports"]["banned-api"]
    assert set(banned) >= NEVER
    if folder.startswith("sdk"):
        assert "hub" in banned
    if folder.startswith("protocol"):
        assert {"os", "socket", "asyncio", "anyio", "threading", "time", "logging", "subprocess"} <= set(banned)


def test_each_room_exists_once() -> None:
    assert len({room.folder for room in ROOMS}) == len(ROOMS)
