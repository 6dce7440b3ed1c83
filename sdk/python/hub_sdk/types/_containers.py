"""Own the shapes of arrays, mappings, unions and anything; know nothing of classes with members."""

import datetime as dt
import enum
import uuid
from collections.abc import Callable, Collection, Mapping
from typing import Any, cast

from msgspec.structs import replace

from hub_sdk.types._errors import BadValue
from hub_sdk.types._markers import UNBOUNDED, Bounds
from hub_sdk.types._scalars import FloatShape, IntShape, format_shape
from hub_sdk.types._shape import Definitions, Json, Schema, Shape, read_object, wrong_kind

__all__ = ["AnyShape", "ArrayShape", "MapShape", "NotedShape", "TupleShape", "UnionShape", "plain"]


class AnyShape(Shape):
    """Any JSON value."""

    def schema(self, definitions: Definitions) -> Schema:  # noqa: ARG002
        """Return the schema that everything fits."""
        return {}

    def read(self, value: Json) -> Any:
        """Return the JSON value as it is."""
        return value

    def write(self, value: Any) -> Json:
        """Return the value with enums, times, sets and dataclasses inside it turned into JSON."""
        return plain(value)


def plain(value: Any) -> Json:  # noqa: PLR0911 - one for each kind of value
    """Return a Python value as JSON by what it is, where no annotation says what it should be.

    Raises:
        BadValue: there is no JSON for it.
    """
    if value is None or type(value) in (str, int, float, bool):
        return value
    if isinstance(value, enum.Enum):
        return plain(value.value)
    if isinstance(value, Mapping):
        return _plain_members(cast("Mapping[Any, Any]", value))
    if isinstance(value, list | tuple | set | frozenset):
        return _plain_items(cast("Collection[Any]", value))
    if isinstance(value, dt.datetime | dt.date | uuid.UUID):
        shape = format_shape(type(value))
        return shape.write(value) if shape else str(value)
    fields = getattr(value, "__dataclass_fields__", None)
    if fields is not None and not isinstance(value, type):
        return _plain_members({name: getattr(value, name) for name in fields})
    if hasattr(value, "model_dump"):
        return cast("Any", value).model_dump(mode="json", by_alias=True)
    raise BadValue(f"must be JSON, not {type(value).__name__}")


def _plain_members(value: Mapping[Any, Any]) -> Json:
    members: dict[str, Any] = {}
    for name, member in value.items():
        if not isinstance(name, str):
            raise BadValue("must have strings as member names")
        try:
            members[str(name)] = plain(member)
        except BadValue as error:
            error.parts.append(name)
            raise
    return members


def _plain_items(value: Collection[Any]) -> Json:
    return _each(plain, value)


def _each(change: Callable[[Any], Any], items: Collection[Any]) -> list[Any]:
    changed: list[Any] = []
    try:
        for item in items:
            changed.append(change(item))  # noqa: PERF401 - how far it got is the index in the error
    except BadValue as error:
        error.parts.append(len(changed))
        raise
    return changed


class ArrayShape(Shape):
    """Lists, sets and tuples of one kind of item."""

    takes = frozenset({"min_length", "max_length"})

    def __init__(
        self, item: Shape, make: type[list[Any] | set[Any] | frozenset[Any] | tuple[Any, ...]], bounds: Bounds = UNBOUNDED
    ) -> None:
        self._item = item
        self._make = make
        self._bounds = bounds
        self._unique = make in (set, frozenset)

    def bounded(self, bounds: Bounds) -> Shape:
        """Return an array with a bounded number of items."""
        return ArrayShape(self._item, self._make, replace(self._bounds, **bounds.limits()))

    def schema(self, definitions: Definitions) -> Schema:
        """Return the schema; a set's items are unique."""
        schema: Schema = {"type": "array", "items": self._item.schema(definitions)}
        if self._unique:
            schema["uniqueItems"] = True
        words = {"min_length": "minItems", "max_length": "maxItems"}
        return schema | {words[name]: value for name, value in self._bounds.limits().items()}

    def read(self, value: Json) -> Any:
        """Return the collection."""
        if type(value) is not list:
            raise wrong_kind("an array", value)
        items = _each(self._item.read, cast("list[Any]", value))
        self._check(items)
        made = items if self._make is list else self._make(items)
        if self._unique and len(made) != len(items):
            raise BadValue("must not have the same item twice")
        return made

    def write(self, value: Any) -> Json:
        """Return the array; a set is sorted where its items can be, so that equal sets give equal JSON."""
        if not isinstance(value, list | tuple | set | frozenset):
            raise wrong_kind(f"a {self._make.__name__}", value)
        items = _each(self._item.write, cast("Collection[Any]", value))
        self._check(items)
        if isinstance(value, set | frozenset):
            kinds: set[type[Any]] = {type(item) for item in items}
            if kinds in ({str}, {int}, {float}):
                items.sort()
        return items

    def _check(self, items: list[Any]) -> None:
        least, most = self._bounds.min_length, self._bounds.max_length
        if least is not None and len(items) < least:
            raise BadValue(f"must have at least {least} items")
        if most is not None and len(items) > most:
            raise BadValue(f"must have at most {most} items")


class TupleShape(Shape):
    """A tuple with one annotation for each place."""

    def __init__(self, items: list[Shape]) -> None:
        self._items = items

    def schema(self, definitions: Definitions) -> Schema:
        """Return the schema of an array of exactly these items."""
        count = len(self._items)
        schema: Schema = {"type": "array", "minItems": count, "maxItems": count}
        return schema | ({"prefixItems": [item.schema(definitions) for item in self._items]} if count else {})

    def read(self, value: Json) -> Any:
        """Return the tuple."""
        if type(value) is not list:
            raise wrong_kind("an array", value)
        return tuple(self._in_turn([item.read for item in self._items], cast("list[Any]", value)))

    def write(self, value: Any) -> Json:
        """Return the array."""
        if not isinstance(value, tuple | list):
            raise wrong_kind("a tuple", value)
        return self._in_turn([item.write for item in self._items], cast("list[Any]", value))

    def _in_turn(self, changes: list[Callable[[Any], Any]], items: Collection[Any]) -> list[Any]:
        if len(items) != len(changes):
            raise BadValue(f"must have exactly {len(changes)} items")
        turn = iter(changes)
        return _each(lambda item: next(turn)(item), items)  # noqa: PLW0108 - each item has a turn of its own


class MapShape(Shape):
    """Dictionaries with string keys."""

    takes = frozenset({"min_length", "max_length"})

    def __init__(self, member: Shape, bounds: Bounds = UNBOUNDED) -> None:
        self._member = member
        self._bounds = bounds

    def bounded(self, bounds: Bounds) -> Shape:
        """Return a mapping with a bounded number of members."""
        return MapShape(self._member, replace(self._bounds, **bounds.limits()))

    def schema(self, definitions: Definitions) -> Schema:
        """Return the schema of an object whose members are all of one kind."""
        member = self._member.schema(definitions)
        schema: Schema = {"type": "object"} | ({"additionalProperties": member} if member else {})
        words = {"min_length": "minProperties", "max_length": "maxProperties"}
        return schema | {words[name]: value for name, value in self._bounds.limits().items()}

    def read(self, value: Json) -> Any:
        """Return the dictionary."""
        return self._change(self._member.read, read_object(value))

    def write(self, value: Any) -> Json:
        """Return the object."""
        if not isinstance(value, Mapping):
            raise wrong_kind("a dict", value)
        return self._change(self._member.write, cast("Mapping[Any, Any]", value))

    def _change(self, change: Callable[[Any], Any], members: Mapping[Any, Any]) -> dict[str, Any]:
        least, most = self._bounds.min_length, self._bounds.max_length
        if least is not None and len(members) < least:
            raise BadValue(f"must have at least {least} members")
        if most is not None and len(members) > most:
            raise BadValue(f"must have at most {most} members")
        changed: dict[str, Any] = {}
        for name, member in members.items():
            if not isinstance(name, str):
                raise BadValue("must have strings as member names")
            try:
                changed[name] = change(member)
            except BadValue as error:
                error.parts.append(name)
                raise
        return changed


class UnionShape(Shape):
    """One of several shapes; the first that fits is taken."""

    def __init__(self, arms: list[Shape]) -> None:
        # A float takes integers too: behind an int it gets only what the int left.
        self._arms = (
            sorted(arms, key=lambda arm: isinstance(arm, FloatShape)) if any(isinstance(a, IntShape) for a in arms) else arms
        )

    def schema(self, definitions: Definitions) -> Schema:
        """Return the alternatives."""
        return {"anyOf": [arm.schema(definitions) for arm in self._arms]}

    def read(self, value: Json) -> Any:
        """Return what the first fitting alternative reads."""
        return self._first(value, [arm.read for arm in self._arms])

    def write(self, value: Any) -> Json:
        """Return what the first fitting alternative writes."""
        return self._first(value, [arm.write for arm in self._arms])

    def _first(self, value: Any, changes: list[Callable[[Any], Any]]) -> Any:
        best: BadValue | None = None
        reasons: list[str] = []
        for change in changes:
            try:
                return change(value)
            except BadValue as error:
                reasons.append(error.message)
                # The alternative that got deepest is the one that was meant.
                if error.parts and (best is None or len(error.parts) > len(best.parts)):
                    best = error
        raise best or BadValue(" or ".join(dict.fromkeys(reasons)))


class NotedShape(Shape):
    """Another shape with a description beside it."""

    def __init__(self, shape: Shape, description: str) -> None:
        self.inner = shape
        self.description = description
        self.takes = shape.takes
        self.own = shape.own

    def schema(self, definitions: Definitions) -> Schema:
        """Return the inner schema with the description."""
        return {**self.inner.schema(definitions), "description": self.description}

    def read(self, value: Json) -> Any:
        """Return what the inner shape reads."""
        return self.inner.read(value)

    def write(self, value: Any) -> Json:
        """Return what the inner shape writes."""
        return self.inner.write(value)

    def bounded(self, bounds: Bounds) -> Shape:
        """Return the inner shape bounded, the description kept."""
        return NotedShape(self.inner.bounded(bounds), self.description)
