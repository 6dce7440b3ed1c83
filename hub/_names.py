"""Own the guessing of a misspelt name and the safe display of text that a plugin wrote; know nothing of what the names mean."""

from collections.abc import Iterable

__all__ = ["did_you_mean", "nearest", "printable"]

# Matching is quadratic in the length; nobody's typing error is longer than this, an attacker's name can be.
_MAX_NAME_CHARACTERS = 128
# With more names than this a guess takes longer than reading the list.
_MAX_KNOWN_NAMES = 5_000
# The longest sensible path fits; longer text is cut so that it cannot push what follows out of sight.
_MAX_SHOWN_CHARACTERS = 1_000


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that `name` most likely meant, without regard to case, or None when nothing is close."""
    import difflib

    spelt = {candidate.lower(): candidate for candidate, _ in zip(known, range(_MAX_KNOWN_NAMES), strict=False)}
    found = difflib.get_close_matches(name[:_MAX_NAME_CHARACTERS].lower(), list(spelt), n=1, cutoff=0.6)
    return spelt[found[0]] if found else None


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """Return the question `did you mean system?`, or None when nothing is close."""
    guess = nearest(name, known)
    return None if guess is None else f"did you mean {printable(guess)}?"


def printable(text: str, limit: int = _MAX_SHOWN_CHARACTERS) -> str:
    """Return `text` on one line of at most `limit` characters, with every invisible or moving character as its escape.

    File and function names come from the plugin that a person is about to judge: a line break, a terminal escape or a
    right-to-left override in them must not be able to change what that person sees.
    """
    escaped = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[: limit + 1])
    return escaped if len(escaped) <= limit else escaped[: limit - 1] + "…"
