"""Own what is remembered of files already hashed; know nothing of how a tree's digest is made. It may be lost at any time."""

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from hub._private import make_private_directory, read_trusted, write_private
from hub.errors import BadSettings

__all__ = ["DigestCache", "Witness"]

_FORMAT = 1
# About 100 000 files, as many as a tree may have.
_MAX_CACHE_BYTES = 64 * 1024 * 1024
# More plugins than anybody has; what is dropped is only computed again.
_MAX_CACHED_TREES = 256


class Witness(NamedTuple):
    """What shows that a file is the same as before: `kind` is file, executable or link."""

    kind: str
    device: int
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int


class DigestCache:
    """One file a tree in a private directory. Nothing here can fail the hub: what cannot be read is forgotten."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def load(self, root: Path) -> dict[str, tuple[Witness, str]]:
        """Return the hash of each file of the tree `root`, with what it looked like when it was hashed."""
        try:
            stored = json.loads(read_trusted(self._file(root), _MAX_CACHE_BYTES))
            if stored["format"] != _FORMAT or stored["root"] != str(root):
                return {}
            return {path: _entry(values) for path, values in stored["files"].items()}
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return {}

    def save(self, root: Path, files: Mapping[str, tuple[Witness, str]], loaded: Mapping[str, tuple[Witness, str]]) -> None:
        """Remember `files`, unless that is what was `loaded`."""
        if files == loaded:
            return
        entries = {path: [*witness, value] for path, (witness, value) in files.items()}
        with suppress(OSError, BadSettings):
            make_private_directory(self._directory)
            content = json.dumps({"format": _FORMAT, "root": str(root), "files": entries}, separators=(",", ":"))
            write_private(self._file(root), content.encode())
            self._prune()

    def _prune(self) -> None:
        trees = sorted(self._directory.glob("*.json"), key=lambda file: file.stat().st_mtime_ns)
        for file in trees[: max(0, len(trees) - _MAX_CACHED_TREES)]:
            file.unlink(missing_ok=True)

    def _file(self, root: Path) -> Path:
        return self._directory / f"{hashlib.sha256(os.fsencode(root)).hexdigest()[:32]}.json"


def _entry(values: list[Any]) -> tuple[Witness, str]:
    kind, *numbers, value = values
    if not isinstance(kind, str) or not isinstance(value, str) or not all(isinstance(number, int) for number in numbers):
        raise TypeError
    return Witness(kind, *numbers), value
