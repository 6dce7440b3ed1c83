"""Own what the shell offers for completion: names from the plugins directories and from what modules said earlier.

No module is started and no plugin is read for it: a key must not run a program. Only names are offered, never a summary: some
shells evaluate what they are given, and summaries are text of plugins, whereas a name has letters, digits, `_` and `-` only.
"""

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
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
_ADDRESS: Final = re.compile(r"(?:[a-z][a-z0-9_-]{0,63}\.){2,4}[A-Za-z][A-Za-z0-9_-]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Known:
    """What a module said when it was asked last: where its plugin was, its functions, the addresses of interfaces it serves."""

    path: str
    functions: list[str]
    addresses: list[str]


def complete_module(context: typer.Context, incomplete: str) -> list[str]:
    """Return the names of modules that begin with `incomplete`."""
    return [name for name in sorted(_modules(_paths(context))) if name.startswith(incomplete)]


def complete_address(context: typer.Context, incomplete: str) -> list[str]:
    """Return the addresses of functions that begin with `incomplete`; only for the first word after `hub call`."""
    if context.params.get("words"):
        return []
    found: list[str] = []
    shared: set[str] = set()
    for module, known in sorted(_modules(_paths(context)).items()):
        # Of a module that nobody asked yet, at least the name can be offered.
        found += [f"{module}.{function}" for function in known.functions] or [f"{module}."]
        shared.update(known.addresses)
    found += sorted(shared)
    return [address for address in found if address.startswith(incomplete)]


def _paths(context: typer.Context) -> "Paths":
    from hub import Paths

    given: list[str] = []
    node: Any = context
    while node is not None:
        given += node.params.get("plugins") or []
        node = node.parent
    return Paths.from_environment(os.environ, plugins=given)


def _modules(paths: "Paths") -> dict[str, _Known]:
    """Return what is known of each module in the plugins directories; nothing of one that nobody asked yet."""
    places = {place for directory in paths.plugins for place in _plugins_in(directory)}
    found: dict[str, _Known] = {}
    for name, known in _remembered(paths).items():
        if known.path in places:
            places.remove(known.path)
            found[name] = known
    for place in places:
        if _MODULE.fullmatch(name := Path(place).stem):
            found.setdefault(name, _Known(place, [], []))
    return found


def _plugins_in(directory: Path) -> Iterator[str]:
    with suppress(OSError), os.scandir(directory) as entries:
        for entry, _ in zip(entries, range(_MAX_ENTRIES), strict=False):
            if os.path.lexists(f"{entry.path}/plugin.toml") or (entry.is_file() and os.access(entry.path, os.X_OK)):
                yield entry.path


def _remembered(paths: "Paths") -> dict[str, _Known]:
    try:
        with (paths.state / _FILE).open("rb") as file:
            stored = json.loads(file.read(_MAX_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    modules = cast("dict[str, object]", stored) if isinstance(stored, dict) else {}
    read = {name: _known(module) for name, module in modules.items() if _MODULE.fullmatch(name)}
    return {name: known for name, known in read.items() if known is not None}


def _known(stored: object) -> _Known | None:
    module = cast("dict[str, object]", stored) if isinstance(stored, dict) else {}
    path, functions = module.get("path"), _names(module.get("functions"), _FUNCTION)
    if not isinstance(path, str) or functions is None:
        return None
    return _Known(path, functions, _names(module.get("addresses"), _ADDRESS) or [])


def _names(stored: object, pattern: "re.Pattern[str]") -> list[str] | None:
    if not isinstance(stored, list):
        return None
    return [name for name in cast("list[object]", stored) if isinstance(name, str) and pattern.fullmatch(name)]


def remember(paths: "Paths", requests: "Iterable[ApprovalRequest]") -> None:
    """Keep the names of functions for completion; where they cannot be kept, nothing is lost but completion."""
    before = _remembered(paths)
    said = {request.introduction.name: _said(request) for request in requests}
    known = {**before, **said}
    if known != before:
        with suppress(OSError):
            _write(paths.state, {name: asdict(module) for name, module in known.items() if os.path.lexists(module.path)})


def _said(request: "ApprovalRequest") -> _Known:
    found = request.introduction
    addresses = [f"{claim.name}.{function}" for claim in found.claims for function in claim.functions]
    return _Known(str(request.plugin.path), list(found.functions), addresses)


def _write(directory: Path, known: Mapping[str, Any]) -> None:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = directory / f".{_FILE}.{os.getpid()}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 - Path.open cannot be given a descriptor
        json.dump(known, file)
    temporary.replace(directory / _FILE)
