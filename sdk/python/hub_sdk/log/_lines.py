"""Own what one line of the log looks like (HUB-LOG-1); know nothing of where it goes."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

__all__ = ["MAX_LINE_BYTES", "format_line"]

# The hub cuts lines here; a line cut by somebody else would not be JSON any more.
MAX_LINE_BYTES: Final = 8192
# The share of one text when a line is too long. Escapes make up to six bytes of a character: four texts of 300 still fit.
_SHARE_CHARS: Final = 300
_SHARE_LONG_CHARS: Final = 4000
_ENCODE = msgspec.json.Encoder(enc_hook=repr).encode


def format_line(level: str, message: str, *, logger: str | None = None, fields: Mapping[str, Any] | None = None) -> str:
    """Return one line of JSON, without its line feed, never longer than MAX_LINE_BYTES.

    What is no JSON among the fields is shown as `repr`; what is too long loses its middle: tracebacks end with what matters.
    """
    line: dict[str, Any] = {"level": level, "message": message}
    if logger:
        line["logger"] = logger
    if fields:
        line["fields"] = fields
    text = _encode(line)
    for share in (_SHARE_LONG_CHARS, _SHARE_CHARS):
        if len(text) < MAX_LINE_BYTES:
            break
        line["message"] = _cut(message, share)
        if fields:
            line["fields"] = {str(name)[:64]: _cut(str(value), share) for name, value in list(fields.items())[:3]}
        text = _encode(line)
    return text.decode()


def _encode(line: dict[str, Any]) -> bytes:
    try:
        return _ENCODE(line)
    except (TypeError, ValueError, RecursionError, UnicodeEncodeError):
        shown = {name: str(value).encode(errors="replace").decode() for name, value in line.get("fields", {}).items()}
        message = str(line["message"]).encode(errors="replace").decode()
        return _ENCODE(line | {"message": message} | ({"fields": shown} if shown else {}))


def _cut(text: str, share: int) -> str:
    return text if len(text) <= share else f"{text[: share // 4]} ... {text[-share * 3 // 4 :]}"
