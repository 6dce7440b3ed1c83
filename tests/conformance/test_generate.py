"""Arguments made from a schema fit it, the small ones and those made by chance; wrong ones do not fit."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub._validators import compile_schema
from hub.conformance._generate import arguments
from hub.conformance._smallest import smallest, wrong_arguments

_SCHEMAS: dict[str, dict[str, Any]] = {
    "bounds": {"a": {"type": "integer", "minimum": 3, "maximum": 5}, "b": {"type": "number", "exclusiveMinimum": 0}},
    "multiples": {"a": {"type": "integer", "multipleOf": 7, "minimum": 1}},
    "texts": {"a": {"type": "string", "minLength": 2, "maxLength": 4}, "b": {"type": "string", "pattern": "^[a-c]{2}$"}},
    "choices": {"a": {"enum": ["x", 1, None]}, "b": {"const": True}, "c": {"type": ["string", "null"]}},
    "arrays": {
        "a": {"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 3, "uniqueItems": True},
        "b": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "boolean"}], "items": False, "minItems": 2},
    },
    "objects": {"a": {"type": "object", "additionalProperties": {"type": "integer"}}, "b": {}},
    "variants": {
        "a": {"anyOf": [{"type": "integer"}, {"type": "boolean"}]},
        "b": {"allOf": [{"type": "integer"}, {"minimum": 2}]},
    },
    "references": {"a": {"$ref": "#/$defs/name"}, "b": {"$ref": "#/$defs/tree"}},
}
_DEFINITIONS = {
    "name": {"type": "string", "minLength": 1},
    "tree": {"type": "object", "properties": {"left": {"$ref": "#/$defs/tree"}}, "additionalProperties": False},
}


def _schema(name: str) -> dict[str, Any]:
    properties = _SCHEMAS[name]
    shape = {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
    return {**shape, "$defs": _DEFINITIONS}


@pytest.mark.parametrize("name", [name for name in _SCHEMAS if name != "texts"])
def test_the_smallest_arguments_fit(name: str) -> None:
    schema = _schema(name)
    assert compile_schema(schema).mismatches(smallest(schema)) == []


@pytest.mark.parametrize("name", _SCHEMAS)
def test_generated_arguments_fit(name: str) -> None:
    schema = _schema(name)
    validator = compile_schema(schema)
    seen: list[Any] = []

    @settings(max_examples=30, database=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
    @given(st.data())
    def one(data: st.DataObject) -> None:
        value = data.draw(arguments(schema, validator))
        assert validator.accepts(value)
        seen.append(value)

    one()
    assert seen


@pytest.mark.parametrize("name", [name for name in _SCHEMAS if name != "texts"])
def test_wrong_arguments_do_not_fit_and_say_why(name: str) -> None:
    schema = _schema(name)
    validator = compile_schema(schema)
    wrong = list(wrong_arguments(schema, smallest(schema), validator))
    assert {"missing", "unknown"} <= {one.kind for one in wrong}
    assert all(not validator.accepts(one.params) and one.why for one in wrong)


def test_a_schema_that_says_nothing_makes_no_wrong_arguments() -> None:
    schema: dict[str, Any] = {"type": "object"}
    assert list(wrong_arguments(schema, {}, compile_schema(schema))) == []
