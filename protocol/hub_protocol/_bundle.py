"""Own how the models become one JSON Schema 2020-12 document; must not read or write files.

What pydantic writes is tidied: a member that may be left out is not offered as `null` (the schemas say what a sender should
write, HUB-MSG-8), members carry no made-up titles, and requirement ids move into `x-requirements`.
"""

from typing import Any, Final, cast

from pydantic.json_schema import models_json_schema

from hub_protocol.types import MODELS
from hub_protocol.types._shape import REQUIREMENT_ID
from hub_protocol.version import PROTOCOL_VERSIONS

__all__ = ["bundle"]

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_MESSAGES: Final = ("Request", "Notification", "Response", "ErrorResponse")
# In this order in every schema, whatever the order in which they were found.
_FIRST: Final = ("title", "description", "x-requirements")
_NULL: Final = {"type": "null"}

Schema = dict[str, Any]


def _without_null(schema: Schema) -> Schema:
    """Return the schema of a member that may be left out, without the null that stands for that."""
    if "default" not in schema or schema["default"] is not None:
        return schema
    rest = {name: member for name, member in schema.items() if name != "default"}
    variants = cast("list[Schema]", rest.get("anyOf", []))
    if _NULL in variants:
        kept = [variant for variant in variants if variant != _NULL]
        del rest["anyOf"]
        rest = {**kept[0], **rest} if len(kept) == 1 else {**rest, "anyOf": kept}
    return rest


def _with_every_name_checked(schema: Schema) -> Schema:
    """Return the schema of a map whose names have a pattern: pydantic writes one that lets names that do not fit pass."""
    patterns = cast("dict[str, Schema]", schema.get("patternProperties", {}))
    if not patterns:
        return schema
    ((pattern, member),) = patterns.items()
    rest = {name: value for name, value in schema.items() if name != "patternProperties"}
    return {**rest, "propertyNames": {"pattern": pattern}, "additionalProperties": member}


def _with_requirements(schema: Schema) -> Schema:
    found = REQUIREMENT_ID.findall(str(schema.get("description", "")))
    named = {**schema, "x-requirements": list(dict.fromkeys(found))} if found else schema
    return {name: named[name] for name in (*_FIRST, *(name for name in named if name not in _FIRST)) if name in named}


def _tidy_member(schema: Schema) -> Schema:
    tidy = _with_every_name_checked(_without_null(schema))
    tidy = {
        name: member for name, member in tidy.items() if name != "title" and (name, member) != ("additionalProperties", True)
    }
    return _with_requirements(tidy)


def _tidy_definition(name: str, schema: Schema) -> Schema:
    tidy = {key: value for key, value in schema.items() if (key, value) != ("additionalProperties", True)} | {"title": name}
    members = cast("dict[str, Schema]", tidy.get("properties", {}))
    if name in MODELS:
        tidy["properties"] = {member: _tidy_member(inner) for member, inner in members.items()}
    return _with_requirements(tidy)


def bundle() -> Schema:
    """Return the one document: the schema of a frame; every object and named string of the protocol is under `$defs`."""
    _, generated = models_json_schema([(model, "validation") for model in MODELS.values()], ref_template="#/$defs/{model}")
    definitions = cast("dict[str, Schema]", generated["$defs"])
    order = [*MODELS, *sorted(name for name in definitions if name not in MODELS)]
    version = PROTOCOL_VERSIONS[-1]
    return {
        "$schema": _DIALECT,
        "$id": f"urn:hub:protocol:v{version}",
        "title": "Frame",
        "description": (
            "One message of the hub protocol, and under $defs every object in it. JSON Schema cannot tell 1 from 1.0: "
            "an id, a code or a count written with a fraction or an exponent is wrong although it fits here."
        ),
        "anyOf": [{"$ref": f"#/$defs/{name}"} for name in _MESSAGES],
        "$defs": {name: _tidy_definition(name, definitions[name]) for name in order},
    }
