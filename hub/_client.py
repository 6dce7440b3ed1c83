"""Own talking to a running hub over its control socket, from code without async; know no option and no output.

Blocking and light on purpose: a command that goes through a running hub must not load an event loop first.
"""

import json
import os
import socket
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, cast

from hub._client_question import OnQuestion, RemoteQuestion, reply_line
from hub._client_requests import notification_line, request_line
from hub._peercred import credentials_of
from hub.errors import BadSettings, CallTimeout, Closed, FunctionError, HubError, ProtocolError
from hub_protocol.errors import ERRORS

__all__ = ["Client"]

_CONNECT_SECONDS: Final = 5.0
# What is asked of the hub itself takes milliseconds; a start or stop says itself how long it may take.
_ANSWER_SECONDS: Final = 30.0
# After a cancellation, for the hub to say that it has arrived.
_CANCEL_SECONDS: Final = 2.0
# What a socket is asked to wait in one go, then it is asked again: the system takes no number of seconds beyond some billions.
_ONE_WAIT_SECONDS: Final = 3600.0
_READ_BYTES: Final = 64 * 1024
# More than the largest line a hub writes: a batch is never asked for here.
_MAX_LINE_BYTES: Final = 17 * 1024 * 1024

# What only looks: nothing can have been done by it.
_READS: Final = frozenset(
    ("hub.info", "hub.modules", "hub.ps", "hub.last_crash", "hub.logs", "hub.events", "hub.interfaces", "hub.credentials.list")
)

OnNotification = Callable[[str, Mapping[str, Any]], None]


class Client:
    """One connection to a running hub. Not for several threads at once."""

    def __init__(self, connection: socket.socket, pid: int | None) -> None:
        self.pid = pid
        self._socket = connection
        self._buffer = bytearray()
        self._searched = 0
        self._next_id = 1
        self._ahead: deque[dict[str, Any]] = deque()  # read while a person thought about a question
        self._asked_seconds = 0.0

    @classmethod
    def connect(cls, path: Path) -> "Client | None":
        """Return a client of the hub that listens on `path`, or None when there is none.

        Raises:
            BadSettings: whoever listens there is not this user, or it may not be used.
        """
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.settimeout(_CONNECT_SECONDS)
            connection.connect(os.fspath(path))
            pid = _pid_of_own_hub(connection, path)
        except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError):
            connection.close()
            return None
        except OSError as error:
            connection.close()
            why = "it does not answer" if isinstance(error, TimeoutError) else (error.strerror or str(error)).lower()
            raise BadSettings(f"cannot use the hub at {path}: {why}") from error
        except BaseException:
            connection.close()
            raise
        return cls(connection, pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; the hub cancels what is under way on it."""
        self._socket.close()

    def request(
        self,
        method: str,
        params: dict[str, Any] | None = None,
        *,
        timeout_seconds: float | None = _ANSWER_SECONDS,
        on_notification: OnNotification | None = None,
        on_question: OnQuestion | None = None,
    ) -> Any:
        """Ask and return the result; interrupted (Ctrl-C), cancel it in the hub first.

        `on_question` answers what the hub asks back meanwhile; the time that takes does not count.

        Raises:
            HubError: what the hub answered, as it would have been raised there.
        """
        number, self._next_id = self._next_id, self._next_id + 1
        try:
            self._send(request_line(number, method, params or {}))
            return self._answer(number, method, timeout_seconds, on_notification, on_question)
        except KeyboardInterrupt:
            self._cancel(number)
            raise

    def _answer(
        self,
        number: int,
        method: str,
        seconds: float | None,
        on_notification: OnNotification | None,
        on_question: OnQuestion | None = None,
    ) -> Any:
        for message in self._messages(method, seconds):
            if "method" in message and "id" in message:
                self._be_asked(message, on_notification, on_question)
            elif "method" in message:
                if on_notification is not None:
                    on_notification(message["method"], message.get("params") or {})
            elif message.get("id") in (number, None):
                if "result" in message:
                    return message["result"]
                raise _error(message)
        raise _gone(method)

    def _be_asked(
        self, message: Mapping[str, Any], on_notification: OnNotification | None, on_question: OnQuestion | None
    ) -> None:
        """Have a question of the hub answered; while that takes, notifications go on, and it may be taken back."""
        over = False

        def look() -> bool:
            nonlocal over
            over = over or self._read_ahead(message["id"], on_notification)
            return over

        params = message.get("params")
        begun, content = time.monotonic(), None
        try:
            if on_question is not None:
                given = cast("dict[str, Any]", params) if isinstance(params, dict) else {}
                content = on_question(RemoteQuestion(given, self._socket.fileno(), look))
        finally:
            self._asked_seconds += time.monotonic() - begun
        if not over:
            self._send(reply_line(message["id"], content, nobody=on_question is None))

    def _read_ahead(self, question: object, on_notification: OnNotification | None) -> bool:
        """Read what has come, without waiting; return whether the question is over: taken back, or the hub has more to say."""
        self._socket.settimeout(0)
        try:
            data = self._socket.recv(_READ_BYTES)
        except BlockingIOError:
            return False
        except OSError:
            return True
        self._buffer += data
        over = not data
        while (line := self._take_line()) is not None:
            message = _decoded(line)
            if "method" not in message or "id" in message:
                self._ahead.append(message)
                over = over or "method" not in message
            elif message["method"] == "$/cancelRequest":
                taken_back: Any = message.get("params", {}).get("id")
                self._ahead = deque(other for other in self._ahead if other.get("id") != taken_back)
                over = over or bool(taken_back == question)
            elif on_notification is not None:
                on_notification(message["method"], message.get("params") or {})
        return over

    def _cancel(self, number: int) -> None:
        try:
            self._send(notification_line("$/cancelRequest", {"id": number}))
            self._answer(number, "$/cancelRequest", _CANCEL_SECONDS, None)
        except HubError:
            pass  # that it is cancelled, or that the hub is gone: either way it is over

    def notifications(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield notifications as they come, until the hub closes the connection."""
        for message in self._messages("hub.events", None):
            if "method" in message:
                yield message["method"], message.get("params") or {}

    def wait_closed(self, seconds: float) -> bool:
        """Wait until the hub closes the connection; return whether it did within `seconds`."""
        try:
            for _ in self._messages("hub.down", seconds):
                pass
        except CallTimeout:
            return False
        except Closed:
            pass
        return True

    def _send(self, line: bytes) -> None:
        try:
            self._socket.settimeout(_ANSWER_SECONDS)
            self._socket.sendall(line)
        except TimeoutError:
            raise _late("the hub", _ANSWER_SECONDS) from None
        except OSError:
            pass  # it may have said why before it closed: reading finds that, or the end

    def _messages(self, method: str, seconds: float | None) -> Iterator[dict[str, Any]]:
        deadline = None if seconds is None else time.monotonic() + seconds - self._asked_seconds
        while True:
            if self._ahead:
                yield self._ahead.popleft()
                continue  # while it was dealt with, more may have been read ahead
            if (line := self._take_line()) is not None:
                yield _decoded(line)
                continue
            left = None if deadline is None else deadline + self._asked_seconds - time.monotonic()
            if left is not None and left <= 0:
                raise _late(method, cast("float", seconds))
            self._socket.settimeout(left if left is None else min(left, _ONE_WAIT_SECONDS))
            try:
                data = self._socket.recv(_READ_BYTES)
            except TimeoutError:
                continue
            except OSError:
                return
            if not data:
                return
            self._buffer += data
            if len(self._buffer) > _MAX_LINE_BYTES:
                raise ProtocolError(f"cannot read the answer to {method}: it is longer than {_MAX_LINE_BYTES} bytes")

    def _take_line(self) -> bytes | None:
        end = self._buffer.find(b"\n", self._searched)
        if end < 0:
            self._searched = len(self._buffer)
            return None
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        self._searched = 0
        return line


def _pid_of_own_hub(connection: socket.socket, path: Path) -> int | None:
    found = credentials_of(connection)
    if found is None or found.uid != os.geteuid():
        raise BadSettings(f"cannot use the hub at {path}: it is not yours", hint="point XDG_RUNTIME_DIR elsewhere")
    return found.pid


def _decoded(line: bytes) -> dict[str, Any]:
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        message = None
    if not isinstance(message, dict):
        raise ProtocolError("cannot read what the hub says: it is no JSON-RPC message")
    return cast("dict[str, Any]", message)


def _late(method: str, seconds: float) -> CallTimeout:
    return CallTimeout(
        f"cannot get the answer to {method}: the hub said nothing for {seconds:g} s", hint="hub ps shows what it does"
    )


def _gone(method: str) -> Closed:
    may = method not in _READS
    msg = f"cannot get the answer to {method}: the hub ended{'; whether it was done is unknown' if may else ''}"
    return Closed(msg, hint="`hub up` starts it again", data={"may_have_executed": may})


def _error(message: Mapping[str, Any]) -> HubError:
    """Return the error that a response holds, of the class that the hub raised."""
    found: Any = message.get("error")
    if not isinstance(found, dict):
        return ProtocolError("cannot read what the hub says: its answer has neither result nor error")
    told = cast("dict[str, Any]", found)
    data: Any = told.get("data")
    more = cast("dict[str, Any]", data) if isinstance(data, dict) else {}
    code, text, kind, hint = told.get("code"), str(told.get("message")), more.get("kind"), more.get("hint")
    if more.get("from_function") or kind not in ERRORS:
        error: HubError = FunctionError(text, code=code if isinstance(code, int) else 0, data=more.get("data"), hint=hint)
    else:
        error = _CLASSES.get(kind, HubError)(text, hint=hint, data=more.get("data"))
    error.kind = kind if kind in ERRORS else "function_error"
    return error


def _classes(base: type[HubError]) -> Iterator[type[HubError]]:
    for found in base.__subclasses__():
        if found is not FunctionError:
            yield found
            yield from _classes(found)


_CLASSES: Final = {found.kind: found for found in _classes(HubError)}
