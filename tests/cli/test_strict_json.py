"""JSON that a person gives is read as strictly as the wire."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.cli._strict_json import MAX_SAFE_INTEGER, NotJson, read_json
from hub_protocol import limits


def test_the_limits_are_those_of_the_protocol() -> None:
    assert limits.MAX_SAFE_INTEGER == MAX_SAFE_INTEGER
    assert read_json("[" * (limits.MAX_NESTING - 1) + "]" * (limits.MAX_NESTING - 1))
    with pytest.raises(NotJson):
        read_json("[" * limits.MAX_NESTING + "]" * limits.MAX_NESTING)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "expecting value at line 1, column 1"),
        ("{'a': 1}", "expecting property name enclosed in double quotes at line 1, column 2"),
        ("[1] x", "extra data at line 1, column 5"),
        ("[1,]", "expecting value at line 1, column 4"),
        ("NaN", "NaN is no JSON number"),
        ("-Infinity", "-Infinity is no JSON number"),
        ("1e400", "the number 1e400 is too large"),
        ("9007199254740992", "the integer 9007199254740992 is outside ±9007199254740991"),
        ("1" * 9999, f"the integer {'1' * 24} is outside ±9007199254740991"),
        ('{"a":1,"b":{"a":1,"a":2}}', 'it has the member "a" twice'),
        (r'["\ud800"]', "a string holds half a character (a lone surrogate)"),
        (r'{"\udfff": 1}', "a string holds half a character (a lone surrogate)"),
        ("[" * 100_000, "it nests deeper than 63"),
    ],
)
def test_what_the_wire_refuses_is_refused_in_words(text: str, why: str) -> None:
    with pytest.raises(NotJson) as caught:
        read_json(text)
    assert str(caught.value) == why


_VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-MAX_SAFE_INTEGER, MAX_SAFE_INTEGER),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(st.characters(exclude_categories=["Cs"])),
    ),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner)),
    max_leaves=20,
)


@given(value=_VALUES)
def test_every_value_that_the_wire_allows_is_read(value: Any) -> None:
    assert read_json(json.dumps(value)) == value


@given(text=st.text(st.characters()))
def test_any_text_is_a_value_or_is_refused(text: str) -> None:
    try:
        read_json(text)
    except NotJson as refused:
        reason = str(refused)
    else:
        reason = "none"
    assert reason
