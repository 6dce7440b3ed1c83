"""Own a question that the running hub asks its client: what it is, if it still stands, its answer as a line; know no socket."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from hub_protocol.errors import ERRORS

__all__ = ["OnQuestion", "RemoteQuestion", "reply_line"]


class RemoteQuestion:
    """What a module wants to know. `descriptor` is readable when something came; `look` reads it, and says if this is over."""

    def __init__(self, params: Mapping[str, Any], descriptor: int, look: Callable[[], bool]) -> None:
        schema = params.get("schema")
        self.module = str(params.get("module"))
        self.message = str(params.get("message"))
        self.schema: Mapping[str, Any] = schema if isinstance(schema, dict) else {}
        self.descriptor = descriptor
        self.look = look


OnQuestion = Callable[[RemoteQuestion], Mapping[str, Any] | None]
"""Returns the content, or None when the person declines."""


def reply_line(number: object, content: Mapping[str, Any] | None, *, nobody: bool) -> bytes:
    """Return the response to a question as a line."""
    message: dict[str, Any] = {"jsonrpc": "2.0", "id": number}
    if nobody:
        code, meaning = ERRORS["nobody_to_ask"]
        message["error"] = {"code": code, "message": meaning}
    else:
        message["result"] = {"action": "decline"} if content is None else {"action": "accept", "content": content}
    return json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"
