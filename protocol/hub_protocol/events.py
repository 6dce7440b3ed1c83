"""Own what a connection tells its driver; know nothing of how it came about."""

from typing import Any

import msgspec
from msgspec import UNSET

from hub_protocol.messages import Id

__all__ = [
    "CancelReceived",
    "ErrorReceived",
    "Event",
    "FrameRejected",
    "NotificationReceived",
    "ProgressReceived",
    "RequestBroken",
    "RequestReceived",
    "ResponseReceived",
    "StrayLine",
    "StreamBroken",
    "StreamEnded",
    "UnexpectedResponse",
]


class RequestReceived(msgspec.Struct, frozen=True, tag_field="jsonrpc", tag="2.0", omit_defaults=True):
    """The peer asks; it must be answered exactly once with `send_result` or `send_error`. As JSON it is the frame itself."""

    id: Id
    method: str
    params: dict[str, Any]
    context: dict[str, Any] | None = None


class NotificationReceived(msgspec.Struct, frozen=True):
    """The peer tells."""

    method: str
    params: dict[str, Any]


class ResponseReceived(msgspec.Struct, frozen=True):
    """Our request `id` ended well."""

    id: Id
    result: Any


class ErrorReceived(msgspec.Struct, frozen=True):
    """Our request `id` was answered with an error object."""

    id: Id
    code: int
    message: str
    data: Any = UNSET


class RequestBroken(msgspec.Struct, frozen=True):
    """Our request `id` was answered by something broken: it has ended, `kind` is a key of the error table."""

    id: Id
    kind: str
    reason: str


class CancelReceived(msgspec.Struct, frozen=True):
    """The peer gave up its open request `id`; it must still be answered."""

    id: Id


class ProgressReceived(msgspec.Struct, frozen=True):
    """Our open request `id` got further: `done` of `total`."""

    id: Id
    done: float
    total: float | None = None
    message: str | None = None


class StrayLine(msgspec.Struct, frozen=True):
    """A line of `size` bytes that is no JSON at all; `data` is its beginning."""

    data: bytes
    size: int


class FrameRejected(msgspec.Struct, frozen=True):
    """A frame of `size` bytes broke a rule: `kind` is a key of the error table; `answered` when an error was sent back."""

    kind: str
    reason: str
    data: bytes
    size: int
    id: Id | None = None
    answered: bool = False


class UnexpectedResponse(msgspec.Struct, frozen=True):
    """A response that nobody waits for: `late` when we gave the request up, else its id is unknown or answered."""

    id: Id | None
    late: bool


class StreamBroken(msgspec.Struct, frozen=True):
    """Nothing more can be read from the peer (HUB-FRAME-21)."""

    reason: str


class StreamEnded(msgspec.Struct, frozen=True):
    """The peer's stream ended; `partial_bytes` of half a frame were lost (HUB-FRAME-12)."""

    partial_bytes: int


Event = (
    RequestReceived
    | NotificationReceived
    | ResponseReceived
    | ErrorReceived
    | RequestBroken
    | CancelReceived
    | ProgressReceived
    | StrayLine
    | FrameRejected
    | UnexpectedResponse
    | StreamBroken
    | StreamEnded
)
