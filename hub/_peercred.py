"""Own asking the kernel who is at the other end of a Unix socket; know nothing of what is said over it."""

import socket
import struct
import sys
from dataclasses import dataclass
from typing import Final

__all__ = ["Credentials", "credentials_of"]

# struct ucred (Linux, unix(7)): pid, uid, gid.
_UCRED: Final = struct.Struct("iII")
# struct xucred (macOS, <sys/ucred.h>): version, uid, number of groups, padding, 16 groups.
_XUCRED: Final = struct.Struct("IIhh16I")
_LOCAL_PEERCRED: Final = 0x001
_SOL_LOCAL: Final = 0


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who connected, or who listens, by the kernel's word; `pid` is None where it does not say."""

    uid: int
    pid: int | None


def credentials_of(connection: socket.socket) -> Credentials | None:
    """Return who is at the other end, or None where the system cannot tell: then nobody is to be trusted."""
    try:
        if sys.platform == "linux":
            pid, uid, _ = _UCRED.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size))
            # 0: a process of another pid namespace.
            return Credentials(uid, pid or None)
        if sys.platform == "darwin":
            uid = _XUCRED.unpack(connection.getsockopt(_SOL_LOCAL, _LOCAL_PEERCRED, _XUCRED.size))[1]
            return Credentials(uid, None)
    except (OSError, struct.error):
        return None
    return None
