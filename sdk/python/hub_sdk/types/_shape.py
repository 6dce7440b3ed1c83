"""Own what a shape is: one annotation as a JSON Schema, a reader and a writer; know no annotation in particular."""

from collections.abc import Callable
from typing import Any, Literal, cast

from hub_sdk.types._errors import BadModule, BadValue
from hub_sdk.types._markers import Bounds

__all__ = ["Definitions", "Direction", "Json", "Schema", "Shape", "document", "json_kind", "read_object", "wrong_kind"]

Json = Any
Schema = dict[str, Any]
Direction = Literal["in", "out"]


class Definitions:
    """The `$defs` of one schema document; `direction` says whether it describes what comes in or what goes out."""

    def __init__(self, direction: Direction) -> None:
        self.direction: Direction = direction
        self.schemas: dict[str, Schema] = {}
        self._names: dict[int, str] = {}

    def refer(self, key: object, name: str, build: Callable[[], Schema]) -> Schema:
        """Return a reference to the schema of `key`, built the first time only, which is what makes recursion end."""
        given = self._names.get(id(key))
        if given is None:
            given, number = name, 2
            while given in self.schemas:
                given, number = f"{name}{number}", number + 1
            self._names[id(key)] = given
            self.schemas[given] = {}
            self.schemas[given] = build()
        return {"$ref": f"#/$defs/{given}"}

    def adopt(self, name: str, schema: Schema) -> None:
        """Take a definition that came ready-made under a fixed name."""
        if self.schemas.setdefault(name, schema) != schema:
            raise BadModule(f"cannot use two different types named {name} in one function", hint="rename one of them")


class Shape:
    """How values of one annotation look as JSON."""

    # The bounds that make sense for it.
    takes: frozenset[str] = frozenset()
    # The type all of whose values are read and written as they are, where there is one: most arguments need no more.
    own: type | None = None

    def schema(self, definitions: Definitions) -> Schema:
        """Return the JSON Schema 2020-12 of it."""
        raise NotImplementedError

    def read(self, value: Json) -> Any:
        """Return the Python value of a JSON value.

        Raises:
            BadValue: the JSON does not fit.
        """
        raise NotImplementedError

    def write(self, value: Any) -> Json:
        """Return the JSON value of a Python value.

        Raises:
            BadValue: the Python value is not what the annotation promises.
        """
        raise NotImplementedError

    def bounded(self, bounds: Bounds) -> "Shape":
        """Return this shape with more bounds; only called with bounds that it takes."""
        raise NotImplementedError


def document(shape: Shape, direction: Direction) -> Schema:
    """Return the complete schema of a shape, with its definitions; a class that nothing refers to again stands in place."""
    definitions = Definitions(direction)
    schema = shape.schema(definitions)
    reference: str = schema["$ref"] if schema.keys() == {"$ref"} else ""
    # People read schemas, and the other SDKs write them so. A text that only looks like the reference costs a detour, no more.
    if reference and repr(reference) not in repr(definitions.schemas):
        schema = definitions.schemas.pop(reference.removeprefix("#/$defs/"))
    if definitions.schemas:
        schema = {**schema, "$defs": definitions.schemas}
    return schema


_KINDS = {
    dict: "an object",
    list: "an array",
    str: "a string",
    bool: "a boolean",
    int: "an integer",
    float: "a number",
    type(None): "null",
}


def json_kind(value: object) -> str:
    """Return what kind of JSON value this is, in words, or the name of its Python type."""
    return _KINDS.get(cast("type[Any]", type(value))) or f"a Python {type(value).__name__}"


def wrong_kind(expected: str, value: object) -> BadValue:
    """Return the error for a value of another kind; it names kinds, never the value, which may be a secret."""
    return BadValue(f"must be {expected}, not {json_kind(value)}")


def read_object(value: Json) -> dict[str, Any]:
    """Return `value`, an object, or raise BadValue."""
    if type(value) is not dict:
        raise wrong_kind("an object", value)
    return cast("dict[str, Any]", value)
