"""Own the control socket's door: who comes in, how many, and the end of all; know no method and nothing of modules."""

import errno
import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import anyio
import anyio.abc
import anyio.lowlevel

from hub._control_connection import ControlConnection, ControlLimits, Held
from hub._control_dispatch import Dispatcher
from hub._control_message import encode, error_answer
from hub._peercred import credentials_of
from hub.errors import HubError, NotPermitted, Overloaded

__all__ = ["ControlServer"]

# No descriptor or memory is free: those who wait at the door lose nothing but time.
_EXHAUSTED: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_EXHAUSTED_WAIT_SECONDS: Final = 0.1
# The grain of all deadlines of connections.
_TEND_SECONDS: Final = 1.0
# So many may come in before everything else gets its turn.
_ACCEPTED_AT_A_TIME: Final = 16


class ControlServer:
    """Serves whoever connects to `listener` and runs under `uid` (default: our own), until cancelled.

    Root is nobody special: the hub does what its own user may do, and root can become that user (`sudo -u`).
    """

    def __init__(
        self,
        listener: socket.socket,
        dispatcher: Dispatcher,
        *,
        uid: int | None = None,
        limits: ControlLimits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._listener = listener
        self._dispatcher = dispatcher
        self._uid = os.geteuid() if uid is None else uid
        self._limits = limits or ControlLimits()
        self._clock = clock
        self._held = Held(self._limits.held_bytes)
        self._connections: set[ControlConnection] = set()

    @property
    def connections(self) -> int:
        """How many clients there are."""
        return len(self._connections)

    async def run(self) -> None:
        """Let clients in, until cancelled."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._tend)
            while True:
                await anyio.wait_readable(self._listener)
                try:
                    for _ in range(_ACCEPTED_AT_A_TIME):
                        self._let_in(self._listener.accept()[0], tasks)
                except BlockingIOError:
                    continue
                except OSError as error:
                    # A client that has gone already is the others' business as little as a lack of descriptors.
                    await anyio.sleep(_EXHAUSTED_WAIT_SECONDS if error.errno in _EXHAUSTED else 0)
                await anyio.lowlevel.checkpoint()

    async def _tend(self) -> None:
        while True:
            await anyio.sleep(_TEND_SECONDS)
            for connection in list(self._connections):
                connection.tend()

    def _let_in(self, sock: socket.socket, tasks: anyio.abc.TaskGroup) -> None:
        sock.setblocking(False)  # noqa: FBT003 - the standard library takes it by position only
        why_not = self._why_not(sock)
        if why_not is not None:
            with suppress(OSError):
                sock.send(encode(error_answer(None, why_not)))
            sock.close()
            return
        connection = ControlConnection(sock, self._dispatcher, self._limits, self._held, self._clock)
        self._connections.add(connection)
        tasks.start_soon(self._serve, connection)

    def _why_not(self, sock: socket.socket) -> HubError | None:
        found = credentials_of(sock)
        if found is None or found.uid != self._uid:
            who = "you are another user" if found is not None else "the system does not say who you are"
            return NotPermitted(f"cannot control this hub: {who}", hint=f"run the command as uid {self._uid}")
        if len(self._connections) >= self._limits.connections and not self._make_room():
            msg = f"cannot serve you: {len(self._connections)} clients are connected already"
            return Overloaded(msg, hint="try again later")
        return None

    def _make_room(self) -> bool:
        """Send away the client that has been silent for longest, if one never asked anything in all its time."""
        now = self._clock()
        silent = [
            connection
            for connection in self._connections
            if not connection.asked and now - connection.since > self._limits.yields_after_seconds
        ]
        if not silent:
            return False
        oldest = min(silent, key=lambda connection: connection.since)
        oldest.close(Overloaded("cannot keep you: you asked nothing, and others wait"))
        self._connections.discard(oldest)
        return True

    async def _serve(self, connection: ControlConnection) -> None:
        try:
            await connection.run()
        finally:
            self._connections.discard(connection)
