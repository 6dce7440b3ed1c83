"""Own how a parser case is fed: whole, byte by byte, and with more data behind it; know nothing of what is parsed."""

from collections.abc import Callable

from hub_protocol import Connection
from hub_protocol.events import Event

__all__ = ["fed", "three_ways"]


def fed(connection: Connection, *pieces: bytes) -> list[Event]:
    """Return the events of a connection after these pieces."""
    for piece in pieces:
        connection.receive_data(piece)
    return connection.events_received()


def three_ways(make: Callable[[], Connection], data: bytes) -> list[Event]:
    """Return the events of `data`, after seeing that all three ways of feeding it give the same ones."""
    whole = fed(make(), data)
    assert fed(make(), *(bytes([byte]) for byte in data)) == whole
    behind = b'{"jsonrpc":"2.0","method":"behind"}\n'
    with_more = fed(make(), data + behind)
    assert with_more[:-1] == whole
    return whole
