"""Own directories with many plugins that differ only in their names, in each language; know nothing of hubs or figures."""

import json
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.benchmarks.build import BUILD, MODULES, PLUGINS
from tests.house.tree import ROOT

__all__ = ["LANGUAGES", "Language", "names_of", "write_fleet"]


@dataclass(frozen=True, slots=True)
class Language:
    """How a module of the fleet runs: its command up to its name, its files in the plugin, the step that builds them."""

    step: str
    command: tuple[str, ...]
    files: tuple[tuple[Path, str], ...]


LANGUAGES: Final = {
    "C": Language("c", ("./module",), ((PLUGINS / "echo-c" / "echo-c", "module"),)),
    "Go": Language("module-go", ("./module",), ((BUILD / "module-go", "module"),)),
    "Rust": Language("module-rust", ("./module",), ((BUILD / "module-rust", "module"),)),
    "Node": Language(
        "echo-node",
        ("node", "--import", "hub-sdk/preload", "./module.js"),
        (
            (MODULES / "node" / "module.js", "module.js"),
            (ROOT / "plugins" / "echo-node" / "package.json", "package.json"),
            (ROOT / "plugins" / "echo-node" / "node_modules", "node_modules"),
        ),
    ),
    "Python": Language(
        "module-python", (sys.executable, "-m", "hub_sdk", "./module.py"), ((MODULES / "python" / "module.py", "module.py"),)
    ),
}


def names_of(count: int) -> list[str]:
    """Return the names of the modules of a fleet."""
    return [f"m{number:03}" for number in range(count)]


def write_fleet(directory: Path, language: str, count: int, *arguments: str) -> dict[str, list[str]]:
    """Write so many plugins, and return the command of each by its name, to be run in its directory.

    `arguments` come after the name. Files are links to one and the same: 200 copies of a program would fill a disk.
    """
    kind = LANGUAGES[language]
    commands: dict[str, list[str]] = {}
    for name in names_of(count):
        plugin = directory / name
        plugin.mkdir(parents=True)
        for source, target in kind.files:
            if source.is_dir():
                shutil.copytree(source, plugin / target, symlinks=True, copy_function=os.link)
            else:
                os.link(source, plugin / target)
        commands[name] = [*kind.command, name, *arguments]
        # An array of JSON strings is one of TOML too.
        (plugin / "plugin.toml").write_text(f"command = {json.dumps(commands[name])}\n")
    return commands
