"""Arguments made from a schema fit it, the small ones and those made by chance; wrong ones do not fit."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.errors import FlakyStrategyDefinition, Unsatisfiable

from hub._validators import compile_schema
from hub.conformance._generate import arguments
from hub.conformance._smallest import smallest, wrong_arguments
from hub.conformance._steps import Steps, is_small

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
        value = data.draw(arguments(schema, validator.accepts))
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


def _chained(link: Callable[[dict[str, Any]], dict[str, Any]], length: int) -> dict[str, Any]:
    """Return params with one argument, whose schema is a chain of references: each is made by `link` of the one before."""
    definitions: dict[str, Any] = {"a0": {"type": "integer"}}
    for number in range(1, length + 1):
        definitions[f"a{number}"] = link({"$ref": f"#/$defs/a{number - 1}"})
    last = {"$ref": f"#/$defs/a{length}"}
    return {"type": "object", "properties": {"x": last}, "required": ["x"], "$defs": definitions}


def _wide(reference: dict[str, Any]) -> dict[str, Any]:
    names = [f"p{number}" for number in range(300)]
    return {"type": "object", "properties": dict.fromkeys(names, reference), "required": names}


_EXPLODING: dict[str, dict[str, Any]] = {
    "two ways at each of thirty steps": _chained(lambda reference: {"anyOf": [reference] * 2}, 29),
    "all of two at each step": _chained(lambda reference: {"allOf": [reference] * 2}, 29),
    "three hundred members at each step": _chained(_wide, 11),
    "a thousand entries at each step": _chained(lambda reference: {"type": "array", "minItems": 1000, "items": reference}, 5),
    "one large default in many places": _chained(lambda _reference: _wide({"default": "x" * 500_000}), 1),
    "one large constant in many places": _chained(lambda _reference: _wide({"const": "x" * 500_000}), 1),
    "many parts that are merged": {
        "type": "object",
        "allOf": [{"properties": {f"p{number}-{name}": {} for name in range(20)}} for number in range(9_000)],
    },
    "many that each is merged with": {
        "type": "object",
        "properties": {f"q{number}": {} for number in range(9_000)},
        "anyOf": [{"properties": {f"p{number}": {}}} for number in range(9_000)],
    },
    "a pattern of repeated repeats": _chained(lambda _reference: {"pattern": "^((a{1000}){1000}){1000}$"}, 1),
}


_ALL = cast("list[HealthCheck]", list(cast("Any", HealthCheck)))


class _Counted(Steps):
    """Steps that remember how many were asked for, whether there were enough or not."""

    asked = 0

    def take(self, count: int = 1) -> bool:
        self.asked += 1
        return super().take(count)


@pytest.mark.parametrize("name", _EXPLODING)
def test_arguments_of_a_schema_that_explodes_cost_a_bounded_number_of_steps(name: str) -> None:
    steps = _Counted()
    sent: list[Any] = []
    least = smallest(_EXPLODING[name])
    made = arguments(_EXPLODING[name], lambda value: value != least, steps)

    tried = 0

    @st.composite
    def once(draw: Callable[[Any], Any]) -> Any:
        # hypothesis tries hundreds of times where the first ones are too large for it; the runner looks at the clock.
        nonlocal tried
        tried += 1
        return draw(made) if tried == 1 else None

    @settings(max_examples=1, database=None, deadline=None, suppress_health_check=_ALL)
    @given(once())
    def one(value: Any) -> None:
        sent.append(value)

    with suppress(Unsatisfiable, FlakyStrategyDefinition):  # larger than what hypothesis makes in one go
        one()
    assert 0 < steps.asked < 100_000
    assert all(is_small(value) for value in sent)
    assert is_small(least)


def test_a_value_is_as_large_as_it_is_when_it_is_written() -> None:
    value: object = "x"
    assert is_small({"a": [value] * 10, "b": None})
    for _ in range(10):
        value = [value] * 10
    assert not is_small(value)
    assert not is_small(["x" * 500_000] * 100)
    assert not is_small({"x" * 30_000_000: 1})


def test_of_wrong_arguments_there_are_a_bounded_number_of_each_kind() -> None:
    names = [f"p{number}" for number in range(5_000)]
    schema = {"type": "object", "properties": {name: {"type": "integer"} for name in names}, "required": names}
    wrong = list(wrong_arguments(schema, dict.fromkeys(names, 1), compile_schema(schema)))
    assert {kind: len([one for one in wrong if one.kind == kind]) for kind in ("missing", "type", "null")} == {
        "missing": 100,
        "type": 100,
        "null": 100,
    }
