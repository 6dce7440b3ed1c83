"""Own what each permission of HUB-CAPS-7 lets a module do, in words for the person who grants it; pure text."""

from collections.abc import Mapping
from typing import Final

__all__ = ["permission_in_words"]

_WORDS: Final[Mapping[str, str]] = {
    "ask": "ask you questions at the terminal while it works",
    "store": "keep values of its own between runs",
    "credentials": "use the credentials that you keep for it",
    "call:*": "call every function of every other module",
}
_CALL: Final = "call:"


def permission_in_words(permission: str) -> str:
    """Return what `permission` lets a module do."""
    if permission in _WORDS:
        return _WORDS[permission]
    if permission.startswith(_CALL):
        target = permission.removeprefix(_CALL)
        return f"call the function {target}" if "." in target else f"call every function of the module {target}"
    return "unknown to this version of the hub, and of no effect"
