"""Own the words that an author may put into `Annotated[...]`, ours and look-alikes of others; know nothing of schemas."""

from collections.abc import Iterable
from typing import Any, Final, cast

import msgspec

__all__ = [
    "UNBOUNDED",
    "Bounds",
    "Doc",
    "Ge",
    "Gt",
    "Le",
    "Lt",
    "MaxLength",
    "MinLength",
    "MultipleOf",
    "Pattern",
    "Secret",
    "collect",
]


class Ge(msgspec.Struct, frozen=True):
    """At least this number."""

    ge: float


class Gt(msgspec.Struct, frozen=True):
    """More than this number."""

    gt: float


class Le(msgspec.Struct, frozen=True):
    """At most this number."""

    le: float


class Lt(msgspec.Struct, frozen=True):
    """Less than this number."""

    lt: float


class MultipleOf(msgspec.Struct, frozen=True):
    """A multiple of this number."""

    multiple_of: float


class MinLength(msgspec.Struct, frozen=True):
    """At least so many characters, items or members."""

    min_length: int


class MaxLength(msgspec.Struct, frozen=True):
    """At most so many characters, items or members."""

    max_length: int


class Pattern(msgspec.Struct, frozen=True):
    """A regular expression that is found somewhere in the string; write `^...$` for the whole of it."""

    pattern: str


class Doc(msgspec.Struct, frozen=True):
    """What a parameter or member means; a bare string in `Annotated` is the same."""

    documentation: str


class Secret:
    """This string is a secret: who asks a person for it does not show it (`writeOnly`)."""

    writeOnly: Final = True  # noqa: N815 - the word of JSON Schema


class Bounds(msgspec.Struct, frozen=True):
    """Everything that the metadata of one `Annotated` says."""

    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    lt: float | None = None
    multiple_of: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    description: str | None = None
    secret: bool = False

    def limits(self) -> dict[str, Any]:
        """Return the bounds that are set, by name; the description and the secret are none."""
        return {name: value for name in _KINDS if (value := getattr(self, name)) is not None}


UNBOUNDED: Final = Bounds()
_KINDS: Final[dict[str, tuple[type, ...]]] = {
    **dict.fromkeys(("ge", "gt", "le", "lt", "multiple_of"), (int, float)),
    **dict.fromkeys(("min_length", "max_length"), (int,)),
    "pattern": (str,),
}


def collect(metadata: Iterable[object]) -> Bounds:
    """Return what `metadata` says. Other libraries' objects are known by their attributes; the rest is ignored (PEP 593)."""
    found: dict[str, Any] = {}
    for item in metadata:
        _collect_one(item, found)
    return Bounds(**found)


def _collect_one(item: object, found: dict[str, Any]) -> None:
    if isinstance(item, str):
        found["description"] = item
        return
    if item is Secret or isinstance(item, Secret):
        found["secret"] = True
        return
    # pydantic's Field keeps a list of annotated-types objects, and a description.
    inner = getattr(item, "metadata", None)
    if isinstance(inner, list | tuple):
        for part in cast("Iterable[object]", inner):
            _collect_one(part, found)
    for name in ("documentation", "description"):
        text = getattr(item, name, None)
        if isinstance(text, str):
            found["description"] = text
    for name, kinds in _KINDS.items():
        value = getattr(item, name, None)
        # min_length=0 is how others say "no bound".
        if type(value) in kinds and not (name == "min_length" and value == 0):
            found[name] = value
