"""Own the proof that a structured line or notification becomes a harmless record; know no streams."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub._logrecord import LEVELS, LogRecord, harmless_text, level_named, record_from_object


@pytest.mark.parametrize(("name", "level"), [("WARN", "warning"), ("Fatal", "error"), ("trace", "debug"), ("notice", "info")])
def test_a_level_has_many_names(name: str, level: str) -> None:
    assert level_named(name) == level


@pytest.mark.parametrize("name", ["", "loud", "x" * 1000, 30, None, ["info"]])
def test_what_is_no_name_of_a_level_is_none(name: object) -> None:
    assert level_named(name) is None


def test_the_params_of_a_notification_become_a_record() -> None:
    params = {"level": "warning", "message": "disk nearly full", "logger": "disk", "fields": {"free": 12}}
    found = record_from_object(params, source="hub.log", message_characters=100)
    assert found == LogRecord("warning", "disk nearly full", "disk", None, {"free": 12}, "hub.log")


def test_an_object_without_a_message_is_no_record() -> None:
    assert record_from_object({"level": "error"}, source="hub.log", message_characters=100) is None


def test_nothing_in_a_record_is_longer_or_wider_than_its_bound() -> None:
    found = record_from_object(
        {"message": "x" * 1000, "logger": "y" * 1000, "z" * 1000: "w" * 1000} | {str(n): n for n in range(1000)},
        source="hub.log",
        message_characters=100,
    )
    assert found is not None
    assert (len(found.message), len(found.logger or ""), len(found.fields)) == (100, 128, 64)
    assert all(len(name) <= 128 and len(str(value)) <= 100 for name, value in found.fields.items())


@given(st.text())
def test_any_text_becomes_one_printable_line_within_its_bound(text: str) -> None:
    shown = harmless_text(text, 50)
    assert shown.isprintable()
    assert len(shown) <= 50


_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=10), inner, max_size=4)),
    max_leaves=20,
)
_NAMES = st.sampled_from(["level", "message", "msg", "logger", "time", "fields", "severity", "other"])


@given(st.dictionaries(_NAMES, _JSON))
def test_members_of_any_type_never_raise_and_can_be_handed_on_as_json(members: dict[str, Any]) -> None:
    found = record_from_object(members, source="hub.log", message_characters=50)
    if found is not None:
        assert found.level in LEVELS
        assert found.message.isprintable()
        json.dumps(found.fields, allow_nan=False)
