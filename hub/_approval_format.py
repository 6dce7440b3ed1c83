"""Own the written form of an approval, and reading it back with every member checked; know nothing of files."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from hub._difference import ApprovalContent, FunctionPin
from hub._names import printable

__all__ = ["FORMAT", "Approval", "approval_from_json", "approval_to_json", "load_document"]

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Approval:
    """One approval: what was accepted, by whom and when."""

    content: ApprovalContent
    by: str
    when: str


def approval_to_json(approval: Approval) -> dict[str, Any]:
    """Return the object that `approval_from_json` reads."""
    content = approval.content
    return {
        "name": content.name,
        "version": content.version,
        "digest": content.digest,
        "license": content.license,
        "license_free": content.license_free,
        "functions": {name: {"signature": pin.signature, "parts": dict(pin.parts)} for name, pin in content.functions.items()},
        "permissions": list(content.permissions),
        "required_modules": dict(content.required_modules),
        **({} if content.implements is None else {"implements": list(content.implements)}),
        "files": None if content.files is None else dict(content.files),
        "by": approval.by,
        "when": approval.when,
    }


def load_document(content: bytes) -> dict[str, Any]:
    """Return the JSON object of an approval or grants file.

    Raises:
        ValueError: it is none, or of a format that this version does not know.
    """
    try:
        found = json.loads(content)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    except ValueError as error:
        raise ValueError(f"it is not JSON: {error}") from error
    if not isinstance(found, dict) or cast("dict[str, Any]", found).get("format") != FORMAT:
        raise ValueError(f'it does not have "format": {FORMAT}')
    return cast("dict[str, Any]", found)


def approval_from_json(stored: object) -> Approval:
    """Return the approval that a file says. No member has a default: a missing one must never compare as equal.

    Raises:
        ValueError: a member is missing or of the wrong type.
    """
    known = _object(stored, "a grant")
    free = known.get("license_free")
    content = ApprovalContent(
        name=_text(known, "name"),
        version=_text(known, "version"),
        digest=_text(known, "digest"),
        license=_text(known, "license"),
        functions={name: _pin(name, pin) for name, pin in _object(known.get("functions"), '"functions"').items()},
        permissions=_texts(known, "permissions"),
        required_modules=_texts_by_name(known, "required_modules"),
        files=None if known.get("files") is None else _texts_by_name(known, "files"),
        license_free=free if isinstance(free, bool) else None,
        # Not a part of what is approved: left out, the module is asked.
        implements=_texts(known, "implements") if "implements" in known else None,
    )
    return Approval(content, _text(known, "by"), _text(known, "when"))


def _pin(name: str, stored: object) -> FunctionPin:
    known = _object(stored, f"the function {printable(name)}")
    return FunctionPin(_text(known, "signature"), _texts_by_name(known, "parts"))


def _object(value: object, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{what} is not an object")  # noqa: TRY004 - content of a file, not an argument
    return cast("dict[str, Any]", value)


def _text(stored: Mapping[str, Any], name: str) -> str:
    found = stored.get(name)
    if not isinstance(found, str):
        raise ValueError(f'it has no string "{name}"')  # noqa: TRY004 - content of a file, not an argument
    return found


def _texts(stored: Mapping[str, Any], name: str) -> tuple[str, ...]:
    found = stored.get(name)
    if not isinstance(found, list) or not all(isinstance(entry, str) for entry in cast("list[object]", found)):
        raise ValueError(f'it has no list of strings "{name}"')
    return tuple(cast("list[str]", found))


def _texts_by_name(stored: Mapping[str, Any], name: str) -> dict[str, str]:
    found = _object(stored.get(name), f'"{name}"')
    if not all(isinstance(value, str) for value in found.values()):
        raise ValueError(f'"{name}" has something that is not a string')
    return found
