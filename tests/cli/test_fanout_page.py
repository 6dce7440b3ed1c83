"""The rows and the exit code that the answers of many modules make."""

from typing import Any

import pytest

from hub.cli._fanout_page import answer_rows, exit_code_for


def _answer(module: str, result: Any = None, kind: str = "", account: str = "default", **data: Any) -> dict[str, Any]:
    who = {"module": module, "account": account}
    return {**who, "error": {"kind": kind, "code": -1, "message": "m", "data": data}} if kind else {**who, "result": result}


def test_rows_begin_with_who_answered_and_a_failure_is_one() -> None:
    rows = answer_rows([_answer("a", [{"id": 1}, {"id": 2}]), _answer("b", kind="timeout"), _answer("c", [])])
    assert rows == [
        {"module": "a", "account": "default", "id": 1},
        {"module": "a", "account": "default", "id": 2},
        {"module": "b", "account": "default", "error": "timeout"},
        {"module": "c", "account": "default"},
    ]


def test_an_object_and_a_plain_value_are_a_row_each_and_members_of_our_names_are_kept() -> None:
    rows = answer_rows(
        [_answer("a", {"account": "default", "identity": "x"}), _answer("b", {"account": "z", "error": 1}), _answer("c", 7)]
    )
    assert rows == [
        {"module": "a", "account": "default", "identity": "x"},
        {"module": "b", "account": "default", "result.account": "z", "result.error": 1},
        {"module": "c", "account": "default", "result": 7},
    ]
    assert answer_rows([_answer("a", [1, 2])]) is None


@pytest.mark.parametrize(
    ("kinds", "code"),
    [
        (["", ""], 0),
        (["", "timeout"], 1),
        (["timeout", "timeout"], 6),
        (["not_approved", "not_permitted"], 4),
        (["timeout", "not_approved"], 1),
        (["function_error"], 1),
        (["bad_interface"], 5),
    ],
)
def test_the_exit_code_tells_all_from_some(kinds: list[str], code: int) -> None:
    assert exit_code_for([_answer("a", kind=kind) for kind in kinds]) == code


def test_a_failure_that_came_after_the_call_was_made_counts_as_such() -> None:
    assert exit_code_for([_answer("a", kind="frame_too_large", may_have_executed=True)]) == 5
