"""Own telling systemd how the service is (sd_notify, by its documented protocol); know nothing of what it is about."""

import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

__all__ = ["Notifier"]

_MICROSECONDS: Final = 1_000_000


class Notifier:
    """Speaks to $NOTIFY_SOCKET, if there is one. A service manager that does not listen is no reason to fail."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        address = environ.get("NOTIFY_SOCKET", "")
        # `@` stands for the zero byte of an abstract name.
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        watched = environ.get("WATCHDOG_USEC", "")
        mine = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        # Twice as often as needed: a late one counts as a dead service.
        self.watchdog_seconds = int(watched) / _MICROSECONDS / 2 if watched.isdecimal() and int(watched) and mine else None

    def tell(self, *lines: str) -> None:
        """Send assignments such as `READY=1`."""
        if not self._address:
            return
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.setblocking(False)  # noqa: FBT003 - the standard library takes it by position only
            sock.sendto("\n".join(lines).encode(), self._address)
