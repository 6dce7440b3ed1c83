"""Own what a person sees who runs a module by hand: its information and its functions as signatures; know nothing of frames."""

from typing import Any, cast

from hub_sdk.serve._definition import Definition
from hub_sdk.types import Json, Schema

__all__ = ["describe"]


def describe(definition: Definition) -> str:
    """Return everything that a module says about itself, for people."""
    about = definition.information
    lines = [f"{about.name} {about.version} ({about.license}) by {', '.join(about.authors)}"]
    lines += [f"  {line}" for line in about.description]
    if about.homepage:
        lines.append(f"  {about.homepage}")
    lines += [f"  {name}: {text}" for name, text in about.extra_info.items()]
    lines += [f"requires {name} {requirement}" for name, requirement in about.required_modules.items()]
    lines += [f"asks for permission {permission}" for permission in definition.permissions]
    for function in definition.functions.values():
        lines += ["", *_function(function.shown)]
    return "\n".join(lines)


def _function(shown: dict[str, Json]) -> list[str]:
    params = cast("Schema", shown["params"])
    required = params.get("required", [])
    arguments = ", ".join(_argument(name, schema, params, name in required) for name, schema in params["properties"].items())
    returns = cast("Schema | None", shown.get("returns"))
    lines = [f"{shown['name']}({arguments})" + (f" -> {_type(returns, returns)}" if returns is not None else "")]
    lines += [f"    {shown['summary']}"] if "summary" in shown else []
    lines += [
        f"    {name}: {schema['description']}" for name, schema in params["properties"].items() if "description" in schema
    ]
    lines += [f"    error {error['code']}: {error.get('message', '')}" for error in shown.get("errors", [])]
    return lines


def _argument(name: str, schema: Schema, root: Schema, required: bool) -> str:  # noqa: FBT001 - private, read in place
    default = "" if required else f" = {schema['default']!r}" if "default" in schema else " = ..."
    return f"{name}: {_type(schema, root)}{default}"


def _type(schema: Schema, root: Schema, depth: int = 0) -> str:
    """Return a short name for a schema; what is nested deeper than a signature can show is "object"."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        target = cast("Schema", root.get("$defs", {}).get(name, {}))
        return _type(target, root, depth + 1) if depth == 0 and "properties" in target else name
    if "enum" in schema:
        return " | ".join(repr(value) for value in schema["enum"])
    if "anyOf" in schema:
        return " | ".join(_type(arm, root, depth + 1) for arm in schema["anyOf"])
    if schema.get("type") == "array":
        items = cast("Schema | None", schema.get("items"))
        return f"[{_type(items, root, depth + 1)}]" if items else "array"
    if schema.get("type") == "object" and "properties" in schema and depth < 2:  # noqa: PLR2004
        members = cast("dict[str, Any]", schema["properties"])
        return "{" + ", ".join(f"{name}: {_type(member, root, depth + 1)}" for name, member in members.items()) + "}"
    return str(schema.get("type", "any"))
