"""Own the strict reading of one frame that a module wrote, rule by rule; know no sessions and no methods.

Independent of `hub_protocol` on purpose: a mistake in our own core must not hide one in the module, nor make one up.
"""

import json
import math
import re
from typing import Any, Final, NamedTuple, cast

from hub_protocol.limits import MAX_NESTING, MAX_SAFE_INTEGER

__all__ = ["Fault", "read_line"]

_BOM: Final = b"\xef\xbb\xbf"
_STRINGS: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
# int() of more digits than this is refused by Python itself, and is beyond the bound anyway.
_MOST_DIGITS: Final = 17


class Fault(NamedTuple):
    """A rule that a frame breaks: the id of the check that watches for it, and why, in words."""

    check: str
    why: str


def read_line(line: bytes) -> tuple[Any, list[Fault]]:
    """Return the JSON value of a frame, and what is wrong with it; a value of None with faults may be no value at all."""
    if line.startswith(_BOM):
        return _value_or_none(line[3:]), [Fault("HUB-FRAME-5/writes-no-byte-order-mark", "it begins with a byte order mark")]
    try:
        line.decode()
    except UnicodeDecodeError as error:
        return None, [Fault("HUB-FRAME-5/writes-utf-8", f"byte {error.start} is not UTF-8")]
    if _depth(line) > MAX_NESTING:
        return None, [Fault("HUB-FRAME-7/writes-at-most-64-deep", f"it nests {_depth(line)} deep")]
    faults: list[Fault] = []
    try:
        value = _parse(line, faults)
    except (ValueError, RecursionError) as error:
        return None, [_no_json(line, str(error))]
    if not isinstance(value, dict):
        return value, [*faults, Fault("HUB-FRAME-2/writes-objects", "it is JSON, but no object")]
    if b"\\u" in line and _has_surrogate(cast("object", value)):
        faults.append(Fault("HUB-FRAME-10/writes-no-lone-surrogate", "a string in it holds a lone surrogate"))
    return cast("object", value), faults


def _no_json(line: bytes, why: str) -> Fault:
    text = line.strip()
    if text in (b"{", b"}", b"[", b"]") or (line[:1] in b" \t" and text[:1] == b'"' and b":" in text):
        return Fault("HUB-FRAME-2/writes-one-line", "it is one line of a JSON text that was laid out over several")
    if text.startswith(b"{"):
        return Fault("HUB-FRAME-6/writes-json", f"it is not JSON: {why}")
    return Fault("HUB-OUT-1/writes-frames-only", "it is a line of text, no frame")


def _parse(line: bytes, faults: list[Fault]) -> Any:
    def pairs(members: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(members)
        if len(found) != len(members):
            faults.append(Fault("HUB-FRAME-8/writes-each-name-once", "an object in it has a member name twice"))
        return found

    def integer(digits: str) -> int:
        number = int(digits[:_MOST_DIGITS])
        if abs(number) > MAX_SAFE_INTEGER:
            faults.append(Fault("HUB-FRAME-9/writes-safe-integers", f"it has the integer {digits[:40]}"))
        return number

    def fraction(digits: str) -> float:
        number = float(digits)
        if not math.isfinite(number):
            faults.append(Fault("HUB-FRAME-9/writes-no-overflow", f"it has the number {digits[:40]}"))
            return 0.0
        return number

    def constant(name: str) -> None:
        raise ValueError(f"{name} is no JSON number")

    return json.loads(line, object_pairs_hook=pairs, parse_int=integer, parse_float=fraction, parse_constant=constant)


def _value_or_none(text: bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _depth(line: bytes) -> int:
    if line.count(b"[") + line.count(b"{") <= MAX_NESTING:
        return 0
    depth = deepest = 0
    for byte in _STRINGS.sub(b"", line):
        if byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest


def _has_surrogate(value: object) -> bool:
    todo = [value]
    while todo:
        item = todo.pop()
        if isinstance(item, str):
            if _SURROGATE.search(item):
                return True
        elif isinstance(item, dict):
            members = cast("dict[str, object]", item)
            todo += [*members.keys(), *members.values()]
        elif isinstance(item, list):
            todo += cast("list[object]", item)
    return False
