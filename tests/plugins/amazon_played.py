"""Own Amazon as tests of plugins/aws see it: moto as a child, a service that answers what a test says; know no test.

The plugin's own package is reached by name, as the plugin's process reaches it.
"""

import contextlib
import importlib
import json
import re
import select
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from tests.house.tree import ROOT

__all__ = ["PLUGIN", "Asked", "Scripted", "fault", "load", "moto", "servers_xml"]

PLUGIN = ROOT / "plugins" / "aws"

# An interpreter and flask; a loaded machine may take its time.
_START_SECONDS = 20.0
_END_SECONDS = 10.0


def load(name: str) -> Any:
    """Return a module of the plugin's, such as "aws" or "amazon.servers"."""
    if str(PLUGIN) not in sys.path:
        sys.path.append(str(PLUGIN))
        writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True  # all that lies in a plugin is part of its digest
        try:
            for file in (PLUGIN / "amazon").glob("*.py"):
                importlib.import_module(f"amazon.{file.stem}")
            importlib.import_module("aws")
        finally:
            sys.dont_write_bytecode = writes
    return importlib.import_module(name)


@contextmanager
def moto() -> Generator[str]:
    """Run moto's server and return its address; at the end it must go by itself."""
    command = [sys.executable, "-m", "tests.clouds.amazon"]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdin
    assert process.stdout
    try:
        ready, _, _ = select.select([process.stdout], [], [], _START_SECONDS)
        yield json.loads(process.stdout.readline() if ready else b"{}")["aws"]
        process.stdin.close()
        assert process.wait(_END_SECONDS) == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        with contextlib.suppress(OSError):
            process.stdin.close()


class Asked(NamedTuple):
    """One request: who signed it and for which region, and what it asks."""

    access_key_id: str
    region: str
    path: str
    params: dict[str, str]


# Status, headers, body; None closes the connection without an answer, and an Event keeps it open until it is set.
Step = tuple[int, dict[str, str], bytes] | threading.Event | None


class Scripted:
    """A service that answers each request by the next step, the last step again and again; a step may be a function."""

    def __init__(self, steps: Sequence[Step | Callable[[Asked], Step]]) -> None:
        self.asked: list[Asked] = []
        self.gone = threading.Event()
        """Set when a client has left without waiting."""
        self._steps = list(steps)
        self._lock = threading.Lock()

    @classmethod
    @contextmanager
    def running(cls, *steps: Step | Callable[[Asked], Step]) -> Generator["Scripted"]:
        """Serve until the end of the block."""
        scripted = cls(steps)
        server = _Server(scripted)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            scripted.url = f"http://127.0.0.1:{server.server_address[1]}"
            yield scripted
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    url: str

    def step(self, asked: Asked) -> Step:
        """Return what is to happen."""
        with self._lock:
            self.asked.append(asked)
            step = self._steps.pop(0) if len(self._steps) > 1 else self._steps[0]
        return step(asked) if callable(step) else step


class _Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = False
    block_on_close = True

    def __init__(self, scripted: Scripted) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.scripted = scripted

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that went away."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 5
    server: _Server  # pyright: ignore[reportIncompatibleVariableOverride]

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode(errors="replace")
        signer = re.search(r"Credential=([^/]+)/\d+/([^/]+)/", self.headers.get("Authorization", ""))
        place = urlsplit(self.path)
        params = {name: values[0] for name, values in parse_qs(body or place.query).items()}
        asked = Asked(signer[1] if signer else "", signer[2] if signer else "", place.path, params)
        step = self.server.scripted.step(asked)
        if isinstance(step, threading.Event):
            self._wait(step)
        if not isinstance(step, tuple):
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        status, headers, content = step
        self.send_response_only(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
        self.close_connection = "Content-Length" in headers  # one that is not true ends the connection

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _serve  # noqa: N815 - the names are the library's

    def _wait(self, released: threading.Event) -> None:
        """Wait until the client leaves, or the test lets go."""
        poll = select.poll()
        poll.register(self.connection, select.POLLRDHUP | select.POLLHUP)
        while not released.wait(0.01):
            if poll.poll(0):
                self.server.scripted.gone.set()
                return

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the library's
        """Write nothing."""


def fault(status: int, code: str, message: str = "no", headers: dict[str, str] | None = None) -> Step:
    """Return an error in the words of EC2."""
    body = f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors></Response>"
    return status, headers or {}, body.encode()


def servers_xml(*names: str, next_token: str = "", action: str = "DescribeInstances") -> Step:
    """Return a page of EC2's with servers of these names, in one reservation; of `RunInstances`, what was made."""
    instances = "".join(
        f"<item><instanceId>i-{name}</instanceId><instanceState><code>16</code><name>running</name></instanceState>"
        f"<instanceType>t3.micro</instanceType><tagSet><item><key>Name</key><value>{name}</value></item></tagSet></item>"
        for name in names
    )
    made = f"<reservationId>r-1</reservationId><instancesSet>{instances}</instancesSet>"
    if action == "DescribeInstances":
        made = f"<reservationSet><item>{made}</item></reservationSet>"
    more = f"<nextToken>{next_token}</nextToken>" if next_token else ""
    space = "http://ec2.amazonaws.com/doc/2016-11-15/"
    return 200, {}, f'<{action}Response xmlns="{space}">{made}{more}</{action}Response>'.encode()
