"""Own how a function is shown in one line, from any JSON Schema; pure, and never raises whatever the schema is."""

import json
from collections.abc import Mapping
from typing import Any, Final, cast

from hub._names import printable

__all__ = ["render_signature", "render_type"]

# A signature is one line for a person: what is deeper or longer is in the schema.
_MAX_DEPTH = 4
# A schema of a few lines can stand for millions of types by referring to itself twice at each level.
# Counted for each parameter, so that one cannot hide the next.
_MAX_TYPES = 16
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
    name = printable(str(function.get("name", "?")), 64)
    params = _parameters(function.get("params"))
    return printable(f"{name}({params}) -> {render_type(function.get('returns'))}", _MAX_CHARACTERS)


def render_type(schema: object) -> str:
    """Return a few words for what a JSON Schema accepts."""
    return _Renderer(schema).type(schema, 0)


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
    shown = [
        _Renderer(known).parameter(name, properties.get(name), is_required=name in required) for name in names[:_MAX_PARAMETERS]
    ]
    if len(names) > _MAX_PARAMETERS or known.get("additionalProperties") not in (None, False):
        shown.append("…")
    return ", ".join(shown)


class _Renderer:
    """Renders the types of one schema, `root`, to which its local references lead."""

    def __init__(self, root: object) -> None:
        self._root = root
        self._left = _MAX_TYPES

    def parameter(self, name: str, schema: object, *, is_required: bool) -> str:
        kind = self.type(schema, 0)
        shown = printable(name, 64)
        if isinstance(schema, dict) and "default" in schema:
            return f"{shown}: {kind} = {_value(cast('dict[str, Any]', schema)['default'])}"
        return f"{shown}: {kind}" if is_required else f"{shown}?: {kind}"

    def type(self, schema: object, depth: int) -> str:
        if not isinstance(schema, dict) or not schema:
            return "never" if schema is False else _ANY
        self._left -= 1
        if depth > _MAX_DEPTH or self._left < 0:
            return "…"
        known = cast("dict[str, Any]", schema)
        if "const" in known or isinstance(known.get("enum"), list):
            values = [known["const"]] if "const" in known else known["enum"][: _MAX_CHOICES + 1]
            return _choices([_value(value) for value in values])
        if isinstance(known.get("$ref"), str):
            return self._referenced(known["$ref"], depth)
        return self._combined(known, depth) or self._plain(known, depth)

    def _combined(self, known: dict[str, Any], depth: int) -> str | None:
        for keyword, joint in (("anyOf", " | "), ("oneOf", " | "), ("allOf", " & ")):
            if isinstance(known.get(keyword), list) and known[keyword]:
                return _choices([self.type(arm, depth + 1) for arm in known[keyword][: _MAX_CHOICES + 1]], joint)
        return None

    def _plain(self, schema: dict[str, Any], depth: int) -> str:
        declared = schema.get("type", next((kind for keyword, kind in _IMPLIED.items() if keyword in schema), None))
        if isinstance(declared, list):
            names = cast("list[object]", declared)[: _MAX_CHOICES + 1]
            return _choices([self._named(name, schema, depth) for name in names])
        return self._named(declared, schema, depth)

    def _named(self, declared: object, schema: dict[str, Any], depth: int) -> str:
        if not isinstance(declared, str):
            return _ANY
        if declared != "array":
            return printable(declared, _MAX_VALUE_CHARACTERS)
        if isinstance(schema.get("prefixItems"), list):
            return f"[{', '.join(self.type(item, depth + 1) for item in schema['prefixItems'][:_MAX_CHOICES])}]"
        if "items" not in schema:
            return "array"
        items = self.type(schema["items"], depth + 1)
        return f"array of ({items})" if " | " in items or " & " in items else f"array of {items}"

    def _referenced(self, reference: str, depth: int) -> str:
        """Follow a local JSON pointer (RFC 6901); name whatever else it is by its last part."""
        found: object = self._root
        if reference.startswith("#/"):
            for part in reference[2:].split("/"):
                key = part.replace("~1", "/").replace("~0", "~")
                found = cast("dict[str, Any]", found).get(key) if isinstance(found, dict) else None
            if isinstance(found, dict | bool):
                return self.type(cast("object", found), depth + 1)
        return printable(reference.rsplit("/", 1)[-1], _MAX_VALUE_CHARACTERS) or _ANY


def _choices(arms: list[str], joint: str = " | ") -> str:
    different = list(dict.fromkeys(arms))
    cut = [*different[:_MAX_CHOICES], "…"] if len(different) > _MAX_CHOICES else different
    return joint.join(cut) or "never"


def _value(value: object) -> str:
    try:
        return printable(json.dumps(value, ensure_ascii=False), _MAX_VALUE_CHARACTERS)
    except (TypeError, ValueError, RecursionError):
        return _ANY
