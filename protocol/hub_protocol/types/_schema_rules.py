"""Own what the protocol demands of a schema beyond JSON Schema 2020-12; must not judge whether a schema is valid 2020-12.

That judgement belongs to the hub, which has a validator. Here: no reference out of the schema, its size, and that arguments
are an object.
"""

from typing import Any, Final, cast

from pydantic_core import to_json

from hub_protocol.limits import MAX_SCHEMA_BYTES
from hub_protocol.types._shape import problem

__all__ = ["check_arguments_schema", "check_flat_schema", "check_schema"]

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_REFERENCES: Final = ("$ref", "$dynamicRef")
# Members of these are named by the author: a property may well be called `$ref`.
_MAPS_OF_SCHEMAS: Final = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})
# Values of these are data, not schemas.
_DATA: Final = frozenset({"const", "enum", "default", "examples"})
# Enough to recognise a reference by; the message goes into logs.
_SHOWN_CHARS: Final = 200
_SCALARS: Final = frozenset({"string", "number", "integer", "boolean"})


def _escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _reference_out_of(schema: dict[str, Any]) -> tuple[str, str] | None:
    """Return pointer and value of the first reference to something outside; a stack, for depth is the author's to choose."""
    todo: list[tuple[str, Any, bool]] = [("", schema, True)]
    while todo:
        pointer, value, is_schema = todo.pop()
        if isinstance(value, list):
            items = cast("list[Any]", value)
            todo.extend((f"{pointer}/{index}", item, True) for index, item in enumerate(items))
        elif isinstance(value, dict):
            for name, member in cast("dict[str, Any]", value).items():
                here = f"{pointer}/{_escape(name)}"
                if name in _REFERENCES and isinstance(member, str) and not member.startswith("#"):
                    return here, member
                if not (is_schema and name in _DATA):
                    todo.append((here, member, not (is_schema and name in _MAPS_OF_SCHEMAS)))
    return None


def check_schema(value: object) -> dict[str, Any] | bool:
    """Return the schema `value` when it stands on its own (HUB-CAPS-4) and is small enough (HUB-CAPS-3)."""
    if isinstance(value, bool):
        return value
    if not isinstance(value, dict):
        raise problem("HUB-CAPS-3", "must be a JSON Schema: an object, true or false")
    schema = cast("dict[str, Any]", value)
    size = len(to_json(schema))
    if size > MAX_SCHEMA_BYTES:
        raise problem("HUB-CAPS-3", f"is a schema of {size} bytes; at most {MAX_SCHEMA_BYTES} are allowed")
    dialect = schema.get("$schema", _DIALECT)
    if not isinstance(dialect, str) or dialect.removesuffix("#") != _DIALECT:
        raise problem("HUB-CAPS-3", f"must be JSON Schema 2020-12, {_DIALECT}", "/$schema")
    outside = _reference_out_of(schema)
    if outside is not None:
        pointer, target = outside
        shown = target[:_SHOWN_CHARS]
        raise problem("HUB-CAPS-4", f'must not refer to "{shown}", only into the schema itself, beginning with #', pointer)
    return schema


def check_arguments_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """Return `schema` when it describes an object, because arguments go by name (HUB-CAPS-3)."""
    if schema.get("type") != "object":
        raise problem("HUB-CAPS-3", 'must describe an object, with "type": "object"', "/type" if "type" in schema else "")
    check_schema(schema)
    return schema


def check_flat_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """Return `schema` when it describes an object of plain values: a form that a person can fill in, line by line."""
    check_arguments_schema(schema)
    properties = schema.get("properties", {})
    if not isinstance(properties, dict):
        raise problem("HUB-CAPS-3", "must be an object, from name to schema", "/properties")
    for name, member in cast("dict[str, Any]", properties).items():
        here = f"/properties/{_escape(name)}"
        if not isinstance(member, dict) or cast("dict[str, Any]", member).get("type") not in _SCALARS:
            raise problem("", "must be a string, number, integer or boolean: what is asked for is flat", here)
    return schema
