"""Generated calls find a planted bug and make it small; the seed decides which; without hypothesis that is said."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from hub.conformance import CHECKS, Settings, Target, run, select
from hub.conformance._fuzz import MISSING
from tests.conformance.targets import SHARP, good_module

_BREAKS = "HUB-CALL-1/good-arguments-do-not-break-it"


@pytest.mark.process
@pytest.mark.bound(15, reason="looks for a rare argument")
@pytest.mark.parametrize("seed", [0, 1, 4711])
def test_a_rare_argument_is_found_and_the_call_is_as_small_as_it_gets(seed: int, tmp_path: Path) -> None:
    settings = Settings(seed=seed, function_seconds=5.0, answer_seconds=2.0)
    report, _ = run(good_module(tmp_path, _BREAKS), select(CHECKS, [_BREAKS], []), settings)
    assert [(verdict.status, verdict.call) for verdict in report.verdicts] == [
        ("failed", "hub call good.good_arguments_do_not_break_it --params '{\"n\":1001}'")
    ]


def _finds_nothing(_name: str) -> None:
    return None


def _arguments(seed: int, directory: Path) -> list[Any]:
    check = "HUB-CALL-1/results-fit"
    settings = Settings(seed=seed, function_seconds=20.0, calls_per_function=10, answer_seconds=2.0)
    _, transcript = run(good_module(directory), select(CHECKS, [check], []), settings)
    sent = [json.loads(entry.data) for entry in transcript.entries if entry.event == "send"]
    return [message["params"] for message in sent if message.get("method") in ("echo", "greet")]


@pytest.mark.process
@pytest.mark.bound(20, reason="three runs")
def test_the_same_seed_makes_the_same_calls(tmp_path: Path) -> None:
    assert _arguments(7, tmp_path) == _arguments(7, tmp_path)
    assert _arguments(7, tmp_path) != _arguments(8, tmp_path)


@pytest.mark.process
def test_without_hypothesis_the_checks_of_generated_calls_fail_and_say_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    monkeypatch.setattr("hub.conformance._fuzz.find_spec", _finds_nothing)
    report, _ = run(good_module(tmp_path), select(CHECKS, ["HUB-CALL-1/results-fit"], []), SHARP)
    assert [verdict.status for verdict in report.verdicts] == ["not_tested"]
    assert MISSING in report.verdicts[0].why
    assert not report.conforms


@pytest.mark.process
@pytest.mark.bound(15, reason="a run that may take eight seconds")
def test_a_function_of_which_nothing_can_be_made_takes_no_more_than_its_time(tmp_path: Path) -> None:
    names = [f"p{number}" for number in range(3_000)]
    params: dict[str, Any] = {"type": "object", "properties": {name: {} for name in names}, "required": names}
    program = tmp_path / "m.py"
    program.write_text(_LARGE.format(function={"name": "large", "params": params, "hints": {"read_only": True}}))
    target = Target(name="m", argv=(sys.executable, "-IS", str(program)), cwd=tmp_path, env={"PATH": "/usr/bin:/bin"})
    settings = Settings(function_seconds=0.5, calls_per_function=1_000)
    report, _ = run(target, select(CHECKS, ["HUB-CALL-1/results-fit"], []), settings)
    assert report.runner_faults == ()
    assert report.seconds < 8


@pytest.mark.process
@pytest.mark.bound(15, reason="a run that may take eight seconds")
def test_a_function_that_takes_nothing_and_answers_wrongly_is_the_modules_fault(tmp_path: Path) -> None:
    program = tmp_path / "m.py"
    declared = {"name": "bare", "returns": {"type": "integer"}, "hints": {"read_only": True}}
    program.write_text(_LARGE.format(function=json.dumps(declared).replace("true", "True")))
    target = Target(name="m", argv=(sys.executable, "-IS", str(program)), cwd=tmp_path, env={"PATH": "/usr/bin:/bin"})
    report, _ = run(target, select(CHECKS, ["HUB-CALL-1/results-fit"], []), SHARP)
    assert report.runner_faults == ()
    assert [(verdict.status, verdict.call) for verdict in report.verdicts] == [("failed", "hub call m.bare")]


_LARGE = """
import json, sys
for line in sys.stdin:
    message = json.loads(line)
    info = {{"name": "m", "version": "1.0.0", "license": "MIT", "authors": ["Ada"]}}
    results = {{"module_info": info, "capabilities": {{"functions": [{function}]}}}}
    answer = {{"jsonrpc": "2.0", "id": message["id"], "result": results.get(message["method"], {{}})}}
    print(json.dumps(answer), flush=True)
"""
