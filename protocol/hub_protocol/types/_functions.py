"""Own the models of capabilities; must not run examples nor judge whether a schema is valid 2020-12 (the hub does)."""

from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, PlainValidator, WithJsonSchema, model_validator
from typing_extensions import TypeAliasType

from hub_protocol.errors import HUB_CODES, JSONRPC_CODES, is_module_code
from hub_protocol.limits import MAX_FUNCTIONS
from hub_protocol.methods import ADDRESS_PATTERN, FUNCTION_NAME_PATTERN, is_reserved
from hub_protocol.types._schema_rules import check_arguments_schema, check_schema
from hub_protocol.types._shape import FunctionName, InterfaceVersion, Many, Payload, Permission, SafeInteger, problem

__all__ = [
    "ArgumentsSchema",
    "CapabilitiesResult",
    "Deprecated",
    "Example",
    "Function",
    "FunctionErrorSpec",
    "FunctionHints",
    "JsonSchema",
]

JsonSchema = TypeAliasType(
    "JsonSchema",
    Annotated[
        dict[str, Any] | bool,
        PlainValidator(check_schema),
        WithJsonSchema({
            "description": "A JSON Schema 2020-12 that refers to nothing outside itself (HUB-CAPS-3, HUB-CAPS-4).",
            "type": ["object", "boolean"],
        }),
    ],
)  # fmt: skip
ArgumentsSchema = TypeAliasType(
    "ArgumentsSchema",
    Annotated[
        dict[str, Any],
        AfterValidator(check_arguments_schema),
        Field(
            description="A JSON Schema 2020-12 of an object with the arguments by name (HUB-CAPS-3).",
            json_schema_extra={"properties": {"type": {"const": "object"}}, "required": ["type"]},
        ),
    ],
)
_OWN_CODE = "must be outside -32768…-31000: those belong to JSON-RPC and the hub"


def _check_own_code(code: int) -> int:
    if not is_module_code(code):
        raise problem("HUB-CAPS-6", _OWN_CODE)
    return code


_ModuleCode = Annotated[
    SafeInteger,
    AfterValidator(_check_own_code),
    Field(json_schema_extra={"not": {"minimum": JSONRPC_CODES.start, "maximum": HUB_CODES.stop - 1}}),
]


class FunctionErrorSpec(Payload):
    """Section capabilities: one of a function's own errors (HUB-CAPS-6)."""

    code: Annotated[_ModuleCode, Field(description="Outside −32768…−31000 (HUB-CAPS-6).")]
    message: Annotated[str, Field(description="What it means, for people (HUB-CAPS-1).")]
    data: Annotated[JsonSchema | None, Field(description="Of the error's `data` (HUB-CAPS-3).")] = None


class Example(Payload):
    """Section capabilities: a true example, which the conformance runner executes (HUB-CAPS-5): a result or an error."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"title": "ExampleOfResult", "required": ["result"]},
                {"title": "ExampleOfError", "required": ["error"]},
            ]
        }
    )

    summary: Annotated[str | None, Field(description="What it shows (HUB-CAPS-1).")] = None
    params: Annotated[dict[str, Any], Field(description="Fit the function's `params` (HUB-CAPS-5).")] = {}
    result: Annotated[Any, Field(description="Fits the function's `returns` (HUB-CAPS-5).")] = None
    error: Annotated[SafeInteger | None, Field(description="The code of the error it ends in (HUB-CAPS-5).")] = None

    @model_validator(mode="after")
    def _ends_in_one_way(self) -> "Example":
        if ("result" in self.model_fields_set) == (self.error is not None):
            raise problem("HUB-CAPS-5", "must have either `result` or `error`")
        return self


class FunctionHints(Payload):
    """Section capabilities: what a caller may assume about a function (HUB-CAPS-1); absent means unknown."""

    read_only: Annotated[bool | None, Field(description="Changes nothing (HUB-CAPS-1).")] = None
    destructive: Annotated[bool | None, Field(description="May destroy something (HUB-CAPS-1).")] = None
    idempotent: Annotated[bool | None, Field(description="May be called again with the same effect (HUB-CAPS-1).")] = None
    open_world: Annotated[bool | None, Field(description="Reaches beyond this machine (HUB-CAPS-1).")] = None


class Deprecated(Payload):
    """Section capabilities: says that a function will go (HUB-CAPS-1)."""

    since: Annotated[str | None, Field(min_length=1, description="The module's version that said so first (HUB-CAPS-1).")] = (
        None
    )
    use_instead: Annotated[
        str | None,
        Field(
            pattern=f"{FUNCTION_NAME_PATTERN}|{ADDRESS_PATTERN}",
            description="A function, of this or another module (HUB-CAPS-1).",
        ),
    ] = None


class Function(Payload):
    """Section capabilities: one callable of a module (HUB-CAPS-1)."""

    name: Annotated[FunctionName, Field(description="Unique in the module and not reserved (HUB-CAPS-2).")]
    summary: Annotated[str | None, Field(description="One line (HUB-CAPS-1).")] = None
    description: Annotated[str | None, Field(description="As much as it takes (HUB-CAPS-1).")] = None
    params: Annotated[
        ArgumentsSchema | None, Field(description="Of the arguments; absent means that it takes none (HUB-CAPS-3).")
    ] = None
    returns: Annotated[JsonSchema | None, Field(description="Of the result; absent means any value (HUB-CAPS-3).")] = None
    errors: Annotated[Many[FunctionErrorSpec], Field(description="The function's own errors (HUB-CALL-3).")] = ()
    examples: Annotated[Many[Example], Field(description="True ones (HUB-CAPS-5).")] = ()
    hints: Annotated[FunctionHints, Field(default_factory=FunctionHints)]
    deprecated: Deprecated | None = None
    timeout_seconds: Annotated[
        float | None, Field(gt=0, description="How long a call may take when the caller says nothing (HUB-CAPS-1).")
    ] = None


class CapabilitiesResult(Payload):
    """Section capabilities: everything a module can do (HUB-CAPS-1), and what it needs for that (HUB-CAPS-7)."""

    functions: Annotated[
        Many[Function], Field(max_length=MAX_FUNCTIONS, description="At most 4096, no name twice (HUB-CAPS-1, HUB-CAPS-2).")
    ]
    permissions: Annotated[Many[Permission], Field(description="What the module asks to be granted (HUB-CAPS-7).")] = ()
    implements: Annotated[
        Many[InterfaceVersion], Field(description="The interfaces that its functions satisfy (HUB-CAPS-9).")
    ] = ()

    @model_validator(mode="after")
    def _names_are_free_and_unique(self) -> "CapabilitiesResult":
        seen: dict[str, int] = {}
        for index, function in enumerate(self.functions):
            here = f"/functions/{index}/name"
            if is_reserved(function.name):
                raise problem("HUB-CAPS-2", f'must not be "{function.name}": that name is reserved', here)
            if function.name in seen:
                earlier = f"/functions/{seen[function.name]}/name"
                raise problem("HUB-CAPS-2", f'must not be "{function.name}": {earlier} is called so already', here)
            seen[function.name] = index
        return self
