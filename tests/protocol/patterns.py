"""Own the placeholders of the session vectors, as their README defines them; must not know what a session is."""

from collections.abc import Callable
from typing import Any, Final, cast

from tests.protocol.vectors import equal

__all__ = ["Bindings", "fill", "fits"]

# Names that a session has given to values: `$bind` writes, `$bound` reads.
Bindings = dict[str, Any]

# Stands for a member that is not there.
_ABSENT: Final = object()

_TYPES: Final[dict[str, Callable[[object], bool]]] = {
    "$any": lambda value: value is not _ABSENT,
    "$string": lambda value: isinstance(value, str),
    "$integer": lambda value: type(value) is int,
    "$number": lambda value: type(value) in (int, float),
    "$boolean": lambda value: isinstance(value, bool),
    "$array": lambda value: isinstance(value, list),
    "$object": lambda value: isinstance(value, dict),
    "$absent": lambda value: value is _ABSENT,
}


def fits(pattern: Any, value: Any, bound: Bindings) -> bool:
    """Return whether `value` fits `pattern`; what `$bind` names is put into `bound`."""
    if isinstance(pattern, list):
        patterns = cast("list[Any]", pattern)
        if not isinstance(value, list) or len(cast("list[Any]", value)) != len(patterns):
            return False
        return all(fits(*pair, bound) for pair in zip(patterns, cast("list[Any]", value), strict=True))
    if not isinstance(pattern, dict):
        return value is not _ABSENT and equal(pattern, value)
    members = cast("dict[str, Any]", pattern)
    name = next(iter(members), "")
    if name.startswith("$"):
        return _fits_placeholder(name, members[name], value, bound)
    if not isinstance(value, dict):
        return False
    return all(fits(inner, cast("dict[str, Any]", value).get(member, _ABSENT), bound) for member, inner in members.items())


def _fits_placeholder(name: str, argument: Any, value: Any, bound: Bindings) -> bool:
    match name:
        case "$one_of":
            return any(fits(pattern, value, bound) for pattern in argument)
        case "$contains":
            return isinstance(value, list) and all(
                any(fits(one, item, bound) for item in cast("list[Any]", value)) for one in argument
            )
        case "$without":
            return isinstance(value, str) and argument not in value
        case "$equals" | "$bound":
            return equal(bound[argument] if name == "$bound" else argument, value)
        case "$bind":
            bound[argument] = value
            return type(value) in (int, str)
        case _:
            return _TYPES[name](value)


def fill(template: Any, bound: Bindings) -> Any:
    """Return `template` with each `$bound` replaced by the value of that name."""
    if isinstance(template, list):
        return [fill(item, bound) for item in cast("list[Any]", template)]
    if not isinstance(template, dict):
        return template
    members = cast("dict[str, Any]", template)
    if list(members) == ["$bound"]:
        return bound[members["$bound"]]
    return {name: fill(member, bound) for name, member in members.items()}
