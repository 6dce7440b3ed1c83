"""Own what a JSON Schema says about the shape of one value, as far as a command line needs it; judge no value.

Not a validator: the hub checks arguments against the whole schema. Here it is asked only "may this be a number, or a text?".
Schemas come from plugins: any JSON is taken, references that go in circles end, and nothing raises.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

from hub.cli._text import listed, shown_value

__all__ = ["ANY", "CHOICE", "Schema", "Shape", "expected", "is_secret", "mapping", "merged", "shapes_of"]

Schema = Mapping[str, Any]

ANY: Final = "any"
CHOICE: Final = "choice"
_TYPES: Final = ("null", "boolean", "integer", "number", "array", "object", "string")

# References and combinations nest deeper than this only in circles.
_MAX_DEPTH: Final = 16
# References that fan out are exponential in their depth; an honest schema of one value has a handful of parts.
_MAX_PARTS: Final = 256
# More ways to write one value is no command line any more.
_MAX_SHAPES: Final = 64
# Shown in one sentence.
_SHOWN_CHOICES: Final = 12

_WORDS: Final[Mapping[str, str]] = {
    "null": "null",
    "boolean": "true or false",
    "integer": "an integer",
    "number": "a number",
    "array": "a list",
    "object": "a JSON object",
    "string": "text",
    ANY: "any JSON value",
}


@dataclass(frozen=True, slots=True)
class Shape:
    """One way that a value may look: `kind` is a type of JSON Schema, `choice` (one of `choices`), or `any`."""

    kind: str
    schema: Schema
    choices: Sequence[Any] = field(default=())


def mapping(value: object) -> Schema:
    """Return `value` where it is a JSON object, else an empty one: `true` and garbage say nothing about a shape."""
    return cast("Schema", value) if isinstance(value, dict) else {}


def merged(schema: object, root: object) -> Schema:
    """Return `schema` with its `$ref` and `allOf` worked in, so that `type`, `properties` and the like stand in one place."""
    return _merged(schema, root, _MAX_DEPTH, iter(range(_MAX_PARTS)))


def _merged(schema: object, root: object, depth: int, budget: Iterator[int]) -> Schema:
    own = mapping(schema)
    if depth == 0 or not ("$ref" in own or "allOf" in own):
        return own
    parts = [_target(own["$ref"], root)] if "$ref" in own else []
    parts += cast("list[object]", own["allOf"]) if isinstance(own.get("allOf"), list) else []
    whole: dict[str, Any] = {}
    for part, _ in zip(parts, budget, strict=False):
        whole = _joined(whole, _merged(part, root, depth - 1, budget))
    return _joined(whole, {name: value for name, value in own.items() if name not in {"$ref", "allOf"}})


def _joined(base: Schema, more: Schema) -> dict[str, Any]:
    whole = {**base, **more}
    for name in ("properties", "patternProperties"):
        if name in base and name in more:
            whole[name] = {**mapping(base[name]), **mapping(more[name])}
    if isinstance(base.get("required"), list) and isinstance(more.get("required"), list):
        whole["required"] = list(dict.fromkeys([*base["required"], *more["required"]]))
    if "type" in base and "type" in more:
        whole["type"] = [name for name in _types(more["type"]) if name in _types(base["type"])]
    return whole


def _target(reference: object, root: object) -> object:
    """Follow a local JSON pointer (RFC 6901)."""
    found = root
    if not isinstance(reference, str) or not (reference == "#" or reference.startswith("#/")):
        return {}
    for part in reference.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        found = mapping(found).get(key)
    return found


def _types(declared: object) -> list[str]:
    names = cast("list[object]", declared) if isinstance(declared, list) else [declared]
    found = [name for name in names if isinstance(name, str) and name in _TYPES]
    if "number" in found:
        found += ["integer"]
    return list(dict.fromkeys(found))


def shapes_of(schema: object, root: object, depth: int = 0) -> list[Shape]:
    """Return the ways that a value of `schema` may look; `any` where it does not say. `root` is the schema that `#` means."""
    whole = merged(schema, root)
    if "const" in whole:
        return [Shape(CHOICE, whole, [whole["const"]])]
    if isinstance(whole.get("enum"), list):
        return [Shape(CHOICE, whole, cast("list[Any]", whole["enum"]))]
    for combination in ("anyOf", "oneOf"):
        if isinstance(whole.get(combination), list) and depth < _MAX_DEPTH:
            return _branches(whole, combination, root, depth)
    if "type" not in whole:
        return [Shape(ANY, whole)]
    names = _types(whole["type"])
    return [Shape(name, whole) for name in names if not (name == "integer" and "number" in names)] or [Shape(ANY, whole)]


def _branches(whole: Schema, combination: str, root: object, depth: int) -> list[Shape]:
    base = {name: value for name, value in whole.items() if name != combination}
    found: list[Shape] = []
    for branch in cast("list[object]", whole[combination])[:_MAX_SHAPES]:
        found += shapes_of(_joined(base, merged(branch, root)), root, depth + 1)
        # Each branch has a shape, so this ends schemas that refer to themselves from many branches.
        if len(found) >= _MAX_SHAPES:
            break
    return found[:_MAX_SHAPES] or [Shape(ANY, base)]


def is_secret(schema: object, root: object) -> bool:
    """Return whether a value of `schema` must not be shown: it is marked `writeOnly`, or a password by its format."""
    whole = merged(schema, root)
    return whole.get("writeOnly") is True or whole.get("format") == "password"


def expected(schema: object, root: object) -> str:
    """Return in words what a value of `schema` looks like: `an integer or null`, `one of cpu, memory`."""
    words = [_choices(shape.choices) if shape.kind == CHOICE else _WORDS[shape.kind] for shape in shapes_of(schema, root)]
    return listed(list(dict.fromkeys(words)))


def _choices(choices: Sequence[Any]) -> str:
    shown = [shown_value(choice) for choice in choices[:_SHOWN_CHOICES]]
    if len(shown) == 1:
        return shown[0]
    return f"one of {', '.join(shown)}{', …' if len(choices) > _SHOWN_CHOICES else ''}"
