"""Own what holds for guessing names and for showing what a plugin wrote."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub._names import did_you_mean, nearest, printable


@pytest.mark.parametrize(
    ("name", "expected"),
    [("sytem", "system"), ("SYSTEM", "system"), ("digital-ocean", "digitalocean"), ("zzz", None), ("", None)],
)
def test_the_nearest_known_name_is_guessed_or_none(name: str, expected: str | None) -> None:
    assert nearest(name, ["system", "weather", "digitalocean"]) == expected


def test_a_guess_is_asked_as_a_question() -> None:
    assert did_you_mean("sytem", ["system"]) == "did you mean system?"
    assert did_you_mean("sytem", []) is None


@pytest.mark.parametrize("hostile", ["a\nb", "\x1b[2J", "\u202egpj.exe", "\udc80", "a\tb", "\u200b", "\x9b31m"])
def test_what_would_move_the_cursor_or_hide_is_shown_as_its_escape(hostile: str) -> None:
    assert printable(hostile).isprintable()
    assert "\\" in printable(hostile)


@given(st.text(), st.integers(2, 50))
def test_any_text_becomes_one_visible_line_of_bounded_length(text: str, limit: int) -> None:
    shown = printable(text, limit)
    assert shown.isprintable()
    assert len(shown) <= limit


def test_ordinary_text_is_shown_as_it_is() -> None:
    assert printable("weather-Zürich 東京") == "weather-Zürich 東京"
