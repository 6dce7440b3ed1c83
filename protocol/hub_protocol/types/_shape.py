"""Own what every model of the protocol has in common, and the named strings; must not know a single message.

Strict: an integer is no string, `true` is no 1. Unknown members are ignored (HUB-MSG-7). A `null` where a member could have
been left out counts as absent: a sender should not write it (HUB-MSG-8), and a receiver gains nothing by refusing it.
"""

import re
from functools import cache
from typing import Annotated, Any, Final, TypeVar, cast

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, Strict, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError
from typing_extensions import TypeAliasType

from hub_protocol.limits import MAX_ID_CHARS, MAX_METHOD_CHARS, MAX_SAFE_INTEGER
from hub_protocol.methods import (
    ADDRESS_PATTERN,
    FUNCTION_NAME_PATTERN,
    INTERFACE_PATTERN,
    MODULE_NAME_PATTERN,
    PERMISSION_PATTERN,
    SEMVER_PATTERN,
)

__all__ = [
    "REQUIREMENT_ID",
    "Address",
    "Count",
    "FunctionName",
    "InterfaceVersion",
    "Many",
    "MethodName",
    "ModuleName",
    "Number",
    "Payload",
    "Permission",
    "RequestId",
    "SafeInteger",
    "SemVer",
    "Wire",
    "problem",
]

# Requirement ids stand in docstrings and field descriptions, and are read from there: they are written once.
REQUIREMENT_ID: Final = re.compile(r"HUB-[A-Z]+-[0-9]+")

_T = TypeVar("_T")


def problem(requirement: str, message: str, pointer: str = "") -> PydanticCustomError:
    """Return the error that a validator raises: words for people, a JSON pointer below the member, the requirement it breaks.

    An empty `requirement` stands for the one that the member's description names.
    """
    # The message goes in as a value: as a template its braces would be taken for placeholders.
    return PydanticCustomError("hub", "{message}", {"requirement": requirement, "message": message, "pointer": pointer})


class Wire(BaseModel):
    """Any object that the specification defines: read-only, strict in its types, deaf to unknown members (HUB-MSG-7)."""

    # Built at the first use: a program that needs three of the models pays for three.
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore", defer_build=True, allow_inf_nan=False)


@cache
def _may_be_left_out(model: type[Wire]) -> frozenset[str]:
    optional = ((name, field) for name, field in model.model_fields.items() if not field.is_required())
    return frozenset(field.alias or name for name, field in optional if field.annotation is not Any)


class Payload(Wire):
    """An object inside a message; its optional members may be `null` (HUB-MSG-8)."""

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        members = cast("dict[str, Any]", value)
        nulls = {name for name in _may_be_left_out(cls) if name in members and members[name] is None}
        return {name: member for name, member in members.items() if name not in nulls} if nulls else members


def _check_id(value: object) -> int | str:
    if isinstance(value, str):
        if 1 <= len(value) <= MAX_ID_CHARS:
            return value
    elif isinstance(value, int) and not isinstance(value, bool) and -MAX_SAFE_INTEGER <= value <= MAX_SAFE_INTEGER:
        return value
    message = f"must be an integer within ±{MAX_SAFE_INTEGER} or a string of 1 to {MAX_ID_CHARS} characters"
    raise problem("", message)


# JSON has one kind of array; a frozen model wants a tuple of it.
Many = Annotated[tuple[_T, ...], Strict(strict=False)]

SafeInteger = Annotated[int, Field(ge=-MAX_SAFE_INTEGER, le=MAX_SAFE_INTEGER)]
Count = Annotated[int, Field(ge=0, le=MAX_SAFE_INTEGER)]
Number = float

RequestId = TypeAliasType(
    "RequestId",
    Annotated[
        int | str,
        PlainValidator(_check_id, json_schema_input_type=int | str),
        WithJsonSchema({
            "title": "RequestId",
            "description": "The id of a request; an integer is written without fraction and exponent (HUB-ID-1).",
            "anyOf": [
                {"title": "IntegerId", "type": "integer", "minimum": -MAX_SAFE_INTEGER, "maximum": MAX_SAFE_INTEGER},
                {"title": "StringId", "type": "string", "minLength": 1, "maxLength": MAX_ID_CHARS},
            ],
        }),
    ],
)  # fmt: skip
MethodName = TypeAliasType(
    "MethodName",
    Annotated[str, Field(min_length=1, max_length=MAX_METHOD_CHARS, description="The name of a method (HUB-MSG-2).")],
)
ModuleName = TypeAliasType(
    "ModuleName", Annotated[str, Field(pattern=MODULE_NAME_PATTERN, description="The name of a module (HUB-INFO-2).")]
)
FunctionName = TypeAliasType(
    "FunctionName", Annotated[str, Field(pattern=FUNCTION_NAME_PATTERN, description="The name of a function (HUB-CAPS-2).")]
)
Address = TypeAliasType(
    "Address", Annotated[str, Field(pattern=ADDRESS_PATTERN, description="A function with its module: `module.function`.")]
)
SemVer = TypeAliasType(
    "SemVer", Annotated[str, Field(pattern=SEMVER_PATTERN, description="A version by strict SemVer 2.0 (HUB-INFO-3).")]
)
Permission = TypeAliasType(
    "Permission",
    Annotated[str, Field(pattern=PERMISSION_PATTERN, description="What a module asks to be granted (HUB-CAPS-7).")],
)
InterfaceVersion = TypeAliasType(
    "InterfaceVersion",
    Annotated[
        str, Field(pattern=INTERFACE_PATTERN, description="An interface with its version: `cloud.compute/1.0` (HUB-CAPS-9).")
    ],
)
