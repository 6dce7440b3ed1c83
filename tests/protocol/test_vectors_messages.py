"""Own the message vectors against the models and against the generated JSON Schema; know nothing of connections."""

import json
from typing import Any

import jsonschema_rs
import pytest
from pydantic import ValidationError

from hub_protocol.types import MODELS, explain
from tests.protocol.vectors import SCHEMAS, Case, cases

CASES = cases("messages")
VALID = [case for case in CASES if case["valid"]]
INVALID = [case for case in CASES if not case["valid"]]
BUNDLE: dict[str, Any] = json.loads((SCHEMAS / "hub.schema.json").read_text(encoding="utf-8"))
VALIDATORS = {
    name: jsonschema_rs.validator_for({"$schema": BUNDLE["$schema"], "$ref": f"#/$defs/{name}", "$defs": BUNDLE["$defs"]})
    for name in MODELS
}


def test_every_type_has_a_valid_and_an_invalid_example() -> None:
    assert {case["type"] for case in VALID} == set(MODELS)
    assert {case["type"] for case in INVALID} == set(MODELS)


@pytest.mark.parametrize("case", VALID, ids=lambda case: case["id"])
def test_the_models_accept_a_valid_example(case: Case) -> None:
    MODELS[case["type"]].model_validate(case["value"])


@pytest.mark.parametrize("case", INVALID, ids=lambda case: case["id"])
def test_the_models_reject_an_invalid_example_and_say_where_and_why(case: Case) -> None:
    with pytest.raises(ValidationError) as caught:
        MODELS[case["type"]].model_validate(case["value"])
    found = {problem.pointer: problem for problem in explain(caught.value)}
    assert list(found) == [case["pointer"]]
    assert found[case["pointer"]].requirement == case["requirement"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_the_schema_gives_the_verdict_of_the_models_unless_the_case_says_that_it_cannot(case: Case) -> None:
    verdict = VALIDATORS[case["type"]].is_valid(case["value"])
    assert verdict == (case["valid"] != case.get("beyond_schema", False))
