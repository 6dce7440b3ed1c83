"""Text that others wrote cannot drive a terminal, and stays readable."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.cli._text import cut, harmless, harmless_json, harmless_lines, listed

# What a terminal obeys or shows otherwise than it is: controls, direction, invisible characters, separators, surrogates.
_FORBIDDEN = {
    *map(chr, range(32)),
    *map(chr, range(0x7F, 0xA0)),
    *"\u061c\u200b\u200e\u202a\u202e\u2028\u2066\ufeff\ud800\U000e0041",
}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text, Ünïcödé, 日本語　空白, 🙂", "plain text, Ünïcödé, 日本語　空白, 🙂"),
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("\x9b2J", r"\x9b2J"),
        ("two\nlines\r\n", r"two\nlines\r\n"),
        ("a\u202eb", r"a\u202eb"),
        ("\ud800", r"\ud800"),
    ],
)
def test_dangerous_characters_become_visible_and_others_stay(text: str, shown: str) -> None:
    assert harmless(text) == shown


@given(text=st.text(st.characters()))
def test_no_dangerous_character_gets_through(text: str) -> None:
    assert not _FORBIDDEN & set(harmless(text))
    assert not _FORBIDDEN & {character for line in harmless_lines(text) for character in line}
    assert not _FORBIDDEN & set(harmless_json(text))


_VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(st.characters(exclude_categories=["Cs"]))
    ),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)),
)


@given(value=_VALUES, indent=st.sampled_from([None, 2]), ascii_only=st.booleans())
def test_harmless_json_is_the_same_value(value: Any, indent: int | None, ascii_only: bool) -> None:
    text = harmless_json(value, indent=indent, ascii_only=ascii_only)
    assert json.loads(text) == value
    assert text.isascii() or not ascii_only


def test_compact_json_has_no_spaces() -> None:
    assert harmless_json({"a": [1, None], "ü": "x y"}) == '{"a":[1,null],"ü":"x y"}'


def test_lines_stay_lines_and_tabs_become_spaces() -> None:
    assert harmless_lines("a\tb \r\n\x1b[2Jc\n") == ["a   b", r"\x1b[2Jc", ""]


def test_long_text_is_cut_visibly() -> None:
    assert cut("abcdef", 6) == "abcdef"
    assert cut("abcdefg", 6) == "abcde…"


def test_lists_read_as_a_sentence() -> None:
    assert [listed(list(letters)) for letters in ("a", "ab", "abc")] == ["a", "a or b", "a, b or c"]
