"""Own the strict JSON of the wire (HUB-FRAME-5 to 10): bytes to values and back; know nothing of messages.

msgspec does the work; what it forgives (duplicate names, integers beyond 2^53, any depth) is found by cheap counting over the
bytes, and only a frame that looks suspicious is read a second time, slowly and exactly.
"""

import json
import math
import re
from collections.abc import Callable
from typing import Any, NoReturn

import msgspec

from hub_protocol.errors import LocalProtocolError
from hub_protocol.limits import MAX_NESTING, MAX_SAFE_INTEGER

__all__ = [
    "Frame",
    "RejectedJson",
    "decode",
    "decode_part",
    "encode",
    "has_long_integer",
    "is_plain",
    "is_tame",
    "nesting_exceeds",
]

_DECODE: Callable[[bytes | bytearray | memoryview], Any] = msgspec.json.Decoder().decode
_ENCODE: Callable[[Any], bytes] = msgspec.json.Encoder().encode
_ENCODE_LINES: Callable[[list[Any]], bytes] = msgspec.json.Encoder().encode_lines

# The first half of a pair with something other than the second half behind it.
_LONE_SURROGATE = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\|\Z)")
# One escape, and what is too short to be another.
_NEAR_END_BYTES = 12

# A whole string, or one that the end of the text cuts. Possessive, and never failing once it has begun: otherwise a text of
# escaped quotes without an end costs the square of its length.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
_ALL_BUT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_ONE_KIND_OF_BRACKET = bytes.maketrans(b"{}", b"[]")
# 2^53 has sixteen digits; a shorter run of digits is always safe.
_LONG_INTEGER = b"0" * 16
_DIGITS = bytes(ord("0") if chr(byte) in "0123456789" else ord(" ") for byte in range(256))
# The same, and what opens a level.
_MARKS = bytes(ord("[") if byte in b"[{" else _DIGITS[byte] for byte in range(256))
# Looked at in pieces, for a copy of a large text is another large text.
_PIECE_BYTES = 1024 * 1024
_BOM = b"\xef\xbb\xbf"

Frame = bytes | bytearray
_ALL = object()


class RejectedJson(Exception):
    """The text is not JSON as this protocol allows it; the argument says why, in words."""


def nesting_exceeds(text: Frame, limit: int) -> bool:
    """Return whether brackets nest deeper than `limit` anywhere in `text`, which need not be JSON; in linear time."""
    if text.count(b"[") + text.count(b"{") <= limit:
        return False
    brackets = _STRING.sub(b"", text).translate(_ONE_KIND_OF_BRACKET, _ALL_BUT_BRACKETS)
    for _ in range(limit):
        # Each pass takes the innermost level away, so the number of passes is the depth.
        inner = brackets.replace(b"[]", b"")
        if len(inner) == len(brackets):
            break
        brackets = inner
    if not brackets:
        return False
    # Brackets that never match are for the decoder to refuse, unless they alone are deep enough to hurt it.
    return b"[]" in brackets or brackets.count(b"[") > limit


def has_long_integer(text: Frame) -> bool:
    """Return whether sixteen digits stand in a row anywhere; a third of the time of a regular expression."""
    if len(text) <= _PIECE_BYTES:
        return len(text) >= len(_LONG_INTEGER) and _LONG_INTEGER in text.translate(_DIGITS)
    step = _PIECE_BYTES - len(_LONG_INTEGER)
    return any(_LONG_INTEGER in text[at : at + _PIECE_BYTES].translate(_DIGITS) for at in range(0, len(text), step))


def is_tame(text: Frame, limit: int) -> bool:
    """Return whether nothing is nested deeper than `limit` and no integer is long: in one look, at a text of usual length."""
    if len(text) <= _PIECE_BYTES:
        marks = text.translate(_MARKS)
        if marks.count(b"[") <= limit:
            return _LONG_INTEGER not in marks
    return not (has_long_integer(text) or nesting_exceeds(text, limit))


def decode(text: Frame) -> Any:
    """Return the JSON value of one frame.

    Raises:
        RejectedJson: the bytes break one of HUB-FRAME-5 to HUB-FRAME-10.
    """
    if text.startswith(_BOM):
        msg = "it begins with a byte order mark"
        raise RejectedJson(msg)
    if nesting_exceeds(text, MAX_NESTING):
        msg = f"it nests deeper than {MAX_NESTING}"
        raise RejectedJson(msg)
    try:
        value = _DECODE(text)
    except UnicodeDecodeError:
        msg = "it is not UTF-8"
        raise RejectedJson(msg) from None
    except (msgspec.MsgspecError, RecursionError) as error:
        raise RejectedJson(_reason(error, text)) from None
    colons = text.count(b":")
    if has_long_integer(text) or (colons > 1 and (b"\\u003" in text or _ENCODE(value).count(b":") != colons)):
        _decode_slowly(text)
    return value


def decode_part(text: Frame, part: Frame | memoryview, *, colons: int, limit: int) -> Any:
    """Return the JSON value of a `part` of a text, at most `limit` deep; `colons` stand in the rest, which is good.

    Raises:
        RejectedJson: it is not so plainly good that it needs no second look; `decode` says what is wrong, if anything is.
    """
    try:
        value: object = _DECODE(part)
    except (UnicodeDecodeError, msgspec.MsgspecError, RecursionError):
        raise RejectedJson from None
    if is_plain(value):
        return value
    colons = text.count(b":") - colons
    # One level more for the text's own object. A name that stands twice needs two members.
    if nesting_exceeds(text, limit + 1) or has_long_integer(text):
        raise RejectedJson
    if colons > 1 and (b"\\u003" in text or _ENCODE(value).count(b":") != colons):
        raise RejectedJson
    return value


def is_plain(value: object) -> bool:
    """Return whether a value is a string, a truth value, null, or a number that every language keeps.

    What msgspec read or will write of these needs no second look, however long it is.
    """
    if type(value) is int:
        return -MAX_SAFE_INTEGER <= value <= MAX_SAFE_INTEGER
    if type(value) is float:
        return math.isfinite(value)
    return type(value) is str or type(value) is bool or value is None


def _is_flat(members: dict[object, object]) -> bool:
    """Return whether all members are plain; `is_plain` for each of them, without a call for those that most are."""
    for value in members.values():
        if type(value) is int:
            if not -MAX_SAFE_INTEGER <= value <= MAX_SAFE_INTEGER:
                return False
        elif type(value) is not str and not is_plain(value):
            return False
    return True


def _reason(error: Exception, text: Frame) -> str:
    words = str(error)
    if "out of range" in words:
        return "it has a number that overflows a double"
    # Near the end of a text msgspec misses the other half before it sees that there is none.
    if "surrogate" in words or ("truncated" in words and _LONE_SURROGATE.search(text, len(text) - _NEAR_END_BYTES)):
        return "it has a lone surrogate"
    return "it is not JSON: " + words.removeprefix("JSON is malformed: ")


def _decode_slowly(text: Frame) -> None:
    """Raise RejectedJson for a duplicate name or an unsafe integer, exactly; the text is valid JSON of bounded depth."""

    def pairs(members: list[tuple[str, Any]]) -> None:
        seen: set[str] = set()
        for name, _ in members:
            if name in seen:
                msg = f"it has the member name {name[:64]!r} twice in one object"
                raise RejectedJson(msg)
            seen.add(name)

    def integer(digits: str) -> None:
        # Counting first: int() of a million digits takes minutes, and Python refuses it with a ValueError of its own.
        if len(digits.lstrip("-")) > len(str(MAX_SAFE_INTEGER)) or abs(int(digits)) > MAX_SAFE_INTEGER:
            msg = f"it has an integer beyond ±{MAX_SAFE_INTEGER}"
            raise RejectedJson(msg)

    json.loads(text, object_pairs_hook=pairs, parse_int=integer)


def encode(value: Any, suspect: Any = _ALL) -> bytes:
    """Return `value` as compact JSON, fit for one frame, with a line feed behind it.

    `suspect` is the part of it that is not our own making, by default all of it.

    Raises:
        LocalProtocolError: it is no JSON, NaN, infinite, too deep, or has an integer beyond 2^53 - 1 or a lone surrogate.
    """
    try:
        text = _ENCODE_LINES([value])
    except RecursionError:
        _refuse(f"it nests deeper than {MAX_NESTING}")
    except UnicodeEncodeError:
        _refuse("it has a lone surrogate")
    except (TypeError, ValueError, OverflowError, msgspec.MsgspecError) as error:
        _refuse(str(error))
    # Most arguments and results are flat: then there is nothing to find in the text.
    if _is_flat(suspect) if type(suspect) is dict else is_plain(suspect):  # pyright: ignore[reportUnknownArgumentType]
        return text
    if nesting_exceeds(text, MAX_NESTING):
        _refuse(f"it nests deeper than {MAX_NESTING}")
    # msgspec writes NaN and infinities as null, and integers of any size: only a text that shows such a sign is walked.
    if b"null" in text or has_long_integer(text):
        _walk(value)
    return text


def _walk(value: Any) -> None:
    if isinstance(value, float):
        if not math.isfinite(value):
            _refuse("NaN and infinity are not JSON")
    elif isinstance(value, int):
        if abs(value) > MAX_SAFE_INTEGER:
            _refuse(f"it has an integer beyond ±{MAX_SAFE_INTEGER}")
    elif isinstance(value, dict):
        for member in value.values():  # pyright: ignore[reportUnknownVariableType] - any value at all is what is checked
            _walk(member)
    elif isinstance(value, list | tuple):
        for member in value:  # pyright: ignore[reportUnknownVariableType]
            _walk(member)


def _refuse(why: str) -> NoReturn:
    msg = f"cannot send this value: {why}"
    raise LocalProtocolError(msg) from None
