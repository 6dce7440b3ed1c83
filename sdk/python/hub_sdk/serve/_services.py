"""Own the host services: what is asked of the hub and what its answer means; know nothing of how somebody waits for it."""

from collections.abc import Callable
from typing import Any, Literal, cast

import msgspec

from hub_protocol import methods
from hub_sdk.types import (
    Annotations,
    BadModule,
    BadValue,
    ClassShape,
    Definitions,
    DictShape,
    HubCallError,
    Json,
    Refused,
    Schema,
    document,
    plain,
)

__all__ = [
    "Request",
    "ask",
    "call",
    "credentials_delete",
    "credentials_get",
    "credentials_put",
    "store_delete",
    "store_get",
    "store_list",
    "store_set",
]


class Request(msgspec.Struct, frozen=True):
    """One request to the hub; `read` makes of the result what the author gets."""

    method: str
    params: dict[str, Json]
    read: Callable[[Any], Any]


def call(function: str, params: dict[str, Any], timeout_seconds: float | None) -> Request:
    """Return the request that calls a function of another module."""
    asked: dict[str, Json] = {"function": function, "params": _sendable(params, f"call {function}")}
    if timeout_seconds is not None:
        asked["timeout_ms"] = max(0, round(timeout_seconds * 1000))
    return Request(methods.HUB_CALL, asked, lambda result: result)


def ask(message: str, schema: Any) -> Request:
    """Return the request that asks the person; `schema` is a JSON Schema of a flat object, or a class that has one."""
    if isinstance(schema, dict):
        shown, read = cast("Schema", schema), None
    else:
        shown, read = _flat_schema(schema)

    def read_answer(result: Any) -> Any:
        answer = _object(result, methods.HUB_ASK)
        if answer.get("action") != "accept":
            return None
        content = answer.get("content", {})
        if read is None:
            return content
        try:
            return read(content)
        except BadValue as error:
            raise HubCallError.of_kind(
                "protocol_error", f"what the person answered is wrong at {error.pointer or '/'}: it {error}"
            ) from None

    return Request(methods.HUB_ASK, {"message": message, "schema": shown}, read_answer)


def _flat_schema(kind: Any) -> tuple[Schema, Callable[[Any], Any]]:
    try:
        shape = Annotations().shape(kind)
    except Refused as refused:
        raise BadModule(f"cannot ask for a {kind!r}: {refused}", hint=refused.mend) from None
    if isinstance(shape, ClassShape | DictShape):
        definitions = Definitions("in")
        schema = shape.members.schema(definitions)
        if definitions.schemas:
            raise BadModule(
                f"cannot ask for a {kind.__name__}: a person fills in a flat form", hint="take its nested classes apart"
            )
    else:
        schema = document(shape, "in")
    return schema, shape.read


def store_get(key: str, default: Any) -> Request:
    """Return the request for a value of the module's store."""
    return Request(methods.HUB_STORE_GET, {"key": key}, _found(methods.HUB_STORE_GET, default))


def store_set(key: str, value: Any) -> Request:
    """Return the request that keeps a value."""
    return Request(methods.HUB_STORE_SET, {"key": key, "value": _sendable(value, f"store {key!r}")}, lambda _: None)


def store_delete(key: str) -> Request:
    """Return the request that forgets a value."""
    return Request(methods.HUB_STORE_DELETE, {"key": key}, _deleted(methods.HUB_STORE_DELETE))


def store_list(prefix: str) -> Request:
    """Return the request for the keys that begin with `prefix`."""

    def read(result: Any) -> list[str]:
        keys = _object(result, methods.HUB_STORE_LIST).get("keys")
        return [key for key in cast("list[Any]", keys) if isinstance(key, str)] if isinstance(keys, list) else []

    return Request(methods.HUB_STORE_LIST, {"prefix": prefix} if prefix else {}, read)


def credentials_get(name: str, default: Any) -> Request:
    """Return the request for what is kept under a name for the account of the call."""
    return Request(methods.HUB_CREDENTIALS_GET, {"name": name}, _found(methods.HUB_CREDENTIALS_GET, default))


def credentials_put(name: str, value: Any, ttl_seconds: float | None) -> Request:
    """Return the request that keeps a credential."""

    def read(result: Any) -> Literal["session", "keyring"]:
        kept = _object(result, methods.HUB_CREDENTIALS_PUT).get("kept")
        if kept not in ("session", "keyring"):
            raise HubCallError.of_kind("protocol_error", "the hub does not say where it keeps a credential")
        return kept

    params: dict[str, Json] = {"name": name, "value": _sendable(value, f"keep {name!r}")}
    if ttl_seconds is not None:
        params["ttl_seconds"] = ttl_seconds
    return Request(methods.HUB_CREDENTIALS_PUT, params, read)


def credentials_delete(name: str) -> Request:
    """Return the request that forgets a credential."""
    return Request(methods.HUB_CREDENTIALS_DELETE, {"name": name}, _deleted(methods.HUB_CREDENTIALS_DELETE))


def _found(method: str, default: Any) -> Callable[[Any], Any]:
    def read(result: Any) -> Any:
        answer = _object(result, method)
        return answer.get("value") if answer.get("found") is True else default

    return read


def _deleted(method: str) -> Callable[[Any], bool]:
    return lambda result: _object(result, method).get("deleted") is True


def _object(result: Any, method: str) -> dict[str, Any]:
    if not isinstance(result, dict):
        raise HubCallError.of_kind("protocol_error", f"the hub answered {method} with something that is no object")
    return cast("dict[str, Any]", result)


def _sendable(value: Any, what: str) -> Json:
    try:
        return plain(value)
    except BadValue as error:
        raise TypeError(f"cannot {what}: the value at {error.pointer or '/'} {error}") from None
