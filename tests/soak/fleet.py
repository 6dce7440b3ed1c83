"""Own the twenty modules of a soak: where they are, in which languages, what each keeps; know nothing of faults or calls."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["MODULES", "Fleet", "Member"]

MODULES: Final = 20

_HERE: Final = Path(__file__).parents[1] / "badplugins" / "soak"
# Small enough that a module which grows by 10 MB a call gets there; more than the largest runtime needs for itself.
_MEMORY_BYTES: Final = 150_000_000
_BUILD_SECONDS: Final = 60


@dataclass(frozen=True)
class Member:
    """One module: where its plugin is, where it writes what it executes, and the file that keeps it from starting."""

    name: str
    language: str
    plugin: Path
    ledger: Path
    broken: Path

    def executed(self) -> list[int]:
        """Return the numbers of the calls that it executed."""
        return [int(line) for line in self.ledger.read_text().split()] if self.ledger.exists() else []


class Fleet:
    """Twenty modules in every language that this machine can run, at least three."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.plugins = directory / "plugins"
        self.plugins.mkdir(parents=True)
        self.held = directory / "held"
        os.mkfifo(self.held)
        commands = self._commands()
        self.languages = list(commands)
        self.members = [self._write(number, *list(commands.items())[number % len(commands)]) for number in range(MODULES)]

    def _commands(self) -> dict[str, list[str]]:
        """Return how to run a module in each language; a compiled one is a file of each plugin."""
        python = [sys.executable]
        found = {
            "sh": ["./ledger.sh"],
            "python": [*python, "-S", "./ledger.py"],
            "python with the SDK": [*python, "./with_sdk.py"],
        }
        if node := shutil.which("node"):
            found["node"] = [node, "./ledger.mjs"]
        if shutil.which("go") and self._built_with_go():
            found["go"] = ["./ledger"]
        return found

    def _built_with_go(self) -> bool:
        build = self.directory / "go"
        build.mkdir()
        shutil.copy(_HERE / "ledger.go", build / "main.go")
        (build / "go.mod").write_text("module ledger\n\ngo 1.21\n")
        command = ["go", "build", "-o", "ledger", "."]
        built = subprocess.run(command, cwd=build, capture_output=True, timeout=_BUILD_SECONDS, check=False)
        return built.returncode == 0

    def _write(self, number: int, language: str, command: list[str]) -> Member:
        name = f"m{number:02}"
        plugin = self.plugins / name
        plugin.mkdir()
        ledger, broken = self.directory / f"{name}.ledger", self.directory / f"{name}.broken"
        match language:
            case "sh":
                shutil.copy(_HERE / "ledger.sh", plugin)
                (plugin / "ledger.sh").chmod(0o755)
            case "node":
                shutil.copy(_HERE / "ledger.js", plugin / "ledger.mjs")
            case "go":
                shutil.copy(self.directory / "go" / "ledger", plugin)
            case _:
                shutil.copy(_HERE / ("ledger.py" if language == "python" else "with_sdk.py"), plugin)
        words = [*command, name, str(ledger), str(self.held), str(broken)]
        if language == "python" and number % 2:
            words.append("--with-child")
        (plugin / "plugin.toml").write_text(f"command = {words!r}\n[limits]\nmemory_bytes = {_MEMORY_BYTES}\n")
        return Member(name, language, plugin, ledger, broken)
