"""Own what a JSON Schema allows as a list of branches: one type with its limits, or some values; know no second schema.

`anyOf`, `oneOf`, `allOf` and local references are worked in. What is not understood is left out and makes a branch `opaque`, so
that the branches never allow less than the schema does: enough to say what an instance may be, never what it must be.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from typing import Any, Final, cast

__all__ = [
    "COMMON",
    "EVERYTHING",
    "VALUES",
    "Branch",
    "Budget",
    "Node",
    "Root",
    "TooLarge",
    "branches",
    "kind_of",
    "meet",
    "same",
]

VALUES: Final = "values"
# They constrain a value of any type.
COMMON: Final = ("not", "if", "then", "else")
_FACETS: Final = frozenset(
    {
        *COMMON,
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
        *("minLength", "maxLength", "pattern"),
        *("items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains", "unevaluatedItems", "additionalItems"),
        *("properties", "required", "additionalProperties", "patternProperties", "propertyNames", "minProperties"),
        *("maxProperties", "dependentRequired", "dependentSchemas", "dependencies", "unevaluatedProperties"),
    }
)
_IDS: Final = frozenset({"$id"})
_REFERENCES: Final = frozenset({"$ref", "$dynamicRef", "$recursiveRef"})
# References and combinations of one place nest deeper than this only in circles.
_MAX_DEPTH: Final = 24
# Alternatives multiply where they meet; an honest schema of one value has a handful.
_MAX_BRANCHES: Final = 64


class TooLarge(Exception):
    """The schemas are too large to be compared within the budget."""


class Budget:
    """How many steps a comparison may take: schemas come from modules, and may be made to take for ever."""

    def __init__(self, steps: int) -> None:
        self._left = steps

    def spend(self, steps: int = 1) -> None:
        """Take steps.

        Raises:
            TooLarge: there are none left.
        """
        self._left -= steps
        if self._left < 0:
            raise TooLarge


@dataclass(frozen=True, eq=False)
class Root:
    """A whole schema, which `#` means in it."""

    schema: Any

    @property
    def node(self) -> "Node":
        """The schema itself."""
        return Node(self, "", self.schema)

    @cached_property
    def refers(self) -> bool:
        """Whether there is a reference anywhere in it."""
        return _mentions(self.schema, _REFERENCES)

    @cached_property
    def has_inner_ids(self) -> bool:
        """Whether a part says that its references are relative to itself."""
        return any(_mentions(part, _IDS) for part in _parts(self.schema))

    def find(self, reference: object) -> "Node | None":
        """Return the part that a `$ref` means (a JSON pointer, RFC 6901); None where that cannot be said."""
        if not isinstance(reference, str) or not (reference == "#" or reference.startswith("#/")):
            return None
        if "%" in reference or self.has_inner_ids:
            return None
        found = self.schema
        for step in reference.split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            if isinstance(found, dict) and key in found:
                found = cast("dict[str, Any]", found)[key]
            elif isinstance(found, list) and key.isascii() and key.isdigit() and int(key) < len(cast("list[Any]", found)):
                found = cast("list[Any]", found)[int(key)]
            else:
                return None
        return Node(self, reference[1:], found)


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One schema inside of a whole one, and its JSON pointer there."""

    root: Root
    pointer: str
    schema: Any = field(repr=False)

    @property
    def keywords(self) -> Mapping[str, Any]:
        """What it says; nothing for `true` and `false`."""
        return cast("dict[str, Any]", self.schema) if isinstance(self.schema, dict) else {}

    def child(self, *steps: str | int) -> "Node":
        """Return the part below it; the steps must be there."""
        found, pointer = self.schema, self.pointer
        for step in steps:
            found = found[step]
            pointer += "/" + str(step).replace("~", "~0").replace("/", "~1")
        return Node(self.root, pointer, found)

    def children(self, keyword: str) -> list["Node"]:
        """Return the parts in the list that a keyword has."""
        return [self.child(keyword, position) for position in range(len(self.keywords.get(keyword) or ()))]


@dataclass(frozen=True, slots=True)
class Branch:
    """Values of one kind within all `facets`; of the kind `values` those that are listed.

    `opaque` are the places of what was left out: the real schema may allow less.
    """

    kind: str
    facets: tuple[Node, ...] = ()
    values: Mapping[Any, Any] = field(default_factory=dict[Any, Any])
    opaque: tuple[Node, ...] = ()


def same(one: Any, other: Any) -> bool:
    """Return whether two JSON values are certainly equal: true is not 1."""
    # Python takes true for 1; written, the two differ, and writing is quick.
    return one is other or (one == other and json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True))


def _key(value: Any) -> Any:
    """Return what stands for a value in sets: 1 is 1.0, and true is not 1."""
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        return ("object", *((name, _key(members[name])) for name in sorted(members)))
    if isinstance(value, list):
        return ("array", *(_key(item) for item in cast("list[Any]", value)))
    return (isinstance(value, bool), value)


def kind_of(value: Any) -> str:
    """Return the kind of branch that a value belongs to."""
    if isinstance(value, bool) or value is None:
        return VALUES
    if isinstance(value, str):
        return "string"
    if isinstance(value, int | float):
        return "integer" if value == value // 1 else "number"
    return "array" if isinstance(value, list) else "object"


def _listed(values: Iterable[Any], facets: tuple[Node, ...] = ()) -> Branch:
    return Branch(VALUES, facets, {_key(value): value for value in values})


EVERYTHING: Final = (_listed((None, True, False)), *(Branch(kind) for kind in ("number", "string", "array", "object")))


def branches(node: Node, budget: Budget, depth: int = 0) -> tuple[Branch, ...]:
    """Return the branches of a schema: whatever it accepts is in one of them.

    Raises:
        TooLarge: there would be too many.
    """
    budget.spend()
    if not isinstance(node.schema, dict):
        return () if node.schema is False else EVERYTHING
    if depth > _MAX_DEPTH:
        return _unclear(node, EVERYTHING)
    found = _typed(node, budget)
    for keyword in ("$dynamicRef", "$recursiveRef"):
        if keyword in node.keywords:
            found = _unclear(node, found)
    if "$ref" in node.keywords:
        target = node.root.find(node.keywords["$ref"])
        found = _unclear(node, found) if target is None else meet(found, branches(target, budget, depth + 1), budget)
    for part in node.children("allOf"):
        found = meet(found, branches(part, budget, depth + 1), budget)
    for keyword, joined in (("anyOf", _any_of), ("oneOf", _one_of)):
        if keyword in node.keywords:
            choices = [branches(part, budget, depth + 1) for part in node.children(keyword)]
            found = meet(found, joined(node, choices, budget), budget)
    return () if "not" in node.keywords and same(node.keywords["not"], {}) else found


def _unclear(node: Node, found: Iterable[Branch]) -> tuple[Branch, ...]:
    return tuple(Branch(one.kind, one.facets, one.values, (*one.opaque, node)) for one in found)


def _typed(node: Node, budget: Budget) -> tuple[Branch, ...]:
    """Return what a schema says itself, without what it refers to and combines."""
    own = node.keywords
    facets = (node,) if not _FACETS.isdisjoint(own) else ()
    declared: Any = own.get("type", ["null", "boolean", "number", "string", "array", "object"])
    types = cast("list[str]", declared) if isinstance(declared, list) else [declared]
    values: list[Any] = [*([None] if "null" in types else []), *([True, False] if "boolean" in types else [])]
    kinds = [kind for kind in ("number", "string", "array", "object") if kind in types]
    if "integer" in types and "number" not in types:
        kinds.append("integer")
    found = (_listed(values, facets), *(Branch(kind, facets) for kind in kinds))
    for keyword in ("enum", "const"):
        if keyword in own:
            allowed = own["enum"] if keyword == "enum" else [own["const"]]
            budget.spend(len(allowed))
            found = meet(found, (_listed(allowed),), budget)
    return tuple(one for one in found if one.kind != VALUES or one.values)


def meet(left: Iterable[Branch], right: Iterable[Branch], budget: Budget) -> tuple[Branch, ...]:
    """Return the branches of what is in both.

    Raises:
        TooLarge: there would be too many.
    """
    others = tuple(right)
    found: list[Branch] = []
    for one in left:
        for other in others:
            budget.spend()
            both = _both(one, other)
            if both is not None:
                found.append(both)
    if len(found) > _MAX_BRANCHES:
        raise TooLarge
    return tuple(found)


def _both(one: Branch, other: Branch) -> Branch | None:
    facets = (
        tuple(dict.fromkeys((*one.facets, *other.facets), None)) if one.facets and other.facets else one.facets or other.facets
    )
    opaque = (*one.opaque, *other.opaque)
    if VALUES in (one.kind, other.kind):
        listed, judge = (one, other) if one.kind == VALUES else (other, one)
        values = {key: value for key, value in listed.values.items() if _may_be(judge, key, value)}
        return Branch(VALUES, facets, values, opaque) if values else None
    if one.kind == other.kind:
        return Branch(one.kind, facets, {}, opaque)
    return Branch("integer", facets, {}, opaque) if {one.kind, other.kind} == {"integer", "number"} else None


def _may_be(branch: Branch, key: Any, value: Any) -> bool:
    """Return whether a value is of the kind of a branch; its facets are not looked at."""
    if branch.kind == VALUES:
        return key in branch.values
    kind = kind_of(value)
    return kind == branch.kind or (kind, branch.kind) == ("integer", "number")


def _any_of(_node: Node, choices: list[tuple[Branch, ...]], _budget: Budget) -> tuple[Branch, ...]:
    return tuple(branch for choice in choices for branch in choice)


def _one_of(node: Node, choices: list[tuple[Branch, ...]], budget: Budget) -> tuple[Branch, ...]:
    """Return the union where no value can be in two of the choices; else it is not clear what of it is left."""
    union = _any_of(node, choices, budget)
    for one, other in combinations(choices, 2):
        for branch in one:
            for another in other:
                budget.spend()
                if not _disjoint(branch, another, budget):
                    return _unclear(node, union)
    return union


def _disjoint(one: Branch, other: Branch, budget: Budget) -> bool:
    """Return whether certainly no value is in both."""
    both = _both(one, other)
    if both is None:
        return True
    return both.kind == "object" and _told_apart(one, other, budget)


def _told_apart(one: Branch, other: Branch, budget: Budget) -> bool:
    """Return whether a property that one of the two requires has values in both, and no common one: a tagged union."""
    required = {name for facet in (*one.facets, *other.facets) for name in facet.keywords.get("required") or ()}
    for name in sorted(required):
        tags = [_tags(branch, name, budget) for branch in (one, other)]
        if None not in tags and not (cast("set[Any]", tags[0]) & cast("set[Any]", tags[1])):
            return True
    return False


def _tags(branch: Branch, name: str, budget: Budget) -> set[Any] | None:
    """Return the values that a property may have, None where they are not listed."""
    for facet in branch.facets:
        declared: Any = facet.keywords.get("properties")
        if not isinstance(declared, dict) or name not in declared:
            continue
        schema: Any = cast("dict[str, Any]", declared)[name]
        if isinstance(schema, dict) and ("const" in schema or "enum" in schema):
            listed = _typed(facet.child("properties", name), budget)
            return {key for one in listed for key in one.values}
    return None


def _parts(schema: Any) -> Iterable[Any]:
    return cast("dict[str, Any]", schema).values() if isinstance(schema, dict) else ()


def _mentions(schema: Any, wanted: frozenset[str]) -> bool:
    """Return whether a member with one of these names is anywhere in it, also where it is only data."""
    todo = [schema]
    while todo:
        part = todo.pop()
        if isinstance(part, dict):
            members = cast("dict[str, Any]", part)
            if not wanted.isdisjoint(members):
                return True
            todo.extend(members.values())
        elif isinstance(part, list):
            todo.extend(cast("list[Any]", part))
    return False
