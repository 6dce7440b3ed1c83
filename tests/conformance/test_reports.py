"""A report says the same in every form: words, JSON, JUnit, TAP, Markdown; a baseline that is not true any more fails."""

import json
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import pytest

from hub.conformance import CHECKS, FORMATS, Check, Report, known_failures, requirements
from hub.conformance._check import Failed, NotOffered, NotTested, Outcome
from hub.conformance._report import NeverStarted, verdict_of

_BY_ID: Final = {check.id: check for check in CHECKS}
_MUST: Final = "HUB-FRAME-13/survives-nan"
_SHOULD: Final = "HUB-FRAME-6/refuses-nan"
_HOSTILE: Final = Failed('it says "<&>"\x00\x1b[2J', "sent ``` | \n line", "<received/>", "hub call a.b --params '{}'")


def _report(**outcomes: Outcome) -> Report:
    checks = {"must": _BY_ID[_MUST], "should": _BY_ID[_SHOULD], "other": _BY_ID["HUB-PING-1/answers"]}
    verdicts = tuple(verdict_of(checks[name], outcome, 0.5) for name, outcome in outcomes.items())
    return Report(target="mine", module="mine", version="1.0.0", seed=0, seconds=1.25, starts=3, verdicts=verdicts)


@pytest.mark.parametrize(
    ("check", "outcome", "status"),
    [
        (_MUST, None, "passed"),
        (_MUST, Failed("no"), "failed"),
        (_SHOULD, Failed("no"), "warning"),
        (_MUST, NotTested("no"), "not_tested"),
        (_MUST, NotOffered("no"), "not_offered"),
    ],
)
def test_a_must_fails_a_should_warns_and_what_could_not_be_tested_fails(check: str, outcome: Outcome, status: str) -> None:
    verdict = verdict_of(_BY_ID[check], outcome, 0.0)
    assert verdict.status == status
    assert verdict.fails == (status in ("failed", "not_tested"))


def test_a_failure_quotes_the_sentence_of_the_specification() -> None:
    found = _report(must=_HOSTILE).to_json()["checks"][0]
    assert (
        found["sentence"] == requirements()["HUB-FRAME-13"] == "A receiver that rejects a frame MUST go on with the next one."
    )
    assert {"sent", "received", "right", "mend", "call", "why"} <= found.keys()


@pytest.mark.parametrize("kind", FORMATS)
def test_what_a_module_wrote_cannot_break_a_report(kind: str) -> None:
    text = FORMATS[kind](_report(must=_HOSTILE, should=_HOSTILE, other=NotOffered("<no>")))
    if kind == "junit":
        cases = list(ET.fromstring(text).iter("testcase"))  # noqa: S314 - it is our own
        assert [len(case.findall("failure")) for case in cases if case.get("name") == _MUST] == [1]
        assert sum(len(case.findall("failure")) for case in cases) == 1
        assert sum(len(case.findall("skipped")) for case in cases) == 1
    elif kind == "json":
        assert json.loads(text)["conforms"] is False
    elif kind == "tap":
        lines = [line for line in text.splitlines() if not line.startswith("#")]
        assert lines[:3] == ["TAP version 13", "1..3", f"not ok 1 - {_MUST}"]
        assert lines[3:] == [f"ok 2 - {_SHOULD}", "ok 3 - HUB-PING-1/answers # SKIP <no>"]
    else:
        assert f"| {_MUST} | MUST | garbage | failed |" in text


@pytest.mark.parametrize("kind", FORMATS)
def test_a_module_that_never_started_fails_in_every_form(kind: str) -> None:
    never = NeverStarted("its interpreter is missing", None, "")
    report = Report("mine", "mine", "", 0, 0.1, 1, never_started=never)
    text = FORMATS[kind](report)
    assert not report.conforms
    assert "its interpreter is missing" in text


def test_a_known_failure_does_not_fail_and_a_stale_one_does() -> None:
    report = _report(must=Failed("no"), other=None)
    assert not report.conforms
    assert report.against([_MUST]).conforms
    stale = report.against([_MUST, "HUB-PING-1/answers"])
    assert (stale.conforms, stale.stale) == (False, ("HUB-PING-1/answers",))
    assert "stale" in stale.verdict


def test_a_known_failure_that_was_not_run_is_not_stale() -> None:
    assert _report(other=None).against([_MUST]).conforms


def test_a_baseline_is_one_id_a_line_with_comments(tmp_path: Path) -> None:
    path = tmp_path / "known"
    path.write_text(f"# known\n\n{_MUST}  # soon\n")
    assert known_failures(path) == [_MUST]


def test_the_members_of_the_json_are_the_promised_ones() -> None:
    found = _report(must=None).to_json()
    assert list(found) == [
        "target", "module", "version", "conforms", "verdict", "seed", "seconds", "starts", "generated_calls",
        "counts", "checks", "runner_faults", "remarks", "stale",
    ]  # fmt: skip
    assert list(found["checks"][0]) == ["id", "requirement", "level", "area", "status", "seconds"]


def test_every_check_tells_what_is_right_and_how_to_mend() -> None:
    def says(check: Check) -> bool:
        return bool(check.right) and bool(check.mend) and not check.right.endswith(".") and not check.mend.endswith(".")

    assert [check.id for check in CHECKS if not says(check)] == []
