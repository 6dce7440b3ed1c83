"""Own the proof of the proof: what is called proved holds for every value, with jsonschema-rs as the witness (HUB-IFACE-6)."""

import json
import time
from pathlib import Path
from random import Random
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub._subschema import prove
from tests.hub.random_schemas import VALUES, random_pair

_OBJECT = {"type": "object"}
_STRING = {"type": "string"}
_INTERFACES = Path(__file__).resolve().parents[2] / "schemas" / "interfaces"


def _validator(schema: Any) -> Any:
    try:
        return jsonschema_rs.Draft202012Validator(schema, offline=True)
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError, TypeError):
        return None


@settings(max_examples=200, deadline=None)
@given(st.randoms(use_true_random=False))
def test_what_is_proved_holds_for_every_value(chance: Random) -> None:
    """HUB-IFACE-6."""
    wider, narrower = random_pair(chance)
    takes, allows = _validator(wider), _validator(narrower)
    if takes is None or allows is None or prove(wider, narrower) is not None:
        return
    wrong = [value for value in VALUES if allows.is_valid(value) and not takes.is_valid(value)]
    assert not wrong, (wrong[0], wider, narrower)


def test_of_schemas_that_are_nearly_the_same_most_are_proved() -> None:
    """The test above says nothing when nothing is proved."""
    chance, proved = Random(7), 0  # noqa: S311 - the same cases each time
    for _ in range(300):
        wider, narrower = random_pair(chance)
        proved += _validator(wider) is not None and _validator(narrower) is not None and prove(wider, narrower) is None
    assert proved > 60


def _object(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}


def _of_items(item: Any) -> dict[str, Any]:
    return {"type": "array", "items": {"$ref": "#/$defs/Item"}, "$defs": {"Item": item}}


_NULLABLE = {"type": ["string", "null"]}
_STATES = {"enum": ["up", "down"]}
_PATTERNED: dict[str, Any] = {"type": "object", "patternProperties": {"^a": {}}, "additionalProperties": False}
_TREE: dict[str, Any] = {"type": "object", "properties": {"left": {"$ref": "#"}, "value": {"type": "integer"}}}


@pytest.mark.parametrize(
    ("wider", "narrower"),
    [
        # How libraries write the same: pydantic and zod, msgspec, schemars, and by hand.
        (_NULLABLE, {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, _NULLABLE),
        (_STATES, {"$ref": "#/$defs/State", "$defs": {"State": {"enum": ["down", "up"], "type": "string"}}}),
        (_STATES, {"oneOf": [{"const": "up", "description": "It runs."}, {"enum": ["down"], "type": "string"}]}),
        ({"oneOf": [{"const": "up"}, {"const": "down"}, {"const": "gone"}]}, _STATES),
        (_object(id=_STRING), {"$ref": "#/$defs/S", "$defs": {"S": _object("id", id={"type": "string", "title": "Id"})}}),
        ({"type": "integer", "minimum": 1}, {"type": "integer", "format": "uint32", "exclusiveMinimum": 0, "maximum": 9}),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, {"type": "integer", "minimum": 1, "maximum": 100}),
        ({"type": "number"}, {"type": "integer"}),
        ({"type": "integer"}, {"const": 2.0}),
        ({"allOf": [{"$ref": "#/$defs/S"}], "$defs": {"S": _STRING}, "default": "x"}, {**_STRING, "minLength": 1}),
        (_object(region=_STRING), {**_object(region=_STRING), "additionalProperties": False}),
        (_object(region=_STRING, more={"type": "integer"}), {**_object(region=_STRING), "additionalProperties": False}),
        ({"type": "object", "additionalProperties": _STRING}, {**_object(a=_STRING), "additionalProperties": {"const": "x"}}),
        ({"type": "array", "items": _NULLABLE}, {"type": "array", "prefixItems": [_STRING], "items": {"type": "null"}}),
        ({"type": "array", "items": _STRING}, {"type": "array", "prefixItems": [_STRING, {"type": "null"}], "maxItems": 1}),
        (_TREE, {"$ref": "#/$defs/T", "$defs": {"T": {**_object(value={"const": 1}, left={"$ref": "#/$defs/T"})}}}),
        (
            {"oneOf": [_object("kind", kind={"const": "a"}, x={}), _object("kind", kind={"const": "b"})]},
            _object("kind", kind={"const": "b"}),
        ),
        ({"not": {"const": 1}, "type": "integer"}, {"not": {"const": 1}, "type": "integer", "title": "N"}),
        (True, False),
        ({}, {"if": {"type": "string"}, "then": False}),
        (False, {"not": {}}),
    ],
)
def test_what_is_the_same_in_other_words_is_proved(wider: Any, narrower: Any) -> None:
    """HUB-IFACE-6."""
    assert prove(wider, narrower) is None


@pytest.mark.parametrize(
    ("wider", "narrower", "at", "words"),
    [
        (_STRING, _NULLABLE, ("", ""), "{narrower} allows null"),
        (_object("id", id=_STRING), _object(id=_STRING), ("/required", "/properties/id"), 'requires the property "id"'),
        (_object(n={"minimum": 1}), _object(n={"type": "integer"}), ("/properties/n", "/properties/n"), "minimum 1"),
        ({**_object(), "additionalProperties": False}, _object(x=_STRING), ("/additionalProperties", "/properties/x"), '"x"'),
        ({"type": "array", "items": _STATES}, {"type": "array", "items": _STRING}, ("/items", "/items"), "every string"),
        ({"type": "array", "items": _STRING}, {"type": "array"}, ("/items", ""), "says nothing"),
        (_STATES, {"enum": ["up", "gone"]}, ("", ""), '"gone"'),
        ({"$ref": "#/$defs/S", "$defs": {"S": {"maxLength": 3}}}, _STRING, ("/$defs/S", ""), "maxLength 3"),
        ({"pattern": "^a"}, {"type": "string", "pattern": "^ab"}, ("", ""), "pattern"),
        ({"oneOf": [{"minimum": 1}, {"maximum": 2}]}, {"type": "integer"}, ("", ""), "oneOf"),
        ({"type": "object", "unevaluatedProperties": False}, _OBJECT, ("", ""), "unevaluatedProperties"),
        ({"not": {"const": 1}}, {"type": "integer", "minimum": 2}, ("", ""), "not"),
        ({"properties": {"a": {"$ref": "#x"}}}, _object(a=_STRING), ("/properties/a", "/properties/a"), "$ref"),
        ({"const": 1}, {"const": True}, ("", ""), "true"),
        ({"exclusiveMinimum": 1}, {"type": "number", "minimum": 1}, ("", ""), "exclusiveMinimum 1"),
        ({"maxItems": 2}, {"type": "array"}, ("", ""), "maxItems 2"),
        ({"oneOf": [{"minimum": 1}, {"maximum": 2}]}, {"const": 1.5}, ("", ""), "1.5"),
        ({**_OBJECT, "additionalProperties": _STRING}, _PATTERNED, ("/additionalProperties", ""), "says nothing"),
        ({**_OBJECT, "maxProperties": 3}, _PATTERNED, ("", ""), "maxProperties 3"),
        (_of_items(_STRING), _of_items({"type": "integer"}), ("/items", "/items"), "integer"),
        ({"type": "integer"}, {"type": "number"}, ("", ""), "type number"),
    ],
)
def test_what_is_not_proved_is_named_on_both_sides(wider: Any, narrower: Any, at: tuple[str, str], words: str) -> None:
    """HUB-IFACE-6."""
    doubt = prove(wider, narrower)
    assert doubt is not None
    assert (doubt.wider, doubt.narrower) == at
    assert words in doubt.why


@pytest.mark.parametrize("place", sorted(_INTERFACES.glob("*.json")), ids=lambda place: place.stem)
def test_each_interface_of_ours_satisfies_itself_also_where_it_is_written_otherwise(place: Path) -> None:
    """HUB-IFACE-6."""
    for function in json.loads(place.read_text())["functions"]:
        for member in ("params", "returns"):
            schema = function[member]
            other = {"allOf": [{"$ref": "#/$defs/Whole"}], "$defs": {"Whole": {**schema, "title": "Whole"}}}
            assert prove(schema, schema) is None
            assert prove(schema, other) is None
            assert prove(other, schema) is None


def test_equal_schemas_are_proof_whatever_they_say() -> None:
    """HUB-IFACE-6."""
    strange = {
        "if": {"contains": {"$ref": "#"}},
        "then": {"not": {"unevaluatedItems": {"$dynamicRef": "#x"}}},
        "multipleOf": 0.1,
    }
    assert prove(strange, json.loads(json.dumps(strange))) is None


def _tower(levels: int, last: Any) -> Any:
    return {"anyOf": [{"type": "array", "items": last if levels == 0 else _tower(levels - 1, last)} for _ in range(2)]}


@pytest.mark.parametrize(
    ("wider", "narrower"),
    [
        (_tower(12, _STRING), _tower(12, {"type": "null"})),
        ({"enum": list(range(60_000))}, {"enum": list(range(60_000, 0, -1))}),
        ({"allOf": [{"anyOf": [{"minimum": n}, {"maximum": n}]} for n in range(40)]}, {"type": "number"}),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"allOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/a"}]}}}, _STRING),
    ],
    ids=["tower", "values", "product", "circle"],
)
def test_schemas_that_are_made_to_take_for_ever_are_given_up_soon(wider: Any, narrower: Any) -> None:
    begun = time.process_time()
    assert prove(wider, narrower) is not None
    assert time.process_time() - begun < 2
