"""Own the HTTP/1.1 side: one request in, one answer out, or what a fault makes of it; know nothing of any service."""

import json
import select
import socket
import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from tests.clouds.exchange import Answer, Request
from tests.clouds.faults import Fault

__all__ = ["Listener", "Site"]

# No request of these services comes near it; a client that runs wild must not fill the memory of a test run.
_MAX_BODY_BYTES = 1 << 20

# A connection on which nobody has asked anything for so long is closed: a test is over long before.
_IDLE_SECONDS = 60.0


class Site(Protocol):
    """What a listener serves."""

    def answer(self, request: Request) -> tuple[Answer, Fault]:
        """Return the answer, and what is to go wrong with it."""
        ...

    def ended(self, how: str) -> None:
        """Hear how the request of this thread ended: with a status, "cut", or "gone"."""
        ...


class Listener(ThreadingHTTPServer):
    """A server on a loopback port of its own."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, port: int, site: Site, stopping: threading.Event) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.site = site
        self.stopping = stopping

    @property
    def url(self) -> str:
        """Where it is reached."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that went away, which is its right; everything else is a defect of ours."""
        import sys

        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS
    disable_nagle_algorithm = True
    server: Listener  # pyright: ignore[reportIncompatibleVariableOverride]

    def _serve(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        if size > _MAX_BODY_BYTES:
            self.close_connection = True
            return
        body = self.rfile.read(size)
        try:
            value = json.loads(body) if body else None
        except ValueError:
            value = body.decode(errors="replace")  # a string is no object: each service finds its own words
        parts = urlsplit(self.path)
        word, _, token = (self.headers.get("Authorization") or "").partition(" ")
        request = Request(
            self.command,
            parts.path,
            dict(parse_qsl(parts.query, keep_blank_values=True)),
            value,
            token if word == "Bearer" else "",
            self.server.url,
        )
        answer, fault = self.server.site.answer(request)
        self.server.site.ended(self._send(answer, fault))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815 - the names are the library's

    def _send(self, answer: Answer, fault: Fault) -> str:
        """Answer, and return how it ended."""
        if fault.cut == "before":
            return self._cut(b"")
        if fault.slow_seconds and not self._patient(fault.slow_seconds):
            self.close_connection = True
            return "gone"
        head, body = _frame(answer, fault)
        if fault.cut == "headers":
            return self._cut(head[: len(head) // 2])
        if fault.cut == "body":
            return self._cut(head + body[: len(body) // 2])
        try:
            self.wfile.write(head + body)
        except OSError:
            self.close_connection = True
            return "gone"
        return str(answer.status)

    def _patient(self, seconds: float) -> bool:
        """Let time pass; return False as soon as the client went away, or when the stand-in ends."""
        deadline = time.monotonic() + seconds
        poll = select.poll()
        poll.register(self.connection, select.POLLRDHUP | select.POLLHUP)
        while (left := deadline - time.monotonic()) > 0 and not self.server.stopping.is_set():
            if poll.poll(min(left, 0.1) * 1000):
                return False
        return not self.server.stopping.is_set()

    def _cut(self, sent: bytes) -> str:
        """End the connection so that the client sees it at once, whoever else holds the descriptor."""
        self.close_connection = True
        try:
            self.wfile.write(sent)
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return "gone"
        return "cut"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the library's
        """Write nothing: standard error is for defects."""


def _frame(answer: Answer, fault: Fault) -> tuple[bytes, bytes]:
    body = b"" if answer.body is None else json.dumps(answer.body).encode()
    if fault.text is not None:
        body = fault.text.encode()
    body += b" " * fault.pad_bytes
    headers = {"Content-Type": "application/json", **answer.headers, "Content-Length": str(len(body))}
    if answer.status == HTTPStatus.NO_CONTENT:
        del headers["Content-Length"]
        body = b""
    if fault.retry_after is not None:
        headers["Retry-After"] = fault.retry_after
    lines = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}", *(f"{k}: {v}" for k, v in headers.items()), "", ""]
    return "\r\n".join(lines).encode(), body
