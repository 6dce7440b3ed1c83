"""Own the shapes of single values: strings, numbers, booleans, null, enums, times; know nothing of what contains them."""

import datetime as dt
import enum
import math
import re
import uuid
from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from hub_sdk.types._errors import BadValue
from hub_sdk.types._markers import UNBOUNDED, Bounds
from hub_sdk.types._shape import Definitions, Json, Schema, Shape, wrong_kind

__all__ = ["ChoiceShape", "FloatShape", "FormatShape", "IntShape", "PlainShape", "StrShape", "choice_of_enum", "format_shape"]

_NUMBER_KEYWORDS = {
    "ge": "minimum",
    "gt": "exclusiveMinimum",
    "le": "maximum",
    "lt": "exclusiveMaximum",
    "multiple_of": "multipleOf",
}


def _merged(old: Bounds, new: Bounds) -> Bounds:
    return replace(old, **new.limits(), **({"secret": True} if new.secret else {}))


class PlainShape(Shape):
    """bool and None: the JSON value is the Python value."""

    def __init__(self, kind: type, name: str, words: str) -> None:
        self._kind = self.own = kind
        self._name = name
        self._words = words

    def schema(self, definitions: Definitions) -> Schema:  # noqa: ARG002 - nothing to define
        """Return the schema of the one JSON type."""
        return {"type": self._name}

    def read(self, value: Json) -> Any:
        """Return the same value."""
        if type(value) is not self._kind:
            raise wrong_kind(self._words, value)
        return value

    write = read


class StrShape(Shape):
    """Strings."""

    takes = frozenset({"min_length", "max_length", "pattern", "secret"})

    def __init__(self, bounds: Bounds = UNBOUNDED) -> None:
        self._bounds = bounds
        self._pattern = re.compile(bounds.pattern) if bounds.pattern is not None else None
        self._free = not bounds.limits()
        self.own = str if self._free else None

    def bounded(self, bounds: Bounds) -> Shape:
        """Return a string with more bounds."""
        return StrShape(_merged(self._bounds, bounds))

    def schema(self, definitions: Definitions) -> Schema:  # noqa: ARG002
        """Return the schema; lengths count characters, as in Python."""
        limits = self._bounds.limits()
        words = {"min_length": "minLength", "max_length": "maxLength", "pattern": "pattern"}
        schema: Schema = {"type": "string"} | {words[name]: value for name, value in limits.items()}
        if self._bounds.secret:
            schema["writeOnly"] = True
        return schema

    def read(self, value: Json) -> str:
        """Return the same string."""
        if type(value) is not str:
            raise wrong_kind("a string", value)
        if not self._free:
            self._check(value)
        return value

    def write(self, value: Any) -> Json:
        """Return the string; an instance of a subclass, such as a member of a StrEnum, becomes a plain one."""
        if not isinstance(value, str):
            raise wrong_kind("a string", value)
        # Not str(): for a member of a class that is str and Enum it gives the member's name.
        return self.read(str.__str__(value))

    def _check(self, value: str) -> None:
        bounds = self._bounds
        if bounds.min_length is not None and len(value) < bounds.min_length:
            raise BadValue(f"must have at least {bounds.min_length} characters")
        if bounds.max_length is not None and len(value) > bounds.max_length:
            raise BadValue(f"must have at most {bounds.max_length} characters")
        if self._pattern is not None and not self._pattern.search(value):
            raise BadValue(f"must match {self._pattern.pattern}")


def _check_number(value: float, bounds: Bounds) -> None:
    if bounds.ge is not None and not value >= bounds.ge:
        raise BadValue(f"must be at least {bounds.ge}")
    if bounds.gt is not None and not value > bounds.gt:
        raise BadValue(f"must be more than {bounds.gt}")
    if bounds.le is not None and not value <= bounds.le:
        raise BadValue(f"must be at most {bounds.le}")
    if bounds.lt is not None and not value < bounds.lt:
        raise BadValue(f"must be less than {bounds.lt}")
    if bounds.multiple_of is not None and value % bounds.multiple_of:
        raise BadValue(f"must be a multiple of {bounds.multiple_of}")


class IntShape(Shape):
    """Integers; 3.0 is one in JSON Schema, so it is read as 3."""

    takes = frozenset(_NUMBER_KEYWORDS)

    def __init__(self, bounds: Bounds = UNBOUNDED) -> None:
        self._bounds = bounds
        self._free = not bounds.limits()
        self.own = int if self._free else None

    def bounded(self, bounds: Bounds) -> Shape:
        """Return an integer with more bounds."""
        return IntShape(_merged(self._bounds, bounds))

    def schema(self, definitions: Definitions) -> Schema:  # noqa: ARG002
        """Return the schema; without bounds of the author's own there are none."""
        return {"type": "integer"} | {_NUMBER_KEYWORDS[name]: value for name, value in self._bounds.limits().items()}

    def read(self, value: Json) -> int:
        """Return the integer."""
        if type(value) is not int:
            if type(value) is not float or not value.is_integer():
                raise wrong_kind("an integer", value)
            value = int(value)
        if not self._free:
            _check_number(value, self._bounds)
        return value

    def write(self, value: Any) -> Json:
        """Return the integer; one of a subclass becomes a plain one; True is none."""
        if not isinstance(value, int) or isinstance(value, bool):
            raise wrong_kind("an integer", value)
        return self.read(int(value))


class FloatShape(Shape):
    """Numbers; an integer in JSON arrives as a float."""

    takes = frozenset(_NUMBER_KEYWORDS)

    def __init__(self, bounds: Bounds = UNBOUNDED) -> None:
        self._bounds = bounds
        self._free = not bounds.limits()

    def bounded(self, bounds: Bounds) -> Shape:
        """Return a number with more bounds."""
        return FloatShape(_merged(self._bounds, bounds))

    def schema(self, definitions: Definitions) -> Schema:  # noqa: ARG002
        """Return the schema."""
        return {"type": "number"} | {_NUMBER_KEYWORDS[name]: value for name, value in self._bounds.limits().items()}

    def read(self, value: Json) -> float:
        """Return the number as a float."""
        if type(value) is not float:
            if type(value) is not int:
                raise wrong_kind("a number", value)
            value = float(value)
        if not self._free:
            _check_number(value, self._bounds)
        return value

    def write(self, value: Any) -> Json:
        """Return the number; what JSON cannot say (NaN, infinity) is refused."""
        if not isinstance(value, float | int) or isinstance(value, bool):
            raise wrong_kind("a number", value)
        if not math.isfinite(value):
            raise BadValue("must be a finite number: JSON has no NaN and no infinity")
        self.read(float(value))
        return value if type(value) in (int, float) else float(value)


class ChoiceShape(Shape):
    """One of a few values: `Literal` and enums. `choices` are pairs of JSON value and Python value."""

    def __init__(self, choices: list[tuple[Json, Any]]) -> None:
        self._choices = choices
        # The type belongs to the key: 1, 1.0 and True are equal in Python and not in JSON.
        self._reads: dict[tuple[type[Any], Any], Any] = {(type(json), json): python for json, python in choices}
        self._writes: dict[tuple[type[Any], Any], Any] = {(type(python), python): json for json, python in choices}

    def schema(self, definitions: Definitions) -> Schema:  # noqa: ARG002
        """Return the list of values, with their type where they share one."""
        values = [json for json, _ in self._choices]
        names: dict[type[Any], str] = {str: "string", int: "integer", bool: "boolean"}
        kinds: set[type[Any]] = {type(value) for value in values}
        shared = names.get(kinds.pop()) if len(kinds) == 1 else None
        return ({"type": shared} if shared else {}) | {"enum": values}

    def read(self, value: Json) -> Any:
        """Return the Python value."""
        return self._look_up(self._reads, value)

    def write(self, value: Any) -> Json:
        """Return the JSON value."""
        return self._look_up(self._writes, value)

    def _look_up(self, table: dict[tuple[Any, Any], Any], value: Any) -> Any:
        try:
            return table[type(value), value]
        except (KeyError, TypeError):
            shown = ", ".join(repr(json) for json, _ in self._choices[:20])
            raise BadValue(f"must be one of {shown}" + (", ..." if len(self._choices) > 20 else "")) from None  # noqa: PLR2004


def choice_of_enum(kind: type[enum.Enum]) -> ChoiceShape:
    """Return the shape of an enum: its members' values."""
    return ChoiceShape([(member.value, member) for member in kind])


class FormatShape(Shape):
    """Python objects that are strings in JSON."""

    def __init__(self, kind: type, name: str, read: Callable[[str], Any], write: Callable[[Any], str]) -> None:
        self._kind = kind
        self._name = name
        self._read = read
        self._write = write

    def schema(self, definitions: Definitions) -> Schema:  # noqa: ARG002
        """Return a string with its format."""
        return {"type": "string", "format": self._name}

    def read(self, value: Json) -> Any:
        """Return the object that the string means."""
        if type(value) is not str:
            raise wrong_kind("a string", value)
        try:
            return self._read(value)
        except ValueError:
            raise BadValue(f"must be a {self._name}") from None

    def write(self, value: Any) -> Json:
        """Return the string for the object."""
        # A datetime is a date too: isinstance() would write the day and lose the time.
        if type(value) is not self._kind and not (isinstance(value, self._kind) and self._kind is not dt.date):
            raise wrong_kind(f"a {self._kind.__name__}", value)
        return self._write(value)


def _read_datetime(text: str) -> dt.datetime:
    value = dt.datetime.fromisoformat(text)
    # fromisoformat() takes more than RFC 3339: a lone date, and times without an offset, a different instant everywhere.
    if value.tzinfo is None or len(text) < len("2000-01-01T00:00:00Z"):
        raise ValueError(text)
    return value


def _write_datetime(value: dt.datetime) -> str:
    # Python takes a naive datetime for local time everywhere else, too.
    return (value if value.tzinfo is not None else value.astimezone()).isoformat()


def _read_date(text: str) -> dt.date:
    if len(text) != len("2000-01-01"):
        raise ValueError(text)
    return dt.date.fromisoformat(text)


def format_shape(kind: object) -> FormatShape | None:
    """Return the shape of a class that is a string in JSON, or None."""
    if kind is dt.datetime:
        return FormatShape(dt.datetime, "date-time", _read_datetime, _write_datetime)
    if kind is dt.date:
        return FormatShape(dt.date, "date", _read_date, dt.date.isoformat)
    if kind is uuid.UUID:
        return FormatShape(uuid.UUID, "uuid", uuid.UUID, str)
    return None
