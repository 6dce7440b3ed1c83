"""A list of flat objects becomes a table; anything else does not."""

from typing import Any

import pytest

from hub.cli._table import MAX_ROWS, is_tabular, table_lines

_ROWS: list[dict[str, Any]] = [
    {"pid": 7, "name": "init", "cpu": 0.5, "up": True},
    {"pid": 1234, "name": "\x1b[31mevil\n", "cpu": None, "up": False, "note": "late"},
]


def test_numbers_stand_to_the_right_and_text_to_the_left() -> None:
    head, rule, first, second = table_lines(_ROWS, 80)
    assert head.split() == ["pid", "name", "cpu", "up", "note"]
    assert set(rule.strip()) <= {"─", " "}
    assert first.split() == ["7", "init", "0.5", "true"]
    assert first.index("7") == second.index("4")
    assert second.split() == ["1234", r"\x1b[31mevil\n", "-", "false", "late"]


def test_a_terminal_without_unicode_gets_ascii() -> None:
    assert "\n".join(table_lines(_ROWS, 80, unicode=False)).isascii()


def test_no_line_is_wider_than_the_terminal_and_nothing_is_lost() -> None:
    rows = [{"a": "x" * 100, "b": 1}]
    lines = table_lines(rows, 40)
    assert max(map(len, lines)) <= 40
    assert "".join(lines).count("x") == 100


def test_markup_of_the_drawing_library_is_only_text() -> None:
    assert "[bold]x[/bold] :smile:" in "\n".join(table_lines([{"[red]a": "[bold]x[/bold] :smile:"}], 80))


@pytest.mark.parametrize(
    "value",
    [
        [],
        [1],
        [{}],
        {"a": 1},
        None,
        [{"a": 1}, 2],
        [{"a": [1]}],
        [{"a": {}}],
        [{str(number): 1 for number in range(17)}],
        [{"a": 1}] * (MAX_ROWS + 1),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_no_list_of_flat_objects_is_no_table(value: Any) -> None:
    assert not is_tabular(value)


def test_a_list_of_flat_objects_is_a_table() -> None:
    assert is_tabular(_ROWS)
