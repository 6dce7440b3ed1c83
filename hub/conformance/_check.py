"""Own what a check is and how it can come out; know no particular check.

A MUST that fails is a failure, a SHOULD that fails a warning. What could not be tested is a failure that says so.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hub.conformance._bench import Bench

__all__ = ["Check", "Failed", "Level", "NotOffered", "NotTested", "Outcome", "watched"]


class Level(StrEnum):
    """How binding the specification's sentence is for a module."""

    MUST = "MUST"
    SHOULD = "SHOULD"


@dataclass(frozen=True, slots=True)
class Failed:
    """The module broke the rule: why, what it had been sent, what came back; `call` is a `hub call` command that shows it."""

    why: str
    sent: str = ""
    received: str = ""
    call: str = ""


@dataclass(frozen=True, slots=True)
class NotOffered:
    """There is nothing to test: the module does not offer the feature, or never did what the rule is about."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotTested:
    """There is something to test, and it could not be: that is a failure."""

    reason: str


Outcome = Failed | NotOffered | NotTested | None
"""None is a pass."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check: `right` says what would have been right, `mend` how to get there. `id` is `REQUIREMENT/name`."""

    id: str
    level: Level
    area: str
    right: str
    mend: str
    run: Callable[["Bench"], Outcome]

    @property
    def requirement(self) -> str:
        """The number of the sentence in protocol/README.md, or `SENSE` for what no sentence demands."""
        return self.id.partition("/")[0]


def watched(check: str, level: Level, area: str, right: str, mend: str, *, only_if: tuple[str, str] | None = None) -> Check:
    """Return a check that looks at nothing itself: it reports what was noticed while everything else ran.

    `only_if` is something that must have been seen at work, and the words for when it was not.
    """

    def run(bench: "Bench") -> Outcome:
        bench.observe()
        found = bench.notes.breaches.get(check)
        if found:
            more = f" (and {len(found) - 1} times more)" if len(found) > 1 else ""
            return Failed(found[0].why + more, found[0].sent, found[0].received)
        if only_if is not None and only_if[0] not in bench.notes.seen:
            return NotOffered(only_if[1])
        return None

    return Check(check, level, area, right, mend, run)
