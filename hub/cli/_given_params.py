"""Own the reading of `--params` and `--timeout`: from the line, a file or standard input; know no schema and no function."""

import math
import sys
from contextlib import suppress
from typing import Any, Final, cast

from hub.cli._strict_json import NotJson, read_json
from hub.cli._text import cut, harmless
from hub.errors import InvalidArguments, UsageError

__all__ = ["given_params", "given_seconds"]

# The frame limit of the protocol (HUB-FRAME-4): more cannot be sent.
_MAX_BYTES: Final = 16 * 1024 * 1024
_HINT: Final = "give one JSON object: --params '{\"limit\": 5}', --params @FILE, or --params - for standard input"


def given_params(address: str, source: str | None) -> dict[str, Any]:
    """Return the JSON object that `--params` says, an empty one without it.

    Raises:
        InvalidArguments: it is not one JSON object.
        UsageError: the file or standard input cannot be read.
    """
    if source is None:
        return {}
    try:
        value = read_json(_text(address, source))
    except NotJson as error:
        raise InvalidArguments(
            f"cannot call {harmless(address)}: --params is no JSON: {harmless(str(error))}", hint=_HINT
        ) from None
    if not isinstance(value, dict):
        raise InvalidArguments(f"cannot call {harmless(address)}: --params must be a JSON object", hint=_HINT)
    return cast("dict[str, Any]", value)


def _text(address: str, source: str) -> str:
    if source != "-" and not source.startswith("@"):
        return source
    name = "standard input" if source == "-" else harmless(source[1:])
    try:
        content = _read(source)
    except (OSError, ValueError) as error:
        why = (error.strerror or str(error)).lower() if isinstance(error, OSError) else str(error)
        raise UsageError(f"cannot call {harmless(address)}: cannot read --params from {name}: {why}", hint=_HINT) from None
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise NotJson(f"{name} is not UTF-8") from None


def _read(source: str) -> bytes:
    if source == "-":
        if sys.stdin is None:
            raise ValueError("it is closed")
        content = sys.stdin.buffer.read(_MAX_BYTES + 1)
    else:
        with open(source[1:], "rb") as file:  # noqa: PTH123 - a name with a null byte is for open to refuse
            content = file.read(_MAX_BYTES + 1)
    if len(content) > _MAX_BYTES:
        raise ValueError(f"it is longer than {_MAX_BYTES} bytes")
    return content


def given_seconds(address: str, text: str | None) -> float | None:
    """Return the seconds that `--timeout` says, None without it.

    Raises:
        UsageError: it is not a positive number.
    """
    if text is None:
        return None
    with suppress(ValueError):
        seconds = float(text)
        if math.isfinite(seconds) and seconds > 0:
            return seconds
    why = f"--timeout must be a number of seconds above 0, got '{cut(harmless(text))}'"
    raise UsageError(f"cannot call {harmless(address)}: {why}", hint="for example --timeout 2.5")
