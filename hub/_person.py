"""Own what a module asks of a person, what the person answers, and who stands behind a call; know no terminal and no wire."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from hub._deadlines import Deadline

__all__ = ["Answer", "AskPerson", "Behind", "Question"]


@dataclass(frozen=True, slots=True)
class Question:
    """What a module wants to know from the person: a message, and the schema of a flat object (`writeOnly` marks secrets)."""

    module: str
    message: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the person said: `accept` with the content, or `decline`."""

    action: str
    content: Mapping[str, Any] | None = None


AskPerson = Callable[[Question], Answer | Awaitable[Answer]]


class Behind(msgspec.Struct, frozen=True):
    """What stands behind a call: how its person is asked, where they want credentials kept, and the outer calls' deadlines.

    Without `ask`, the hub's own way is used; without `keep`, what the hub was told.
    """

    ask: AskPerson | None = None
    keep: str | None = None
    deadlines: "tuple[Deadline, ...]" = ()
