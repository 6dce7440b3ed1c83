"""Own the comparison of limits that need no look into a value: numbers, texts, and what is kept only where it is equal."""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from hub._subschema_branches import COMMON, Branch, Node, same
from hub._subschema_words import Doubt, shown
from hub._validators import compile_schema

if TYPE_CHECKING:
    from hub._subschema import Proof

__all__ = ["bound", "doubt_of_common", "doubt_of_number", "doubt_of_string", "fits_scalars", "unequal"]

_OF_SCALARS: Final = (
    *COMMON,
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "pattern"),
)
_OF_STRUCTURES: Final = ("array", "object")
# Keywords that say together what each of them means.
_CONDITIONAL: Final = ("if", "then", "else")


def fits_scalars(facet: Node, kind: str, value: Any) -> bool:
    """Return whether a value certainly fits a facet; of lists and objects, which are not looked into, it is never certain."""
    own = facet.keywords
    if kind in _OF_STRUCTURES:
        return False
    if facet.root.refers and any(keyword in own for keyword in COMMON):
        return False
    limits = {keyword: own[keyword] for keyword in _OF_SCALARS if keyword in own}
    return not limits or compile_schema(limits).accepts(value)


def bound(facets: Iterable[Node], keyword: str, *, lowest: bool) -> Any:
    """Return the strictest of the limits that facets set, the greatest or the `lowest`; None for none."""
    found = [facet.keywords[keyword] for facet in facets if keyword in facet.keywords]
    return (min(found) if lowest else max(found)) if found else None


def unequal(facet: Node, keywords: tuple[str, ...], narrow: Branch, place: str) -> Doubt | None:
    """Return the doubt about keywords that count as fulfilled only where a facet of the other has exactly the same."""
    own = {keyword: facet.keywords[keyword] for keyword in keywords if keyword in facet.keywords}
    if not own:
        return None
    for other in narrow.facets:
        theirs = {keyword: other.keywords[keyword] for keyword in keywords if keyword in other.keywords}
        if same(own, theirs) and not facet.root.refers:
            return None
    return Doubt(facet.pointer, place, f"{{wider}} limits it by {', '.join(own)} in a way that cannot be compared")


def doubt_of_common(wide: Branch, narrow: Branch, place: str) -> Doubt | None:
    """Return what is in doubt about limits for values of any type."""
    for facet in wide.facets:
        doubt = unequal(facet, ("not",), narrow, place) or unequal(facet, _CONDITIONAL, narrow, place)
        if doubt is not None:
            return doubt
    return None


def doubt_of_number(_proof: "Proof", wide: Branch, narrow: Branch, place: str) -> Doubt | None:
    """Return what is in doubt about two branches of numbers."""
    low, high = _interval(narrow)
    for facet in wide.facets:
        for keyword, holds in _checks(facet.keywords, low, high):
            if not holds:
                why = f"{{wider}} has {keyword} {shown(facet.keywords[keyword])}, {{narrower}} allows more"
                return Doubt(facet.pointer, place, why)
        step: Any = facet.keywords.get("multipleOf")
        if step is not None and not _is_multiple(step, narrow):
            return Doubt(facet.pointer, place, f"{{wider}} has multipleOf {shown(step)}, {{narrower}} allows more")
    return None


def _interval(narrow: Branch) -> tuple[tuple[Any, bool], tuple[Any, bool]]:
    """Return the lowest and the highest number, and whether each is excluded; integers begin and end at an integer."""
    low = max(_edges(narrow.facets, "minimum", "exclusiveMinimum", 1), default=(-math.inf, 0))
    high = min(_edges(narrow.facets, "maximum", "exclusiveMaximum", -1), default=(math.inf, 0))
    if narrow.kind == "integer" and low[0] != -math.inf:
        low = (math.floor(low[0]) + 1 if low[1] else math.ceil(low[0]), 0)
    if narrow.kind == "integer" and high[0] != math.inf:
        high = (math.ceil(high[0]) - 1 if high[1] else math.floor(high[0]), 0)
    return (low[0], bool(low[1])), (high[0], bool(high[1]))


def _edges(facets: Iterable[Node], inclusive: str, exclusive: str, sign: int) -> Iterator[tuple[Any, int]]:
    for facet in facets:
        if inclusive in facet.keywords:
            yield facet.keywords[inclusive], 0
        if exclusive in facet.keywords:
            yield facet.keywords[exclusive], sign


def _checks(own: Mapping[str, Any], low: tuple[Any, bool], high: tuple[Any, bool]) -> Iterator[tuple[str, bool]]:
    if "minimum" in own:
        yield "minimum", low[0] >= own["minimum"]
    if "exclusiveMinimum" in own:
        yield "exclusiveMinimum", low[0] > own["exclusiveMinimum"] or (low[0] == own["exclusiveMinimum"] and low[1])
    if "maximum" in own:
        yield "maximum", high[0] <= own["maximum"]
    if "exclusiveMaximum" in own:
        yield "exclusiveMaximum", high[0] < own["exclusiveMaximum"] or (high[0] == own["exclusiveMaximum"] and high[1])


def _is_multiple(step: Any, narrow: Branch) -> bool:
    steps = [facet.keywords["multipleOf"] for facet in narrow.facets if "multipleOf" in facet.keywords]
    # Only of integers: what is a multiple of 0.1 depends on who computes.
    whole = [one for one in steps if isinstance(one, int) and isinstance(step, int) and one % step == 0]
    return step in steps or bool(whole) or (step == 1 and narrow.kind == "integer")


def doubt_of_string(_proof: "Proof", wide: Branch, narrow: Branch, place: str) -> Doubt | None:
    """Return what is in doubt about two branches of texts. A pattern is fulfilled only where the other has the same."""
    shortest = bound(narrow.facets, "minLength", lowest=False) or 0
    longest = bound(narrow.facets, "maxLength", lowest=True)
    patterns = [facet.keywords["pattern"] for facet in narrow.facets if "pattern" in facet.keywords]
    for facet in wide.facets:
        own = facet.keywords
        faults = {
            "minLength": own.get("minLength", 0) > shortest,
            "maxLength": "maxLength" in own and (longest is None or longest > own["maxLength"]),
            "pattern": "pattern" in own and own["pattern"] not in patterns,
        }
        for keyword, at_fault in faults.items():
            if at_fault:
                why = f"{{wider}} has {keyword} {shown(own[keyword])}, {{narrower}} allows more"
                return Doubt(facet.pointer, place, why)
    return None
