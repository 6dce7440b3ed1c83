"""Own a family of processes that spreads as far as it can, and the socket that tells of its end; know nothing of the hub.

Each member holds a connection to the test, which the kernel closes when the member has ended, and not before.
"""

import os
import socket
import tempfile
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import anyio.lowlevel

__all__ = ["FAMILY", "Witness", "until", "witness"]

# A child that never reads its input, its child, and a daemon (in a session of its own, its parent gone); none hears SIGTERM.
FAMILY = """
import os, signal, socket, sys
def stay(name):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(sys.argv[1])
    connection.sendall(f"{name} {os.getpid()}\\n".encode())
    while True:
        signal.pause()
if os.fork() == 0:
    stay("grandchild")
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        stay("daemon")
    os._exit(0)
stay("child")
"""


async def until(condition: Callable[[], bool]) -> None:
    """Return when something is true of which the kernel tells nobody; the bound of the test bounds it."""
    while not condition():
        await anyio.lowlevel.checkpoint()


class Witness:
    """Hears from each member of a family once, and knows whether it has ended."""

    def __init__(self, listener: socket.socket, path: str) -> None:
        self._listener = listener
        self._connections: dict[str, socket.socket] = {}
        self.path = path
        self.pids: dict[str, int] = {}

    async def arrival(self, *names: str) -> None:
        """Return when exactly these have said that they are there."""
        while set(self._connections) != set(names):
            await anyio.wait_readable(self._listener)
            connection, _ = self._listener.accept()
            connection.setblocking(False)
            await anyio.wait_readable(connection)
            name, pid = connection.recv(100).decode().split()
            self._connections[name] = connection
            self.pids[name] = int(pid)
        for pid in self.pids.values():
            os.kill(pid, 0)

    async def end(self, *names: str) -> None:
        """Return when all of these have ended."""
        for name in names:
            await anyio.wait_readable(self._connections[name])
            assert self._connections[name].recv(1) == b""

    def lives(self, name: str) -> bool:
        """Return whether this one has not ended."""
        try:
            return self._connections[name].recv(1) != b""
        except BlockingIOError:
            return True

    def close(self) -> None:
        """Let go of everything."""
        for connection in self._connections.values():
            connection.close()
        self._listener.close()
        Path(self.path).unlink()


@asynccontextmanager
async def witness() -> AsyncGenerator[Witness]:
    path = str(Path(tempfile.gettempdir()) / "witness")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()
    listener.setblocking(False)
    found = Witness(listener, path)
    try:
        yield found
    finally:
        found.close()
