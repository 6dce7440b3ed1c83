"""Own what one line of the control socket is: JSON-RPC 2.0 messages, batches and what is neither; know no socket and no method.

The library that dispatches them does not tell a response from a request and stumbles over three of the specification's own
batches, so nothing reaches it that has not passed here.
"""

import json
import math
from collections import Counter
from dataclasses import dataclass
from typing import Any, Final, cast

import msgspec

from hub._names import printable
from hub.errors import HubError

__all__ = [
    "BadParams",
    "InvalidRequest",
    "Line",
    "MethodNotFound",
    "ParseError",
    "Request",
    "encode",
    "error_answer",
    "read_line",
]

_DECODE: Final = msgspec.json.Decoder().decode
_ENCODE: Final = msgspec.json.Encoder().encode
# A batch is a convenience for what belongs together; a longer one is told before anything of it is done.
_MAX_BATCH: Final = 64
_MAX_METHOD_CHARACTERS: Final = 128
_SHOWN_CHARACTERS: Final = 64


class ParseError(HubError):
    """A line is not JSON."""

    kind = "parse_error"


class InvalidRequest(HubError):
    """A JSON value is not a JSON-RPC 2.0 request."""

    kind = "invalid_request"


class MethodNotFound(HubError):
    """The control socket has no such method."""

    kind = "method_not_found"


class BadParams(HubError):
    """The params do not fit the method."""

    kind = "invalid_params"


@dataclass(frozen=True, slots=True)
class Request:
    """A request or notification, checked. `message` is the JSON object as it came."""

    message: dict[str, Any]

    @property
    def method(self) -> str:
        """The method."""
        return self.message["method"]

    @property
    def params(self) -> dict[str, Any] | list[Any]:
        """By name or by position; left out is none."""
        return self.message.get("params", [])

    @property
    def wants_answer(self) -> bool:
        """Whether it is a request and no notification."""
        return "id" in self.message

    @property
    def id(self) -> str | float | None:
        """The id; None also where there is none."""
        return self.message.get("id")


@dataclass(frozen=True, slots=True)
class Line:
    """What a line says: requests to serve, answers that stand already for what is none, and responses, which get none."""

    requests: tuple[Request, ...]
    answers: tuple[dict[str, Any], ...] = ()
    is_batch: bool = False
    responses: tuple[dict[str, Any], ...] = ()


def read_line(line: bytes) -> Line:
    """Return what a line says (JSON-RPC 2.0, sections 4 to 6); never raises."""
    try:
        value = _DECODE(line)
        if (twice := _name_that_stands_twice(line, value)) is not None:
            return _unread(f"it has the member name {printable(twice, _SHOWN_CHARACTERS)!r} twice in one object")
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _unread("it is not JSON")
    if not isinstance(value, list):
        return _line([value], is_batch=False)
    items = cast("list[object]", value)
    if not items or len(items) > _MAX_BATCH:
        why = f"a batch holds 1 to {_MAX_BATCH} requests, this one {len(items)}"
        return Line((), (error_answer(None, InvalidRequest(f"cannot serve the batch: {why}")),))
    return _line(items, is_batch=True)


def _unread(why: str) -> Line:
    hint = "one JSON-RPC 2.0 message or batch a line, in UTF-8"
    return Line((), (error_answer(None, ParseError(f"cannot read the line: {why}", hint=hint)),))


def _name_that_stands_twice(line: bytes, value: object) -> str | None:
    """Return a member name that one object has twice, as modules may not write it either (HUB-FRAME-8).

    The decoder keeps the last of them, so that the value has fewer colons than the line; only then it is read again, slowly.
    """
    colons = line.count(b":")
    if colons < 2 or (b"\\u003" not in line and _colons(value) == colons):  # noqa: PLR2004 - two members
        return None
    found: list[str] = []

    def pairs(members: list[tuple[str, object]]) -> None:
        names = [name for name, _ in members]
        found.extend(name for name, count in Counter(names).items() if count > 1)

    # The numbers are of no interest, and may have more digits than Python reads.
    json.loads(line, object_pairs_hook=pairs, parse_int=len, parse_float=len)
    return found[0] if found else None


def _colons(value: object) -> int | None:
    try:
        return _ENCODE(value).count(b":")
    except (msgspec.MsgspecError, OverflowError):  # an integer that only the slow way can tell
        return None


def _line(items: list[object], *, is_batch: bool) -> Line:
    requests: list[Request] = []
    answers: list[dict[str, Any]] = []
    responses: list[dict[str, Any]] = []
    for item in items:
        if _is_response(item):
            # Never answered, whatever is wrong with it: two peers would answer each other for ever.
            responses.append(cast("dict[str, Any]", item))
            continue
        why = _why_no_request(item)
        if why is None:
            requests.append(Request(cast("dict[str, Any]", item)))
        else:
            answers.append(error_answer(_id_of(item), InvalidRequest(f"cannot serve the request: {why}")))
    return Line(tuple(requests), tuple(answers), is_batch, tuple(responses))


def _is_response(item: object) -> bool:
    return isinstance(item, dict) and "method" not in item and ("result" in item or "error" in item)


def _why_no_request(item: object) -> str | None:  # noqa: PLR0911 - one for each rule
    if not isinstance(item, dict):
        return "it is no object"
    message = cast("dict[str, object]", item)
    if message.get("jsonrpc") != "2.0":
        return 'its member "jsonrpc" is not "2.0"'
    method = message.get("method")
    if not isinstance(method, str):
        return 'its member "method" is no string'
    if len(method) > _MAX_METHOD_CHARACTERS:
        return f"the name of its method has more than {_MAX_METHOD_CHARACTERS} characters"
    if not isinstance(message.get("params", []), dict | list):
        return 'its member "params" is neither an object nor an array'
    if "id" in message and not _is_id(message["id"]):
        return "its id is neither a string, nor a number, nor null"
    return None


def _is_id(value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool))


def _id_of(item: object) -> str | float | None:
    # Section 5: null where the id could not be found. What can be found is what its sender waits for.
    found: Any = cast("dict[str, object]", item).get("id") if isinstance(item, dict) else None
    return found if _is_id(found) else None


def error_answer(request_id: str | float | None, error: HubError) -> dict[str, Any]:
    """Return the response for an error: code and message, and in `data` kind, hint and all else that `to_json` has."""
    told = error.to_json()
    code, message = told.pop("code"), told.pop("message")
    if hasattr(error, "error_data"):
        told["from_function"] = True  # the module's own word: its code means what the module says it means
    return {"jsonrpc": "2.0", "id": request_id, "error": {"code": code, "message": message, "data": told}}


def encode(message: object) -> bytes:
    """Return a message or batch as one line with its end.

    Raises:
        TypeError, ValueError: it holds what JSON cannot say.
    """
    try:
        return _ENCODE(message) + b"\n"
    except (msgspec.MsgspecError, RecursionError, OverflowError) as error:
        raise ValueError(type(error).__name__) from None
