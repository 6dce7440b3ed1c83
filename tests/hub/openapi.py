"""Own the making of a capability set from an OpenAPI 3.0 description: a function for each operation; know no hub.

Where the description is found: `HUB_OPENAPI` names the file, else it lies in `shared/data` beside the clone.
"""

import json
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

import yaml

from hub_protocol.limits import MAX_SAFE_INTEGER

__all__ = ["description", "functions_of", "where"]

_BESIDE: Final = Path(__file__).resolve().parents[3] / "shared" / "data" / "digitalocean-openapi.yaml"
_VERBS: Final = ("get", "put", "post", "delete", "patch", "head", "options")
_REFERENCE: Final = "#/components/schemas/"
_NAME_CHARACTERS: Final = 64


def where() -> Path | None:
    """Return the file, or None where there is none."""
    named = os.environ.get("HUB_OPENAPI")
    place = Path(named) if named else _BESIDE
    return place if place.is_file() else None


@cache
def description(place: Path) -> dict[str, Any]:
    """Return the description as JSON; times stay the text that they are."""
    # The quick one, where PyYAML has it.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with place.open(encoding="utf-8") as file:
        found: Any = yaml.load(file, loader)  # noqa: S506 - a safe one
    return json.loads(json.dumps(found, default=str))


def functions_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the declarations of functions, one for each operation, each with the schemas that it needs inside."""
    found: dict[str, dict[str, Any]] = {}
    for path, verb, operation, shared in _operations(document):
        name = re.sub(r"[^A-Za-z0-9_-]", "_", operation.get("operationId") or f"{verb}{path}")[:_NAME_CHARACTERS]
        declared: dict[str, Any] = {
            "name": name,
            "params": _params(document, [*shared, *operation.get("parameters", [])], operation),
        }
        if operation.get("summary"):
            declared["summary"] = str(operation["summary"]).splitlines()[0]
        if (answer := _content(_resolved(document, _success(operation)))) is not None:
            declared["returns"] = _bundled(document, answer)
        if verb == "get":
            declared["hints"] = {"read_only": True, "idempotent": True}
        assert name not in found, name
        found[name] = declared
    return list(found.values())


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any], list[Any]]]:
    for path, item in document["paths"].items():
        for verb in _VERBS:
            if verb in item:
                yield path, verb, item[verb], item.get("parameters", [])


def _success(operation: dict[str, Any]) -> Any:
    answers: dict[str, Any] = operation["responses"]
    nothing: dict[str, Any] = {}
    return next((answers[code] for code in sorted(answers) if code.startswith("2")), nothing)


def _content(holder: Any) -> Any:
    return holder.get("content", {}).get("application/json", {}).get("schema")


def _resolved(document: dict[str, Any], value: Any) -> Any:
    while isinstance(value, dict) and "$ref" in value:
        reference = cast("str", value["$ref"])
        found: Any = document
        for step in reference.removeprefix("#/").split("/"):
            found = found[step.replace("~1", "/").replace("~0", "~")]
        value = found
    return cast("Any", value)


def _params(document: dict[str, Any], parameters: list[Any], operation: dict[str, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    required: list[str] = []
    for one in (_resolved(document, parameter) for parameter in parameters):
        properties[one["name"]] = {**one.get("schema", {}), "description": str(one.get("description", ""))}
        required += [one["name"]] if one.get("required") else []
    body = _resolved(document, operation.get("requestBody", {}))
    if (schema := _content(body)) is not None:
        properties["body"] = schema
        required += ["body"] if body.get("required") else []
    whole = {
        "type": "object",
        "properties": properties,
        "required": list(dict.fromkeys(required)),
        "additionalProperties": False,
    }
    return _bundled(document, whole)


def _bundled(document: dict[str, Any], schema: Any) -> dict[str, Any]:
    """Return a schema as 2020-12 with all that it refers to in its own `$defs`."""
    definitions: dict[str, Any] = {}
    whole = _translated(document, schema, definitions)
    return {**whole, "$defs": definitions} if definitions else whole


def _translated(document: dict[str, Any], value: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(value, list):
        return [_translated(document, one, definitions) for one in cast("list[Any]", value)]
    if not isinstance(value, dict):
        return value
    own = cast("dict[str, Any]", value)
    if isinstance(own.get("$ref"), str):
        return _reference(document, own["$ref"], definitions)
    found = {
        name: _translated(document, one, definitions)
        for name, one in own.items()
        if name not in ("example", "nullable", "discriminator")
    }
    # A limit that no number on the wire reaches (HUB-FRAME-9) is none.
    for limit in ("minimum", "maximum", "default"):
        if isinstance(found.get(limit), int) and abs(found[limit]) > MAX_SAFE_INTEGER:
            del found[limit]
    # OpenAPI 3.0 has the booleans of an older JSON Schema.
    for limit, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if found.get(exclusive) is True:
            found[exclusive] = found.pop(limit)
        elif found.get(exclusive) is False:
            del found[exclusive]
    if own.get("nullable") is True and isinstance(found.get("type"), str):
        found["type"] = [found["type"], "null"]
    return found


def _reference(document: dict[str, Any], reference: str, definitions: dict[str, Any]) -> dict[str, Any]:
    if not reference.startswith(_REFERENCE):
        return _translated(document, _resolved(document, {"$ref": reference}), definitions)
    name = reference.removeprefix(_REFERENCE)
    if name not in definitions:
        definitions[name] = {}
        definitions[name] = _translated(document, document["components"]["schemas"][name], definitions)
    return {"$ref": f"#/$defs/{name}"}
