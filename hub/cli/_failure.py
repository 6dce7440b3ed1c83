"""Own how an error is told: two lines for a person, one JSON object for a script; know no command and write nothing."""

from typing import TYPE_CHECKING, Any, Final

from hub.cli._text import cut, harmless_json

if TYPE_CHECKING:
    from hub.errors import HubError

__all__ = ["failure_json", "failure_lines"]

# What a module adds to its error: enough for a person; a script reads all of it with --json.
_DATA_CHARACTERS: Final = 2_000


def failure_lines(error: "HubError", doing: str) -> list[str]:
    """Return the lines for a person. `doing` completes an error that does not say itself what could not be done."""
    lines = [f"error: {_sentence(error, doing)}{_code(error)}"]
    data = getattr(error, "error_data", None)
    if data is not None:
        lines.append(f"data: {cut(harmless_json(data), _DATA_CHARACTERS)}")
    if error.hint:
        lines.append(f"hint: {error.hint}")
    return lines


def _sentence(error: "HubError", doing: str) -> str:
    # A function's own words may begin like ours, and still do not say which function it was.
    if doing and (_is_own(error) or not error.message.startswith("cannot ")):
        return f"cannot {doing}: {error.message or 'it gave no reason'}"
    return error.message


def _code(error: "HubError") -> str:
    # The code of an error of the hub is for programs; that of a function is often the only thing its documentation names.
    return f" (code {error.code})" if _is_own(error) else ""


def _is_own(error: "HubError") -> bool:
    """Return whether a module answered with this error itself."""
    return hasattr(error, "error_data")


def failure_json(error: "HubError", doing: str) -> dict[str, Any]:
    """Return the object for a script: the same sentence, but what a module answered itself is left as the module said it."""
    told = error.to_json()
    return {"error": told if _is_own(error) else {**told, "message": _sentence(error, doing)}}
