"""The words of a call become params: names, flags, repetition, what is missing and what is unknown."""

import shlex
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.cli._arguments import parameters_of, params_from_words, told_by_option
from hub.cli._call_line import read_call_line
from hub.cli._function_help import call_line
from hub.cli._given_params import given_params
from hub.cli._parameter_help import parameter_help
from hub.cli._text import harmless
from hub.errors import HubError, InvalidArguments

_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "limit": {"type": "integer"},
        "page_size": {"type": "integer"},
        "sort-by": {"enum": ["cpu", "memory"]},
        "name": {"type": "string"},
        "tree": {"type": "boolean"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "filter": {"type": "object"},
        "token": {"type": "string", "writeOnly": True, "minLength": 3},
        "pin": {"type": "integer", "format": "password"},
        "timeout": {"type": ["number", "null"]},
        "no-wait": {"type": "string"},
    },
}


def _params(*words: str, schema: object = _SCHEMA, **base: Any) -> dict[str, Any]:
    return params_from_words("system.processes", schema, words, base)


@pytest.mark.parametrize(
    ("words", "params"),
    [
        ([], {}),
        (["--limit", "5"], {"limit": 5}),
        (["--limit=5"], {"limit": 5}),
        (["--limit", "-5"], {"limit": -5}),
        (["--page-size", "5"], {"page_size": 5}),
        (["--page_size=5"], {"page_size": 5}),
        (["--sort_by", "cpu"], {"sort-by": "cpu"}),
        (["--name", "012"], {"name": "012"}),
        (["--name="], {"name": ""}),
        (["--name=--limit"], {"name": "--limit"}),
        (["--name=a=b"], {"name": "a=b"}),
        (["--name", "-"], {"name": "-"}),
        (["--tree"], {"tree": True}),
        (["--no-tree"], {"tree": False}),
        (["--no_tree"], {"tree": False}),
        (["--tree", "false"], {"tree": False}),
        (["--tree=true"], {"tree": True}),
        (["--tree", "--limit", "5"], {"tree": True, "limit": 5}),
        (["--tags", "a", "--tags=b"], {"tags": ["a", "b"]}),
        (["--filter", '{"a": [1]}'], {"filter": {"a": [1]}}),
        (["--param:timeout", "5"], {"timeout": 5}),
        (["--param:timeout=null"], {"timeout": None}),
        (["--param:page-size", "5"], {"page_size": 5}),
        (["--no-wait", "x"], {"no-wait": "x"}),
    ],
)
def test_options_become_params(words: list[str], params: dict[str, Any]) -> None:
    assert _params(*words) == params


@pytest.mark.parametrize(
    ("words", "kind", "message"),
    [
        (["--limit", "x"], "invalid_arguments", "--limit must be an integer, got 'x'"),
        (["--page_size", "x"], "invalid_arguments", "--page-size must be an integer, got 'x'"),
        (["--limit", "1", "--limit", "2"], "invalid_arguments", "--limit was given more than once"),
        (["--tree", "yes"], "invalid_arguments", "--tree must be true or false, got 'yes'"),
        (["--sort-by", "disk"], "invalid_arguments", "--sort-by must be one of cpu, memory, got 'disk'"),
        (["--pin", "secret"], "invalid_arguments", "--pin must be an integer"),
        (["--lmit", "5"], "usage", "it has no parameter --lmit"),
        (["--no-limit"], "usage", "it has no parameter --no-limit"),
        (["--no-tree=true"], "usage", "--no-tree takes no value"),
        (["--limit"], "usage", "--limit needs a value"),
        (["--limit", "--tree"], "usage", "--limit needs a value"),
        (["5"], "usage", "'5' is not an option"),
        (["-x"], "usage", "'-x' is not an option"),
        (["--"], "usage", "'--' is not an option"),
        (["--\x1b[2J"], "usage", r"it has no parameter --\x1b[2J"),
    ],
)
def test_words_that_do_not_fit_are_refused_by_name(words: list[str], kind: str, message: str) -> None:
    with pytest.raises(HubError) as caught:
        _params(*words)
    assert (caught.value.kind, caught.value.message) == (kind, f"cannot call system.processes: {message}")


def test_an_unknown_option_names_the_nearest_parameter_and_all_of_them() -> None:
    with pytest.raises(HubError) as caught:
        _params("--lmit", "5", schema={"properties": {"limit": {}, "page_size": {}}})
    assert caught.value.hint == "did you mean --limit? it takes --limit, --page-size"


def test_an_unknown_option_of_a_function_without_parameters_says_so() -> None:
    with pytest.raises(HubError) as caught:
        _params("--limit", "5", schema={"type": "object", "additionalProperties": False})
    assert caught.value.message == "cannot call system.processes: it takes no parameters, but --limit was given"


def test_a_value_that_looks_like_an_option_is_explained() -> None:
    with pytest.raises(HubError) as caught:
        _params("--name", "--limit")
    assert caught.value.hint == "a value that begins with -- is written behind =: --name=--limit"


@pytest.mark.parametrize("others", [True, {"type": "integer"}])
def test_a_function_that_says_so_takes_parameters_that_it_does_not_name(others: object) -> None:
    assert _params("--whatever", "5", schema={"additionalProperties": others}) == {"whatever": 5}


@pytest.mark.parametrize("schema", [{}, {"additionalProperties": False}, {"unevaluatedProperties": True}])
def test_a_function_that_does_not_say_so_takes_no_others(schema: object) -> None:
    with pytest.raises(HubError) as caught:
        _params("--whatever", "5", schema=schema)
    assert caught.value.kind == "usage"


def test_all_missing_parameters_are_named_at_once() -> None:
    schema: dict[str, Any] = {
        "properties": {"a": {}, "page_size": {}, "timeout": {}},
        "required": ["a", "page_size", "timeout"],
    }
    with pytest.raises(HubError) as caught:
        _params(schema=schema)
    assert caught.value.kind == "invalid_arguments"
    assert caught.value.message == "cannot call system.processes: missing --a, --page-size and --param:timeout"
    assert caught.value.data["missing"] == ["a", "page_size", "timeout"]


def test_options_win_over_the_params_that_were_given_as_json() -> None:
    assert _params("--limit", "5", limit=1, name="x") == {"limit": 5, "name": "x"}


def test_a_required_parameter_may_come_as_json() -> None:
    assert _params(schema={"properties": {"a": {}}, "required": ["a"]}, a=None) == {"a": None}


def test_parameters_behind_references_and_branches_are_found() -> None:
    schema = {
        "allOf": [{"$ref": "#/$defs/page"}],
        "anyOf": [{"properties": {"id": {"type": "integer"}}}, {"properties": {"name": {"type": "string"}}}],
        "$defs": {"page": {"properties": {"limit": {"type": "integer"}}, "required": ["limit"]}},
    }
    assert _params("--limit", "1", "--id", "2", "--name", "3", schema=schema) == {"limit": 1, "id": 2, "name": "3"}
    assert list(parameters_of(schema).required) == ["limit"]


def test_of_two_names_that_look_alike_the_exact_one_is_meant() -> None:
    schema = {"properties": {"a-b": {"type": "integer"}, "a_b": {"type": "string"}}}
    assert _params("--a_b", "1", "--a-b", "2", schema=schema) == {"a_b": "1", "a-b": 2}


_ALIKE: dict[str, Any] = {"properties": {"a-b": {"type": "integer"}, "a_b": {"type": "boolean"}, "c_d": {}}}


def test_two_names_that_look_alike_are_told_apart_wherever_they_are_shown() -> None:
    parameters = parameters_of({**_ALIKE, "required": ["a-b", "a_b"]})
    with pytest.raises(HubError) as missing:
        _params(schema={**_ALIKE, "required": ["a-b", "a_b"]})
    assert missing.value.message == "cannot call system.processes: missing --a-b and --a_b"
    with pytest.raises(HubError) as unknown:
        _params("--x", "1", schema=_ALIKE)
    assert unknown.value.hint == "it takes --a-b, --a_b, --c-d"
    with pytest.raises(HubError) as unfit:
        _params("--a_b", "x", schema=_ALIKE)
    assert unfit.value.message == "cannot call system.processes: --a_b must be true or false, got 'x'"
    assert [parameter_help(name, parameters).option for name in _ALIKE["properties"]] == [
        "--a-b INTEGER", "--[no-]a_b", "--c-d VALUE",
    ]  # fmt: skip
    assert _params("--no-a_b", "--a-b", "1", schema=_ALIKE) == {"a_b": False, "a-b": 1}
    assert call_line("m.f", {"a-b": 1, "a_b": True}, parameters) == "hub call m.f --a-b 1 --a_b"


def test_what_the_hub_finds_wrong_is_told_by_the_option_that_is_meant() -> None:
    found = InvalidArguments("", data={"module": "m", "function": "f", "errors": [{"pointer": "/a_b", "message": "no"}]})
    assert told_by_option(found, _ALIKE).message == "cannot call m.f: --a_b: no"


_NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@given(properties=st.dictionaries(_NAMES, st.just({"type": "string"}), max_size=4), words=st.lists(st.text(), max_size=4))
def test_any_words_become_params_or_an_error_in_words(properties: dict[str, Any], words: list[str]) -> None:
    outcome = _outcome(words, {"type": "object", "properties": properties})
    if isinstance(outcome, HubError):
        assert outcome.kind in {"usage", "invalid_arguments"}
        assert harmless(outcome.message) == outcome.message
    else:
        assert set(outcome) <= set(properties)


def _outcome(words: list[str], schema: object) -> dict[str, Any] | HubError:
    try:
        return _params(*words, schema=schema)
    except HubError as error:
        return error


_LIKELY = st.sampled_from(
    ["a-b", "a_b", "a-_", "a__", "no-a", "no_a", "all", "interface_version", "interface-version", "param:a"]
)


@given(name=_NAMES | _LIKELY, other=_NAMES | _LIKELY, value=st.text(st.characters(exclude_categories=["Cs"])))
def test_the_option_of_a_parameter_reaches_it_whatever_other_there_is(name: str, other: str, value: str) -> None:
    if "=" not in name:
        schema = {"properties": {name: {"type": "string"}, other: {"type": "string"}}}
        words = [f"{parameters_of(schema).option(name)}={value}"]
        assert read_call_line(["m.f", *words]).words == words
        assert _params(*words, schema=schema) == {name: value}


_VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**53) + 1, 2**53 - 1), st.text(st.characters(exclude_categories=["C"]))
)


@given(params=st.dictionaries(st.sampled_from(list(_SCHEMA["properties"])), _VALUES))
def test_the_line_of_an_example_means_the_params_of_the_example(params: dict[str, Any]) -> None:
    written = shlex.split(call_line("system.processes", params, parameters_of(_SCHEMA)))
    assert written[:3] == ["hub", "call", "system.processes"]
    line = read_call_line(written[2:])
    assert _params(*line.words, **given_params("system.processes", line.params)) == params
