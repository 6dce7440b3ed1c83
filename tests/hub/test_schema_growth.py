"""Own the proof that no schema makes a check grow by powers: which do is known, and those are checked with an end."""

import threading
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub import _careful, _invoke
from hub._careful import CarefulValidator
from hub._schema_growth import cannot_be_bounded, grows_by_powers
from hub._validators import compile_schema
from hub.errors import HubError
from hub.testing import MemorySpawner, ModuleEnd
from tests.hub.modules import function, hub_of, memory_plugin, serving

_MAX_STEPS: int = _careful._MAX_STEPS  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001 - the bound is a subject


def _chain(last: Any, length: int = 40, each: str = "anyOf", references: int = 2) -> dict[str, Any]:
    """Return a schema whose every definition refers to the next, more than once."""
    definitions: dict[str, Any] = {"a0": last}
    for number in range(1, length):
        definitions[f"a{number}"] = {each: [{"$ref": f"#/$defs/a{number - 1}"}] * references}
    return {"$ref": f"#/$defs/a{length - 1}", "$defs": definitions}


_TWICE: dict[str, Any] = {
    "anyOf": [{"properties": {"a": {"$ref": "#"}}, "required": ["b"]}, {"properties": {"a": {"$ref": "#"}}}]
}
_TREE = {
    "$ref": "#/$defs/node",
    "$defs": {"node": {"properties": {"left": {"$ref": "#/$defs/node"}, "right": {"$ref": "#/$defs/node"}}}},
}
_TAGGED: dict[str, Any] = {
    "$defs": {
        "node": {
            "oneOf": [
                {
                    "properties": {"kind": {"const": kind}, "of": {"type": "array", "items": {"$ref": "#/$defs/node"}}},
                    "required": ["kind"],
                    "additionalProperties": False,
                }
                for kind in ("add", "multiply", "number")
            ]
        }
    },
    "$ref": "#/$defs/node",
}
_SMALL: list[Any] = [{"kind": "add"}, {"kind": "number", "of": []}, {}, {"kind": "x"}, 5]
_ANY_JSON = {
    "anyOf": [{"additionalProperties": {"$ref": "#"}, "type": "object"}, {"items": {"$ref": "#"}, "type": "array"}, {}]
}

_GROWS: dict[str, tuple[Any, bool]] = {
    "no reference": ({"type": "object", "properties": {"a": {"anyOf": [{"type": "string"}] * 50}}}, False),
    "true": (True, False),
    "a long chain of single references": (_chain({}, 2000, references=1), False),
    "a short chain of double ones": (_chain({}, 8), False),
    "a chain of double ones": (_chain({}), True),
    "a tree": (_TREE, False),
    "any JSON": (_ANY_JSON, False),
    "the same place twice": (_TWICE, True),
    "nodes of several kinds": (_TAGGED, True),
    "itself, at the same place": ({"$ref": "#"}, False),
    "by an anchor": ({"$defs": {"n": {"$anchor": "n", "allOf": [{"items": {"$ref": "#n"}}] * 2}}, "$ref": "#n"}, True),
    "a name that is escaped": (
        {"$defs": {"a b/c~": {"properties": {"x": {"$ref": "#/$defs/a%20b~1c~0"}}}}, "$ref": "#/$defs/a%20b~1c~0"},
        False,
    ),
    "a reference among values": ({"enum": [{"$ref": "#"}, {"$ref": "#"}], "const": {"$ref": "#/nowhere"}}, False),
}


@pytest.mark.parametrize("what", _GROWS)
def test_it_is_known_which_schemas_grow(what: str) -> None:
    schema, grows = _GROWS[what]
    assert grows_by_powers(schema) is grows


@pytest.mark.parametrize("each", ["anyOf", "allOf", "oneOf"])
def test_a_chain_that_doubles_at_each_step_is_checked_once_at_each(each: str) -> None:
    validator = compile_schema(_chain({"type": "integer"}, each=each))
    # Both alternatives of each `oneOf` fit, which is one too many; of two such, one of the next does, and so on.
    assert validator.accepts(5) is (each != "oneOf")
    if each != "oneOf":
        assert not validator.accepts("5")
    assert validator.is_slow


def test_a_value_that_nests_deep_is_checked_once_at_each_place() -> None:
    validator = compile_schema(_TWICE)
    good: dict[str, Any] = {}
    for _ in range(60):
        good = {"a": good}
    assert validator.accepts(good)
    assert not compile_schema({**_TWICE, "not": {"$ref": "#/$defs/a39"}, "$defs": _chain({})["$defs"]}).accepts(5)


def test_nodes_of_several_kinds_are_told_apart_at_any_depth() -> None:
    validator = compile_schema(_TAGGED)
    good: dict[str, Any] = {"kind": "number"}
    bad: dict[str, Any] = {"kind": "text"}
    for _ in range(20):
        good, bad = {"kind": "add", "of": [good, good]}, {"kind": "multiply", "of": [{"kind": "number"}, bad]}
    assert validator.accepts(good)
    assert not validator.accepts(bad)
    (mismatch,) = validator.mismatches(bad)
    assert (mismatch.pointer, "text" in mismatch.message) == ("", False)


def test_what_takes_too_many_steps_does_not_fit_and_says_why() -> None:
    validator = compile_schema({"type": "array", "items": _TAGGED["$defs"]["node"], "$defs": _TAGGED["$defs"]})
    rows: list[Any] = [{"kind": "add", "of": [dict(_SMALL[1]) for _ in range(100)]} for _ in range(_MAX_STEPS // 100 + 1)]
    assert validator.accepts(rows[:50])
    assert not validator.accepts(rows)
    (mismatch,) = validator.mismatches(rows)
    assert "too many steps" in mismatch.message


@pytest.mark.parametrize("extra", [{"unevaluatedProperties": False}, {"$id": "http://example.org/a"}, {"$dynamicRef": "#a"}])
def test_a_schema_that_cannot_be_bounded_takes_nothing_and_says_why(extra: dict[str, Any]) -> None:
    schema = {**_TWICE, **extra}
    assert cannot_be_bounded(schema)
    validator = compile_schema(schema)
    assert not validator.accepts({})
    (mismatch,) = validator.mismatches({})
    assert "in bounded time" in mismatch.message


_NODES: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from(_SMALL),
    lambda inner: st.fixed_dictionaries({"kind": st.sampled_from(["add", "multiply", 1]), "of": st.lists(inner, max_size=3)}),
    max_leaves=12,
)
_VALUES = st.recursive(
    st.none() | st.integers(-2, 2) | st.sampled_from(["", "a"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "b", "left", "right"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(value=_NODES | _VALUES)
@pytest.mark.parametrize("what", [name for name in _GROWS if name != "a reference among values"])
def test_the_careful_way_and_the_quick_one_say_the_same(what: str, value: Any) -> None:
    schema, _ = _GROWS[what]
    if "chain" in what:  # the quick way would not come back from the long ones
        schema = _chain({"type": ["integer", "object"]}, 8)
    assert CarefulValidator(schema).is_valid(value) is jsonschema_rs.Draft202012Validator(schema).is_valid(value)


def _answering(result: Any) -> Any:
    async def answer(module: ModuleEnd, request: dict[str, Any]) -> None:
        await module.answer(request, result)

    return answer


async def test_such_a_schema_of_a_module_costs_its_own_callers_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []
    check_result = _invoke._check_result  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001 - where it runs is the subject

    def seen(*args: Any) -> None:
        threads.append(threading.get_ident())
        check_result(*args)

    monkeypatch.setattr(_invoke, "_check_result", seen)
    memory_plugin(tmp_path / "plugins", "a")
    bomb = _chain({"type": "integer"})
    declared = [
        function("good", returns=bomb),
        function("bad", returns=bomb),
        function("takes", params={"type": "object", "properties": {"x": bomb["$defs"]["a39"]}, "$defs": bomb["$defs"]}),
    ]
    program = serving({"good": _answering(5), "bad": _answering("5"), "takes": _answering(1)}, functions=declared)
    async with MemorySpawner({"a": program}) as spawn, hub_of(tmp_path / "plugins", spawn=spawn) as hub:
        assert await hub.call("a.good") == 5
        with pytest.raises(HubError) as raised:
            await hub.call("a.bad")
        assert raised.value.kind == "invalid_result"
        assert await hub.call("a.takes", x=1) == 1
        with pytest.raises(HubError) as raised:
            await hub.call("a.takes", x="1")
        assert (raised.value.kind, raised.value.data["errors"][0]["pointer"]) == ("invalid_arguments", "/x")
    # The result of `takes` is checked where all others are.
    assert [thread == threading.get_ident() for thread in threads] == [False, False, True]
