"""Own the reading of JSON that a person typed or keeps in a file, strict as the wire (HUB-FRAME-6 to 10); know no protocol."""

import json
import re
from typing import Any, Final, NoReturn, cast

__all__ = ["MAX_SAFE_INTEGER", "NotJson", "read_json"]

# The numbers of hub_protocol.limits, which this file does not import: completing a word must not load a protocol.
MAX_SAFE_INTEGER: Final = 2**53 - 1
_MAX_NESTING: Final = 64

_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class NotJson(ValueError):
    """The text is not JSON as the protocol allows it; the argument says why, in words."""


def read_json(text: str) -> Any:
    """Return the value of a JSON text.

    Raises:
        NotJson: it is not JSON, or breaks a frame rule: a name twice, a number that would be rounded, nested too deep.
    """
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer, parse_float=_float)
        _check(value, 1)
    except RecursionError:
        raise _too_deep() from None
    except json.JSONDecodeError as error:
        raise NotJson(f"{error.msg.lower()} at line {error.lineno}, column {error.colno}") from None
    return value


def _too_deep() -> NotJson:
    # One level less than a frame may have, because the arguments stand in the object that is the frame.
    return NotJson(f"it nests deeper than {_MAX_NESTING - 1}")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise NotJson(f'it has the member "{twice}" twice')
    return found


def _constant(name: str) -> NoReturn:
    raise NotJson(f"{name} is no JSON number")


def _integer(digits: str) -> int:
    # The length first: Python refuses to read thousands of digits, in words of its own.
    if len(digits.lstrip("-")) > len(str(MAX_SAFE_INTEGER)) or abs(int(digits)) > MAX_SAFE_INTEGER:
        raise NotJson(f"the integer {digits[:24]} is outside ±{MAX_SAFE_INTEGER}")
    return int(digits)


def _float(digits: str) -> float:
    number = float(digits)
    if number in {float("inf"), float("-inf")}:
        raise NotJson(f"the number {digits[:24]} is too large")
    return number


def _check(value: Any, depth: int) -> None:
    if isinstance(value, str):
        if _SURROGATE.search(value):
            raise NotJson("a string holds half a character (a lone surrogate)")
    elif isinstance(value, dict | list):
        if depth >= _MAX_NESTING:
            raise _too_deep()
        members = cast("dict[str, Any] | list[Any]", value)
        for member in [*members, *members.values()] if isinstance(members, dict) else members:
            _check(member, depth + 1)
