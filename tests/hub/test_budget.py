"""Own the proof that a budget counts pieces and bytes in its window, and says what it refused."""

import pytest

from hub._budget import Budget


def test_the_piece_after_the_last_one_is_refused() -> None:
    budget = Budget(3, 1000, 60)
    assert [budget.spend(1, 0.0) for _ in range(5)] == [True, True, True, False, False]


@pytest.mark.parametrize(("sizes", "within"), [((400, 600), [True, True]), ((400, 601), [True, False]), ((1001,), [False])])
def test_the_byte_after_the_last_one_is_refused(sizes: tuple[int, ...], within: list[bool]) -> None:
    budget = Budget(100, 1000, 60)
    assert [budget.spend(size, 0.0) for size in sizes] == within


def test_a_window_begins_with_the_first_piece_in_it_and_ends_after_its_seconds() -> None:
    budget = Budget(2, 1000, 60)
    assert [budget.spend(1, now) for now in (1000.0, 1001.0, 1059.9, 1060.0, 1119.0, 1119.5)] == [
        True, True, False, True, True, False,
    ]  # fmt: skip


def test_what_was_refused_is_told_once() -> None:
    budget = Budget(1, 1000, 60)
    for _ in range(5):
        budget.spend(1, 0.0)
    assert (budget.take_refused(), budget.take_refused()) == (4, 0)
