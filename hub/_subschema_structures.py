"""Own the comparison of lists and objects: what each part of a value may be on both sides; know no numbers and texts."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from hub._subschema_branches import Branch, Node
from hub._subschema_scalars import bound, unequal
from hub._subschema_words import Doubt, shown

if TYPE_CHECKING:
    from hub._subschema import Proof

__all__ = ["doubt_of_array", "doubt_of_object"]

_CONTAINS: Final = ("contains", "minContains", "maxContains")
# What stands only where the other has exactly the same; each means the same wherever it stands.
_OF_OBJECTS: Final = (
    ("patternProperties",),
    ("propertyNames",),
    ("dependentRequired",),
    ("dependentSchemas",),
    ("dependencies",),
)
# They mean what the keywords around them leave over.
_LEFT_OVER: Final = ("unevaluatedProperties", "unevaluatedItems", "additionalItems")


def doubt_of_object(proof: "Proof", wide: Branch, narrow: Branch, place: str) -> Doubt | None:
    """Return what is in doubt about two branches of objects."""
    required = {name for facet in narrow.facets for name in facet.keywords.get("required") or ()}
    named = list(dict.fromkeys(name for facet in narrow.facets for name in facet.keywords.get("properties") or ()))
    for facet in wide.facets:
        doubt = (
            _left_over(facet, place)
            or _required(facet, required, narrow, place)
            or next(filter(None, (unequal(facet, keywords, narrow, place) for keywords in _OF_OBJECTS)), None)
            or _counts(facet, narrow, required, named, place)
            or _properties(proof, facet, narrow, named, place)
        )
        if doubt is not None:
            return doubt
    return None


def _left_over(facet: Node, place: str) -> Doubt | None:
    for keyword in _LEFT_OVER:
        if facet.keywords.get(keyword, True) is not True:
            return Doubt(facet.pointer, place, f"{{wider}} limits it by {keyword} in a way that cannot be compared")
    return None


def _required(facet: Node, required: set[str], narrow: Branch, place: str) -> Doubt | None:
    for name in facet.keywords.get("required") or ():
        if name not in required:
            optional = [one.child("properties", name).pointer for one in narrow.facets if _declares(one, name)]
            why = f"{{wider}} requires the property {shown(name)}, {{narrower}} does not"
            return Doubt(f"{facet.pointer}/required", optional[0] if optional else place, why)
    return None


def _declares(facet: Node, name: str) -> bool:
    return name in (facet.keywords.get("properties") or ())


def _counts(facet: Node, narrow: Branch, required: set[str], named: Sequence[str], place: str) -> Doubt | None:
    own = facet.keywords
    fewest = max(bound(narrow.facets, "minProperties", lowest=False) or 0, len(required))
    most = bound(narrow.facets, "maxProperties", lowest=True)
    if any(_is_closed(one) for one in narrow.facets):
        most = len(named) if most is None else min(most, len(named))
    if own.get("minProperties", 0) > fewest:
        return Doubt(
            facet.pointer, place, f"{{wider}} has minProperties {shown(own['minProperties'])}, {{narrower}} allows more"
        )
    if "maxProperties" in own and (most is None or most > own["maxProperties"]):
        return Doubt(
            facet.pointer, place, f"{{wider}} has maxProperties {shown(own['maxProperties'])}, {{narrower}} allows more"
        )
    return None


def _is_closed(facet: Node) -> bool:
    """Return whether an object has no property but those that the facet names."""
    return facet.keywords.get("additionalProperties") is False and not facet.keywords.get("patternProperties")


def _properties(proof: "Proof", facet: Node, narrow: Branch, named: Sequence[str], place: str) -> Doubt | None:
    own: Any = facet.keywords.get("properties") or {}
    for name in dict.fromkeys((*own, *named)):
        proof.budget.spend(len(narrow.facets))
        wide = facet.child("properties", name) if name in own else _others(facet)
        if wide is not None and (doubt := _property(proof, wide, list(_of_property(narrow.facets, name)), name, place)):
            return doubt
    others = _others(facet)
    if others is None:
        return None
    rest = [part for one in narrow.facets for part in _of_others(one)]
    if any(part.schema is False for part in rest):
        return None
    if others.schema is False:
        return Doubt(others.pointer, place, "{narrower} allows properties with any other name, {wider} does not")
    return proof.covers(others, rest, rest[0].pointer if rest else place)


def _property(proof: "Proof", wide: Node, parts: list[Node], name: str, place: str) -> Doubt | None:
    if any(part.schema is False for part in parts):
        return None
    at = parts[0].pointer if parts else place
    if wide.schema is False:
        return Doubt(wide.pointer, at, f"{{narrower}} allows the property {shown(name)}, {{wider}} does not")
    return proof.covers(wide, parts, at)


def _others(facet: Node) -> Node | None:
    """Return what a facet says of the properties that it does not name; None where it says nothing."""
    return facet.child("additionalProperties") if facet.keywords.get("additionalProperties", True) is not True else None


def _of_property(facets: Iterable[Node], name: str) -> Iterator[Node]:
    """Yield what must fit for the value of a property."""
    for facet in facets:
        if _declares(facet, name):
            yield facet.child("properties", name)
        else:
            yield from _of_others(facet)


def _of_others(facet: Node) -> Iterator[Node]:
    # A name that fits one of the patterns is not limited by additionalProperties.
    if not facet.keywords.get("patternProperties") and (others := _others(facet)) is not None:
        yield others


def doubt_of_array(proof: "Proof", wide: Branch, narrow: Branch, place: str) -> Doubt | None:
    """Return what is in doubt about two branches of lists."""
    fewest = bound(narrow.facets, "minItems", lowest=False) or 0
    most = bound(narrow.facets, "maxItems", lowest=True)
    for facet in wide.facets:
        own = facet.keywords
        unique = most is not None and most <= 1
        unique = unique or any(one.keywords.get("uniqueItems") for one in narrow.facets)
        faults = {
            "minItems": own.get("minItems", 0) > fewest,
            "maxItems": "maxItems" in own and (most is None or most > own["maxItems"]),
            "uniqueItems": bool(own.get("uniqueItems")) and not unique,
        }
        for keyword, at_fault in faults.items():
            if at_fault:
                return Doubt(facet.pointer, place, f"{{wider}} has {keyword} {shown(own[keyword])}, {{narrower}} allows more")
        doubt = (
            _left_over(facet, place) or unequal(facet, _CONTAINS, narrow, place) or _items(proof, facet, narrow, most, place)
        )
        if doubt is not None:
            return doubt
    return None


def _items(proof: "Proof", facet: Node, narrow: Branch, most: int | None, place: str) -> Doubt | None:
    own = facet.children("prefixItems")
    # One beyond what either side names stands for all items further on.
    positions = max([len(own), *(len(one.keywords.get("prefixItems") or ()) for one in narrow.facets)]) + 1
    for position in range(positions):
        proof.budget.spend()
        wide = own[position] if position < len(own) else _rest(facet)
        parts = [part for one in narrow.facets if (part := _item(one, position)) is not None]
        if most is not None and position >= most:
            return None
        if any(part.schema is False for part in parts):
            return None  # the list ends here
        if wide is not None and (doubt := proof.covers(wide, parts, parts[0].pointer if parts else place)):
            return doubt
    return None


def _rest(facet: Node) -> Node | None:
    return facet.child("items") if "items" in facet.keywords else None


def _item(facet: Node, position: int) -> Node | None:
    prefix = facet.children("prefixItems")
    return prefix[position] if position < len(prefix) else _rest(facet)
