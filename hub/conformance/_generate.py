"""Own arguments made by chance from a JSON Schema, as a hypothesis strategy; know no functions and no sessions.

The common subset of 2020-12 is generated; whatever is not understood, or beyond a bounded number of steps, is generated more
widely and then filtered by the schema itself, so that what comes out always fits. Numbers and texts are kept to what people
send: a schema without bounds does not mean that a sum of two of its integers must fit into 53 bits.
"""

import math
import re
from collections.abc import Callable
from typing import Any, Final, NamedTuple, cast

from hypothesis import strategies as st

from hub.conformance._members import referred
from hub.conformance._smallest import smallest
from hub.conformance._steps import Steps, is_small, size_of

__all__ = ["arguments"]

Strategy = st.SearchStrategy[Any]

_INTEGER_BOUND: Final = 2**31
_FLOAT_BOUND: Final = 1e9
_MOST_ENTRIES: Final = 5
_MOST_CHARACTERS: Final = 40
_MOST_DEPTH: Final = 6
# To make and use one costs more than to look at what it is made of.
_STEPS_A_STRATEGY: Final = 10
# The least numbers of repeats of a pattern, one inside another, multiply.
_MOST_REPEATS: Final = 100_000
_REPEATS: Final = re.compile(r"\{([0-9]+)")
_TEXT: Final = st.text(st.characters(exclude_categories=("Cs",)), max_size=_MOST_CHARACTERS)
_TYPES: Final = ("null", "boolean", "integer", "number", "string", "array", "object")


def arguments(schema: dict[str, Any], accepts: Callable[[Any], bool], steps: Steps | None = None) -> Strategy:
    """Return a strategy of arguments that `accepts` takes; all of `schema` costs no more than `steps`."""
    least = smallest(schema)
    made = _of(schema, _Whole(schema, steps or Steps()), 0)
    if accepts(least):
        made = st.one_of(st.just(least), made)
    return made.filter(lambda value: is_small(value) and accepts(value))


class _Whole(NamedTuple):
    """A whole schema, which `#` means in it, and the steps that are left for it."""

    schema: dict[str, Any]
    steps: Steps


def _of(schema: Any, root: _Whole, depth: int) -> Strategy:
    if schema is False:
        return st.nothing()
    if not isinstance(schema, dict) or depth > _MOST_DEPTH:
        return _ANYTHING
    rules = cast("dict[str, Any]", schema)
    enough = root.steps.take(_STEPS_A_STRATEGY + size_of(rules))
    return _of_rules(rules, root, depth) if enough else _ANYTHING


def _of_rules(rules: dict[str, Any], root: _Whole, depth: int) -> Strategy:
    if "const" in rules:
        return st.just(rules["const"])
    if "enum" in rules:
        return st.sampled_from(cast("list[Any]", rules["enum"])) if rules["enum"] else st.nothing()
    if isinstance(rules.get("$ref"), str):
        return st.deferred(lambda: _of(referred(root.schema, rules["$ref"]), root, depth + 1))
    for name in ("anyOf", "oneOf"):
        if isinstance(rules.get(name), list):
            rest = {key: value for key, value in rules.items() if key != name}
            return st.one_of([_of(_merged(rest, part, root.steps), root, depth + 1) for part in rules[name]])
    if isinstance(rules.get("allOf"), list):
        whole = {key: value for key, value in rules.items() if key != "allOf"}
        for part in rules["allOf"]:
            whole = _merged(whole, part, root.steps)
        return _of(whole, root, depth + 1)
    kinds = rules.get("type", _TYPES if not _says_anything(rules) else _implied(rules))
    named = [kinds] if isinstance(kinds, str) else list(cast("list[str]", kinds))
    return st.one_of([_of_type(kind, rules, root, depth) for kind in named])


def _merged(left: dict[str, Any], right: Any, steps: Steps) -> dict[str, Any]:
    """Return both as one schema; what there are no steps left for is left out, as what is not understood."""
    if not isinstance(right, dict) or not steps.take(_copied(left) + _copied(cast("dict[str, Any]", right))):
        return left
    merged = {**left, **cast("dict[str, Any]", right)}
    for name in ("properties",):
        if name in left and name in right:
            merged[name] = {**left[name], **right[name]}
    if "required" in left and "required" in right:
        merged["required"] = [*left["required"], *right["required"]]
    return merged


def _copied(rules: dict[str, Any]) -> int:
    return len(rules) + len(rules.get("properties", ())) + len(rules.get("required", ()))


def _says_anything(rules: dict[str, Any]) -> bool:
    return bool(_implied(rules))


def _implied(rules: dict[str, Any]) -> list[str]:
    if rules.keys() & {"properties", "required", "additionalProperties"}:
        return ["object"]
    if rules.keys() & {"items", "prefixItems", "minItems"}:
        return ["array"]
    if rules.keys() & {"pattern", "minLength", "maxLength", "format"}:
        return ["string"]
    return ["number"] if rules.keys() & {"minimum", "maximum", "multipleOf"} else []


def _of_type(kind: str, rules: dict[str, Any], root: _Whole, depth: int) -> Strategy:  # noqa: PLR0911 - one for each type
    match kind:
        case "null":
            return st.none()
        case "boolean":
            return st.booleans()
        case "integer":
            return _integers(rules)
        case "number":
            return _numbers(rules)
        case "string":
            return _strings(rules)
        case "array":
            return _arrays(rules, root, depth)
        case "object":
            return _objects(rules, root, depth)
        case _:
            return st.nothing()


def _bounds(rules: dict[str, Any], widest: float) -> tuple[float, float]:
    low = max((rules[name] for name in ("minimum", "exclusiveMinimum") if name in rules), default=None)
    high = min((rules[name] for name in ("maximum", "exclusiveMaximum") if name in rules), default=None)
    least = low if low is not None else min(-widest, (high if high is not None else 0) - widest)
    most = high if high is not None else max(widest, least + widest)
    return least, most


def _integers(rules: dict[str, Any]) -> Strategy:
    low, high = (int(bound) for bound in _bounds(rules, _INTEGER_BOUND))
    multiple = rules.get("multipleOf", 1)
    if isinstance(multiple, int) and multiple > 1:
        return st.integers(-(-low // multiple), high // multiple).map(lambda number: number * multiple)
    return st.integers(low, max(low, high))


def _numbers(rules: dict[str, Any]) -> Strategy:
    low, high = _bounds(rules, _FLOAT_BOUND)
    floats = st.floats(low, max(low, high), allow_nan=False, allow_infinity=False, allow_subnormal=False)
    return st.one_of(_integers(rules), floats) if high - low >= 1 else floats


def _strings(rules: dict[str, Any]) -> Strategy:
    least = int(rules.get("minLength", 0))
    most = int(rules.get("maxLength", max(_MOST_CHARACTERS, 2 * least)))
    if isinstance(rules.get("pattern"), str):
        if math.prod(max(1, int(times[:9])) for times in _REPEATS.findall(rules["pattern"])) > _MOST_REPEATS:
            return _TEXT
        try:
            pattern = re.compile(rules["pattern"])
        except re.error:
            return _TEXT
        # Python's `$` lets a line feed through; the filter behind all this does not.
        return st.from_regex(pattern).filter(lambda text: least <= len(text) <= most and _is_unicode(text))
    return st.text(st.characters(exclude_categories=("Cs",)), min_size=least, max_size=min(most, max(least, _MOST_CHARACTERS)))


def _is_unicode(text: object) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in str(text))


def _arrays(rules: dict[str, Any], root: _Whole, depth: int) -> Strategy:
    least = int(rules.get("minItems", 0))
    most = min(int(rules.get("maxItems", least + _MOST_ENTRIES)), least + _MOST_ENTRIES)
    entry = _of(rules.get("items", {}), root, depth + 1)
    unique = repr if rules.get("uniqueItems") else None
    prefix = cast("list[Any]", rules.get("prefixItems", []))
    if prefix:
        return st.tuples(*(_of(part, root, depth + 1) for part in prefix)).map(list)
    return st.lists(entry, min_size=least, max_size=most, unique_by=unique)


def _objects(rules: dict[str, Any], root: _Whole, depth: int) -> Strategy:
    members = cast("dict[str, Any]", rules.get("properties", {}))
    required = [name for name in rules.get("required", []) if isinstance(name, str)]
    needed = {name: _of(members.get(name, {}), root, depth + 1) for name in required}
    optional = {name: _of(member, root, depth + 1) for name, member in members.items() if name not in needed}
    fixed = st.fixed_dictionaries(needed, optional=optional)
    more = rules.get("additionalProperties", depth == 0)
    if more is False or members or depth == 0:
        return fixed
    return st.dictionaries(_TEXT, _of(more, root, depth + 1), max_size=_MOST_ENTRIES)


def _anything() -> Strategy:
    scalars = st.one_of(st.none(), st.booleans(), st.integers(-_INTEGER_BOUND, _INTEGER_BOUND), _TEXT)
    return st.recursive(
        scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3), max_leaves=6
    )


# One for all: thousands of places that are not understood are no reason for thousands of these.
_ANYTHING: Final = _anything()
