"""Own checked access to tables of TOML and the wording of what is wrong in plugin.toml; know nothing of what the keys mean."""

import math
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from hub._names import did_you_mean, printable
from hub.errors import BadManifest, HubError

__all__ = ["FILE_NAME", "Source", "Table", "line_of"]

FILE_NAME: Final = "plugin.toml"

# Deeper than any setting a person writes, and far from the depth at which recursion ends.
_MAX_DEPTH = 16
# Integers that every JSON implementation keeps exact.
_MAX_INTEGER = 2**53 - 1

_KEY: Final = r"""(?:"[^"\n]*"|'[^'\n]*'|[A-Za-z0-9_-]+)"""
_DOTTED: Final = rf"{_KEY}(?:\s*\.\s*{_KEY})*"
_HEADER: Final = re.compile(rf"\s*\[\[?\s*({_DOTTED})\s*\]")
_ASSIGNMENT: Final = re.compile(rf"\s*({_DOTTED})\s*=")


def line_of(text: str, path: tuple[str, ...]) -> int | None:
    """Return the line (from 1) on which the key `path` is written, or its nearest table that can be found, or None.

    It only serves messages, hence the simple reading: tomllib has already judged the syntax and keeps no positions.
    """
    best: tuple[int, int] | None = None
    table: tuple[str, ...] = ()
    inside: str | None = None
    for number, line in enumerate(text.split("\n"), start=1):
        quotes = [mark for mark in ('"""', "'''") if line.count(mark) % 2]
        if inside is not None:
            inside = None if inside in quotes else inside
            continue
        if header := _HEADER.match(line):
            table = _parts(header[1])
            found = table
        elif assignment := _ASSIGNMENT.match(line):
            found = table + _parts(assignment[1])
        else:
            continue
        if path[: len(found)] == found and (best is None or len(found) > best[0]):
            best = (len(found), number)
        inside = quotes[0] if quotes else None
    return None if best is None else best[1]


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in re.findall(_KEY, dotted))


@dataclass(frozen=True, slots=True)
class Source:
    """The manifest of one plugin as it stands on disk, for messages."""

    plugin: str
    text: str

    def error(self, why: str, hint: str, *, path: tuple[str, ...] = (), line: int | None = None) -> HubError:
        """Return the error for the key `path` (or the given line) of this file."""
        where = line_of(self.text, path) if line is None and path else line
        place = FILE_NAME if where is None else f"{FILE_NAME} line {where}"
        data: dict[str, Any] = {"plugin": self.plugin, "file": FILE_NAME}
        if where is not None:
            data["line"] = where
        if path:
            data["key"] = ".".join(path)
        return BadManifest(f"cannot read plugin {printable(self.plugin)}: {place}: {why}", hint=hint, data=data)


class Table:
    """One table: each method returns a value of its type, None where the key is not given, or raises its source's error."""

    def __init__(self, source: Source, values: Mapping[str, Any], path: tuple[str, ...] = ()) -> None:
        self.source = source
        self.values = values
        self.path = path

    def error(self, key: str, why: str, hint: str) -> HubError:
        """Return the error that says what is wrong with `key`."""
        path = (*self.path, key)
        return self.source.error(f"{printable('.'.join(path), 80)} {why}", hint, path=path)

    def refuse_unknown(self, known: Collection[str]) -> None:
        """Refuse every key that is not known: a misspelt limit must not be silently without effect."""
        for key in self.values:
            if key not in known:
                where = f"[{'.'.join(self.path)}]" if self.path else "a manifest"
                guess = did_you_mean(key, known)
                listed = f"{where} may have {', '.join(sorted(known))}"
                raise self.error(key, "is not a known key", f"{guess} ({listed})" if guess else listed)

    def text(self, key: str) -> str | None:
        """Return a string."""
        return self._typed(key, str, "a string", f'{key} = "..."')

    def flag(self, key: str, default: bool) -> bool:  # noqa: FBT001 - a value, not a switch
        """Return true or false."""
        found = self._typed(key, bool, "true or false", f"{key} = {str(default).lower()}")
        return default if found is None else found

    def number(self, key: str, lowest: float, highest: float) -> float | None:
        """Return an integer or float from `lowest` to `highest`."""
        return self._bounded(key, (int, float), "a number", lowest, highest)

    def integer(self, key: str, lowest: int, highest: int) -> int | None:
        """Return an integer from `lowest` to `highest`."""
        return self._bounded(key, int, "an integer", lowest, highest)

    def choice(self, key: str, choices: tuple[str, ...]) -> str:
        """Return one of `choices`, by default the first."""
        found = self.text(key)
        if found is None:
            return choices[0]
        if found not in choices:
            listed = " or ".join(f'"{choice}"' for choice in choices)
            hint = did_you_mean(found, choices) or f'{key} = "{choices[0]}"'
            raise self.error(key, f'is "{printable(found, 40)}"; it must be {listed}', hint)
        return found

    def texts(self, key: str, maximum: int) -> tuple[str, ...]:
        """Return a list of at most `maximum` different, non-empty, printable strings."""
        found: list[Any] = self._typed(key, list, "a list of strings", f'{key} = ["..."]') or []
        if len(found) > maximum:
            raise self.error(key, f"has {len(found)} entries", f"give at most {maximum}")
        for entry in found:
            if not isinstance(entry, str) or not entry or not entry.isprintable():
                shown = printable(repr(entry), 60)
                raise self.error(key, f"has an entry that is not a visible string: {shown}", f'{key} = ["..."]')
            if found.count(entry) > 1:
                raise self.error(key, f'names "{printable(entry, 60)}" twice', "name each once")
        return tuple(found)

    def words(self, key: str, maximum: int) -> tuple[str, ...]:
        """Return a command: a string split as a POSIX shell would (but nothing is expanded), or a list of words."""
        found: Any = self.values.get(key)
        if isinstance(found, str):
            import shlex

            try:
                found = shlex.split(found) if any(mark in found for mark in "\"'\\") else found.split()
            except ValueError as error:
                hint = f'write it as a list: {key} = ["./run", "an argument"]'
                raise self.error(key, f"is not a command: {error}", hint) from error
        example = f'{key} = "./run --fast" or {key} = ["./run", "--fast"]'
        if not isinstance(found, list):
            raise self.error(key, "must be a string or a list of strings", example)
        words = cast("list[Any]", found)
        if not words or not all(isinstance(word, str) and "\0" not in word for word in words) or not words[0]:
            raise self.error(key, "must be a program and its arguments, all strings, without NUL", example)
        if len(words) > maximum:
            raise self.error(key, f"has {len(words)} words", f"give at most {maximum}")
        return tuple(words)

    def table(self, key: str) -> "Table":
        """Return a table, empty where it is not given."""
        path = (*self.path, key)
        return Table(self.source, self._typed(key, dict, "a table", f"[{'.'.join(path)}]") or {}, path)

    def texts_by_name(self, key: str, maximum: int, check: Callable[["Table", str, str], None]) -> dict[str, str]:
        """Return a table of at most `maximum` strings; `check` gets the table, each name and its string, and raises."""
        table = self.table(key)
        if len(table.values) > maximum:
            raise self.error(key, f"has {len(table.values)} entries", f"give at most {maximum}")
        for name, value in table.values.items():
            if not isinstance(value, str):
                raise table.error(name, "must be a string", f'{name} = "..."')
            check(table, name, value)
        return dict(table.values)

    def json(self, key: str) -> dict[str, Any]:
        """Return a table of which every value is a JSON value."""
        table = self.table(key)
        pending: list[tuple[tuple[str, ...], Any]] = [((*table.path, name), value) for name, value in table.values.items()]
        while pending:
            path, value = pending.pop()
            if len(path) > _MAX_DEPTH:
                raise self.error(key, f"is nested more than {_MAX_DEPTH} deep", "make it flatter")
            if isinstance(value, dict):
                inner = cast("dict[str, Any]", value)
                pending.extend(((*path, name), item) for name, item in inner.items())
            elif isinstance(value, list):
                items = cast("list[Any]", value)
                pending.extend(((*path, str(index)), item) for index, item in enumerate(items))
            elif (why := _not_json(value)) is not None:
                raise self.source.error(f"{printable('.'.join(path), 80)} {why}", "write it as a string", path=path)
        return dict(table.values)

    def _bounded(self, key: str, kind: Any, name: str, lowest: float, highest: float) -> Any:
        found: Any = self._typed(key, kind, name, f"{key} = {lowest}")
        if found is not None and not lowest <= found <= highest:
            nearest = highest if found > highest else lowest
            raise self.error(key, f"is {found}; it must be from {lowest} to {highest}", f"{key} = {nearest}")
        return found

    def _typed(self, key: str, kind: Any, name: str, example: str) -> Any:
        found = self.values.get(key)
        if found is None or (isinstance(found, kind) and (kind is bool or not isinstance(found, bool))):
            return found
        raise self.error(key, f"must be {name}", f"write {example}")


def _not_json(value: object) -> str | None:
    if isinstance(value, bool | str):
        return None
    if isinstance(value, int):
        return None if abs(value) <= _MAX_INTEGER else "is an integer that not every language keeps exact"
    if isinstance(value, float):
        return None if math.isfinite(value) else "is not a finite number"
    return "is a date or time, which JSON does not have"
