"""Own what a request and an answer are to a played service; know nothing of sockets or of any one service."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Answer", "Request", "Unusable", "field_of", "number_of"]


class Unusable(Exception):
    """A request that no service would take: which member, and why."""

    def __init__(self, member: str, reason: str) -> None:
        super().__init__(f"{member} {reason}")
        self.member = member
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Request:
    """A request as a service sees it: `body` is the parsed JSON, None where there was none."""

    method: str
    path: str
    query: Mapping[str, str]
    body: Any
    token: str
    base: str
    """The address that the service's links begin with, without a slash at its end."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: `body` is sent as JSON, and not at all where it is None."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


def number_of(query: Mapping[str, str], name: str, default: int, maximum: int) -> int:
    """Return a number of the query between 1 and `maximum`.

    Raises:
        Unusable: it is no such number.
    """
    text = query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= maximum):
        raise Unusable(name, f"must be a number from 1 to {maximum}")
    return int(text)


def field_of(body: Any, name: str, *kinds: type) -> Any:
    """Return a member of the body that has to be there, as one of `kinds`.

    Raises:
        Unusable: it is not there, or something else.
    """
    value: Any = body.get(name) if isinstance(body, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    if value in (None, "") or isinstance(value, bool) or not isinstance(value, kinds):
        raise Unusable(name, "is required")
    return value  # pyright: ignore[reportUnknownVariableType]
