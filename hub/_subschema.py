"""Own the proof that one JSON Schema accepts all that another accepts; pure, and know no interfaces and no modules.

The wider schema is to accept whatever the narrower one accepts. "Proved" is always true, "not proved" may still be so: what
is not understood counts against the proof where it limits the wider schema, and as no limit in the narrower one. Schemas that
refer to themselves are proved by induction over the value: each step goes into a part of it.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from hub._names import printable
from hub._subschema_branches import EVERYTHING, VALUES, Branch, Budget, Node, Root, TooLarge, branches, kind_of, meet, same
from hub._subschema_scalars import doubt_of_common, doubt_of_number, doubt_of_string, fits_scalars
from hub._subschema_structures import doubt_of_array, doubt_of_object
from hub._subschema_words import Doubt, shown

__all__ = ["MAX_STEPS", "Budget", "Doubt", "prove"]

# A step takes some ten microseconds at worst, on the event loop; the schemas of an honest interface take some hundred in all.
MAX_STEPS: Final = 10_000
# Values nest no deeper than this on the wire (HUB-FRAME-11 allows less).
_MAX_DEPTH: Final = 64

_Judge = Callable[["Proof", Branch, Branch], Doubt | None]


def prove(wider: Any, narrower: Any, budget: Budget | None = None) -> Doubt | None:
    """Return None when `wider` certainly accepts every value that `narrower` accepts, else where and why that is in doubt.

    Both are JSON Schemas 2020-12 that stand alone, as `why_bad_schema` checks.
    """
    wide, narrow = Root(wider).node, Root(narrower).node
    try:
        return Proof(budget or Budget(MAX_STEPS)).covers(wide, (narrow,), narrow.pointer)
    except (TooLarge, RecursionError):
        return Doubt("", "", "the two schemas are too large to be compared")


class Proof:
    """One comparison of two schemas."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self._assumed: set[tuple[Any, ...]] = set()
        self._depth = 0

    def covers(self, wide: Node, narrow: Sequence[Node], place: str) -> Doubt | None:
        """Return why not everything that is in all of `narrow` is in `wide`, or None. `place` is where that is in the narrower.

        Raises:
            TooLarge: it takes too many steps.
        """
        self.budget.spend()
        if wide.schema is True or wide.schema == {} or any(_equal(wide, other) for other in narrow):
            return None
        pair = (id(wide.root), wide.pointer, *((id(other.root), other.pointer) for other in narrow))
        # It is being proved one part of the value further out. Without a part of the narrower, `narrow` says nothing of where.
        if narrow and pair in self._assumed:
            return None
        if self._depth >= _MAX_DEPTH:
            return Doubt(wide.pointer, place, "they are nested too deeply to be compared")
        self._assumed.add(pair)
        self._depth += 1
        try:
            return self._covers(wide, narrow, place)
        finally:
            self._depth -= 1
            self._assumed.discard(pair)

    def _covers(self, wide: Node, narrow: Sequence[Node], place: str) -> Doubt | None:
        allowed: tuple[Branch, ...] = EVERYTHING
        for other in narrow:
            allowed = meet(allowed, branches(other, self.budget), self.budget)
        taken = branches(wide, self.budget)
        for branch in allowed:
            doubt = (
                self._values(wide, taken, branch, place) if branch.kind == VALUES else self._kind(wide, taken, branch, place)
            )
            if doubt is not None and all(other.schema is True or other.schema == {} for other in narrow):
                return Doubt(wide.pointer, place, "{narrower} says nothing of what it is there, {wider} does")
            if doubt is not None:
                return doubt
        return None

    def _values(self, wide: Node, taken: Sequence[Branch], branch: Branch, place: str) -> Doubt | None:
        for key, value in branch.values.items():
            self.budget.spend()
            if not any(_accepts(one, key, value) for one in taken):
                return Doubt(wide.pointer, place, f"{{narrower}} allows {shown(value)} there, {{wider}} does not")
        return None

    def _kind(self, wide: Node, taken: Sequence[Branch], branch: Branch, place: str) -> Doubt | None:
        found: list[Doubt] = []
        for one in taken:
            if one.kind == branch.kind or (one.kind, branch.kind) == ("number", "integer"):
                doubt = self._facets(one, branch, place)
                if doubt is None:
                    return None
                found.append(doubt)
        if len(found) == 1:
            return found[0]
        if found:
            return Doubt(wide.pointer, place, f"no one of the alternatives of {{wider}} takes all of it: {found[0].why}")
        listed = any(kind_of(value) == branch.kind for one in taken for value in one.values.values())
        what = f"every {branch.kind}" if listed else f"values of type {branch.kind}"
        return Doubt(wide.pointer, place, f"{{narrower}} allows {what} there, {{wider}} does not")

    def _facets(self, wide: Branch, narrow: Branch, place: str) -> Doubt | None:
        if wide.opaque:
            what = printable(", ".join(sorted(_unclear_keywords(wide.opaque[0]))))
            return Doubt(wide.opaque[0].pointer, place, f"{{wider}} limits it by {what} in a way that cannot be compared")
        doubt = doubt_of_common(wide, narrow, place)
        return doubt or _JUDGES[narrow.kind](self, wide, narrow, place)


_JUDGES: Final = {
    "integer": doubt_of_number,
    "number": doubt_of_number,
    "string": doubt_of_string,
    "array": doubt_of_array,
    "object": doubt_of_object,
}


def _unclear_keywords(node: Node) -> set[str]:
    named = {keyword for keyword in ("$ref", "$dynamicRef", "$recursiveRef", "oneOf") if keyword in node.keywords}
    return named or {"its nesting"}


def _equal(one: Node, other: Node) -> bool:
    """Return whether two schemas are equal, and mean the same by it."""
    if not same(one.schema, other.schema):
        return False
    # What a reference means depends on the whole, and with identifiers inside also on the place.
    return not one.root.refers or (one.pointer == other.pointer and same(one.root.schema, other.root.schema))


def _accepts(branch: Branch, key: Any, value: Any) -> bool:
    """Return whether a branch certainly has this value."""
    if branch.opaque:
        return False
    kind = kind_of(value)
    if branch.kind == VALUES:
        fits = key in branch.values
    else:
        fits = kind == branch.kind or (kind, branch.kind) == ("integer", "number")
    return fits and all(fits_scalars(facet, kind, value) for facet in branch.facets)
