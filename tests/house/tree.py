"""Own the list of files that the house checks look at; know nothing of any rule."""

import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

__all__ = ["ROOT", "SOURCE_SUFFIXES", "is_test", "python_files", "shown", "source_files", "text_files", "tracked_names"]

ROOT: Final = Path(__file__).resolve().parents[2]

SOURCE_SUFFIXES: Final = frozenset({".py", ".go", ".rs", ".ts", ".mts", ".js", ".mjs", ".cjs", ".sh"})

# What .gitignore would leave out, for a tree that was unpacked without git.
_MADE: Final = frozenset({".git", ".venv", "build", "dist", "node_modules", "target", "__pycache__"})


@cache
def _files() -> tuple[Path, ...]:
    if (ROOT / ".git").exists() and shutil.which("git"):
        command = ["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(command, capture_output=True, check=True).stdout.decode().split("\0")
        found = {ROOT / name for name in names if name}
    else:
        found = {path for path in ROOT.rglob("*") if _MADE.isdisjoint(path.relative_to(ROOT).parts)}
    return tuple(sorted(path for path in found if path.is_file() and not path.is_symlink()))


def source_files() -> list[Path]:
    """Return all files of code, in every language, that are tracked or not ignored."""
    return [path for path in _files() if path.suffix in SOURCE_SUFFIXES]


def tracked_names() -> list[str]:
    """Return the names of all files that are tracked or not ignored, from the root."""
    return [shown(path) for path in _files()]


def python_files(*rooms: str) -> list[Path]:
    """Return the Python files below the folders `rooms`, given relative to the root."""
    return [path for path in _files() if path.suffix == ".py" and any(path.is_relative_to(ROOT / room) for room in rooms)]


def text_files() -> Iterator[tuple[Path, str]]:
    """Return each file that is text, with its text."""
    for path in _files():
        try:
            yield path, path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def is_test(path: Path) -> bool:
    """Return whether `path` holds tests or what only tests use, in any language."""
    parts = path.relative_to(ROOT).parts
    return (
        bool({"tests", "test", "__tests__"} & set(parts))
        or path.stem.endswith(("_test", ".test"))
        or path.stem.startswith("test_")
    )


def shown(path: Path) -> str:
    """Return `path` as a person would write it from the root."""
    return path.relative_to(ROOT).as_posix()
