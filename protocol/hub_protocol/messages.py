"""Own the JSON-RPC 2.0 envelope (HUB-MSG, HUB-ID): JSON values to messages and back; know no methods and no roles."""

import re
from typing import Any, cast

import msgspec
from msgspec import UNSET, UnsetType

from hub_protocol.limits import MAX_ID_CHARS, MAX_METHOD_CHARS, MAX_SAFE_INTEGER

__all__ = [
    "ErrorResponse",
    "Id",
    "Invalid",
    "Message",
    "Notification",
    "Recovered",
    "Request",
    "Response",
    "WireError",
    "is_id",
    "parse",
    "recover",
    "to_json",
]

Id = int | str


class Request(msgspec.Struct, frozen=True):
    """A request; `params` is `{}` where it was absent (HUB-MSG-3)."""

    id: Id
    method: str
    params: dict[str, Any]
    context: dict[str, Any] | None = None


class Notification(msgspec.Struct, frozen=True):
    """A notification: never answered."""

    method: str
    params: dict[str, Any]


class Response(msgspec.Struct, frozen=True):
    """The good end of a request."""

    id: Id
    result: Any


class WireError(msgspec.Struct, frozen=True):
    """An error object (HUB-MSG-5)."""

    code: int
    message: str
    data: Any = UNSET


class ErrorResponse(msgspec.Struct, frozen=True):
    """The bad end of a request; `id` is None for one whose id could not be read."""

    id: Id | None
    error: WireError


class Invalid(msgspec.Struct, frozen=True):
    """JSON that is no message: `kind` is a key of the error table, `id` the message's id where it has a good one."""

    kind: str
    reason: str
    id: Id | None = None
    is_response: bool = False
    is_notification: bool = False
    has_method: bool = True


Message = Request | Notification | Response | ErrorResponse


def is_id(value: object) -> bool:
    """Return whether `value` may be an id (HUB-ID-1)."""
    # type() and not isinstance(): True is an int, and 1 == True would mix the tables up.
    if type(value) is int:
        return -MAX_SAFE_INTEGER <= value <= MAX_SAFE_INTEGER
    return type(value) is str and 1 <= len(value) <= MAX_ID_CHARS


def parse(value: Any) -> Message | Invalid:
    """Return the message that a decoded frame is, or why it is none."""
    if type(value) is not dict:
        reason = "batches are not part of this protocol" if type(value) is list else "a message is an object"
        return Invalid("invalid_request", reason)
    message = cast("dict[str, Any]", value)
    is_response = "method" not in message and ("result" in message or "error" in message)
    raw_id = message.get("id", UNSET)
    good_id = cast("Id", raw_id) if is_id(raw_id) else None
    if message.get("jsonrpc") != "2.0":
        return Invalid(
            "invalid_request", 'the member "jsonrpc" must be "2.0"', good_id, is_response, raw_id is UNSET and not is_response
        )
    if is_response:
        return _parse_response(message, raw_id, good_id)
    return _parse_request(message, raw_id, good_id)


def _parse_request(message: dict[str, Any], raw_id: object, good_id: Id | None) -> Message | Invalid:
    method = message.get("method")
    if type(method) is not str or not 1 <= len(method) <= MAX_METHOD_CHARS:
        reason = (
            '"method" must be a string of 1 to 128 characters'
            if "method" in message
            else "it has neither method, result nor error"
        )
        return Invalid("invalid_request", reason, good_id, has_method="method" in message)
    if raw_id is not UNSET and good_id is None:
        return Invalid("invalid_request", '"id" must be an integer or a string of 1 to 128 characters')
    params = message.get("params", UNSET)
    if params is UNSET:
        params = {}
    elif type(params) is not dict:
        kind = "invalid_params" if type(params) is list else "invalid_request"
        return Invalid(kind, '"params" must be an object: arguments go by name', good_id, is_notification=good_id is None)
    if good_id is None:
        return Notification(method, cast("dict[str, Any]", params))
    context = message.get("context")
    return Request(
        good_id, method, cast("dict[str, Any]", params), cast("dict[str, Any]", context) if type(context) is dict else None
    )


def _parse_response(message: dict[str, Any], raw_id: object, good_id: Id | None) -> Message | Invalid:
    def broken(reason: str) -> Invalid:
        return Invalid("protocol_error", reason, good_id, is_response=True)

    if good_id is None and not (raw_id is None and "error" in message):
        return broken('a response needs the "id" of its request')
    if "result" in message:
        if "error" in message:
            return broken("a response has result or error, not both")
        return Response(cast("Id", good_id), message["result"])
    error = message["error"]
    if type(error) is not dict:
        return broken('"error" must be an object')
    members = cast("dict[str, Any]", error)
    code, text = members.get("code"), members.get("message")
    if type(code) is not int or type(text) is not str:
        return broken('"error" needs "code", an integer, and "message", a string')
    return ErrorResponse(good_id, WireError(code, text, members.get("data", UNSET)))


def to_json(message: Message) -> dict[str, Any]:
    """Return the JSON object of a message, members in the order that HUB-MSG promises to simple readers."""
    shown: dict[str, Any] = {"jsonrpc": "2.0"}
    match message:
        case Request(id=request_id, method=method, params=params, context=context):
            shown.update(id=request_id, method=method, params=params)
            if context is not None:
                shown["context"] = context
        case Notification(method=method, params=params):
            shown.update(method=method, params=params)
        case Response(id=request_id, result=result):
            shown.update(id=request_id, result=result)
        case ErrorResponse(id=request_id, error=error):
            shown["id"] = request_id
            shown["error"] = {"code": error.code, "message": error.message}
            if not isinstance(error.data, UnsetType):
                shown["error"]["data"] = error.data
    return shown


class Recovered(msgspec.Struct, frozen=True):
    """What could be read of a frame that is not JSON: its id, and whether it was meant as a request."""

    id: Id | None
    has_method: bool


# Tokens of a JSON text, broken or not: strings (also one that the end cuts), brackets, and whatever a value looks like.
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[\[\]{}:]|[^\s"\[\]{}:,]++', re.DOTALL)


def recover(head: bytes) -> Recovered:
    """Return what the beginning of a broken frame still tells, reading its outermost object only, in linear time (HUB-ID-5)."""
    depth, name = 0, b""
    found: list[bytes] = []
    has_method = after_colon = False
    for token in (match.group() for match in _TOKEN.finditer(head)):
        if token in (b"{", b"["):
            depth += 1
        elif token in (b"}", b"]"):
            depth -= 1
        elif depth == 1 and after_colon:
            if name == b'"id"':
                found.append(token)
            has_method = has_method or name == b'"method"'
        elif depth == 1:
            name = token if token != b":" else name
        after_colon = depth == 1 and token == b":"
    return Recovered(_read_id(found[0]) if len(found) == 1 else None, has_method)


def _read_id(token: bytes) -> Id | None:
    try:
        value = msgspec.json.decode(token)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return value if is_id(value) else None
