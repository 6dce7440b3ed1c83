"""Own the table of who may import whom; know nothing of how imports are found.

    schemas (data)  <-  hub_protocol  <-  hub  <-  hub.cli, hub.conformance
                                      <-  hub_sdk  <-  plugins

A new line here is the largest kind of change: it joins two rooms for good. ruff's banned-api in the three pyproject.toml says
the coarse part of this while one types; this table is the whole.
"""

import sys
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from tests.house.tree import ROOT, shown

__all__ = ["FIRST_PARTY", "NEVER", "ROOMS", "Room", "barred_in_core", "dependencies_of", "room_of"]

FIRST_PARTY: Final = frozenset({"hub", "hub_protocol", "hub_sdk", "tests"})

# Folders, not packages; an editable install of the flat root makes them importable, and a wheel does not.
NEVER: Final = frozenset({"plugins", "protocol", "schemas", "sdk"})

_PYPROJECT: Final = {"hub": "pyproject.toml", "hub_protocol": "protocol/pyproject.toml", "hub_sdk": "sdk/python/pyproject.toml"}

# What pydantic brings and re-exports in part; its own documentation imports them by these names.
_OF_PYDANTIC: Final = frozenset({"pydantic_core", "annotated_types", "typing_extensions"})


@dataclass(frozen=True, slots=True)
class Room:
    """Some files and what they may import beside the standard library: `None` stands for anything."""

    folder: str
    packages: frozenset[str]
    libraries: frozenset[str] | None = frozenset()
    pure: bool = False
    private_of: frozenset[str] = frozenset()
    """The packages whose underscored modules these files may import."""


@cache
def dependencies_of(package: str, extra: str = "") -> frozenset[str]:
    """Return the import names of what the distribution of `package` declares as its dependencies."""
    project: dict[str, Any] = tomllib.loads((ROOT / _PYPROJECT[package]).read_text())["project"]
    declared: list[str] = project["optional-dependencies"][extra] if extra else project["dependencies"]
    names = {line.split(">")[0].split("[")[0].replace("-", "_") for line in declared}
    return frozenset(names | (_OF_PYDANTIC if "pydantic" in names else frozenset())) - FIRST_PARTY


_FACES = frozenset({"typer", "rich", "click"})
_HUB = dependencies_of("hub") - _FACES
_MODELS = dependencies_of("hub_protocol") | dependencies_of("hub_protocol", "models")

# The longest folder that holds a file decides, so a line further in overrules one further out.
ROOMS: Final = (
    # Pure: bytes and values in, bytes and events out. A module pays for each import at each start.
    Room(
        "protocol/hub_protocol", frozenset({"hub_protocol"}), dependencies_of("hub_protocol"), True, frozenset({"hub_protocol"})
    ),
    # The pydantic models, loaded by who asks for them.
    Room("protocol/hub_protocol/types", frozenset({"hub_protocol"}), _MODELS, True, frozenset({"hub_protocol"})),
    # The developer's tool that writes schemas/ from the models, in two files: the files of schemas/ are its subject.
    Room("protocol/hub_protocol/schemagen.py", frozenset({"hub_protocol"}), _MODELS, private_of=frozenset({"hub_protocol"})),
    Room("protocol/hub_protocol/_bundle.py", frozenset({"hub_protocol"}), _MODELS, True, frozenset({"hub_protocol"})),
    # The host.
    Room("hub", frozenset({"hub", "hub_protocol"}), _HUB, private_of=frozenset({"hub"})),
    # The conformance runner: like the host, and hypothesis, an extra that it does without where it is not installed.
    Room(
        "hub/conformance",
        frozenset({"hub", "hub_protocol"}),
        _HUB | dependencies_of("hub", "test"),
        private_of=frozenset({"hub"}),
    ),
    # The only place that prints, and it sees of the host what everybody sees.
    Room("hub/cli", frozenset({"hub", "hub_protocol"}), _HUB | _FACES, private_of=frozenset({"hub.cli"})),
    # What a plugin author installs: what hub-protocol brings may be used, because both are released in step.
    Room(
        "sdk/python/hub_sdk",
        frozenset({"hub_sdk", "hub_protocol"}),
        dependencies_of("hub_protocol"),
        private_of=frozenset({"hub_sdk"}),
    ),
    Room("sdk/python", frozenset({"hub_sdk", "hub_protocol"}), None),
    # Projects of their own, with dependencies of their own.
    Room("plugins", frozenset({"hub_sdk", "hub_protocol"}), None),
    # No plugin, but the tour of the hub that runs them.
    Room("plugins/demo.py", frozenset({"hub", "hub_sdk", "hub_protocol"}), _HUB),
    Room("tests", FIRST_PARTY, None, private_of=FIRST_PARTY),
)

_OF_THE_WORLD: Final = frozenset(
    {
        *("datetime", "sched", "time", "zoneinfo"),
        *("random", "secrets", "uuid"),
        *("_thread", "asyncio", "concurrent", "multiprocessing", "queue", "threading"),
        *(
            "ftplib",
            "http",
            "imaplib",
            "select",
            "selectors",
            "smtplib",
            "socket",
            "socketserver",
            "ssl",
            "urllib",
            "webbrowser",
            "xmlrpc",
        ),
        *("fileinput", "glob", "io", "mmap", "os", "pathlib", "pickle", "shelve", "shutil", "sqlite3", "tempfile", "zipfile"),
        *(
            "atexit",
            "ctypes",
            "curses",
            "faulthandler",
            "fcntl",
            "gc",
            "getpass",
            "locale",
            "platform",
            "pty",
            "pwd",
            "readline",
        ),
        *("resource", "runpy", "signal", "subprocess", "sys", "syslog", "termios", "traceback", "tty", "venv"),
        *("logging", "warnings"),
    }
)


def barred_in_core(module: str) -> bool:
    """Return whether `module`, of the standard library, has a clock, chance, threads, I/O or surroundings to offer."""
    assert module in sys.stdlib_module_names, module
    return module in _OF_THE_WORLD


def room_of(path: Path) -> Room | None:
    """Return the room that `path` is in."""
    name = shown(path)
    holding = [room for room in ROOMS if name == room.folder or name.startswith(f"{room.folder}/")]
    return max(holding, key=lambda room: len(room.folder), default=None)
