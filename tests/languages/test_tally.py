"""What the runners of four languages print becomes one table, in which nothing is lost."""

from collections import Counter
from pathlib import Path

import pytest

from tests.languages.run import main
from tests.languages.tally import KINDS, Tally, faults, of_lines, of_report, table, totals
from tests.protocol.vectors import cases

_GO = """\
    vectors.go:112: this SDK has no type HubStoreSetParams: it is read
    vectors.go:112: this SDK has no type LogParams: it is read
vectors: 170 passed, 0 failed, 66 skipped (messages)
vectors: 108 passed, 1 failed, 0 skipped (reject/to_module)
"""
_NODE = """\
# vectors (frames): 27 skipped: this SDK speaks lines
# vectors: 154 passed, 0 failed (frames)
"""
_RUST = """\
frames vectors: 154 passed, 0 failed
frames vectors: 27 skipped: this SDK serves lines
"""


def test_the_lines_of_go_are_counted() -> None:
    found = of_lines(_GO.splitlines())
    assert found == {
        "messages": Tally(170, 0, Counter({"this SDK has no such type: it is read": 2})),
        "reject": Tally(108, 1),
    }


@pytest.mark.parametrize("printed", [_NODE, _RUST])
def test_the_lines_of_node_and_of_rust_are_counted(printed: str) -> None:
    (tally,) = of_lines(printed.splitlines()).values()
    assert (tally.passed, tally.failed, tally.reasons.total()) == (154, 0, 27)


def test_what_is_no_line_of_vectors_is_nothing() -> None:
    assert of_lines(["ok", "5 skipped: why", "vectors are nice"]) == {}


def test_a_case_of_pytest_passed_when_all_of_its_tests_did(tmp_path: Path) -> None:
    one, two, three = (str(case["id"]) for case in cases("frames")[:3])
    report = tmp_path / "report.xml"
    tests = [
        f'<testcase classname="tests.protocol.test_vectors_frames" name="test_x[{one}]"/>',
        f'<testcase classname="tests.protocol.test_vectors_frames" name="test_y[{one}-hub]"><failure/></testcase>',
        f'<testcase classname="tests.protocol.test_vectors_frames" name="test_y[{two}-module]"/>',
        f'<testcase classname="tests.protocol.test_vectors_frames" name="test_z[hub-{three}]"/>',
        '<testcase classname="tests.protocol.test_vectors_frames" name="test_there_are_enough"/>',
        '<testcase classname="tests.protocol.test_frames" name="test_a[b]"/>',
    ]
    report.write_text(f"<testsuites><testsuite>{''.join(tests)}</testsuite></testsuites>")
    assert of_report(report) == {"frames": Tally(2, 1)}


def test_the_table_has_each_language_and_says_why_cases_were_left_out() -> None:
    by_language = {"go": {"frames": Tally(1, 1, Counter({"a": 5, "b": 2, "c": 1}))}, "node": {"frames": Tally(10, 0)}}
    assert table(by_language, {"rust": "left out: cargo not on PATH"}, {"frames": 10}) == [
        "vector cases: passed/failed/left out",
        "vectors  cases  go     node    rust",
        "frames   10     1/1/8  10/0/0  -",
        "go, frames: 8 left out: a (5); b (2); and 1 more reasons in the log",
        "rust: left out: cargo not on PATH",
    ]


def test_what_failed_and_what_never_ran_are_faults() -> None:
    good = {kind: Tally(1, 0) for kind in KINDS}
    assert faults({"go": good}) == []
    assert faults({"go": {**good, "frames": Tally(1, 2)}}) == ["go: 2 vectors of kind frames failed"]
    assert faults({"node": {kind: good[kind] for kind in KINDS if kind != "reject"}}) == [
        "node: no vectors of kind reject were run"
    ]


def test_there_are_cases_of_each_kind() -> None:
    assert min(totals().values()) > 30


def test_a_language_that_nobody_knows_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cobol"]) == 2
    assert "cannot run the suites of cobol" in capsys.readouterr().out


def test_a_missing_toolchain_is_one_line_and_in_ci_a_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("CI", "")
    assert main(["rust"]) == 0
    assert "rust: left out: cargo not on PATH" in capsys.readouterr().out.splitlines()
    monkeypatch.setenv("CI", "true")
    assert main(["rust"]) == 1


def test_two_cases_of_one_id_are_two(tmp_path: Path) -> None:
    ids = Counter(str(case["id"]) for case in cases("reject"))
    (twice, times), *_ = ids.most_common()
    assert times == 2
    report = tmp_path / "report.xml"
    test = f'<testcase classname="tests.protocol.test_vectors_reject" name="test_x[{twice}]"/>'
    report.write_text(f"<testsuites><testsuite>{test}</testsuite></testsuites>")
    assert of_report(report) == {"reject": Tally(2, 0)}
