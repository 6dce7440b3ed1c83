"""Own a control socket with toy methods, and clients of it that can misbehave; know nothing of modules."""

import errno
import json
import os
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel

from hub._control import ControlServer
from hub._control_connection import ControlLimits, Conversation
from hub._control_dispatch import Dispatcher
from hub._control_socket import ControlSocket
from hub.errors import NotFound

__all__ = ["Toys", "Wire", "connect", "connected", "request", "serving", "until"]


def request(method: str, request_id: Any = 1, /, **params: Any) -> dict[str, Any]:
    """Return a request with params by name."""
    return {"jsonrpc": "2.0", "method": method, "params": params, "id": request_id}


class Toys:
    """Methods that do what a test needs, and what they saw."""

    def __init__(self) -> None:
        self.waiting = 0
        self.cancelled = 0
        self.changed = anyio.Event()
        self.heard: list[Any] = []
        self.release = anyio.Event()

    def table(self) -> dict[str, Any]:
        """Return the methods by name."""
        return {
            "echo": self.echo,
            "wait": self.wait,
            "big": self.big,
            "boom": self.boom,
            "odd": self.odd,
            "missing": self.missing,
            "count": self.count,
            "progress": self.progress,
        }

    def _note(self) -> None:
        self.changed.set()
        self.changed = anyio.Event()

    async def until(self, fits: Callable[[], bool]) -> None:
        """Wait until what the methods saw fits."""
        while not fits():
            await self.changed.wait()

    async def echo(self, _: Conversation, value: Any = None) -> Any:
        """Return the value."""
        self.heard.append(value)
        self._note()
        return value

    async def wait(self, _: Conversation) -> str:
        """Wait until `release`."""
        self.waiting += 1
        self._note()
        try:
            await self.release.wait()
        except anyio.get_cancelled_exc_class():
            self.cancelled += 1
            self._note()
            raise
        return "released"

    async def big(self, _: Conversation, size: int) -> str:
        """Return much."""
        return "x" * size

    async def boom(self, _: Conversation) -> None:
        """Fail as a defect does."""
        raise RuntimeError("secret")

    async def odd(self, _: Conversation) -> Any:
        """Return what JSON cannot say."""
        return object()

    async def missing(self, _: Conversation) -> None:
        """Fail as a method does."""
        raise NotFound("cannot find it", hint="look elsewhere", data={"module": "m"})

    async def count(self, conversation: Conversation, to: int) -> int:
        """Subscribe to the numbers below `to`."""

        async def work(number: int) -> None:
            for value in range(to):
                await conversation.send_when_room("counted", {"subscription": number, "value": value})

        return conversation.subscribe(work)

    async def progress(self, conversation: Conversation) -> None:
        """Tell how far it is."""
        conversation.notify("$/progress", {"id": conversation.request.id, "done": 1})


class Wire:
    """A client that sends what it is told to, and reads lines."""

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
        self._buffer = bytearray()

    async def send(self, *values: Any) -> None:
        """Send each value as one line of JSON; bytes as they are."""
        data = b"".join(value if isinstance(value, bytes) else json.dumps(value).encode() + b"\n" for value in values)
        while data:
            try:
                data = data[self.socket.send(data) :]
            except BlockingIOError:
                await anyio.wait_writable(self.socket)
            except BrokenPipeError:
                return  # it was sent away; what it was told can be read

    async def read(self) -> Any:
        """Return the next message, or None at the end."""
        while (end := self._buffer.find(b"\n")) < 0:
            await anyio.wait_readable(self.socket)
            try:
                data = self.socket.recv(1024 * 1024)
            except ConnectionResetError:
                data = b""
            if not data:
                return None
            self._buffer += data
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return json.loads(line)

    async def ask(self, method: str, /, **params: Any) -> Any:
        """Return the answer to a request."""
        await self.send(request(method, **params))
        return await self.read()


@asynccontextmanager
async def connected(path: Path) -> AsyncGenerator[Wire]:
    """Connect."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.setblocking(False)
        await connect(sock, path)
        yield Wire(sock)


async def connect(sock: socket.socket, path: Path) -> None:
    """Connect, waiting at the door while the queue there is full."""
    await until(lambda: sock.connect_ex(str(path)) != errno.EAGAIN)


async def until(fits: Callable[[], bool]) -> None:
    """Let others run until `fits`: for what happens in the server and tells nobody."""
    while not fits():
        await anyio.lowlevel.checkpoint()


class Serving:
    """A server with its path, toys and clock."""

    def __init__(self, path: Path, server: ControlServer, toys: Toys) -> None:
        self.path = path
        self.server = server
        self.toys = toys


@asynccontextmanager
async def serving(
    *, log: Callable[[str], None] = lambda _line: None, uid: int | None = None, **limits: Any
) -> AsyncGenerator[Serving]:
    """Serve toys on the control socket of the test's own directory."""
    path = Path(os.environ["XDG_RUNTIME_DIR"]) / "hub" / "control.sock"
    toys = Toys()
    with ControlSocket(path) as place:
        server = ControlServer(place.listener, Dispatcher(toys.table(), log), uid=uid, limits=ControlLimits(**limits))
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(server.run)
            yield Serving(path, server, toys)
            tasks.cancel_scope.cancel()
