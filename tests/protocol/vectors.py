"""Own how the vectors under schemas/v1/vectors are read, as their README says it; must not know what is done with a case."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

__all__ = ["ROOT", "SCHEMAS", "Case", "cases", "equal", "files", "input_bytes"]

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas" / "v1"
ROOT = SCHEMAS / "vectors"

Case = dict[str, Any]


def files(group: str) -> list[Path]:
    """Return the files of a group: frames, messages, reject or sessions."""
    return sorted((ROOT / group).glob("*.json"))


def cases(group: str, file: str = "*") -> list[Case]:
    """Return all cases of a group, or of those of its files that match, in the order of the files."""
    return [case for path in files(group) if path.match(f"{file}.json") for case in _cases_of(path)]


def _cases_of(path: Path) -> Iterator[Case]:
    yield from cast("list[Case]", json.loads(path.read_text(encoding="utf-8"))["cases"])


def input_bytes(described: dict[str, Any]) -> bytes:
    """Return the bytes that an `input` describes: text, base64, a repeated text, or pieces of these."""
    match described:
        case {"pieces": _}:
            return b"".join(input_bytes(piece) for piece in described["pieces"])
        case {"repeat": str(text), "times": int(times)}:
            return text.encode() * times
        case {"base64": str(text)}:
            return base64.b64decode(text, validate=True)
        case {"text": str(text)}:
            return text.encode()
        case _:
            message = f"an input that the README does not describe: {described}"
            raise ValueError(message)


def equal(one: object, other: object) -> bool:
    """Return whether two JSON values are equal: true is not 1, but 1 is 1.0."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        ours, theirs = cast("dict[str, object]", one), cast("dict[str, object]", other)
        return ours.keys() == theirs.keys() and all(equal(value, theirs[name]) for name, value in ours.items())
    if isinstance(one, list) and isinstance(other, list):
        left, right = cast("list[object]", one), cast("list[object]", other)
        return len(left) == len(right) and all(equal(*pair) for pair in zip(left, right, strict=True))
    numbers = isinstance(one, int | float) and isinstance(other, int | float)
    return (numbers or isinstance(one, str) or one is None) and one == other
