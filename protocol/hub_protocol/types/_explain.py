"""Own the words in which a wrong object is explained to people; must not know what any single member means.

The requirement ids are read from the models: the innermost member on the way to the fault that names one, else its model.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, cast, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from hub_protocol.types._shape import REQUIREMENT_ID, Wire

__all__ = ["Problem", "explain_with"]


class Problem(NamedTuple):
    """One fault: where (JSON pointer into the object that was checked), what, and which requirement it breaks."""

    pointer: str
    message: str
    requirement: str | None


_MUST_BE: Final = {
    "string_type": "a string",
    "int_type": "an integer",
    "int_from_float": "an integer",
    "float_type": "a number",
    "bool_type": "true or false",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "tuple_type": "an array",
    "list_type": "an array",
    "finite_number": "a finite number",
}
_OF_LIMITS: Final = {
    "missing": "is required",
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "too_short": "must have at least {min_length} entries",
    "too_long": "must have at most {max_length} entries",
    "literal_error": "must be {expected}",
}
# Patterns are for programs; a person is told what they stand for. Keys are requirement ids.
_OF_PATTERNS: Final = {
    "HUB-INFO-2": "must be a module name: a lower-case letter, then letters, digits, _ and -, at most 64 in all",
    "HUB-INFO-3": "must be a version by SemVer 2.0, such as 1.4.0",
    "HUB-INFO-5": "must not be empty",
    "HUB-INFO-6": 'must be a requirement such as "1.2.3", "^1.0", ">=1.0,<2" or "*"',
    "HUB-CAPS-2": "must be a function name: a letter, then letters, digits, _ and -, at most 64 in all",
    "HUB-CAPS-9": "must be an interface with its version, such as cloud.compute/1.0",
    "HUB-CAPS-7": "must be one of ask, store, credentials, call:MODULE, call:MODULE.FUNCTION, call:*",
}
# A person mends the first few; a hostile frame could have a million.
_MOST_PROBLEMS: Final = 100
# Enough to recognise a value by.
_SHOWN_CHARS: Final = 60
_NAMES: Final[dict[type, str]] = {
    type(None): "null",
    bool: "a boolean",
    int: "an integer",
    float: "a number",
    str: "a string",
    dict: "an object",
    list: "an array",
}


def _name_of(value: object) -> str:
    """Name the JSON type of a Python value, with its article."""
    return _NAMES.get(type(value), "something else")


def _message_of(error: ErrorDetails, requirement: str | None) -> str:
    kind, value = error["type"], error["input"]
    if error["loc"] and error["loc"][-1] == "[key]":
        return "does not have a name that is allowed here"
    limits = cast("Mapping[str, Any]", error.get("ctx", {}))
    if kind in _MUST_BE:
        return f"must be {_MUST_BE[kind]}, not {_name_of(value)}"
    if kind == "string_pattern_mismatch":
        shown = str(value)[:_SHOWN_CHARS]
        return f"{_OF_PATTERNS.get(requirement or '', 'does not have the right form')} (it is {shown!r})"
    if limits.get("min_length") == 1 and kind in {"too_short", "string_too_short"}:
        return "must not be empty"
    if kind in _OF_LIMITS:
        return _OF_LIMITS[kind].format(**limits)
    # Either raised by a validator of ours, in its words, or of a kind that no model has today: one line beats silence.
    return error["msg"].splitlines()[0]


def _first_id(text: str | None) -> str | None:
    found = REQUIREMENT_ID.search(text or "")
    return found.group() if found else None


def _model_in(annotation: object) -> type[Wire] | None:
    """Find the model that an annotation such as `tuple[Function, ...]` or `Deprecated | None` leads to."""
    if isinstance(annotation, type) and issubclass(annotation, Wire):
        return annotation
    found = (_model_in(part) for part in get_args(annotation))
    return next((model for model in found if model is not None), None)


def _requirement_at(model: type[Wire] | None, location: tuple[int | str, ...]) -> str | None:
    requirement = _first_id(model.__doc__) if model else None
    for step in location:
        field = None
        if model is not None and isinstance(step, str):
            fields = model.model_fields
            field = fields.get(step) or next((item for item in fields.values() if item.alias == step), None)
        if field is not None:
            model = _model_in(field.annotation)
            requirement = _first_id(field.description) or (_first_id(model.__doc__) if model else None) or requirement
    return requirement


def _pointer(location: tuple[int | str, ...]) -> str:
    steps = (str(step) for step in location if step != "[key]")
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)


def explain_with(models: Mapping[str, type[Wire]], error: ValidationError) -> list[Problem]:
    """Return what is wrong, in the order of the members; `models` maps the titles of models to the models."""
    details = error.errors(include_url=False)[:_MOST_PROBLEMS]
    problems: list[Problem] = []
    for detail in details:
        if detail["type"] == "too_short" and any(
            other["loc"][: len(detail["loc"])] == detail["loc"] != other["loc"] for other in details
        ):
            # pydantic counts only the good entries: what is missing is named by the bad ones.
            continue
        location, own = detail["loc"], cast("Mapping[str, Any]", detail.get("ctx", {}))
        requirement = cast("str | None", own.get("requirement")) or _requirement_at(models.get(error.title), location)
        pointer = _pointer(location) + cast("str", own.get("pointer", ""))
        problems.append(Problem(pointer, _message_of(detail, requirement), requirement))
    return problems
