"""Own how a function is shown in one line, from any JSON Schema; pure, and never raises whatever the schema is."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from hub._names import printable

__all__ = ["render_signature", "render_type"]

# A signature is one line for a person: what is deeper or longer is in the schema.
_MAX_DEPTH = 4
_MAX_CHOICES = 6
_MAX_PARAMETERS = 32
_MAX_VALUE_CHARACTERS = 40
_MAX_CHARACTERS = 500

_ANY: Final = "any"
# Keywords that say the type without the keyword `type`.
_IMPLIED: Final[Mapping[str, str]] = {
    "properties": "object", "required": "object", "additionalProperties": "object", "items": "array", "prefixItems": "array",
    "minLength": "string", "maxLength": "string", "pattern": "string", "minimum": "number", "maximum": "number",
}  # fmt: skip


def render_signature(function: Mapping[str, Any]) -> str:
    """Return a line such as `list_droplets(region: string = "nyc1", limit?: integer) -> array of object`.

    `function` is one entry of a capabilities answer: `name`, `params` and `returns` are read.
    """
    params = function.get("params")
    returns = function.get("returns")
    shown = f"{printable(str(function.get('name', '?')), 64)}({_parameters(params)}) -> {render_type(returns)}"
    return printable(shown, _MAX_CHARACTERS)


def render_type(schema: object, root: object = None, depth: int = 0) -> str:
    """Return a few words for what a JSON Schema accepts; `root` is where its local `$ref`s lead to."""
    root = schema if root is None else root
    if not isinstance(schema, dict) or not schema:
        return "never" if schema is False else _ANY
    if depth > _MAX_DEPTH:
        return "…"
    known = cast("dict[str, Any]", schema)
    if "const" in known or isinstance(known.get("enum"), list):
        return _choices([_value(value) for value in ([known["const"]] if "const" in known else known["enum"])])
    if isinstance(known.get("$ref"), str):
        return _referenced(known["$ref"], root, depth)
    return _combined(known, root, depth) or _plain(known, root, depth)


def _combined(known: dict[str, Any], root: object, depth: int) -> str | None:
    for keyword, joint in (("anyOf", " | "), ("oneOf", " | "), ("allOf", " & ")):
        if isinstance(known.get(keyword), list) and known[keyword]:
            return _choices([render_type(arm, root, depth + 1) for arm in known[keyword][: _MAX_CHOICES + 1]], joint)
    return None


def _plain(schema: dict[str, Any], root: object, depth: int) -> str:
    declared = schema.get("type", next((kind for keyword, kind in _IMPLIED.items() if keyword in schema), None))
    if isinstance(declared, list):
        names = cast("list[object]", declared)
        return _choices([_named(name, schema, root, depth) for name in names]) if names else "never"
    return _named(declared, schema, root, depth)


def _named(declared: object, schema: dict[str, Any], root: object, depth: int) -> str:
    if not isinstance(declared, str):
        return _ANY
    if declared != "array":
        return printable(declared, _MAX_VALUE_CHARACTERS)
    if isinstance(schema.get("prefixItems"), list):
        return f"[{', '.join(render_type(item, root, depth + 1) for item in schema['prefixItems'][:_MAX_CHOICES])}]"
    if "items" not in schema:
        return "array"
    items = render_type(schema["items"], root, depth + 1)
    return f"array of ({items})" if " | " in items or " & " in items else f"array of {items}"


def _referenced(reference: str, root: object, depth: int) -> str:
    """Follow a local JSON pointer (RFC 6901); name whatever else it is by its last part."""
    found: object = root
    if reference.startswith("#/"):
        for part in reference[2:].split("/"):
            key = part.replace("~1", "/").replace("~0", "~")
            found = cast("dict[str, Any]", found).get(key) if isinstance(found, dict) else None
        if isinstance(found, dict | bool):
            return render_type(cast("object", found), root, depth + 1)
    return printable(reference.rsplit("/", 1)[-1], _MAX_VALUE_CHARACTERS) or _ANY


def _choices(arms: Sequence[str], joint: str = " | ") -> str:
    different = list(dict.fromkeys(arms))
    if not different:
        return "never"
    cut = [*different[:_MAX_CHOICES], "…"] if len(different) > _MAX_CHOICES else different
    return joint.join(cut)


def _value(value: object) -> str:
    try:
        return printable(json.dumps(value, ensure_ascii=False), _MAX_VALUE_CHARACTERS)
    except (TypeError, ValueError, RecursionError):
        return _ANY


def _parameters(schema: object) -> str:
    if not isinstance(schema, dict):
        return ""
    known = cast("dict[str, Any]", schema)
    properties = cast("dict[str, Any]", known["properties"]) if isinstance(known.get("properties"), dict) else {}
    required = cast("list[object]", known["required"]) if isinstance(known.get("required"), list) else []
    # Required first, as in any language; then as the author wrote them.
    undescribed = [name for name in dict.fromkeys(map(str, required)) if name not in properties]
    names = [name for name in properties if name in required] + undescribed
    names += [name for name in properties if name not in required]
    shown = [_parameter(name, properties.get(name), known, is_required=name in required) for name in names[:_MAX_PARAMETERS]]
    if len(names) > _MAX_PARAMETERS or known.get("additionalProperties") not in (None, False):
        shown.append("…")
    return ", ".join(shown)


def _parameter(name: str, schema: object, root: object, *, is_required: bool) -> str:
    kind = render_type(schema, root)
    shown = printable(name, 64)
    if isinstance(schema, dict) and "default" in schema:
        return f"{shown}: {kind} = {_value(cast('dict[str, Any]', schema)['default'])}"
    return f"{shown}: {kind}" if is_required else f"{shown}?: {kind}"
