"""Own how an annotation becomes a shape; know nothing of functions or of the wire.

Authors' errors end here: each refusal says what stands there and what to write instead.
"""

import enum
import types
import typing
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Callable,
    Collection,
    Generator,
    Hashable,
    Iterable,
    Iterator,
    Mapping,
    MutableMapping,
    MutableSequence,
    MutableSet,
    Sequence,
    Set,  # noqa: PYI025 - it stands in a table beside `set`, under its own name
)
from functools import partial
from typing import Annotated, Any, Literal, NotRequired, Required, Union, cast, get_args, get_origin

import msgspec
from msgspec import UNSET

from hub_sdk.types._containers import AnyShape, ArrayShape, MapShape, NotedShape, TupleShape, UnionShape
from hub_sdk.types._docstrings import read_docstring
from hub_sdk.types._errors import BadValue
from hub_sdk.types._markers import Bounds, collect
from hub_sdk.types._objects import ClassShape, DictShape, Member, Members, ModelShape
from hub_sdk.types._scalars import ChoiceShape, FloatShape, IntShape, PlainShape, StrShape, choice_of_enum, format_shape
from hub_sdk.types._shape import Json, Shape

__all__ = ["Annotations", "Refused", "resolved_hints"]

_MENDS: dict[object, str] = {
    bytes: "take a str and decode it in the function (base64.b64decode)",
    bytearray: "take a str and decode it in the function (base64.b64decode)",
    memoryview: "take a str and decode it in the function (base64.b64decode)",
    complex: "take two floats",
    object: "write Any",
    type: "take the name as a str",
    typing.NoReturn: "write None",
    typing.Never: "write None",
}
_SUPPORTED = (
    "use str, int, float, bool, None, list, tuple, set, dict[str, ...], Literal, an Enum, a dataclass, a TypedDict, "
    "datetime, date, UUID, a pydantic model, or Any"
)
_LISTS = (list, Sequence, MutableSequence, Iterable, Collection)
_ARRAYS: dict[object, Any] = {
    **dict.fromkeys(_LISTS, list),
    set: set,
    frozenset: frozenset,
    Set: frozenset,
    MutableSet: set,
}
_MAPPINGS = (dict, Mapping, MutableMapping)
_WRAPPERS = (Required, NotRequired, typing.Final, typing.ClassVar)
_UNIONS = (Union, types.UnionType)
_NULL = PlainShape(type(None), "null", "null")
_SIMPLE: dict[object, Callable[[], Shape]] = {
    str: StrShape,
    int: IntShape,
    float: FloatShape,
    bool: lambda: PlainShape(bool, "boolean", "a boolean"),
    None: lambda: _NULL,
    type(None): lambda: _NULL,
    Any: AnyShape,
    tuple: lambda: ArrayShape(AnyShape(), tuple),
    **{kind: partial(ArrayShape, AnyShape(), make) for kind, make in _ARRAYS.items()},
    **dict.fromkeys(_MAPPINGS, lambda: MapShape(AnyShape())),
}


class Refused(Exception):
    """The annotation has no JSON form; `mend` says what to write."""

    def __init__(self, why: str, mend: str) -> None:
        super().__init__(why)
        self.mend = mend


def resolved_hints(owner: Any) -> dict[str, Any]:
    """Return the annotations of a class or function, strings resolved.

    Raises:
        Refused: a name in one of them is not known.
    """
    try:
        return typing.get_type_hints(owner, include_extras=True)
    except NameError as error:
        raise Refused(
            f"an annotation uses {error.name!r}, which is not known where it stands",
            "define or import it at the top level of the file, above its use, and not under `if TYPE_CHECKING`",
        ) from None
    except (TypeError, SyntaxError) as error:
        raise Refused(f"an annotation cannot be read ({error})", "write it as code, not as a string") from None


class Annotations:
    """Makes shapes; remembers the classes it has seen, which is what lets them refer to themselves."""

    def __init__(self) -> None:
        self._classes: dict[type[Any], Shape] = {}

    def shape(self, annotation: Any) -> Shape:
        """Return the shape of an annotation.

        Raises:
            Refused: it has no JSON form.
        """
        if isinstance(annotation, str):
            raise Refused(f"it is annotated with the string {annotation!r}", "write it as code, not as a string")
        if not isinstance(annotation, Hashable):
            raise _refused(annotation)
        origin = get_origin(annotation)
        if origin is not None:
            return self._of_generic(annotation, origin, get_args(annotation))
        make = _SIMPLE.get(annotation)
        return self._of_class(annotation) if make is None else make()

    def _of_generic(self, annotation: Any, origin: Any, arguments: tuple[Any, ...]) -> Shape:
        if origin is Literal:
            return _of_literal(arguments)
        if origin is Annotated:
            return self._annotated(self.shape(arguments[0]), collect(arguments[1:]))
        if origin in _WRAPPERS:
            return self.shape(arguments[0])
        if origin in _UNIONS:
            return UnionShape([self.shape(argument) for argument in arguments])
        if origin is tuple:
            return self._of_tuple(arguments)
        return self._of_container(annotation, origin, arguments)

    def _of_container(self, annotation: Any, origin: Any, arguments: tuple[Any, ...]) -> Shape:
        if origin in _ARRAYS:
            return ArrayShape(self.shape(arguments[0]), _ARRAYS[origin])
        if origin not in _MAPPINGS:
            raise _refused(annotation)
        if arguments[0] is not str:
            raise Refused(f"it has {_name(arguments[0])} as its keys", "JSON has string keys only: write dict[str, ...]")
        return MapShape(self.shape(arguments[1]))

    def _of_tuple(self, arguments: tuple[Any, ...]) -> Shape:
        if len(arguments) == 2 and arguments[1] is ...:  # noqa: PLR2004 - tuple[X, ...]
            return ArrayShape(self.shape(arguments[0]), tuple)
        return TupleShape([self.shape(argument) for argument in arguments])

    def _annotated(self, shape: Shape, bounds: Bounds) -> Shape:
        wanted = {*bounds.limits(), *(["secret"] if bounds.secret else [])}
        foreign = sorted(wanted - shape.takes)
        if foreign:
            raise Refused(
                f"it has the bound {foreign[0]!r} on something that cannot have it",
                "put the bound on the type it is meant for, such as Annotated[int, Ge(1)] | None",
            )
        if wanted:
            shape = shape.bounded(bounds)
        return NotedShape(shape, bounds.description) if bounds.description else shape

    def _of_class(self, annotation: Any) -> Shape:
        if isinstance(annotation, typing.NewType):
            return self.shape(annotation.__supertype__)
        if type(annotation).__name__ == "TypeAliasType":  # `type Name = ...`, from Python 3.12 on
            return self.shape(annotation.__value__)
        if not isinstance(annotation, type) or annotation in _MENDS:
            raise _refused(annotation)
        kind = cast("Any", annotation)
        return self._classes.get(kind) or format_shape(kind) or self._of_class_with_members(kind)

    def _of_class_with_members(self, kind: Any) -> Shape:
        if issubclass(kind, enum.Enum):
            return _of_enum(kind)
        if typing.is_typeddict(kind):
            return self._of_typed_dict(kind)
        if hasattr(kind, "model_json_schema") and hasattr(kind, "model_validate"):
            return ModelShape(kind)
        if hasattr(kind, "__dataclass_fields__"):
            return self._of_dataclass(kind)
        if issubclass(kind, tuple) and hasattr(cast("Any", kind), "_fields"):
            named_tuple = cast("Any", kind)
            return self._of_members(named_tuple, named_tuple._fields, named_tuple._field_defaults)
        raise _refused(kind)

    def _of_dataclass(self, kind: type[Any]) -> Shape:
        names: list[str] = []
        defaults: dict[str, Any] = {}
        for name, field in kind.__dataclass_fields__.items():
            if field._field_type.name == "_FIELD_INITVAR":  # noqa: SLF001 - dataclasses says it nowhere else
                raise Refused(f"member {name!r} of {kind.__name__} is an InitVar", "make it an ordinary field")
            if field._field_type.name != "_FIELD" or not field.init:  # noqa: SLF001
                continue
            names.append(name)
            # The marker MISSING is recognised by its class: importing dataclasses would cost modules that have none.
            if type(field.default).__name__ != "_MISSING_TYPE":
                defaults[name] = field.default
            elif type(field.default_factory).__name__ != "_MISSING_TYPE":
                # Another factory may give something else each time, and capabilities must not (HUB-LIFE-9).
                factory = get_origin(field.default_factory) or field.default_factory
                defaults[name] = factory() if factory in (list, dict, set, frozenset, tuple) else UNSET
        return self._of_members(kind, names, defaults)

    def _of_members(self, kind: type[Any], names: Sequence[str], defaults: Mapping[str, Any]) -> Shape:
        documentation = read_docstring(_own_docstring(kind))
        shape = ClassShape(kind, documentation.summary or None)
        self._classes[kind] = shape
        hints = resolved_hints(kind)
        shape.members = Members(
            [
                self.member(
                    name, hints.get(name, UNSET), defaults, documentation.parameters.get(name), f"{kind.__name__}.{name}"
                )
                for name in names
            ]
        )
        return shape

    def _of_typed_dict(self, kind: type[Any]) -> Shape:
        documentation = read_docstring(_own_docstring(kind))
        shape = DictShape(kind, documentation.summary or None)
        self._classes[kind] = shape
        members: list[Member] = []
        for name, hint in resolved_hints(kind).items():
            member = self.member(name, hint, {}, documentation.parameters.get(name), f"{kind.__name__}.{name}")
            # With `from __future__ import annotations` the class itself has not understood its NotRequired.
            wrapper = get_origin(get_args(hint)[0] if get_origin(hint) is Annotated else hint)
            required = wrapper is Required or (wrapper is not NotRequired and name in cast("Any", kind).__required_keys__)
            members.append(msgspec.structs.replace(member, required=required))
        shape.members = Members(members)
        return shape

    def member(self, name: str, hint: Any, defaults: Mapping[str, Any], description: str | None, place: str) -> Member:
        """Return one member or parameter; `place` names it in the refusal.

        Raises:
            Refused: its annotation has no JSON form, or is missing, or its default does not fit it.
        """
        if hint is UNSET:
            raise Refused(f"{place} has no annotation", f"write its type: `{name}: str`")
        try:
            shape = self.shape(hint)
        except Refused as refused:
            raise Refused(f"{place}: {refused}", refused.mend) from None
        if name not in defaults:
            return Member(name, shape, required=True, description=description)
        return Member(name, shape, required=False, default=_default(shape, defaults[name], place), description=description)


def _default(shape: Shape, value: Any, place: str) -> Json:
    if value is UNSET:
        return UNSET
    try:
        return shape.write(value)
    except BadValue as error:
        mend = "write the default in the annotation too: `| None = None`" if value is None else "change one of the two"
        raise Refused(f"{place}: its default does not fit its annotation: it {error}", mend) from None


def _own_docstring(kind: type[Any]) -> str | None:
    text = cast("str | None", kind.__dict__.get("__doc__"))
    # What dataclasses and named tuples write of themselves is their signature, which the schema says better.
    return None if text is None or text.startswith(f"{kind.__name__}(") else text


def _of_literal(values: tuple[Any, ...]) -> Shape:
    choices: list[tuple[Json, Any]] = []
    for value in values:
        json = value.value if isinstance(value, enum.Enum) else value
        if type(json) not in (str, int, bool, type(None)):
            raise Refused(f"Literal has {json!r}", "JSON choices are str, int, bool or None")
        choices.append((json, value))
    return ChoiceShape(choices)


def _of_enum(kind: type[enum.Enum]) -> Shape:
    strange = [member.name for member in kind if type(member.value) not in (str, int)]
    if strange or not len(kind):
        what = f"its member {strange[0]} is neither str nor int" if strange else "it has no members"
        raise Refused(
            f"it is annotated {kind.__name__}, an enum that JSON cannot say: {what}", "give its members str or int values"
        )
    return choice_of_enum(kind)


def _name(annotation: Any) -> str:
    return annotation.__name__ if isinstance(annotation, type) else str(annotation).replace("typing.", "")


def _refused(annotation: Any) -> Refused:
    why = f"it is annotated {_name(annotation)}, which has no JSON form"
    mend: str | None = _MENDS.get(annotation) if isinstance(annotation, Hashable) else None
    if get_origin(annotation) in (AsyncIterator, Iterator, AsyncGenerator, Generator):
        mend = "return a list"
    if isinstance(annotation, typing.TypeVar):
        mend = "write the type that is meant"
    if get_origin(annotation) is Callable:
        mend = "functions cannot travel as JSON"
    return Refused(why, mend or _SUPPORTED)
