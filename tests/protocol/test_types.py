"""Own what the models promise beyond the message vectors: words, bounds, independence; know nothing of connections."""

import json
import subprocess
import sys
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from hub_protocol.limits import MAX_FUNCTIONS, MAX_SCHEMA_BYTES
from hub_protocol.types import MODELS, CapabilitiesResult, Function, ModuleInfo, Problem, Request, explain

INFO = {"name": "hello", "version": "1.0.0", "license": "MIT", "authors": ["Ada"]}


def problems(model: type[BaseModel], value: Any) -> list[Problem]:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(value)
    return explain(caught.value)


def test_every_model_names_its_section_and_a_requirement() -> None:
    for name, model in MODELS.items():
        words = model.__doc__ or ""
        assert words.startswith("Section"), name
        assert "(HUB-" in words, name


def test_a_validated_object_cannot_be_changed() -> None:
    info = ModuleInfo.model_validate(INFO)
    with pytest.raises(ValidationError):
        info.name = "other"
    assert isinstance(info.authors, tuple)


def test_absent_members_have_the_meaning_of_the_specification() -> None:
    info = ModuleInfo.model_validate(INFO)
    assert (info.protocol_version, info.features, info.required_modules, info.description) == (1, (), {}, ())
    function = Function.model_validate({"name": "greet"})
    assert (function.params, function.returns, function.timeout_seconds, function.hints.idempotent) == (None, None, None, None)


def test_null_stands_for_absent_in_an_object_but_not_in_the_envelope() -> None:
    """HUB-MSG-8, HUB-MSG-3."""
    assert ModuleInfo.model_validate({**INFO, "features": None, "homepage": None}) == ModuleInfo.model_validate(INFO)
    assert [problem.pointer for problem in problems(ModuleInfo, {**INFO, "name": None})] == ["/name"]
    request = {"jsonrpc": "2.0", "id": 1, "method": "ping", "params": None}
    assert [problem.pointer for problem in problems(Request, request)] == ["/params"]


def test_all_faults_are_told_at_once_each_with_its_place_and_requirement() -> None:
    found = problems(ModuleInfo, {"name": "Hello", "version": 1, "authors": [], "required_modules": {"a/b": "*", "~": "x"}})
    assert [(problem.pointer, problem.requirement) for problem in found] == [
        ("/name", "HUB-INFO-2"),
        ("/version", "HUB-INFO-3"),
        ("/license", "HUB-INFO-4"),
        ("/authors", "HUB-INFO-5"),
        ("/required_modules/a~1b", "HUB-INFO-6"),
        ("/required_modules/~0", "HUB-INFO-6"),
        ("/required_modules/~0", "HUB-INFO-6"),
    ]


def test_the_words_are_for_people() -> None:
    found = {
        problem.pointer: problem.message for problem in problems(ModuleInfo, {"name": "Hello", "version": 1, "authors": []})
    }
    assert found["/name"].startswith("must be a module name: a lower-case letter")
    assert found["/version"] == "must be a string, not an integer"
    assert found["/license"] == "is required"
    assert found["/authors"] == "must not be empty"


@pytest.mark.parametrize(
    ("value", "named"),
    [(None, "null"), (True, "a boolean"), (1, "an integer"), (1.5, "a number"), ("x", "a string"), ([], "an array")],
)
def test_a_wrong_type_is_named_as_json_names_it(value: object, named: str) -> None:
    assert [problem.message for problem in problems(ModuleInfo, value)] == [f"must be an object, not {named}"]


def test_no_message_shows_an_address_of_pydantic_or_a_name_of_python() -> None:
    nonsense: list[Any] = [None, True, -1, 1.5, "", "x", [], [None], {}, {"a": 1}]
    for model in MODELS.values():
        names = [field.alias or name for name, field in model.model_fields.items()]
        for value in [*nonsense, *(dict.fromkeys(names, one) for one in nonsense)]:
            try:
                model.model_validate(value)
            except ValidationError as error:
                for problem in explain(error):
                    words = problem.message.lower()
                    assert not any(word in words for word in ("pydantic", "http", "dict", "tuple", "input", "instance")), (
                        problem
                    )


def test_a_million_faults_are_not_all_told() -> None:
    assert len(problems(ModuleInfo, {**INFO, "authors": [1] * 10_000})) == 100


def test_a_long_value_is_not_repeated_in_full() -> None:
    (problem,) = problems(ModuleInfo, {**INFO, "name": "A" * 10_000})
    assert len(problem.message) < 200


def test_as_many_functions_as_allowed_are_accepted_and_one_more_is_not() -> None:
    """HUB-CAPS-3."""
    functions = [{"name": f"f{index}"} for index in range(MAX_FUNCTIONS)]
    assert len(CapabilitiesResult.model_validate({"functions": functions}).functions) == MAX_FUNCTIONS
    (problem,) = problems(CapabilitiesResult, {"functions": [*functions, {"name": "last"}]})
    assert (problem.pointer, problem.message) == ("/functions", f"must have at most {MAX_FUNCTIONS} entries")


def test_a_schema_may_have_a_mebibyte_and_not_a_byte_more() -> None:
    """HUB-CAPS-3."""

    def function(size: int) -> dict[str, Any]:
        empty = len(json.dumps({"description": ""}, separators=(",", ":")))
        return {"name": "big", "returns": {"description": "x" * (size - empty)}}

    Function.model_validate(function(MAX_SCHEMA_BYTES))
    (problem,) = problems(Function, function(MAX_SCHEMA_BYTES + 1))
    assert (problem.pointer, problem.requirement) == ("/returns", "HUB-CAPS-3")


def test_a_schema_that_is_very_deep_is_walked_without_recursion() -> None:
    """HUB-CAPS-4: the frame limit keeps such a one out, but the models do not rely on it."""
    deep: dict[str, Any] = {"$ref": "https://example.org"}
    for _ in range(200):
        deep = {"not": deep}
    (problem,) = problems(Function, {"name": "deep", "returns": deep})
    assert problem.pointer == "/returns" + "/not" * 200 + "/$ref"


def test_the_core_and_the_names_do_not_load_pydantic() -> None:
    program = "import sys, hub_protocol, hub_protocol.methods, hub_protocol.version; sys.exit('pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_importing_the_models_builds_none_of_them() -> None:
    program = (
        "import sys, hub_protocol.types as t; sys.exit(sum(bool(model.__pydantic_complete__) for model in t.MODELS.values()))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
