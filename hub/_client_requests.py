"""Own jsonrpcclient: the one file of the client that imports it; a method and its params in, one line of bytes out."""

import json
from typing import Any

from jsonrpcclient import notification, request

__all__ = ["notification_line", "request_line"]


def request_line(request_id: int, method: str, params: dict[str, Any]) -> bytes:
    """Return a request as a line. The id is ours: the library's own come from a counter that all of a program share."""
    return _line(request(method, params, id=request_id))


def notification_line(method: str, params: dict[str, Any]) -> bytes:
    """Return a notification as a line."""
    return _line(notification(method, params))


def _line(message: dict[str, Any]) -> bytes:
    return json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"
