"""Own the short way for the answer that nearly every frame is; know nothing of which requests are open.

`{"jsonrpc":"2.0","id":7,"result":…}`, written just so, needs no decoding of its envelope: what is left between its brackets
is one JSON value, or the frame is not this and goes the long way. So both ways see the same frames as good.
"""

from typing import Any, Final

from hub_protocol import _json
from hub_protocol.limits import MAX_NESTING

__all__ = ["read_plain_answer"]

_HEAD: Final = b'{"jsonrpc":"2.0","id":'
_RESULT: Final = b',"result":'
_HEAD_BYTES: Final = len(_HEAD)
_COLONS: Final = 3
# Of ids that the hub mints; longer numbers go the long way, which knows 2^53.
_MAX_DIGITS: Final = 15
# From here on a slice would be a second copy of something large.
_VIEW_BYTES: Final = 64 * 1024


def read_plain_answer(frame: bytes | bytearray) -> tuple[int, Any] | None:
    """Return the id and the result of a frame that is a good answer in its plainest form, else None."""
    if not frame.startswith(_HEAD):
        return None
    comma = frame.find(b",", _HEAD_BYTES, _HEAD_BYTES + _MAX_DIGITS + 1)
    digits = frame[_HEAD_BYTES:comma]
    # A number does not begin with 0; the last test sees also that a comma was found at all.
    if not digits.isdigit() or digits.startswith(b"0") or not frame.endswith(b"}") or not frame.startswith(_RESULT, comma):
        return None
    begin = comma + len(_RESULT)
    text = frame[begin:-1] if len(frame) < _VIEW_BYTES else memoryview(frame)[begin:-1]
    try:
        return int(digits), _json.decode_part(frame, text, colons=_COLONS, limit=MAX_NESTING - 1)
    except _json.RejectedJson:
        return None
