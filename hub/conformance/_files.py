"""Own what a directory looks like from outside, to notice a change; know nothing of what is in the files."""

import os
from pathlib import Path
from typing import Final

__all__ = ["fingerprint"]

# What runtimes, tools and version control write beside a program although its author did nothing.
_OF_RUNTIMES: Final = frozenset({"__pycache__", ".git", "node_modules", "target", ".venv"})
_MOST_FILES: Final = 20_000


def fingerprint(directory: Path) -> dict[str, tuple[int, int]]:
    """Return size and time of change of each file below `directory`, of the first many where there are too many."""
    found: dict[str, tuple[int, int]] = {}
    for place, folders, names in os.walk(directory):
        folders[:] = [name for name in folders if name not in _OF_RUNTIMES]
        for name in names:
            path = Path(place, name)
            if len(found) >= _MOST_FILES:
                return found
            try:
                status = path.lstat()
            except OSError:
                continue
            found[str(path.relative_to(directory))] = (status.st_size, status.st_mtime_ns)
    return found
