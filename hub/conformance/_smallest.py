"""Own a smallest value for a schema, and the wrong arguments made from it; know no functions. Nothing here is random."""

import math
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any, Final, Literal, NamedTuple, cast

from hub._validators import SchemaValidator
from hub.conformance._members import members, objects, referred, texts
from hub.conformance._steps import Steps, is_small, size_of

__all__ = ["WrongArguments", "smallest", "wrong_arguments"]

Kind = Literal["missing", "type", "null", "bounds", "unknown"]

_MOST_DEPTH: Final = 12
_OF_EACH_TYPE: Final[tuple[Any, ...]] = (4711, "a string", True, ["an entry"], {"a": "member"}, 0.5)
# Schemas may ask for more than anybody can send.
_MOST_LENGTH: Final = 100_000
# Equal entries and characters are made many at a time.
_ENTRIES_A_STEP: Final = 100
# Of each kind: who takes a hundred wrong ones takes them all, and each is a copy of all the good ones.
_MOST_OF_A_KIND: Final = 100


class WrongArguments(NamedTuple):
    """Arguments that do not fit, what is wrong with them, and in words."""

    kind: Kind
    params: dict[str, Any]
    why: str


def smallest(schema: Any, steps: Steps | None = None) -> Any:
    """Return a small value that likely fits: the author's own default or example first. Who uses it validates it.

    Where it would take more than `steps`, or be large all the same, it is None.
    """
    left = steps or Steps()
    found = _smallest(schema, _Whole(schema, left), 0)
    return found if left.left and is_small(found) else None


class _Whole(NamedTuple):
    """A whole schema, which `#` means in it, and the steps that are left for it."""

    schema: Any
    steps: Steps


def _smallest(schema: Any, root: _Whole, depth: int) -> Any:
    if not isinstance(schema, dict) or depth > _MOST_DEPTH:
        return None
    rules = cast("dict[str, Any]", schema)
    return _of_rules(rules, root, depth) if root.steps.take(size_of(rules)) else None


def _of_rules(rules: dict[str, Any], root: _Whole, depth: int) -> Any:
    for name in ("const", "default"):
        if name in rules:
            return rules[name]
    for name in ("examples", "enum"):
        if isinstance(rules.get(name), list) and rules[name]:
            return rules[name][0]
    if isinstance(rules.get("$ref"), str):
        return _smallest(referred(root.schema, rules["$ref"]), root, depth + 1)
    for name in ("anyOf", "oneOf"):
        if isinstance(rules.get(name), list) and rules[name]:
            return _smallest(rules[name][0], root, depth + 1)
    if parts := objects(rules.get("allOf")):
        merged = {key: value for part in parts for key, value in part.items()}
        return _smallest({**merged, **{key: value for key, value in rules.items() if key != "allOf"}}, root, depth + 1)
    return _of_type(rules, root, depth)


def _of_type(rules: dict[str, Any], root: _Whole, depth: int) -> Any:  # noqa: PLR0911 - one for each type
    match next(iter(_types_of(rules)), None):
        case "object":
            schemas = members(rules.get("properties"))
            return {name: _smallest(schemas.get(name, {}), root, depth + 1) for name in texts(rules.get("required"))}
        case "array":
            count = min(int(rules.get("minItems", 0)), _MOST_LENGTH)
            if not root.steps.take(count // _ENTRIES_A_STEP):
                return None
            prefix = [_smallest(part, root, depth + 1) for part in rules.get("prefixItems", [])[:count]]
            return prefix + [_smallest(rules.get("items", {}), root, depth + 1)] * (count - len(prefix))
        case "string":
            count = min(max(1, int(rules.get("minLength", 1))), _MOST_LENGTH, int(rules.get("maxLength", _MOST_LENGTH)))
            return "a" * count if root.steps.take(count // _ENTRIES_A_STEP) else None
        case "integer":
            return _number(rules, whole=True)
        case "number":
            return _number(rules, whole=False)
        case "boolean":
            return False
        case _:
            return None


def _number(rules: dict[str, Any], *, whole: bool) -> Any:
    step = 1 if whole else 0.5
    if "minimum" in rules:
        low = rules["minimum"]
    elif "exclusiveMinimum" in rules:
        low = rules["exclusiveMinimum"] + step
    else:
        low = min(0, rules.get("maximum", 0), rules.get("exclusiveMaximum", 1) - 1)
    if multiple := rules.get("multipleOf"):
        low = math.ceil(low / multiple) * multiple
    return math.ceil(low) if whole else low


def wrong_arguments(schema: dict[str, Any], good: dict[str, Any], validator: SchemaValidator) -> Iterator[WrongArguments]:
    """Yield arguments that do not fit `schema`, each wrong in one way; `good` are some that do."""
    properties = dict(islice(cast("dict[str, Any]", schema.get("properties", {})).items(), _MOST_OF_A_KIND))
    candidates = chain(
        (
            WrongArguments("missing", {key: value for key, value in good.items() if key != name}, f"{name} is missing")
            for name in schema.get("required", [])[:_MOST_OF_A_KIND]
        ),
        _of_wrong_types(properties, good, validator),
        _out_of_bounds(properties, good),
        [WrongArguments("unknown", {**good, "no_such_argument": 1}, "no_such_argument is unknown")],
    )
    yield from (candidate for candidate in candidates if not validator.accepts(candidate.params))


def _of_wrong_types(properties: dict[str, Any], good: dict[str, Any], validator: SchemaValidator) -> Iterator[WrongArguments]:
    for name, schema in properties.items():
        yield WrongArguments("null", {**good, name: None}, f"{name} is null")
        allowed = set(_types_of(schema))
        wrong = next((value for value in _OF_EACH_TYPE if not _types_of_value(value) & allowed), None)
        if allowed and wrong is not None and not validator.accepts({**good, name: wrong}):
            yield WrongArguments("type", {**good, name: wrong}, f"{name} is of another type")


def _types_of(schema: Any) -> list[str]:
    kind = members(schema).get("type")
    return [kind] if isinstance(kind, str) else texts(kind)


def _types_of_value(value: object) -> set[str]:
    match value:
        case bool():
            return {"boolean"}
        case int():
            return {"integer", "number"}
        case float():
            return {"number"}
        case str():
            return {"string"}
        case _:
            return {"array"} if isinstance(value, list) else {"object"}


def _out_of_bounds(properties: dict[str, Any], good: dict[str, Any]) -> Iterator[WrongArguments]:
    for name, schema in properties.items():
        if not isinstance(schema, dict):
            continue
        rules = cast("dict[str, Any]", schema)
        if "minimum" in rules:
            yield WrongArguments("bounds", {**good, name: rules["minimum"] - 1}, f"{name} is below its minimum")
        if "maximum" in rules:
            yield WrongArguments("bounds", {**good, name: rules["maximum"] + 1}, f"{name} is above its maximum")
        if rules.get("minLength") and rules.get("type") == "string":
            yield WrongArguments("bounds", {**good, name: ""}, f"{name} is too short")
        if "enum" in rules or "pattern" in rules:
            yield WrongArguments("bounds", {**good, name: "\u0001 not one of them \u0001"}, f"{name} is none of what it may be")
