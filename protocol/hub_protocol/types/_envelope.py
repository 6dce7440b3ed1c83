"""Own the models of the four messages and of the error object; must not know any method.

These describe the envelope for schemas and people. The connection reads with `hub_protocol.messages`, without pydantic.
"""

from typing import Annotated, Any, Final, Literal, cast

from pydantic import ConfigDict, Field, model_validator

from hub_protocol.types._calls import CallContext
from hub_protocol.types._shape import Many, MethodName, Payload, RequestId, SafeInteger, Wire, problem

__all__ = ["ErrorObject", "ErrorResponse", "NoCommonVersionData", "Notification", "Request", "Response"]

JsonRpc = Annotated[Literal["2.0"], Field(description="Always `2.0` (HUB-MSG-1).")]
_Params = Annotated[dict[str, Any], Field(description="The arguments by name; absent means `{}` (HUB-MSG-3).")]


def _without(member: str) -> ConfigDict:
    return ConfigDict(json_schema_extra={"not": {"required": [member]}})


class _Message(Wire):
    """What distinguishes one message from another is which members it has: unknown ones are ignored, these are not."""

    @model_validator(mode="before")
    @classmethod
    def _is_of_this_type(cls, value: Any) -> Any:
        forbidden, requirement = _MUST_NOT_HAVE.get(cls.__name__, ("", ""))
        if forbidden and isinstance(value, dict) and forbidden in cast("dict[str, Any]", value):
            raise problem(requirement, f"must not be there in a {cls.__name__.lower()}", f"/{forbidden}")
        return cast("object", value)


_MUST_NOT_HAVE: Final = {
    "Notification": ("id", "HUB-MSG-2"),
    "Response": ("error", "HUB-MSG-4"),
    "ErrorResponse": ("result", "HUB-MSG-4"),
}


class Request(_Message):
    """Section Messages: a question that gets exactly one response (HUB-MSG-2, HUB-ID-4)."""

    jsonrpc: JsonRpc
    id: Annotated[RequestId, Field(description="Never null, a boolean or a number with a fraction (HUB-ID-1).")]
    method: MethodName
    params: _Params = {}
    context: Annotated[
        CallContext | None, Field(description="Beside `params`, for a module that offered `context` (HUB-CALL-6).")
    ] = None


class Notification(_Message):
    """Section Messages: a message without `id`, which is never answered (HUB-MSG-2)."""

    model_config = _without("id")

    jsonrpc: JsonRpc
    method: MethodName
    params: _Params = {}


class Response(_Message):
    """Section Messages: the answer to a request that went well (HUB-MSG-4)."""

    model_config = _without("error")

    jsonrpc: JsonRpc
    id: Annotated[RequestId, Field(description="The very id of the request (HUB-ID-3).")]
    result: Annotated[Any, Field(description="Any JSON value, null too (HUB-MSG-4).")]


class ErrorObject(Wire):
    """Section Messages: what went wrong (HUB-MSG-5)."""

    code: Annotated[SafeInteger, Field(description="A code of the table of errors, or the module's own (HUB-ERR-2).")]
    message: Annotated[str, Field(description="For people; may change (HUB-ERR-1).")]
    data: Annotated[Any, Field(description="More for programs; may be left out (HUB-MSG-5).")] = None


class ErrorResponse(_Message):
    """Section Messages: the answer to a request that failed (HUB-MSG-4); `id` is null where it could not be read (HUB-ID-5)."""

    model_config = _without("result")

    jsonrpc: JsonRpc
    id: Annotated[
        RequestId | None, Field(description="The very id of the request, or null where it cannot be read (HUB-ID-5).")
    ]
    error: ErrorObject


class NoCommonVersionData(Payload):
    """Section module_info: `data` of the error with which a module refuses all offered versions (HUB-VER-2)."""

    offered: Annotated[Many[SafeInteger], Field(description="What the hub offered (HUB-VER-2).")]
    supported: Annotated[Many[SafeInteger], Field(description="What the module knows (HUB-VER-2).")]
