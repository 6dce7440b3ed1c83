"""Own where the specification and its schemas are found, and asking them; know no module and no session.

In a clone they are read in place; an installed hub carries them below `hub/conformance/contract`.
"""

import json
import re
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final, cast

import jsonschema_rs

__all__ = ["definition_faults", "frame_faults", "requirements", "result_definition", "to_hub_definition"]

_CLONE: Final = Path(__file__).resolve().parents[2]
_ENTRY: Final = re.compile(r"^- \*\*(HUB-[A-Z]+-[0-9]+)\*\* (.*?)(?=^- \*\*HUB-|^\S|^$|\Z)", re.MULTILINE | re.DOTALL)
_MOST_FAULTS: Final = 5
_MASK: Final = "the value"


def _read(name: str) -> str:
    place = _CLONE / name
    if place.is_file():
        return place.read_text(encoding="utf-8")
    return (resources.files("hub.conformance") / "contract" / Path(name).name).read_text(encoding="utf-8")


@cache
def requirements() -> dict[str, str]:
    """Return the sentence of each requirement of protocol/README.md, on one line, in its order."""
    return {number: " ".join(text.split()) for number, text in _ENTRY.findall(_read("protocol/README.md"))}


@cache
def _schema() -> dict[str, Any]:
    return json.loads(_read("schemas/v1/hub.schema.json"))


@cache
def _methods() -> dict[str, Any]:
    return json.loads(_read("schemas/v1/meta.json"))["methods"]


@cache
def _validator(definition: str) -> Any:
    whole = _schema()
    reference = {"$ref": f"#/$defs/{definition}"} if definition else {"anyOf": whole["anyOf"]}
    schema = {"$schema": whole["$schema"], **reference, "$defs": whole["$defs"]}
    return jsonschema_rs.Draft202012Validator(schema, offline=True, mask=_MASK)


def definition_faults(definition: str, value: object) -> list[tuple[str, str]]:
    """Return where (JSON pointer) and why `value` is not what `$defs` of schemas/v1 calls `definition`."""
    found: list[tuple[str, str]] = []
    for error in _validator(definition).iter_errors(value):
        pointer = "".join(f"/{step}" for step in error.instance_path)
        found.append((pointer, str(error.message)[:200]))
        if len(found) == _MOST_FAULTS:
            break
    return found


def frame_faults(message: dict[str, Any]) -> list[tuple[str, str]]:
    """Return why `message` is none of the four messages of schemas/v1."""
    if "method" in message:
        return definition_faults("Request" if "id" in message else "Notification", message)
    return definition_faults("ErrorResponse" if "error" in message else "Response", message)


def result_definition(method: str) -> str | None:
    """Return the definition of the result of a request to a module; None where any value will do."""
    found = _methods()["to_module"]["requests"].get(method, {}).get("result")
    return cast("str | None", None if found in (None, "any") else found)


def to_hub_definition(method: str, *, is_request: bool) -> str | None:
    """Return the definition of the params of what a module sends; None for a method that the hub does not have."""
    kind = "requests" if is_request else "notifications"
    return cast("str | None", _methods()["to_hub"][kind].get(method, {}).get("params"))
