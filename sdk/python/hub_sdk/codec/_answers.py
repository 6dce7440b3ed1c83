"""Own the one place where exceptions become error objects, and the other way; know nothing of connections."""

from typing import Any, cast

import msgspec
from msgspec import UNSET

from hub_protocol.errors import ERRORS, LocalProtocolError
from hub_sdk.types import BadValue, Cancelled, HubCallError, InvalidParams, ModuleError, plain

__all__ = ["Answer", "answer_for", "hub_error", "invalid_params"]


class Answer(msgspec.Struct, frozen=True):
    """An error object; `unexpected` when its cause belongs into the log, where the correlation id finds it."""

    code: int
    message: str
    data: Any = UNSET
    unexpected: bool = False


def answer_for(error: BaseException, name: str, correlation_id: str, *, cancelled: bool) -> Answer:
    """Return how an exception that a handler let escape is answered.

    The text of an unexpected one stays here: secrets travel in it (HUB-CALL-4).
    """
    if isinstance(error, ModuleError):
        return _of_module(error, name, correlation_id)
    if isinstance(error, InvalidParams):
        return _invalid(error.message, error.message, error.pointer)
    if isinstance(error, HubCallError):
        cause = error.to_json()
        return Answer(
            ERRORS["host_call_failed"].code, f"a host service that {name} needed failed: {error.message}", {"cause": cause}
        )
    # asyncio's CancelledError by its name: a module without async functions never imports asyncio. Only the hub's word makes it
    # a cancelled call; otherwise something inside the handler was cancelled and nobody expected it.
    if cancelled and (isinstance(error, Cancelled) or type(error).__name__ == "CancelledError"):
        return Answer(ERRORS["cancelled"].code, f"{name} was cancelled")
    return _unexpected(name, correlation_id)


def _of_module(error: ModuleError, name: str, correlation_id: str) -> Answer:
    if not error.has_data:
        return Answer(error.code, error.message)
    try:
        return Answer(error.code, error.message, plain(error.data))
    except (BadValue, LocalProtocolError):
        return _unexpected(name, correlation_id)


def _unexpected(name: str, correlation_id: str) -> Answer:
    message = f"{name} failed unexpectedly; the module's log says why under {correlation_id}"
    return Answer(ERRORS["internal_error"].code, message, unexpected=True)


def invalid_params(message: str, pointer: str) -> Answer:
    """Return the answer to arguments that do not fit; `message` says what the one at `pointer` (RFC 6901) must be or is."""
    where = f"cannot use the argument at {pointer}: it" if pointer else "cannot use the arguments: they"
    return _invalid(f"{where} {message}", message, pointer)


def _invalid(message: str, detail: str, pointer: str) -> Answer:
    return Answer(ERRORS["invalid_params"].code, message, {"errors": [{"pointer": pointer, "message": detail}]})


def hub_error(code: int, message: str, data: Any) -> HubCallError:
    """Return the exception for an error object that the hub answered (HUB-HOST-2)."""
    kept = None if data is UNSET else data
    kind: object = cast("dict[str, Any]", kept).get("kind") if isinstance(kept, dict) else None
    return HubCallError(message, code=code, kind=kind if isinstance(kind, str) else None, data=kept)
