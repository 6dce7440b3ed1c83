"""The page of a function says everything that its declaration says, and nothing in it can harm a terminal."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub import Function
from hub.cli._arguments import parameters_of
from hub.cli._function_help import call_line, function_help
from hub.cli._parameter_help import parameter_help
from hub.cli._text import harmless


def _page(width: int = 80, **declared: Any) -> list[str]:
    return function_help("m", Function("f", {"name": "f", **declared}), width)


@pytest.mark.parametrize(
    ("schema", "option", "facts"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 9}, "--page-size INTEGER", "at least 1; at most 9"),
        ({"type": "number", "exclusiveMinimum": 0, "multipleOf": 0.5}, "--page-size NUMBER", "more than 0; a multiple of 0.5"),
        ({"type": "boolean", "default": True}, "--[no-]page-size", "default true"),
        ({"type": ["boolean", "null"]}, "--page-size true|false|null", ""),
        ({"type": "string", "pattern": "^a", "maxLength": 3}, "--page-size TEXT", "at most 3 characters; matching ^a"),
        ({"type": "string", "format": "date", "default": "x"}, "--page-size TEXT", 'format date; default "x"'),
        ({"enum": ["a", "b", None]}, "--page-size a|b|null", ""),
        ({"enum": list("abcdefgh")}, "--page-size CHOICE", "one of a, b, c, d, e, f, g, h"),
        ({"type": "object"}, "--page-size JSON", ""),
        ({}, "--page-size VALUE", ""),
        (
            {"type": "array", "items": {"type": "integer", "minimum": 1}, "minItems": 2, "uniqueItems": True},
            "--page-size INTEGER ...",
            "at least 2 items; no item twice; may be repeated, or given as one JSON array; each at least 1",
        ),
        ({"type": "array", "items": {"type": "array"}}, "--page-size JSON ...", "may be repeated, or given as one JSON array"),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}], "deprecated": True}, "--page-size INTEGER|null", "deprecated"),
    ],
)
def test_a_parameter_is_shown_with_its_type_bounds_and_default(schema: dict[str, Any], option: str, facts: str) -> None:
    shown = parameter_help("page_size", parameters_of({"properties": {"page_size": {**schema, "description": "Said."}}}))
    assert (shown.option, shown.lines) == (option, ("Said.", facts) if facts else ("Said.",))


def test_a_parameter_that_has_the_name_of_one_of_our_options_is_shown_as_it_is_written() -> None:
    assert "  --param:timeout true|false" in _page(params={"properties": {"timeout": {"type": "boolean"}}})


def test_a_function_without_parameters_says_so() -> None:
    assert _page()[:3] == ["Usage: hub call m.f", "", "Parameters: none"]


def test_long_words_are_wrapped_to_the_terminal_and_tables_of_the_author_are_left_alone() -> None:
    page = _page(width=40, description="word " * 30 + "\n\n  a    table\n  of his")
    assert max(map(len, page[:-1])) <= 40
    assert "  a    table" in page


@pytest.mark.parametrize(
    ("params", "line"),
    [
        ({}, "hub call m.f"),
        ({"limit": 5, "name": "it's"}, "hub call m.f --limit 5 --name 'it'\"'\"'s'"),
        ({"name": "--limit"}, "hub call m.f --name=--limit"),
        ({"name": ""}, "hub call m.f --name="),
        ({"tree": True}, "hub call m.f --tree"),
        ({"tree": False}, "hub call m.f --tree false"),
        ({"limit": None}, "hub call m.f --params '{\"limit\":null}'"),
        ({"other": 1}, "hub call m.f --params '{\"other\":1}'"),
    ],
)
def test_an_example_is_shown_as_the_line_that_calls_it(params: dict[str, Any], line: str) -> None:
    properties = {"limit": {"type": "integer"}, "name": {"type": "string"}, "tree": {"type": "boolean"}}
    assert call_line("m.f", params, parameters_of({"properties": properties})) == line


_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=10,
)
_WORDS = st.sampled_from(
    ["type", "properties", "required", "enum", "items", "anyOf", "default", "description", "minimum", "$ref", "allOf"]
)
_SCHEMA = st.dictionaries(_WORDS, _JSON, max_size=5)


@given(
    properties=st.dictionaries(st.text(), _SCHEMA, max_size=3),
    text=st.text(),
    example=st.dictionaries(st.text(), _JSON, max_size=3),
)
def test_any_declaration_becomes_a_page_of_harmless_lines(properties: Any, text: str, example: Any) -> None:
    page = _page(
        params={"type": "object", "properties": properties, "required": list(properties)[:1]},
        returns={"description": text},
        summary=text,
        description=text,
        errors=[{"code": 1, "message": text}],
        examples=[{"summary": text, "params": example, "result": example}],
        deprecated={"since": text},
    )
    assert [harmless(line) for line in page] == page
