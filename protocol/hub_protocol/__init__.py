"""Own the names a reader looks for first; everything here is pure: no I/O, no clock, no threads, no logging."""

from hub_protocol.connection import Connection, Role
from hub_protocol.errors import ERRORS, LocalProtocolError, RemoteProtocolError

__all__ = ["ERRORS", "Connection", "LocalProtocolError", "RemoteProtocolError", "Role", "__version__"]

__version__ = "0.1.0"
