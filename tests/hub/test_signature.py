"""Own what holds for showing a function in one line."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub._signature import render_signature, render_type

_WORDS = st.sampled_from(
    [
        *("type", "enum", "const", "anyOf", "oneOf", "allOf", "$ref", "items", "prefixItems", "properties", "required"),
        *("default", "additionalProperties", "$defs", "name", "params", "returns"),
    ]
)
_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_WORDS | st.text(max_size=5), inner, max_size=5),
    max_leaves=12,
)


def test_a_function_is_one_line_with_types_defaults_and_what_may_be_left_out() -> None:
    function = {
        "name": "list_droplets",
        "params": {
            "type": "object",
            "properties": {"region": {"type": "string", "default": "nyc1"}, "limit": {"type": "integer"}},
        },
        "returns": {"type": "array", "items": {"type": "object"}},
    }
    assert render_signature(function) == 'list_droplets(region: string = "nyc1", limit?: integer) -> array of object'


def test_required_parameters_come_first_even_undescribed_ones() -> None:
    params = {"properties": {"limit": {"type": "integer"}, "id": {"type": "string"}}, "required": ["id", "token"]}
    assert render_signature({"name": "f", "params": params}) == "f(id: string, token: any, limit?: integer) -> any"


@pytest.mark.parametrize(
    ("function", "line"),
    [
        ({"name": "f"}, "f() -> any"),
        ({}, "?() -> any"),
        ({"name": "f", "params": True, "returns": {"type": "null"}}, "f() -> null"),
        ({"name": "f", "params": {"type": "object", "additionalProperties": {"type": "string"}}}, "f(…) -> any"),
        ({"name": "f", "params": {"type": "object", "additionalProperties": False}, "returns": False}, "f() -> never"),
        ({"name": "a\nb\x1b[2J"}, r"a\nb\x1b[2J() -> any"),
    ],
)
def test_a_function_with_little_or_odd_declaration_is_shown_all_the_same(function: dict[str, Any], line: str) -> None:
    assert render_signature(function) == line


_DEFS = {"$defs": {"Id": {"type": "integer"}, "Loop": {"$ref": "#/$defs/Loop"}, "a/b": {"type": "null"}}}


@pytest.mark.parametrize(
    ("schema", "shown"),
    [
        (None, "any"),
        (True, "any"),
        (False, "never"),
        ({}, "any"),
        ({"description": "x"}, "any"),
        ({"type": "string"}, "string"),
        ({"type": ["string", "null"]}, "string | null"),
        ({"type": []}, "never"),
        ({"type": 7}, "any"),
        ({"enum": ["a", 1, None]}, '"a" | 1 | null'),
        ({"enum": []}, "never"),
        ({"enum": list(range(9))}, "0 | 1 | 2 | 3 | 4 | 5 | …"),
        ({"const": {"a": 1}}, '{"a": 1}'),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, "string | integer"),
        ({"oneOf": [{"type": "string"}, {"type": "string", "format": "date"}]}, "string"),
        ({"allOf": [{"type": "object"}, {"$ref": "https://x/y.json"}]}, "object & y.json"),
        ({"type": "array"}, "array"),
        ({"type": "array", "items": {"type": ["string", "null"]}}, "array of (string | null)"),
        ({"prefixItems": [{"type": "string"}, {"type": "integer"}]}, "[string, integer]"),
        ({"properties": {}}, "object"),
        ({"minimum": 1}, "number"),
        ({"$ref": "#/$defs/Id", **_DEFS}, "integer"),
        ({"$ref": "#/$defs/a~1b", **_DEFS}, "null"),
        ({"$ref": "#/$defs/Gone", **_DEFS}, "Gone"),
        ({"$ref": "#"}, "#"),
        ({"$ref": "#/$defs/Loop", **_DEFS}, "…"),
    ],
)
def test_a_schema_is_a_few_words(schema: object, shown: str) -> None:
    assert render_type(schema) == shown


@given(st.dictionaries(_WORDS, _JSON))
def test_any_json_as_a_function_is_one_visible_line(function: dict[str, Any]) -> None:
    line = render_signature(function)
    assert line.isprintable()
    assert len(line) <= 500


def test_a_schema_that_multiplies_by_referring_to_itself_costs_little_time() -> None:
    arms = [{"type": "array", "items": {"$ref": "#/$defs/T"}, "minItems": number} for number in range(7)]
    tuples = [{"prefixItems": [{"$ref": "#/$defs/T"}] * 6} for _ in range(7)]
    params = {"$defs": {"T": {"anyOf": [*arms, *tuples]}}, "properties": {f"p{n}": {"$ref": "#/$defs/T"} for n in range(32)}}
    line = ""
    begun = time.process_time()
    for _ in range(100):
        line = render_signature({"name": "f", "params": params})
    assert "p0?: array of" in line
    assert len(line) == 500
    assert time.process_time() - begun < 2, "more than 20 ms for one signature"
