"""Own whether checking a value against a schema can take a number of steps that grows by powers; pure, know no validator.

A schema of two kilobytes whose every definition refers twice to the next one makes a validator do 2^30 checks of one value, and
one that refers to itself twice at one place does so with a value that nests thirty deep. Both are found by looking at which
references can meet at the same place of a value.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple, cast
from urllib.parse import unquote

__all__ = ["Misfit", "cannot_be_bounded", "grows_by_powers"]

# The ways in which a large honest description of a service refers from one definition to the next stay far below this.
_MAX_WAYS: Final = 10_000
# Where definitions lie that nothing applies to a value by itself.
_SHELVES: Final = frozenset({"$defs", "definitions"})
# Values, not schemas: what looks like a reference in there is none.
_VALUES: Final = frozenset({"const", "enum", "default", "examples"})
# What is beneath these is applied to a member of an object, or to an element of an array, instead of to the value itself.
_OF_OBJECTS: Final = frozenset({"patternProperties", "additionalProperties", "unevaluatedProperties", "propertyNames"})
_OF_ARRAYS: Final = frozenset({"items", "prefixItems", "contains", "unevaluatedItems", "additionalItems"})
# Where the target of a reference, or what was looked at before, depends on more than the schema and the value.
_UNBOUNDED: Final = frozenset({"$dynamicRef", "$recursiveRef", "unevaluatedProperties", "unevaluatedItems"})

# A step down into the value: the name of a member, or which kind of member.
_Step = str
_ANY_MEMBER: Final[_Step] = "{}"
_ELEMENT: Final[_Step] = "[]"
_Reference = tuple[str, tuple[_Step, ...]]  # its target, and the steps down to where it is applied


class Misfit(NamedTuple):
    """A place that does not fit, in the form of the compiled validators' errors."""

    instance_path: list[str | int]
    message: str


def grows_by_powers(schema: Any) -> bool:
    """Return whether a value may be checked more than some thousand times at one place; True where that is not certain."""
    graph = _graph(schema)
    if graph is None:
        return True
    circles = _circles(graph)
    for target, references in graph.items():
        inner = [steps for other, steps in references if circles[other] == circles[target]]
        if any(_can_meet(one, other) for at, one in enumerate(inner) for other in inner[:at]):
            return True
    return _ways(graph, circles) > _MAX_WAYS


def cannot_be_bounded(schema: Any) -> bool:
    """Return whether a schema that grows by powers has keywords with which remembering what was checked is not enough."""
    return _graph(schema) is None or any(keyword in _UNBOUNDED for part in _parts(schema) for keyword in part)


def _parts(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield every object in a schema, without recursion: it may nest as deep as a frame."""
    left: list[Any] = [schema]
    while left:
        part = left.pop()
        if isinstance(part, dict):
            found = cast("dict[str, Any]", part)
            yield found
            left += [value for keyword, value in found.items() if keyword not in _VALUES]
        elif isinstance(part, list):
            left += cast("list[Any]", part)


def _graph(schema: Any) -> dict[str, list[_Reference]] | None:
    """Return, for the whole ("#") and each target of a reference, the references in it; None where a target is not plain."""
    parts = list(_parts(schema))
    if any("$id" in part for part in parts):
        return None
    anchors = {f"#{part[name]}": part for part in parts for name in ("$anchor", "$dynamicAnchor") if name in part}
    graph: dict[str, list[_Reference]] = {}
    left = ["#"]
    while left:
        target = left.pop()
        if target in graph:
            continue
        found = anchors.get(target, _NOTHING)
        if found is _NOTHING and (found := _pointed_to(schema, target)) is _NOTHING:
            return None
        graph[target] = list(_references(found))
        left += [other for other, _ in graph[target]]
    return graph


_NOTHING: Final = object()


def _pointed_to(schema: Any, target: str) -> Any:
    """Return what the JSON pointer in a URI fragment points to (RFC 6901, section 6)."""
    found = schema
    if target == "#":
        return found
    if not target.startswith("#/"):
        return _NOTHING
    for step in unquote(target[2:]).split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict):
            found = cast("dict[str, Any]", found).get(name, _NOTHING)
        elif isinstance(found, list) and name.isdecimal() and int(name) < len(cast("list[Any]", found)):
            found = cast("list[Any]", found)[int(name)]
        else:
            return _NOTHING
    return found


def _references(schema: Any) -> Iterator[_Reference]:
    left: list[tuple[Any, tuple[_Step, ...]]] = [(schema, ())]
    while left:
        part, steps = left.pop()
        if isinstance(part, list):
            left += [(each, steps) for each in cast("list[Any]", part)]
            continue
        if not isinstance(part, dict):
            continue
        for keyword, value in cast("dict[str, Any]", part).items():
            if keyword in ("$ref", "$dynamicRef", "$recursiveRef") and isinstance(value, str):
                yield value, steps
            elif keyword == "properties" and isinstance(value, dict):
                left += [(each, (*steps, f".{name}")) for name, each in cast("dict[str, Any]", value).items()]
            elif keyword in _OF_OBJECTS:
                left.append((value, (*steps, _ANY_MEMBER)))
            elif keyword in _OF_ARRAYS:
                left.append((value, (*steps, _ELEMENT)))
            elif keyword not in _SHELVES and keyword not in _VALUES:
                left.append((value, steps))


def _can_meet(one: tuple[_Step, ...], other: tuple[_Step, ...]) -> bool:
    """Return whether two references can be applied to one and the same place: no step of theirs rules that out."""
    for a, b in zip(one, other, strict=False):
        both_named = a.startswith(".") and b.startswith(".")
        if (both_named and a != b) or (a == _ELEMENT) != (b == _ELEMENT):
            return False
    return True


def _circles(graph: Mapping[str, list[_Reference]]) -> dict[str, int]:  # noqa: C901 - one loop, as it is in every book
    """Return a number for each target; those that reach each other have the same (Tarjan's algorithm, without recursion)."""
    index: dict[str, int] = {}
    lowest: dict[str, int] = {}
    number: dict[str, int] = {}
    stack: list[str] = []
    for start in graph:
        work = [(start, iter(graph[start]))] if start not in index else []
        while work:
            target, references = work[-1]
            if target not in index:
                index[target] = lowest[target] = len(index)
                stack.append(target)
            for other, _ in references:
                if other not in index:
                    work.append((other, iter(graph[other])))
                    break
                if other not in number:
                    lowest[target] = min(lowest[target], index[other])
            else:
                work.pop()
                if work:
                    lowest[work[-1][0]] = min(lowest[work[-1][0]], lowest[target])
                if lowest[target] == index[target]:
                    while True:
                        member = stack.pop()
                        number[member] = index[target]
                        if member == target:
                            break
    return number


def _ways(graph: Mapping[str, list[_Reference]], circles: Mapping[str, int]) -> int:
    """Return the number of ways from the whole along references, each circle counted once; no more than is of interest."""
    members: dict[int, list[str]] = {}
    for target, circle in circles.items():
        members.setdefault(circle, []).append(target)
    ways: dict[int, int] = {}
    left = [circles["#"]]
    while left:
        circle = left[-1]
        onward = [circles[other] for target in members[circle] for other, _ in graph[target] if circles[other] != circle]
        unknown = [other for other in onward if other not in ways]
        if unknown:
            left += unknown
            continue
        left.pop()
        ways[circle] = min(1 + sum(ways[other] for other in onward), _MAX_WAYS + 1)
    return ways[circles["#"]]
