"""Own one line of a module's log, wherever it came from, and how it is made harmless; know no streams and no limits of rate.

What a module logs is hostile: it may hold anything, and an operator will print it on a terminal.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

from hub._names import printable
from hub_protocol.limits import MAX_SAFE_INTEGER

__all__ = ["LEVELS", "LogRecord", "harmless_text", "level_named", "record_from_object"]

# Those of HUB-LOG-1, from what matters least to what matters most.
LEVELS: Final = ("debug", "info", "warning", "error")

_LEVEL_OF_NAME: Final[Mapping[str, str]] = {
    "trace": "debug", "debug": "debug", "verbose": "debug",
    "info": "info", "information": "info", "notice": "info",
    "warn": "warning", "warning": "warning",
    "err": "error", "error": "error", "severe": "error", "crit": "error", "critical": "error", "fatal": "error",
    "panic": "error", "alert": "error", "emerg": "error", "emergency": "error",
}  # fmt: skip

_LONGEST_LEVEL_NAME: Final = max(map(len, _LEVEL_OF_NAME))

# Colours and cursor movements are left out whole: nobody misses them, and `\x1b[32m` before each line hides the text.
# Window titles and the like (OSC) too. Each pattern stops at the next escape, so the time stays linear in the text.
_TERMINAL_SEQUENCES: Final = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")

# `printable` would do the same, one character at a time: a flood of control characters would cost a third of a processor.
_CONTROLS: Final = {number: chr(number).encode("unicode_escape").decode() for number in (*range(0x20), *range(0x7F, 0xA0))} | {
    ord("\t"): "    "
}

_NAME_CHARACTERS: Final = 128  # of a logger, a time or the name of a field: more than any real one
_FIELD_COUNT: Final = 64  # per object: one frame of log may hold 16 MiB
_FIELD_DEPTH: Final = 4  # deeper than structured logs go, far from Python's own limit of recursion


@dataclass(frozen=True, slots=True)
class LogRecord:
    """One line of log: `level` is one of `LEVELS`, `message` is harmless, `time` is what the module said, unchecked.

    `source` is `stderr`, `hub.log` (a notification), `stdout` (a stray line) or `hub` (said about the stream).
    """

    level: str
    message: str
    logger: str | None = None
    time: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict[str, Any])
    source: str = "stderr"


def level_named(name: object) -> str | None:
    """Return the level that a module means by `name` in any case (`WARN`, `fatal`), or None when it is no name of a level."""
    if not isinstance(name, str) or len(name) > _LONGEST_LEVEL_NAME:
        return None
    return _LEVEL_OF_NAME.get(name.lower())


def harmless_text(text: str, characters: int) -> str:
    r"""Return `text` on one line of at most `characters` that cannot drive a terminal.

    Colours and other terminal sequences are left out; what is left of control characters is shown, as `\x1b`; tabs are spaces.
    """
    if not text.isprintable():
        text = _TERMINAL_SEQUENCES.sub("", text)[: characters + 1].translate(_CONTROLS)
    if not text.isprintable():
        return printable(text, characters)
    return text if len(text) <= characters else text[: characters - 1] + "…"


def record_from_object(found: Mapping[str, Any], *, source: str, message_characters: int) -> LogRecord | None:
    """Return the record for a structured line or the params of `hub.log`, or None when it has no message.

    Members of a wrong type never raise: a level that is none stays visible among the fields, a message that is no text is
    written as text. `message_characters` bounds the message and each text among the fields.
    """
    rest = dict(found)
    message = _taken(rest, "message", "msg")
    if message is None:
        return None
    level_given = _taken(rest, "level", "severity")
    level = level_named(level_given)
    logger = _taken(rest, "logger", "target")
    time = _taken(rest, "time", "timestamp")
    if level is None and level_given is not None:
        rest["level"] = level_given
    if isinstance(nested := rest.get("fields"), Mapping):
        del rest["fields"]
        rest = {**rest, **cast("Mapping[str, Any]", nested)}
    return LogRecord(
        level=level or "info",
        message=_shown(message, message_characters),
        logger=None if logger is None else _shown(logger, _NAME_CHARACTERS),
        time=None if time is None else _shown(time, _NAME_CHARACTERS),
        fields=_harmless_fields(rest, message_characters, _FIELD_DEPTH),
        source=source,
    )


def _taken(members: dict[str, Any], *names: str) -> Any:
    for name in names:
        if members.get(name) is not None:
            return members.pop(name)
    return None


def _shown(value: object, characters: int) -> str:
    text = value if isinstance(value, str) else str(_harmless(value, characters, _FIELD_DEPTH))
    return harmless_text(text, characters)


def _harmless_fields(members: Mapping[Any, Any], characters: int, depth: int) -> dict[str, Any]:
    return {
        harmless_text(str(name), _NAME_CHARACTERS): _harmless(value, characters, depth)
        for name, value in list(members.items())[:_FIELD_COUNT]
    }


def _harmless(value: object, characters: int, depth: int) -> Any:  # noqa: PLR0911 - one for each kind of JSON value
    # What comes out is JSON as the wire allows it, so that a record can be handed on.
    if isinstance(value, str):
        return harmless_text(value, characters)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) <= MAX_SAFE_INTEGER else hex(value)[:_NAME_CHARACTERS]
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if depth == 0:
        return "…"
    if isinstance(value, Mapping):
        return _harmless_fields(cast("Mapping[Any, Any]", value), characters, depth - 1)
    if isinstance(value, list):
        return [_harmless(each, characters, depth - 1) for each in cast("list[object]", value)[:_FIELD_COUNT]]
    return harmless_text(repr(value), characters)
