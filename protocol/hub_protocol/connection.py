"""Own the state of one connection: bytes in, events out, messages in, bytes out; know nothing of methods' meaning, time or I/O.

The peer's garbage never raises here: it becomes an event (and an error answer where HUB-ID-5 wants one).
Misuse by our own side raises `LocalProtocolError` at the call site, and nothing is sent.
"""

import enum
from typing import Any, Literal, cast

from msgspec import UNSET

from hub_protocol import _json
from hub_protocol._plain_answer import read_plain_answer
from hub_protocol._plain_request import read_plain_request
from hub_protocol.errors import ERRORS, LocalProtocolError
from hub_protocol.events import (
    CancelReceived,
    ErrorReceived,
    Event,
    FrameRejected,
    NotificationReceived,
    ProgressReceived,
    RequestBroken,
    RequestReceived,
    ResponseReceived,
    StrayLine,
    StreamBroken,
    StreamEnded,
    UnexpectedResponse,
)
from hub_protocol.framing import HEAD_BYTES, BadHeader, Overlong, make_framer
from hub_protocol.limits import MAX_FRAME_BYTES
from hub_protocol.messages import (
    ErrorResponse,
    Id,
    Invalid,
    Message,
    Notification,
    Request,
    Response,
    WireError,
    is_id,
    parse,
    recover,
    to_json,
)
from hub_protocol.pending import Incoming, Outgoing

__all__ = ["CANCEL", "PROGRESS", "Connection", "Role"]

CANCEL = "$/cancelRequest"
PROGRESS = "$/progress"


class Role(enum.Enum):
    """Which side of the pipe this is."""

    HUB = "hub"
    MODULE = "module"


class Connection:
    """One side of one connection.

    Args:
        role: the hub mints ids 1, 2, 3 and hardly answers what is broken; a module mints "m1", "m2" and does (HUB-ID-5).
        framing: "newline", or "content-length" for programs built on LSP-style libraries.
        max_frame_bytes: the frame limit, for both directions (HUB-FRAME-4).
    """

    def __init__(
        self,
        role: Role,
        *,
        framing: Literal["newline", "content-length"] = "newline",
        max_frame_bytes: int = MAX_FRAME_BYTES,
    ) -> None:
        self.role = role
        self.max_frame_bytes = max_frame_bytes
        self.incoming = Incoming()
        self.outgoing = Outgoing("m" if role is Role.MODULE else "")
        self._is_module = role is Role.MODULE
        self._framer = make_framer(framing, max_frame_bytes)
        self._events: list[Event] = []
        self._to_send: list[bytes] = []

    # From the stream

    def receive_data(self, data: bytes) -> None:
        """Take the next bytes that the peer wrote, in any pieces; what they mean is in `events_received`."""
        for item in self._framer.receive_data(data):
            if isinstance(item, (bytes, bytearray)):
                request = read_plain_request(item) if self._is_module else None  # which is asked much more than it asks
                if request is not None and self.incoming.register(request.id, request.method):
                    self._events.append(request)
                else:
                    self._receive_frame(item)
            elif isinstance(item, Overlong):
                self._reject("frame_too_large", f"it is longer than {self.max_frame_bytes} bytes", item.head, item.size)
            else:
                self._receive_bad_header(item)

    def receive_eof(self) -> None:
        """Take the end of the peer's stream. Open requests stay open: how they end is the driver's to say."""
        self._events.append(StreamEnded(self._framer.receive_eof()))

    def events_received(self) -> list[Event]:
        """Return what happened since the last time, oldest first."""
        events, self._events = self._events, []
        return events

    @property
    def has_data_to_send(self) -> bool:
        """Whether there are frames to write."""
        return bool(self._to_send)

    def data_to_send(self) -> list[bytes]:
        """Return the frames to write, in order, since the last time."""
        data, self._to_send = self._to_send, []
        return data

    def _receive_bad_header(self, item: BadHeader) -> None:
        self._events.append(StreamBroken(item.reason))

    def _receive_frame(self, frame: bytes | bytearray) -> None:
        plain = None if self._is_module else read_plain_answer(frame)
        if plain is None:
            self._receive_message(frame)
        elif self.outgoing.complete(plain[0]) is None:
            self._unexpected(plain[0])
        else:
            self._events.append(ResponseReceived(*plain))

    def _receive_message(self, frame: bytes | bytearray) -> None:
        try:
            value = _json.decode(frame)
        except _json.RejectedJson as rejected:
            if self.role is Role.HUB and not frame.lstrip().startswith((b"{", b"\xef\xbb\xbf{")):
                self._events.append(StrayLine(bytes(frame[:HEAD_BYTES]), len(frame)))
            else:
                self._reject("parse_error", str(rejected), frame, len(frame))
            return
        if type(value) is not dict and type(value) is not list and self.role is Role.HUB:
            # A number or a string alone on a line is something that a program printed.
            self._events.append(StrayLine(bytes(frame[:HEAD_BYTES]), len(frame)))
            return
        message = parse(value)
        match message:
            case Response():
                if self.outgoing.complete(message.id) is None:
                    self._unexpected(message.id)
                else:
                    self._events.append(ResponseReceived(message.id, message.result))
            case Request():
                event = RequestReceived(message.id, message.method, message.params, message.context)
                self._receive_request(event, frame)
            case Notification():
                self._receive_notification(message)
            case ErrorResponse():
                self._receive_error(message)
            case Invalid():
                self._receive_invalid(message, frame)

    def _receive_request(self, event: RequestReceived, frame: bytes | bytearray) -> None:
        if self.incoming.register(event.id, event.method):
            self._events.append(event)
        else:
            # An answer would be taken for the answer to the first of the two.
            self._events.append(
                FrameRejected("invalid_request", "its id is open already", bytes(frame[:HEAD_BYTES]), len(frame), event.id)
            )

    def _receive_notification(self, message: Notification) -> None:
        params = message.params
        if message.method == CANCEL:
            request_id = params.get("id")
            if is_id(request_id) and cast("Id", request_id) in self.incoming:
                self._events.append(CancelReceived(cast("Id", request_id)))
        elif message.method == PROGRESS:
            self._receive_progress(params)
        else:
            self._events.append(NotificationReceived(message.method, params))

    def _receive_progress(self, params: dict[str, Any]) -> None:
        request_id, done, total, text = (params.get(name) for name in ("id", "done", "total", "message"))
        if is_id(request_id) and cast("Id", request_id) in self.outgoing and type(done) in (int, float):
            good_total = cast("float", total) if type(total) in (int, float) else None
            good_text = text if type(text) is str else None
            self._events.append(ProgressReceived(cast("Id", request_id), cast("float", done), good_total, good_text))

    def _receive_error(self, message: ErrorResponse) -> None:
        error = message.error
        if message.id is None or self.outgoing.complete(message.id) is None:
            self._unexpected(message.id)
        else:
            self._events.append(ErrorReceived(message.id, error.code, error.message, error.data))

    def _unexpected(self, request_id: Id | None) -> None:
        late = request_id is not None and self.outgoing.was_given_up(request_id)
        self._events.append(UnexpectedResponse(request_id, late))

    def _receive_invalid(self, invalid: Invalid, frame: bytes | bytearray) -> None:
        self._rejected(
            invalid.kind,
            invalid.reason,
            frame,
            len(frame),
            invalid.id,
            is_response=invalid.is_response or (not invalid.has_method and invalid.id in self.outgoing),
            is_notification=invalid.is_notification,
        )

    def _reject(self, kind: str, reason: str, frame: bytes | bytearray, size: int) -> None:
        recovered = recover(bytes(frame[:HEAD_BYTES]))
        is_response = not recovered.has_method and recovered.id in self.outgoing
        self._rejected(kind, reason, frame, size, recovered.id, is_response=is_response, is_notification=False)

    def _rejected(
        self,
        kind: str,
        reason: str,
        frame: bytes | bytearray,
        size: int,
        request_id: Id | None,
        *,
        is_response: bool,
        is_notification: bool,
    ) -> None:
        """Report a broken frame; answer it where HUB-ID-5 says so; end our own request where it was meant as its response."""
        ours = is_response and request_id is not None and self.outgoing.complete(request_id) is not None
        if self.role is Role.MODULE:
            answer = not is_response and not is_notification
        else:
            # A number alone is no proof that the module waits for an answer to it: only what has a method is a request.
            answer = not is_response and request_id is not None and request_id not in self.outgoing
        if request_id is not None and request_id in self.incoming:
            answer = False
        if answer:
            answer_kind = "parse_error" if kind == "frame_too_large" else kind
            error = WireError(ERRORS[answer_kind].code, f"cannot read the message: {reason}")
            self._send(ErrorResponse(request_id, error))
        self._events.append(FrameRejected(kind, reason, bytes(frame[:HEAD_BYTES]), size, request_id, answer))
        if ours and request_id is not None:
            broken_kind = kind if kind == "frame_too_large" else "protocol_error"
            self._events.append(RequestBroken(request_id, broken_kind, reason))

    # To the stream

    def send_request(self, method: str, params: dict[str, Any] | None = None, *, context: dict[str, Any] | None = None) -> Id:
        """Queue a request and return its id.

        Raises:
            LocalProtocolError: the message cannot be sent (not JSON, longer than the frame limit); nothing was queued.
        """
        request_id = self.outgoing.register(method)
        # Members in the order that HUB-MSG promises to simple readers.
        message: dict[str, Any] = {"jsonrpc": "2.0", "id": request_id, "method": method, "params": params or {}}
        if context is not None:
            message["context"] = context
        try:
            self._send_line(_json.encode(message, params or {}))
        except LocalProtocolError:
            self.outgoing.complete(request_id)
            raise
        return request_id

    def send_notification(self, method: str, params: dict[str, Any] | None = None) -> None:
        """Queue a notification.

        Raises:
            LocalProtocolError: the message cannot be sent; nothing was queued.
        """
        self._send(Notification(method, {} if params is None else params))

    def send_result(self, request_id: Id, result: Any) -> None:
        """Queue the good answer to an open incoming request.

        Raises:
            LocalProtocolError: the request is not open, or the result cannot be sent (the request stays open then).
        """
        if request_id not in self.incoming:
            self.incoming.complete(request_id)  # raises
        line = _json.encode({"jsonrpc": "2.0", "id": request_id, "result": result}, result)
        self._send_line(line)
        self.incoming.complete(request_id)

    def send_error(self, request_id: Id, code: int, message: str, data: Any = UNSET) -> None:
        """Queue the error answer to an open incoming request.

        Raises:
            LocalProtocolError: the request is not open, or `data` cannot be sent (the request stays open then).
        """
        if request_id not in self.incoming:
            self.incoming.complete(request_id)  # raises
        self._send(ErrorResponse(request_id, WireError(code, message, data)))
        self.incoming.complete(request_id)

    def cancel(self, request_id: Id) -> None:
        """Give up one of our open requests and tell the peer; a late answer is then an UnexpectedResponse(late=True)."""
        if self.outgoing.give_up(request_id):
            self.send_notification(CANCEL, {"id": request_id})

    def forget(self, request_id: Id) -> None:
        """Give up one of our open requests without telling the peer (which did not offer `cancel`)."""
        self.outgoing.give_up(request_id)

    def _send(self, message: Message) -> None:
        self._send_line(_json.encode(to_json(message)))

    def _send_line(self, line: bytes) -> None:
        size = len(line) - 1  # without its line feed
        if size > self.max_frame_bytes:
            msg = f"cannot send this message: its {size} bytes are more than the frame limit of {self.max_frame_bytes}"
            raise LocalProtocolError(msg)
        self._to_send.append(self._framer.frame(line))
