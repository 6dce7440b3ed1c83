"""Words of a command line become values by their schema: rule by rule, then over all schemas and values (hypothesis)."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.cli._convert import Unfit, as_words, convert
from hub.cli._schema_shapes import expected, shapes_of

_STRINGS = {"type": "array", "items": {"type": "string"}}
_INTEGERS = {"type": "array", "items": {"type": "integer"}}
_LOCAL = {"$ref": "#/$defs/size"}
_ROOT = {
    "$defs": {"size": {"type": "integer"}, "loop": {"$ref": "#/$defs/loop"}, "deep": {"type": "array", "items": {"$ref": "#"}}}
}


@pytest.mark.parametrize(
    ("schema", "texts", "value"),
    [
        ({"type": "integer"}, ["5"], 5),
        ({"type": "integer"}, ["-5"], -5),
        ({"type": "integer"}, ["012"], 12),
        ({"type": "string"}, ["012"], "012"),
        ({"type": "string"}, ["null"], "null"),
        ({"type": "string"}, ["true"], "true"),
        ({"type": "string"}, [""], ""),
        ({"type": "string"}, ['"quoted"'], '"quoted"'),
        ({"type": "number"}, ["2.50"], 2.5),
        ({"type": "number"}, ["3"], 3),
        ({"type": "number"}, [".5"], 0.5),
        ({"type": "number"}, ["1e3"], 1000.0),
        ({"type": "boolean"}, ["true"], True),
        ({"type": "boolean"}, ["False"], False),
        ({"type": "null"}, ["null"], None),
        ({"type": ["integer", "null"]}, ["null"], None),
        ({"type": ["integer", "null"]}, ["7"], 7),
        ({"type": ["string", "null"]}, ["null"], None),
        ({"type": ["string", "null"]}, ["nil"], "nil"),
        ({"anyOf": [{"type": "integer"}, {"type": "string"}]}, ["12"], 12),
        ({"anyOf": [{"type": "integer"}, {"type": "string"}]}, ["012"], "012"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, ["null"], None),
        ({"oneOf": [{"const": "all"}, {"type": "integer"}]}, ["all"], "all"),
        ({"oneOf": [{"const": "all"}, {"type": "integer"}]}, ["3"], 3),
        ({"enum": ["cpu", "memory"]}, ["cpu"], "cpu"),
        ({"enum": [1, 2]}, ["2"], 2),
        ({"enum": ["1", "2"]}, ["2"], "2"),
        ({"enum": [True, None]}, ["null"], None),
        ({"type": "integer", "enum": [10, 20]}, ["20"], 20),
        (_STRINGS, ["a"], ["a"]),
        (_STRINGS, ["a", "012"], ["a", "012"]),
        (_STRINGS, ['["a","b"]'], ["a", "b"]),
        (_STRINGS, ["[]"], []),
        (_STRINGS, ["[a"], ["[a"]),
        (_INTEGERS, ["1", "2"], [1, 2]),
        ({"type": ["array", "null"], "items": {"type": "integer"}}, ["null"], None),
        ({"type": ["array", "string"]}, ["x"], "x"),
        ({"type": ["array", "string"]}, ["x", "y"], ["x", "y"]),
        ({"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "integer"}}, ["1", "2"], ["1", 2]),
        ({"type": "array", "items": _INTEGERS}, ["[1]", "[2]"], [[1], [2]]),
        ({"type": "object"}, ['{"a": 1}'], {"a": 1}),
        ({}, ["5"], 5),
        ({}, ["012"], "012"),
        ({}, ["plain text"], "plain text"),
        (True, ['{"a":null}'], {"a": None}),
        (_LOCAL, ["4"], 4),
        ({"allOf": [_LOCAL], "default": 1}, ["4"], 4),
        ({"allOf": [{"type": "number"}, {"type": "integer"}]}, ["4"], 4),
    ],
)
def test_a_text_becomes_the_value_that_its_schema_means(schema: object, texts: list[str], value: Any) -> None:
    found = convert(texts, schema, _ROOT)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("schema", "texts", "why"),
    [
        ({"type": "integer"}, ["x"], "must be an integer, got 'x'"),
        ({"type": "integer"}, ["5.5"], "must be an integer, got '5.5'"),
        ({"type": "integer"}, ["٣"], "must be an integer, got '٣'"),
        ({"type": "integer"}, ["1_000"], "must be an integer, got '1_000'"),
        ({"type": "integer"}, ["9007199254740992"], "must be within ±9007199254740991, got '9007199254740992'"),
        ({"type": "integer"}, ["9" * 5000], f"must be an integer, got '{'9' * 59}…'"),
        ({"type": "integer"}, ["1", "2"], "was given more than once"),
        ({"type": "number"}, ["nan"], "must be a number, got 'nan'"),
        ({"type": "number"}, ["1e999"], "must be a number, got '1e999'"),
        ({"type": "boolean"}, ["yes"], "must be true or false, got 'yes'"),
        ({"type": ["integer", "null"]}, ["x"], "must be an integer or null, got 'x'"),
        ({"enum": ["cpu", "memory"]}, ["disk"], "must be one of cpu, memory, got 'disk'"),
        ({"enum": [1]}, ["1.0"], "must be 1, got '1.0'"),
        (_INTEGERS, ["1", "x"], "must be a list, each an integer, got 'x'"),
        ({"type": "object"}, ["{"], "must be a JSON object, got '{'"),
        ({"type": "object"}, ['{"a":1,"a":2}'], 'must be a JSON object, got \'{"a":1,"a":2}\''),
        ({"type": "object"}, ["[]"], "must be a JSON object, got '[]'"),
        ({"type": "string"}, ["\udcff"], r"must be UTF-8 text, got '\udcff'"),
        ({"type": "integer"}, ["\x1b[2J"], r"must be an integer, got '\x1b[2J'"),
        ({"$ref": "#/$defs/deep"}, ["x", "\udcff"], r"must be UTF-8 text, got '\udcff'"),
    ],
)
def test_a_text_that_does_not_fit_is_refused_in_words(schema: object, texts: list[str], why: str) -> None:
    with pytest.raises(Unfit) as caught:
        convert(texts, schema, _ROOT)
    assert str(caught.value) == why


def test_a_schema_that_refers_to_itself_from_many_branches_ends() -> None:
    loop = {"anyOf": [{"$ref": "#"}] * 64, "allOf": [{"$ref": "#"}] * 64}
    assert shapes_of(loop, loop)
    assert convert(["x"], loop, loop) == "x"


def test_a_list_of_itself_ends() -> None:
    loop = {"type": "array", "items": {"$ref": "#"}}
    with pytest.raises(Unfit):
        convert(["x"], loop, loop)


_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"])),
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text("abc"), inner, max_size=3)),
    max_leaves=8,
)
_TYPES = st.sampled_from(["null", "boolean", "integer", "number", "string", "array", "object"])


def _schema(keyword: str) -> Callable[[Any], dict[str, Any]]:
    return lambda value: {**({"type": "array"} if keyword == "items" else {}), keyword: value}


_SCHEMAS: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        _TYPES.map(_schema("type")),
        st.lists(_TYPES, max_size=3).map(_schema("type")),
        st.lists(_VALUES, max_size=3).map(_schema("enum")),
        st.sampled_from([True, False, {}, {"$ref": "#"}, {"$ref": "#/nowhere"}, {"type": "nonsense"}]),
        _VALUES,
    ),
    lambda inner: st.one_of(
        inner.map(_schema("items")),
        st.lists(inner, max_size=3).map(_schema("anyOf")),
        st.lists(inner, max_size=3).map(_schema("allOf")),
    ),
    max_leaves=6,
)


@given(schema=_SCHEMAS, texts=st.lists(st.text(st.characters()), min_size=1, max_size=3))
def test_any_words_under_any_schema_become_json_or_are_unfit(schema: Any, texts: list[str]) -> None:
    outcome = _outcome(schema, texts)
    assert str(outcome) if isinstance(outcome, Unfit) else json.dumps(outcome, allow_nan=False).encode()
    assert expected(schema, schema)


def _outcome(schema: object, texts: list[str]) -> Any:
    try:
        return convert(texts, schema, schema)
    except Unfit as unfit:
        return unfit


@given(schema=_SCHEMAS, value=_VALUES)
def test_words_for_a_value_mean_that_value(schema: Any, value: Any) -> None:
    words = as_words(value, schema, schema)
    if words is not None:
        assert json.dumps(convert(words, schema, schema), sort_keys=True) == json.dumps(value, sort_keys=True)


@given(value=_SCALARS)
def test_every_scalar_can_be_written_for_a_schema_of_its_own_type(value: Any) -> None:
    names = {type(None): "null", bool: "boolean", int: "integer", float: "number", str: "string"}
    schema = {"type": names[type(value)]}
    words = as_words(value, schema, schema)
    assert words is not None
    assert convert(words, schema, schema) == value


@pytest.mark.parametrize(
    ("text", "but"),
    [
        ('{"a":1,"a":2}', 'it has the member "a" twice'),
        (" [1,", "expecting value at line 1, column 5"),
        ("{x}", "expecting property name enclosed in double quotes at line 1, column 2"),
    ],
)
@pytest.mark.parametrize("schema", [{}, True, {"items": {}}])
def test_what_begins_like_an_object_or_array_is_no_text_where_any_value_may_stand(text: str, but: str, schema: object) -> None:
    with pytest.raises(Unfit) as unfit:
        convert([text], schema, schema)
    assert unfit.value.why == "must be JSON where it begins like an object or an array"
    assert str(unfit.value).endswith(f"got '{text}', but {but}")
    as_text = json.dumps(text)
    assert convert([as_text], schema, schema) == text
    assert convert([text], {"anyOf": [{"type": "string"}, {}]}, {}) == text


def test_what_is_wrong_with_the_json_of_a_secret_is_not_told() -> None:
    with pytest.raises(Unfit) as unfit:
        convert(['{"hunter2":1,"hunter2":2}'], {"writeOnly": True}, {})
    assert "hunter2" not in unfit.value.why


@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_a_string_parameter_takes_every_text_as_it_is(text: str) -> None:
    assert convert([text], {"type": "string"}, {}) == text
