"""Two implementations build and read the same messages; where they do not agree, the runner is at fault and says so."""

from pathlib import Path
from typing import Any

import pytest

from hub.conformance import CHECKS, run, select
from hub.conformance._incoming import own_reading, response_faults
from hub.conformance._notes import Notes
from hub.conformance._witness import other_reading, other_request
from hub_protocol import messages
from tests.conformance.targets import SHARP, good_module


@pytest.mark.parametrize("params", [{}, {"a": 1}, {"a": {"b": [None]}}])
@pytest.mark.parametrize("request_id", [0, 7, "seven"])
def test_both_build_the_same_request(params: dict[str, Any], request_id: int | str) -> None:
    assert other_request("ping", params, request_id) == messages.to_json(messages.Request(request_id, "ping", params))


@pytest.mark.parametrize(
    "response",
    [
        {"jsonrpc": "2.0", "id": 1, "result": None},
        {"jsonrpc": "2.0", "id": "a", "result": {"x": 1}},
        {"jsonrpc": "2.0", "id": None, "error": {"code": -32700, "message": "no"}},
        {"jsonrpc": "2.0", "id": 1, "error": {"code": 1, "message": "no", "data": [1]}},
    ],
)
def test_both_read_a_good_response_alike(response: dict[str, Any]) -> None:
    notes = Notes()
    own_reading(response, notes)
    assert (notes.runner_faults, response_faults(response)) == ([], [])


@pytest.mark.parametrize("response", [{}, {"id": 1}, {"id": 1, "error": "no"}, {"id": 1, "error": {}}, {"error": {"code": 1}}])
def test_a_broken_response_is_read_by_neither_and_blamed_on_the_module(response: dict[str, Any]) -> None:
    notes = Notes()
    own_reading(response, notes)
    assert other_reading(response) is None
    assert notes.runner_faults == []
    assert response_faults(response)


def _without_an_id(method: str, _params: object, _request_id: object) -> dict[str, Any]:
    return {"method": method}


@pytest.mark.process
def test_a_witness_that_builds_something_else_is_a_defect_of_the_runner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.conformance._session.other_request", _without_an_id)
    report, _ = run(good_module(tmp_path), select(CHECKS, ["HUB-PING-1/answers"], []), SHARP)
    assert [verdict.status for verdict in report.verdicts] == ["passed"]
    assert report.runner_faults


@pytest.mark.process
def test_a_check_that_raises_is_a_defect_of_the_runner_and_a_failure(tmp_path: Path) -> None:
    def explode(_bench: object) -> None:
        raise ZeroDivisionError("a mistake in a check")

    from dataclasses import replace

    broken = replace(select(CHECKS, ["HUB-PING-1/answers"], [])[0], run=explode)
    report, _ = run(good_module(tmp_path), [broken], SHARP)
    assert [verdict.status for verdict in report.verdicts] == ["not_tested"]
    assert "ZeroDivisionError" in report.runner_faults[0]
