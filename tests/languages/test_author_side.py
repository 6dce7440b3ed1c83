"""The matrix of the author's side is read from what the runners print, and a cell without a passing test is a fault."""

from pathlib import Path

import pytest

from tests.languages.author_side import CASES, faults_of, matrix, verdicts_of_lines, verdicts_of_reports

_GO = """\
    --- PASS: TestAuthorSide/unknown-method (0.01s)
    --- FAIL: TestAuthorSide/c-prints (0.01s)
    --- SKIP: TestAuthorSide/new-fields (0.00s)
--- PASS: TestUnknownMethod (0.00s)
"""
_RUST = """\
test author_side::unknown_method_is_refused ... ok
test author_side::c_prints_is_log ... FAILED
test author_side::new_fields_are_ignored ... ignored, why
test unknown_method ... ok
"""
_NODE = """\
ok 3 - author side: unknown method: it is refused
not ok 4 - author side: C prints: it is log
ok 5 - author side: new fields: they are ignored # SKIP why
ok 6 - unknown method
"""


@pytest.mark.parametrize("printed", [_GO, _RUST, _NODE])
def test_what_each_runner_prints_is_understood(printed: str) -> None:
    assert verdicts_of_lines(printed.splitlines()) == {"unknown-method": True, "c-prints": False, "new-fields": False}


def test_a_case_of_pytest_passed_when_all_of_its_tests_did(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    place = 'classname="tests.sdk_python.test_author_side"'
    tests = [
        f'<testcase {place} name="test_unknown_method_is_refused"/>',
        f'<testcase {place} name="test_c_prints_is_log[sync]"/>',
        f'<testcase {place} name="test_c_prints_is_log[async]"><failure/></testcase>',
        '<testcase classname="tests.other" name="test_new_fields"/>',
    ]
    report.write_text(f"<testsuites><testsuite>{''.join(tests)}</testsuite></testsuites>")
    assert verdicts_of_reports([report]) == {"unknown-method": True, "c-prints": False}


def test_the_matrix_names_what_failed_and_what_nobody_shows() -> None:
    good = dict.fromkeys(CASES, True)
    by_language = {
        "go": good,
        "rust": {**good, "recovered-id": False},
        "node": {case: True for case in CASES if case != "new-fields"},
    }
    rows = {row.split()[0]: row.split()[1:] for row in matrix(by_language, ["python"])[1:]}
    assert rows.keys() == CASES.keys()
    assert (rows["unknown-method"], rows["recovered-id"], rows["new-fields"]) == (
        ["ok", "ok", "ok", "-"],
        ["ok", "FAILED", "ok", "-"],
        ["ok", "ok", "MISSING", "-"],
    )
    assert faults_of({"go": good}) == []
    assert faults_of(by_language) == [
        "rust: the author's side, recovered-id: its test failed",
        "node: the author's side, new-fields: no test shows it",
    ]


def test_no_case_stands_in_the_name_of_another() -> None:
    assert len(CASES) == 12
    letters = ["".join(filter(str.isalnum, case)) for case in CASES]
    assert not [(one, other) for one in letters for other in letters if one != other and one in other]
