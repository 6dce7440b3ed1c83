"""Own how text that others wrote is made harmless for a terminal; know nothing of what it says.

Names, results, logs and messages come from plugins. On a terminal none of them may move the cursor, change a colour, forge a
line of ours, or make a line read in another order than it is written.
"""

import json
import re
from typing import Any, Final

__all__ = ["cut", "harmless", "harmless_json", "harmless_lines", "listed", "shown_value"]

# C0 and C1 controls, DEL, marks and overrides of direction, invisible characters, line separators, lone surrogates, tags.
_DANGEROUS: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
# What json.dumps leaves of these; written as \uXXXX it is the same JSON value, and cannot drive a terminal either.
_DANGEROUS_IN_JSON: Final = re.compile(
    "[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ufff9-\ufffb\U000e0000-\U000e007f]"
)

# A value inside a sentence: enough to recognise it, not enough to push the sentence out of sight.
_SHOWN_CHARACTERS: Final = 60


def harmless(text: str) -> str:
    r"""Return `text` on one line, each dangerous character as its escape: `\n`, `\x1b`, `\u202e`."""
    return _DANGEROUS.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def harmless_lines(text: str) -> list[str]:
    """Return the lines of `text`, each harmless, tabs as spaces; a text of several lines keeps its lines."""
    return [harmless(line.expandtabs(4).rstrip()) for line in text.replace("\r\n", "\n").split("\n")]


def harmless_json(value: Any, *, indent: int | None = None, ascii_only: bool = False) -> str:
    """Return `value` as JSON that is safe to print: compact, or indented."""
    separators = (",", ":") if indent is None else (",", ": ")
    text = json.dumps(value, ensure_ascii=ascii_only, separators=separators, indent=indent)
    return _DANGEROUS_IN_JSON.sub(lambda found: json.dumps(found[0])[1:-1], text)


def cut(text: str, limit: int | None = _SHOWN_CHARACTERS) -> str:
    """Return `text` with at most `limit` characters; None is no limit."""
    return text if limit is None or len(text) <= limit else text[: limit - 1] + "…"


def shown_value(value: Any) -> str:
    """Return a JSON value as it may stand in a sentence: a string bare, all else as JSON."""
    return cut(harmless(value) if isinstance(value, str) else harmless_json(value))


def listed(items: list[str], joint: str = "or") -> str:
    """Return `a`, `a or b`, `a, b or c`."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {joint} {items[-1]}"
