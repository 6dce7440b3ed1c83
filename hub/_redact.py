"""Own how secrets are taken out of what is written down, by the names people give them; know no value and no writer.

Those that the hub knows by value, whatever their name, are `_secrets.py`'s.
"""

import re
from typing import Final

__all__ = ["REDACTED", "redact"]

REDACTED: Final = "[redacted]"

_NAMES: Final = (
    r"[\w.-]*(?:passw(?:or)?d|passphrase|secret|token|credential|authorization|cookie"
    r"|(?:api|private|access)[_-]?key)s?"
)
# "name": value in JSON, where the text may be cut anywhere: a string, a list or an object of one level, or anything else.
_STRING: Final = r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)'
_IN_JSON: Final = re.compile(
    rf'("{_NAMES}"\s*:\s*)(?:{_STRING}|\[[^\]]*+(?:\]|\Z)|\{{[^}}]*+(?:\}}|\Z)|[^\s,}}\]"]++)', re.IGNORECASE | re.DOTALL
)
# The same inside a JSON string: \"name\": \"value\".
_IN_STRING: Final = re.compile(rf'(\\"{_NAMES}\\"\s*:\s*)(?:\\"[^"\\]*+(?:\\"|\Z)|[^\s,}}\]"\\]++)', re.IGNORECASE)
# NAME=value and name: value, as programs log them; and the two words of an HTTP header.
_IN_TEXT: Final = re.compile(rf"(\b{_NAMES}\s*[=:]\s*(?:(?:bearer|basic)\s+)?)(?![\"\\\[])[^\s,;\"'&]+", re.IGNORECASE)


def redact(text: str) -> str:
    """Return `text` without the values of members that are named like secrets."""
    text = _IN_JSON.sub(rf'\1"{REDACTED}"', text)
    text = _IN_STRING.sub(rf'\1\\"{REDACTED}\\"', text)
    return _IN_TEXT.sub(rf"\1{REDACTED}", text)
