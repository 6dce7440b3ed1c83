"""Own the shapes of objects with named members: dataclasses, typed dictionaries, arguments; know no annotation syntax."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, cast

import msgspec
from msgspec import UNSET

from hub_sdk.types._errors import BadValue
from hub_sdk.types._shape import Definitions, Json, Schema, Shape, read_object, wrong_kind

__all__ = ["ClassShape", "DictShape", "Member", "Members", "ModelShape", "PydanticModel"]


class Member(msgspec.Struct, frozen=True):
    """One member: `default` is JSON, and UNSET where there is none that can be shown."""

    name: str
    shape: Shape
    required: bool
    default: Json = UNSET
    description: str | None = None


class Members:
    """The members of one object; what it does not name is refused, so that a typing error is found."""

    def __init__(self, members: list[Member]) -> None:
        self.all = members
        self._names = frozenset(member.name for member in members)
        self._readers = [(member.name, member.shape.own, member.shape.read, member.required) for member in members]

    def schema(self, definitions: Definitions) -> Schema:
        """Return the schema of the object, in place."""
        properties: Schema = {}
        for member in self.all:
            schema = member.shape.schema(definitions)
            if member.description and "description" not in schema:
                schema = {**schema, "description": member.description}
            if member.default is not UNSET:
                schema = {**schema, "default": member.default}
            properties[member.name] = schema
        required = [member.name for member in self.all if member.required]
        return {
            "type": "object",
            "properties": properties,
            **({"required": required} if required else {}),
            "additionalProperties": False,
        }

    def read(self, value: Json) -> dict[str, Any]:
        """Return the Python values of the members that are there.

        Raises:
            BadValue: one does not fit, is missing, or is not known.
        """
        members = read_object(value)
        found: dict[str, Any] = {}
        for name, own, read, required in self._readers:
            if name in members:
                item = members[name]
                if type(item) is own:
                    found[name] = item
                    continue
                try:
                    found[name] = read(item)
                except BadValue as error:
                    error.parts.append(name)
                    raise
            elif required:
                raise BadValue("is missing", name)
        if len(found) != len(members):
            raise BadValue("is not known here", next(name for name in members if name not in self._names))
        return found

    def write(self, get: Callable[[str], Any]) -> dict[str, Json]:
        """Return the JSON of the members; `get` answers UNSET for one that is absent."""
        shown: dict[str, Json] = {}
        for member in self.all:
            name = member.name
            value = get(name)
            if value is UNSET:
                if member.required:
                    raise BadValue("is missing", name)
                continue
            try:
                shown[name] = member.shape.write(value)
            except BadValue as error:
                error.parts.append(name)
                raise
        return shown


class ClassShape(Shape):
    """Dataclasses and named tuples. `members` is filled in later: a class may refer to itself."""

    def __init__(self, kind: type[Any], description: str | None) -> None:
        self.members = Members([])
        self._kind = kind
        self._description = description

    def schema(self, definitions: Definitions) -> Schema:
        """Return a reference to the definition."""
        about = {"description": self._description} if self._description else {}
        return definitions.refer(self._kind, self._kind.__name__, lambda: self.members.schema(definitions) | about)

    def read(self, value: Json) -> Any:
        """Return an instance; what the class itself refuses with a ValueError is refused."""
        members = self.members.read(value)
        try:
            return self._kind(**members)
        except ValueError as error:
            raise BadValue(str(error)) from error

    def write(self, value: Any) -> Json:
        """Return the object for an instance."""
        if not isinstance(value, self._kind):
            raise wrong_kind(f"a {self._kind.__name__}", value)
        return self.members.write(lambda name: getattr(value, name))


class DictShape(Shape):
    """Typed dictionaries."""

    def __init__(self, kind: type[Any], description: str | None) -> None:
        self.members = Members([])
        self._kind = kind
        self._description = description

    def schema(self, definitions: Definitions) -> Schema:
        """Return a reference to the definition."""
        about = {"description": self._description} if self._description else {}
        return definitions.refer(self._kind, self._kind.__name__, lambda: self.members.schema(definitions) | about)

    def read(self, value: Json) -> Any:
        """Return a dictionary."""
        return self.members.read(value)

    def write(self, value: Any) -> Json:
        """Return the object; a member that the type does not name is refused."""
        if not isinstance(value, Mapping):
            raise wrong_kind(f"a {self._kind.__name__}", value)
        given = cast("Mapping[str, Any]", value)
        shown = self.members.write(lambda name: given.get(name, UNSET))
        if len(shown) != len(given):
            raise BadValue("is not known here", next(str(name) for name in given if name not in shown))
        return shown


class PydanticModel(Protocol):
    """What we use of a pydantic model's class; pydantic itself is never imported here."""

    __name__: str

    def model_json_schema(self, *, ref_template: str, mode: str) -> dict[str, Any]:
        """Return the schema."""
        ...

    def model_validate(self, obj: Any) -> Any:
        """Return an instance."""
        ...


class ModelShape(Shape):
    """Models of pydantic, when the author uses it."""

    def __init__(self, kind: PydanticModel) -> None:
        self._kind = kind

    def schema(self, definitions: Definitions) -> Schema:
        """Return a reference to the definition that the model itself makes."""
        mode = "validation" if definitions.direction == "in" else "serialization"
        schema = dict(self._kind.model_json_schema(ref_template="#/$defs/{model}", mode=mode))
        for name, definition in schema.pop("$defs", {}).items():
            definitions.adopt(name, definition)
        if "$ref" in schema:  # a recursive model has already put itself among its definitions
            return schema
        return definitions.refer(self._kind, self._kind.__name__, lambda: schema)

    def read(self, value: Json) -> Any:
        """Return an instance."""
        read_object(value)
        try:
            return self._kind.model_validate(value)
        except ValueError as error:
            raise _from_pydantic(error) from error

    def write(self, value: Any) -> Json:
        """Return what the model writes of itself."""
        if not isinstance(value, cast("type[Any]", self._kind)):
            raise wrong_kind(f"a {self._kind.__name__}", value)
        return value.model_dump(mode="json", by_alias=True)


def _from_pydantic(error: ValueError) -> BadValue:
    """Return the first thing that pydantic found; its own text holds the input, which may be a secret."""
    errors = getattr(error, "errors", None)
    if not callable(errors):
        return BadValue("does not fit the model")
    first = cast("list[dict[str, Any]]", errors(include_url=False, include_context=False, include_input=False))[0]
    return BadValue(str(first["msg"]), *reversed(first["loc"]))
