"""Own the short way for the request that nearly every frame to a module is; know nothing of which requests are open.

`{"jsonrpc":"2.0","id":7,"method":"add","params":{…},"context":{…}}`, members in this order and nothing between them, is read in
one step and written again: only a frame that comes out as the very same bytes is taken. That no name stands twice and no member
is unknown is proved so, and the envelope needs no second look. Every other frame goes the long way, which says what is wrong
with it, if anything is; so both ways see the same frames as good.
"""

from collections.abc import Callable
from typing import Final

import msgspec

from hub_protocol._json import is_tame
from hub_protocol.events import RequestReceived
from hub_protocol.limits import MAX_ID_CHARS, MAX_METHOD_CHARS, MAX_NESTING

__all__ = ["read_plain_request"]

_HEAD: Final = b'{"jsonrpc":"2.0","id":'
_METHOD: Final = b',"method":"'
_HEAD_BYTES: Final = len(_HEAD)
# Where the member behind an id ends; an id that needs more bytes than characters goes the long way.
_METHOD_END: Final = _HEAD_BYTES + MAX_ID_CHARS + 2 + len(_METHOD)

_DECODE: Final[Callable[[bytes | bytearray], RequestReceived]] = msgspec.json.Decoder(RequestReceived).decode
_ENCODE: Final = msgspec.json.Encoder().encode


def read_plain_request(frame: bytes | bytearray) -> RequestReceived | None:
    """Return the event of a frame that is a good request in its plainest form, else None."""
    # Answers of the hub begin like it and may be long: they are not decoded in vain.
    if not frame.startswith(_HEAD) or frame.find(_METHOD, _HEAD_BYTES, _METHOD_END) < 0:
        return None
    try:
        event = _DECODE(frame)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    if _ENCODE(event) != frame or not 0 < len(event.method) <= MAX_METHOD_CHARS or event.id == "":
        return None
    # Whether a number is too large for other languages, or the text too deep, does not show when it is written again.
    return event if is_tame(frame, MAX_NESTING) else None
