"""Own what the shell offers for completion: names from the plugins directories and from what modules said earlier.

No module is started and no plugin is read for it: a key must not run a program. Only names are offered, never a summary: some
shells evaluate what they are given, and summaries are text of plugins, whereas a name has letters, digits, `_` and `-` only.
"""

import json
import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import typer

if TYPE_CHECKING:
    from hub import ApprovalRequest, Paths

__all__ = ["complete_address", "complete_module", "remember"]

_FILE: Final = "completion.json"
# What is read while a person waits for a key; far more than all functions of all modules there are.
_MAX_BYTES: Final = 4 * 1024 * 1024
_MAX_ENTRIES: Final = 1_000
_MODULE: Final = re.compile(r"[a-z][a-z0-9_-]{0,63}", re.ASCII)
_FUNCTION: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}", re.ASCII)


def complete_module(context: typer.Context, incomplete: str) -> list[str]:
    """Return the names of modules that begin with `incomplete`."""
    return [name for name in _modules(_paths(context)) if name.startswith(incomplete)]


def complete_address(context: typer.Context, incomplete: str) -> list[str]:
    """Return the addresses of functions that begin with `incomplete`; only for the first word after `hub call`."""
    if context.args or any(context.params.get("words") or []):
        return []
    paths = _paths(context)
    known = _remembered(paths)
    found: list[str] = []
    for module in _modules(paths):
        # Of a module that nobody asked yet, at least the name can be offered.
        found += [f"{module}.{function}" for function in known[module]] if known.get(module) else [f"{module}."]
    return [address for address in found if address.startswith(incomplete)]


def _paths(context: typer.Context) -> "Paths":
    from hub import Paths

    given: list[str] = []
    node: Any = context
    while node is not None:
        given += node.params.get("plugins") or []
        node = node.parent
    return Paths.from_environment(os.environ, plugins=given)


def _modules(paths: "Paths") -> list[str]:
    found: set[str] = set()
    for directory in paths.plugins:
        with suppress(OSError), os.scandir(directory) as entries:
            for entry, _ in zip(entries, range(_MAX_ENTRIES), strict=False):
                name = Path(entry.name).stem
                is_plugin = os.path.lexists(f"{entry.path}/plugin.toml") or (entry.is_file() and os.access(entry.path, os.X_OK))
                if is_plugin and _MODULE.fullmatch(name):
                    found.add(name)
    return sorted(found)


def _remembered(paths: "Paths") -> Mapping[str, list[str]]:
    try:
        with (paths.state / _FILE).open("rb") as file:
            stored = json.loads(file.read(_MAX_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    modules = cast("dict[str, object]", stored) if isinstance(stored, dict) else {}
    return {name: _names(functions) for name, functions in modules.items() if _MODULE.fullmatch(name)}


def _names(stored: object) -> list[str]:
    functions = cast("list[object]", stored) if isinstance(stored, list) else []
    return [name for name in functions if isinstance(name, str) and _FUNCTION.fullmatch(name)]


def remember(paths: "Paths", requests: "Iterable[ApprovalRequest]") -> None:
    """Keep the names of functions for completion; where they cannot be kept, nothing is lost but completion."""
    before = _remembered(paths)
    known = {**before, **{request.introduction.name: list(request.introduction.functions) for request in requests}}
    if known != before:
        with suppress(OSError):
            _write(paths.state, known)


def _write(directory: Path, known: Mapping[str, Any]) -> None:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = directory / f".{_FILE}.{os.getpid()}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 - Path.open cannot be given a descriptor
        json.dump(known, file)
    temporary.replace(directory / _FILE)
