"""Own versions and version requirements (`^1.2`, `~1.2.3`, `>=1.0,<2`, `1.2.*`, `*`, `1.2.3`); know nothing of modules.

Each requirement is an "and" of comparisons. A pre-release is allowed only where the requirement itself names a pre-release of
the same MAJOR.MINOR.PATCH: nobody gets 2.0.0-rc.1 by writing `>=1.5`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from hub._names import printable

if TYPE_CHECKING:
    from semver import Version

__all__ = ["BadVersion", "VersionRequirement", "parse_version"]

# A version or requirement longer than this is no version; it also keeps numbers below what int() refuses to read.
_MAX_CHARACTERS = 256

_COMPARISON: Final = re.compile(r"(\^|~|>=|<=|>|<|=|)\s*([0-9][^\s,]*|[*xX])", re.ASCII)
_SEPARATOR: Final = re.compile(r"\s*,\s*|\s+", re.ASCII)
_PARTIAL: Final = re.compile(r"(0|[1-9][0-9]*)(?:\.(0|[1-9][0-9]*|[*xX]))?(?:\.(0|[1-9][0-9]*|[*xX]))?", re.ASCII)
_STARS: Final = ("*", "x", "X")
_PARTS: Final = 3  # MAJOR.MINOR.PATCH
_EXAMPLES: Final = "write something like ^1.2 (compatible), ~1.2.3 (same minor), >=1.0,<2, 1.2.*, 1.2.3 (exactly) or *"

_Bound = tuple[str, "Version"]
_TESTS: Final[dict[str, Callable[[int], bool]]] = {
    "=": lambda order: order == 0,
    ">=": lambda order: order >= 0,
    ">": lambda order: order > 0,
    "<=": lambda order: order <= 0,
    "<": lambda order: order < 0,
}


class BadVersion(ValueError):
    """A text is neither a version nor a requirement; `hint` shows how to write it."""

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def parse_version(text: str) -> "Version":
    """Return a strict SemVer 2.0.0 version.

    Raises:
        BadVersion: it is none.
    """
    from semver import Version

    # isascii: the package's pattern takes the digits of every script.
    if len(text) > _MAX_CHARACTERS or not text.isascii() or not Version.is_valid(text):
        hint = "write MAJOR.MINOR.PATCH as in SemVer 2.0.0, such as 1.4.0 or 2.0.0-rc.1"
        raise BadVersion(f'"{printable(text, 60)}" is not a version', hint=hint)
    return Version.parse(text)


@dataclass(frozen=True, slots=True)
class VersionRequirement:
    """A requirement that a version satisfies or not. `bounds` are pairs of comparison and version, all of which must hold."""

    text: str
    bounds: tuple[_Bound, ...]

    @classmethod
    def parse(cls, text: str) -> "VersionRequirement":
        """Return the requirement that `text` says.

        Raises:
            BadVersion: it is not understood; the hint shows every form there is.
        """
        stripped = text.strip()
        if not stripped or len(stripped) > _MAX_CHARACTERS:
            raise _unreadable(text, "it is empty" if not stripped else f"it is longer than {_MAX_CHARACTERS} characters")
        bounds: list[_Bound] = []
        position = 0
        while position < len(stripped):
            found = _COMPARISON.match(stripped, position)
            if found is None:
                raise _unreadable(text, f'"{printable(stripped[position:], 40)}" is not a comparison with a version')
            bounds.extend(_bounds(text, found[1], found[2]))
            position = found.end()
            separator = _SEPARATOR.match(stripped, position)
            if separator is not None:
                position = separator.end()
                if position == len(stripped):
                    raise _unreadable(text, "nothing follows the last comma")
        return cls(stripped, tuple(bounds))

    def allows(self, version: "str | Version") -> bool:
        """Return whether `version` satisfies the requirement; build metadata does not count (SemVer 2.0.0, section 10).

        Raises:
            BadVersion: `version` is not a version.
        """
        found = parse_version(version) if isinstance(version, str) else version
        if found.prerelease is not None and not any(_names_prerelease_of(bound, found) for _, bound in self.bounds):
            return False
        return all(_TESTS[comparison](found.compare(bound)) for comparison, bound in self.bounds)

    def __str__(self) -> str:
        return self.text


def _names_prerelease_of(bound: "Version", version: "Version") -> bool:
    return bound.prerelease is not None and bound.to_tuple()[:3] == version.to_tuple()[:3]


def _unreadable(text: str, why: str, hint: str = _EXAMPLES) -> BadVersion:
    return BadVersion(f'"{printable(text, 60)}" is not a version requirement: {why}', hint=hint)


def _bounds(text: str, operator: str, written: str) -> list[_Bound]:
    """Return what one comparison says as plain bounds: `^1.2` is `>=1.2.0` and `<2.0.0`."""
    if written in _STARS:
        if operator:
            raise _unreadable(text, f'"{operator}" cannot stand before "*"')
        return []
    if "+" in written:
        build = printable(written.partition("+")[2], 40)
        raise _unreadable(text, f'build metadata ("+{build}") does not take part in comparing versions', "leave it out")
    partial = _PARTIAL.fullmatch(written)
    if partial is None:
        try:
            return _full_bounds(operator, parse_version(written))
        except BadVersion as error:
            raise _unreadable(text, str(error)) from error
    parts = [part for part in partial.groups() if part is not None]
    numbers = [int(part) for part in takewhile(lambda part: part not in _STARS, parts)]
    if any(part not in _STARS for part in parts[len(numbers) :]):
        raise _unreadable(text, f'a number follows the star in "{written}"')
    if not operator and len(parts) == len(numbers) < _PARTS:
        raise _unreadable(
            text,
            f"it does not say which versions that begin with {written} will do",
            f"write ^{written} (compatible), {written}.* (any that begins so) or ={_next(numbers, None)} (exactly)",
        )
    return _partial_bounds(operator, numbers) if len(numbers) < _PARTS else _full_bounds(operator, _next(numbers, None))


def _full_bounds(operator: str, version: "Version") -> list[_Bound]:
    if operator == "~":
        return [(">=", version), ("<", version.bump_minor())]
    if operator == "^":
        parts = [version.major, version.minor, version.patch]
        significant = next((index for index, number in enumerate(parts) if number), 2)
        return [(">=", version), ("<", _next(parts, significant))]
    return [(operator or "=", version)]


def _partial_bounds(operator: str, numbers: list[int]) -> list[_Bound]:
    """Return the bounds for `1` or `1.2` (or `1.2.*`) behind an operator; without one it means all that begin so."""
    lowest = _next(numbers, None)
    beyond = _next(numbers, len(numbers) - 1)
    if operator == "^":
        significant = next((index for index, number in enumerate(numbers) if number), len(numbers) - 1)
        return [(">=", lowest), ("<", _next(numbers, significant))]
    one_sided: dict[str, _Bound] = {">=": (">=", lowest), "<": ("<", lowest), ">": (">=", beyond), "<=": ("<", beyond)}
    if operator in one_sided:
        return [one_sided[operator]]
    return [(">=", lowest), ("<", beyond)]


def _next(numbers: list[int], index: int | None) -> "Version":
    """Return the version `numbers` padded with zeros, with the number at `index` one higher and those behind it zero."""
    from semver import Version

    kept = list(numbers) if index is None else [*numbers[:index], numbers[index] + 1]
    return Version(*[*kept, 0, 0, 0][:3])
