"""Own random schemas, pairs of them that are nearly the same, and the values that they are tried on; know no proof."""

import copy
import itertools
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, cast

__all__ = ["SCALARS", "VALUES", "random_pair"]

# Small on purpose: schemas of these collide with each other, and with the values.
SCALARS: list[Any] = [None, True, False, -1, 0, 1, 2, 3, 1.0, 1.5, 2.5, "", "a", "b", "ab", "abc"]
_LISTS: list[Any] = [
    [],
    *([one] for one in SCALARS),
    *(list(both) for both in itertools.product((1, "a", None, 1.5), repeat=2)),
    [1, "a", 2],
    [[1]],
]
_OBJECTS: list[Any] = [
    {},
    *({name: one} for name in "ab" for one in (*SCALARS, [], ["a"], {}, {"a": 1})),
    *({"a": one, "b": other} for one, other in itertools.product((None, 1, 1.5, "a", "b", {"b": 1}), repeat=2)),
    {"c": 1},
    {"a": 1, "c": "x"},
    {"a": "a", "b": 1, "c": None},
]
VALUES: list[Any] = [*SCALARS, *_LISTS, *_OBJECTS]

_TYPES = ["null", "boolean", "integer", "number", "string", "array", "object"]
_MAX_CHANGES = 3


def random_pair(chance: Random) -> tuple[Any, Any]:
    """Return two schemas, the second often the first with a few changes: of two at random, neither accepts the other."""
    one = _whole(chance)
    other = copy.deepcopy(one) if chance.random() < 0.8 else _whole(chance)
    for _ in range(chance.randint(0, _MAX_CHANGES)):
        place = chance.choice(list(_places(other)))
        other = _replaced(other, place, chance.choice([None, None, _part(chance, 1), chance.choice([0, 1, 2])]))
    return other, one


def _whole(chance: Random) -> Any:
    schema = _part(chance, chance.randint(1, 3))
    definition = _simple(chance)
    while "$ref" in str(definition):
        definition = _simple(chance)
    return {**(schema if isinstance(schema, dict) else {"allOf": [schema]}), "$defs": {"d": definition}}


def _simple(chance: Random) -> Any:
    number = {"type": chance.choice(["integer", "number"])}
    limits = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
    number |= {name: chance.choice([0, 1, 1.5, 2]) for name in limits if chance.random() < 0.25}
    number |= {"multipleOf": chance.choice([1, 2, 0.5])} if chance.random() < 0.1 else {}
    string: dict[str, Any] = {"type": "string"}
    string |= {name: chance.randint(0, 3) for name in ("minLength", "maxLength") if chance.random() < 0.3}
    string |= {"pattern": chance.choice(["^a", "b$"])} if chance.random() < 0.2 else {}
    return chance.choice(
        [
            *(number, number, string, string),
            chance.random() < 0.7,
            {},
            {"type": chance.sample(_TYPES, chance.randint(1, 3))},
            {"enum": chance.sample(SCALARS, chance.randint(1, 4))},
            {"const": chance.choice([*SCALARS, {"a": 1}, [1]])},
            {"$ref": chance.choice(["#", "#/$defs/d"])},
            {"minimum": 1},
            {"minLength": 1},
        ]
    )


def _part(chance: Random, depth: int) -> Any:
    if depth <= 0 or chance.random() < 0.35:
        return _simple(chance)

    def part() -> Any:
        return _part(chance, depth - 1)

    return chance.choice([_object, _object, _list, _combined, _other])(chance, part)


def _chosen(chance: Random, offers: dict[str, tuple[float, Callable[[], Any]]]) -> dict[str, Any]:
    return {name: make() for name, (likely, make) in offers.items() if chance.random() < likely}


def _object(chance: Random, part: Callable[[], Any]) -> dict[str, Any]:
    beside = {} if chance.random() < 0.1 else {"type": "object"}
    return beside | _chosen(
        chance,
        {
            "properties": (0.7, lambda: {name: part() for name in chance.sample("abc", chance.randint(1, 2))}),
            "required": (0.4, lambda: chance.sample("ab", chance.randint(1, 2))),
            "additionalProperties": (0.4, lambda: chance.choice([False, part()])),
            "patternProperties": (0.1, lambda: {"^a": part()}),
            "propertyNames": (0.05, lambda: {"maxLength": 1}),
            "minProperties": (0.1, lambda: chance.randint(0, 2)),
            "maxProperties": (0.1, lambda: chance.randint(0, 2)),
            "dependentRequired": (0.05, lambda: {"a": ["b"]}),
            "unevaluatedProperties": (0.05, lambda: chance.choice([True, False])),
        },
    )


def _list(chance: Random, part: Callable[[], Any]) -> dict[str, Any]:
    return {"type": "array"} | _chosen(
        chance,
        {
            "items": (0.6, part),
            "prefixItems": (0.3, lambda: [part() for _ in range(chance.randint(1, 2))]),
            "minItems": (0.2, lambda: chance.randint(0, 2)),
            "maxItems": (0.2, lambda: chance.randint(0, 2)),
            "uniqueItems": (0.15, lambda: chance.choice([True, False])),
            "contains": (0.1, part),
            "unevaluatedItems": (0.05, part),
        },
    )


def _combined(chance: Random, part: Callable[[], Any]) -> dict[str, Any]:
    beside: Any = part() if chance.random() < 0.5 else {}
    keyword = chance.choice(["anyOf", "oneOf", "oneOf", "allOf"])
    return {**(beside if isinstance(beside, dict) else {}), keyword: [part() for _ in range(chance.randint(1, 3))]}


def _other(chance: Random, part: Callable[[], Any]) -> dict[str, Any]:
    beside = part()
    keywords = chance.sample(["not", "if", "then", "else"], 2)
    return {**(beside if isinstance(beside, dict) else {}), **{keyword: part() for keyword in keywords}}


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict):
        for name, part in cast("dict[str, Any]", value).items():
            yield from _places(part, (*path, name))
    elif isinstance(value, list):
        for number, part in enumerate(cast("list[Any]", value)):
            yield from _places(part, (*path, number))


def _replaced(value: Any, path: tuple[Any, ...], part: Any) -> Any:
    """Put `part` at a place; None takes away what is there."""
    if not path:
        return value if part is None else part
    changed: Any = copy.copy(value)
    if len(path) == 1 and part is None:
        del changed[path[0]]
    else:
        changed[path[0]] = _replaced(changed[path[0]], path[1:], part)
    return changed
