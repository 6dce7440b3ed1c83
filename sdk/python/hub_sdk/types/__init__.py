"""Own the names of the room: annotations of Python as JSON Schema, and values both ways. Re-exports and nothing else."""

from hub_sdk.types._annotations import Annotations, Refused, resolved_hints
from hub_sdk.types._containers import plain
from hub_sdk.types._errors import BadModule, BadValue, Cancelled, Disable, HubCallError, InvalidParams, ModuleError
from hub_sdk.types._functions import Example, Function, Signature, function_of, signature_of
from hub_sdk.types._markers import Doc, Ge, Gt, Le, Lt, MaxLength, MinLength, MultipleOf, Pattern, Secret
from hub_sdk.types._objects import ClassShape, DictShape
from hub_sdk.types._shape import Definitions, Json, Schema, Shape, document, read_object, wrong_kind

__all__ = [
    "Annotations",
    "BadModule",
    "BadValue",
    "Cancelled",
    "ClassShape",
    "Definitions",
    "DictShape",
    "Disable",
    "Doc",
    "Example",
    "Function",
    "Ge",
    "Gt",
    "HubCallError",
    "InvalidParams",
    "Json",
    "Le",
    "Lt",
    "MaxLength",
    "MinLength",
    "ModuleError",
    "MultipleOf",
    "Pattern",
    "Refused",
    "Schema",
    "Secret",
    "Shape",
    "Signature",
    "document",
    "function_of",
    "plain",
    "read_object",
    "resolved_hints",
    "signature_of",
    "wrong_kind",
]
