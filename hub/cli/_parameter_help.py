"""Own how one parameter is shown in `hub call M.F --help`: what stands for its value, its bounds, its default; pure text."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from hub.cli._arguments import Parameters
from hub.cli._schema_shapes import ANY, CHOICE, Schema, Shape, merged, shapes_of
from hub.cli._text import cut, harmless, harmless_json, shown_value

__all__ = ["ParameterHelp", "parameter_help"]

_METAVARS: Final[Mapping[str, str]] = {
    "null": "null", "boolean": "true|false", "integer": "INTEGER", "number": "NUMBER", "string": "TEXT", "object": "JSON",
    ANY: "VALUE",
}  # fmt: skip

# More choices are listed below, not in the option itself.
_METAVAR_CHOICES: Final = 6
_SHOWN_CHOICES: Final = 50

_BOUNDS: Final[Mapping[str, str]] = {
    "minimum": "at least {}", "exclusiveMinimum": "more than {}", "maximum": "at most {}", "exclusiveMaximum": "less than {}",
    "multipleOf": "a multiple of {}", "minLength": "at least {} characters", "maxLength": "at most {} characters",
    "pattern": "matching {}", "format": "format {}", "minItems": "at least {} items", "maxItems": "at most {} items",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ParameterHelp:
    """One parameter: how it is written, what the author says of it, and facts from its schema."""

    option: str
    required: bool
    lines: tuple[str, ...]


def parameter_help(name: str, parameters: Parameters) -> ParameterHelp:
    """Return what there is to say of the parameter `name`."""
    schema = merged(parameters.schema(name), parameters.root)
    shapes = shapes_of(schema, parameters.root)
    required = name in parameters.required
    described = schema.get("description") or schema.get("title")
    facts = ["required"] if required else []
    facts += _facts(schema, shapes, parameters.root)
    lines = [described.strip()] if isinstance(described, str) and described.strip() else []
    return ParameterHelp(
        _option(parameters.option(name), shapes, parameters.root), required, (*lines, *(["; ".join(facts)] if facts else []))
    )


def _option(option: str, shapes: list[Shape], root: object) -> str:
    plain = harmless(option)
    if [shape.kind for shape in shapes] == ["boolean"] and plain.startswith("--") and ":" not in plain:
        return f"--[no-]{plain[2:]}"
    return f"{plain} {_metavar(shapes, root)}"


def _metavar(shapes: list[Shape], root: object, *, nested: bool = False) -> str:
    words: list[str] = []
    for shape in shapes:
        if shape.kind == CHOICE:
            few = len(shape.choices) <= _METAVAR_CHOICES
            words += [shown_value(choice) for choice in shape.choices] if few else ["CHOICE"]
        elif shape.kind == "array":
            item = shape.schema.get("items")
            words.append("JSON" if nested or item is None else f"{_metavar(shapes_of(item, root), root, nested=True)} ...")
        else:
            words.append(_METAVARS[shape.kind])
    return "|".join(dict.fromkeys(words)) or "VALUE"


def _facts(schema: Schema, shapes: list[Shape], root: object) -> list[str]:
    facts: list[str] = []
    for shape in shapes:
        facts += _bounds(shape.schema)
        if shape.kind == CHOICE and len(shape.choices) > _METAVAR_CHOICES:
            more = ", …" if len(shape.choices) > _SHOWN_CHOICES else ""
            facts.append(f"one of {', '.join(shown_value(choice) for choice in shape.choices[:_SHOWN_CHOICES])}{more}")
        if shape.kind == "array":
            facts.append("may be repeated, or given as one JSON array")
            facts += [f"each {fact}" for fact in _bounds(merged(shape.schema.get("items"), root))]
    if "default" in schema:
        facts.append(f"default {_default(schema['default'])}")
    if schema.get("deprecated") is True:
        facts.append("deprecated")
    return list(dict.fromkeys(facts))


def _default(value: Any) -> str:
    return cut(harmless_json(value))


def _bounds(schema: Schema) -> list[str]:
    found = [
        words.format(shown_value(schema[name]))
        for name, words in _BOUNDS.items()
        if isinstance(schema.get(name), int | float | str)
    ]
    return [*found, "no item twice"] if cast("object", schema.get("uniqueItems")) is True else found
