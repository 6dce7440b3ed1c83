"""Own how one signed request goes over the wire: bounded in time and size, ended at once from outside; know no service.

botocore's own transport bounds each read, not the whole, and cannot be ended from another thread.
"""

import socket
import ssl
import time
from contextlib import suppress
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from io import BytesIO
from typing import Any, Final, cast
from urllib.parse import SplitResult, urlsplit

from amazon.patience import Patience

__all__ = ["Cut", "Reply", "TooLarge", "Transport", "Unsent"]

# A page of a thousand servers is about 3 MiB of XML. An object may have 8 MiB, and its headers stand outside.
MOST_BYTES: Final = 8 * 1024 * 1024
_PIECE_BYTES = 65536


class Unsent(Exception):
    """No connection was made, so the service has not acted."""


class Cut(Exception):
    """The connection failed after something was sent: nobody knows whether the service has acted."""


class TooLarge(Exception):
    """The answer has more bytes than we are ready to hold."""


class Body(BytesIO):
    """What was received, as botocore reads it."""

    def stream(self, amount: int = _PIECE_BYTES, **_: Any) -> Any:
        """Return the pieces."""
        return iter(lambda: self.read(amount), b"")


class Reply:
    """What was received: status, headers, body."""

    def __init__(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = Body(content)


class Transport:
    """The connections of one call; not for two threads at a time, but for `Patience.end`."""

    def __init__(self, patience: Patience, timeout_seconds: float) -> None:
        self._patience = patience
        self._timeout_seconds = timeout_seconds
        self._open: dict[tuple[str, str], HTTPConnection] = {}
        # A connection forgets its socket when the answer is the last one, while the answer is still being read from it.
        self._sockets: dict[HTTPConnection, socket.socket] = {}
        patience.at_end(self._interrupt)

    def exchange(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Reply:
        """Send a request and return the answer, all of it.

        Raises:
            Ended: the call is over.
            Unsent: there is no connection to be had.
            Cut: the connection failed or the time for one request is over.
            TooLarge: the answer is.
        """
        until = time.monotonic() + self._patience.seconds(self._timeout_seconds)
        place = urlsplit(url)
        connection = self._connected(place, until)
        try:
            connection.request(method, (place.path or "/") + (f"?{place.query}" if place.query else ""), body, headers)
            response = connection.getresponse()
            content = self._content(response, self._sockets[connection], until)
            self._patience.seconds(0)
        except (OSError, HTTPException, ValueError) as error:
            connection.close()
            self._patience.seconds(0)
            why = "it did not answer in time" if isinstance(error, TimeoutError) else f"the connection broke ({_reason(error)})"
            raise Cut(why) from None
        except BaseException:
            connection.close()
            raise
        return Reply(response.status, dict(response.getheaders()), content)

    def close(self) -> None:
        """Close all connections."""
        for connection in self._open.values():
            connection.close()

    def _connected(self, place: SplitResult, until: float) -> HTTPConnection:
        host, seconds = place.hostname or "", max(0.001, until - time.monotonic())
        if (place.scheme, place.netloc) not in self._open:
            self._open[place.scheme, place.netloc] = (
                HTTPSConnection(host, place.port, context=_tls())
                if place.scheme == "https"
                else HTTPConnection(host, place.port)
            )
        connection = self._open[place.scheme, place.netloc]
        connection.timeout = seconds
        if connection.sock is not None:
            connection.sock.settimeout(seconds)
            return connection
        try:
            connection.connect()
        except (OSError, ValueError) as error:
            connection.close()
            self._patience.seconds(0)
            raise Unsent(f"{host} cannot be reached ({_reason(error)})") from None
        self._sockets[connection] = cast("socket.socket", connection.sock)
        self._patience.seconds(0)  # it may have been ended while there was no socket to interrupt yet
        return connection

    def _content(self, response: HTTPResponse, wire: socket.socket, until: float) -> bytes:
        pieces: list[bytes] = []
        held = 0
        while piece := response.read1(_PIECE_BYTES):
            held += len(piece)
            if held > MOST_BYTES:
                raise TooLarge
            pieces.append(piece)
            left = min(until - time.monotonic(), self._patience.seconds(self._timeout_seconds))
            if left <= 0:
                raise TimeoutError
            wire.settimeout(left)
        # http.client takes headers that are cut off for all of them: then no length is told, or not all of it comes.
        if response.length or (response.length is None and not response.chunked):
            raise ConnectionError("the answer is cut off")
        response.close()  # the connection can be used again only then
        return b"".join(pieces)

    def _interrupt(self) -> None:
        for wire in list(self._sockets.values()):
            with suppress(OSError):  # it may be closed already
                # Not the method of TLS sockets, which takes the encryption away under the thread that reads.
                socket.socket.shutdown(wire, socket.SHUT_RDWR)


@cache
def _tls() -> ssl.SSLContext:
    """Return how Python does TLS: checked against the machine's certificates. Reading them takes 20 ms."""
    return ssl.create_default_context()


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", "") or error or type(error).__name__)[:200]
