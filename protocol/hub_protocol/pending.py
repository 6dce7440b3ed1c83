"""Own which requests are open in each direction; know nothing of what they mean."""

from collections import OrderedDict

from hub_protocol.errors import LocalProtocolError
from hub_protocol.messages import Id

__all__ = ["Incoming", "Outgoing"]

# How many given-up requests are remembered, so that a late answer can be told from one that was never asked for.
_REMEMBERED_LATE = 1024


class Outgoing:
    """Requests that we sent and that are not answered yet: id to method."""

    def __init__(self, id_prefix: str = "") -> None:
        self._prefix = id_prefix
        self._last = 0
        self._open: dict[Id, str] = {}
        self._given_up: OrderedDict[Id, None] = OrderedDict()

    def __contains__(self, request_id: Id | None) -> bool:
        return request_id in self._open

    def __len__(self) -> int:
        return len(self._open)

    def register(self, method: str) -> Id:
        """Open a request and return its id: 1, 2, 3, ... or m1, m2, m3, ... (HUB-ID-2)."""
        self._last += 1
        request_id: Id = f"{self._prefix}{self._last}" if self._prefix else self._last
        self._open[request_id] = method
        return request_id

    def complete(self, request_id: Id) -> str | None:
        """Close a request; return its method, or None when it is not open."""
        return self._open.pop(request_id, None)

    def give_up(self, request_id: Id) -> bool:
        """Close a request that nobody waits for any more; return whether it was open."""
        if self._open.pop(request_id, None) is None:
            return False
        self._given_up[request_id] = None
        if len(self._given_up) > _REMEMBERED_LATE:
            self._given_up.popitem(last=False)
        return True

    def was_given_up(self, request_id: Id) -> bool:
        """Return whether this is the late answer of a request that was given up, and forget it: the second one is unknown."""
        return self._given_up.pop(request_id, self) is None

    def ids(self) -> list[Id]:
        """Return the open ids, oldest first."""
        return list(self._open)


class Incoming:
    """Requests that the peer sent and that we have not answered yet: id to method."""

    def __init__(self) -> None:
        self._open: dict[Id, str] = {}

    def __contains__(self, request_id: Id) -> bool:
        return request_id in self._open

    def __len__(self) -> int:
        return len(self._open)

    def register(self, request_id: Id, method: str) -> bool:
        """Open a request; return False when its id is open already (HUB-ID-2)."""
        if request_id in self._open:
            return False
        self._open[request_id] = method
        return True

    def complete(self, request_id: Id) -> str:
        """Close a request and return its method.

        Raises:
            LocalProtocolError: it is not open; each request gets exactly one response (HUB-ID-4).
        """
        method = self._open.pop(request_id, None)
        if method is None:
            msg = f"there is no open request {request_id!r} to answer"
            raise LocalProtocolError(msg)
        return method

    def ids(self) -> list[Id]:
        """Return the open ids, oldest first."""
        return list(self._open)
