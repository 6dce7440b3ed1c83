"""Own reading JSON values that others wrote, with mistrust: what is not there, or of another type, counts as empty."""

from typing import Any, cast

__all__ = ["members", "objects", "referred", "texts"]


def members(value: object) -> dict[str, Any]:
    """Return the members of an object; of anything else, none."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def objects(value: object) -> list[dict[str, Any]]:
    """Return the objects in an array; of anything else, none."""
    entries = cast("list[object]", value) if isinstance(value, list) else []
    return [cast("dict[str, Any]", entry) for entry in entries if isinstance(entry, dict)]


def texts(value: object) -> list[str]:
    """Return the strings in an array; of anything else, none."""
    entries = cast("list[object]", value) if isinstance(value, list) else []
    return [entry for entry in entries if isinstance(entry, str)]


def referred(root: object, reference: str) -> Any:
    """Return what a JSON pointer behind `#` points at; None where there is nothing."""
    found = root
    for step in reference.removeprefix("#").split("/")[1:]:
        found = members(found).get(step.replace("~1", "/").replace("~0", "~"))
    return found
