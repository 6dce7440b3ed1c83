"""Own the checking of values against JSON Schema 2020-12, with JSON pointers for people; know no functions or modules."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import jsonschema_rs

from hub._schema_growth import Misfit, cannot_be_bounded, grows_by_powers

__all__ = ["Mismatch", "SchemaValidator", "compile_schema", "why_bad_schema"]

# Enough to mend a call by; a list of ten thousand bad rows helps nobody.
_MAX_MISMATCHES = 8
_MAX_MESSAGE_CHARS = 240
# Stands for the value itself in messages: what was wrong is said by the schema, and a value may be a secret.
_MASK = "the value"


class Mismatch(NamedTuple):
    """One place that does not fit: JSON pointer (RFC 6901; "" is the whole) and why, in words, without the value itself."""

    pointer: str
    message: str

    def to_json(self) -> dict[str, str]:
        """Return the member of `data["errors"]` for this place."""
        return {"pointer": self.pointer, "message": self.message}


class SchemaValidator:
    """A schema compiled once. Made by `compile_schema`. One that `is_slow` is not for the thread of an event loop."""

    __slots__ = ("_validator", "accepts", "is_slow")

    def __init__(self, validator: Any, *, is_slow: bool = False) -> None:
        self._validator = validator
        self.is_slow = is_slow
        # Bound once: this is called twice for each call of a function.
        self.accepts = validator.is_valid

    def mismatches(self, value: object) -> list[Mismatch]:
        """Return why `value` does not fit, at most 8 places; nothing when it fits."""
        found: list[Mismatch] = []
        for error in self._validator.iter_errors(value):
            found.append(Mismatch(_pointer(error.instance_path), str(error.message)[:_MAX_MESSAGE_CHARS]))
            if len(found) == _MAX_MISMATCHES:
                break
        return found


def compile_schema(schema: dict[str, Any] | bool) -> SchemaValidator:  # noqa: FBT001 - true and false are schemas
    """Return the validator of a schema that `why_bad_schema` finds nothing wrong with."""
    if not grows_by_powers(schema):
        return SchemaValidator(jsonschema_rs.Draft202012Validator(schema, offline=True, mask=_MASK))
    if cannot_be_bounded(schema):
        return SchemaValidator(_NothingFits())
    from hub._careful import CarefulValidator  # 0.1 s, for what few modules have

    return SchemaValidator(CarefulValidator(schema), is_slow=True)


class _NothingFits:
    """Stands for a schema that cannot be checked in bounded time."""

    def is_valid(self, _value: object) -> bool:
        return False

    def iter_errors(self, _value: object) -> Iterator[Any]:
        yield Misfit([], "its schema refers to itself in more ways than can be checked in bounded time")


def why_bad_schema(schema: Any) -> str | None:
    """Return why `schema` is not a JSON Schema 2020-12 that stands alone (HUB-CAPS-3, HUB-CAPS-4), or None."""
    try:
        jsonschema_rs.Draft202012Validator(schema, offline=True)
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError, TypeError) as error:
        return str(getattr(error, "message", None) or error)[:_MAX_MESSAGE_CHARS]
    return None


def _pointer(path: Sequence[str | int]) -> str:
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)
