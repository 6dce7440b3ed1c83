"""Prove the strict JSON of the wire: what is refused, why, and that refusing costs no more than reading (HUB-FRAME-5 to 10)."""

from typing import Any

import pytest

from hub_protocol import LocalProtocolError, _json

_DEEP = 64


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"\xef\xbb\xbf{}", "byte order mark"),
        (b'{"a":"\xff"}', "UTF-8"),
        (b'{"a":"\xed\xa0\x80"}', "UTF-8"),
        (b"[" * 65 + b"]" * 65, "deeper"),
        (b'{"a":' * 65 + b"1" + b"}" * 65, "deeper"),
        (b"[{" * 5000, "deeper"),
        (b'{"a":1,"a":1}', "twice"),
        (b'{"a":1,"\\u0061":2}', "twice"),
        (b'{"a":{"b":1,"c":{"d":":","d":2}}}', "twice"),
        (b'{"a":"\\u003a","b":1,"b":2}', "twice"),
        (b"9007199254740992", "beyond"),
        (b'{"a":[-9007199254740992]}', "beyond"),
        (b"1" * 300, "beyond"),
        (b"1" * 5000, "overflows"),
        (b"1e400", "overflows"),
        (b'["\\ud800"]', "surrogate"),
        (b'{"a":"\\uDBFF"}', "surrogate"),
        (b'["\\ud800', "truncated"),
        (b'["\\ud83d\\ude00', "truncated"),
        (b'["\\ud83d\\ude', "truncated"),
        (b'{"a":"\\ud83d\\ude00","b":', "truncated"),
        (b'["\\udc00"]', "surrogate"),
        (b"NaN", "not JSON"),
        (b"[Infinity]", "not JSON"),
        (b"{'a':1}", "not JSON"),
        (b'{"a":1,}', "not JSON"),
        (b"[1]//", "not JSON"),
        (b'"\x01"', "not JSON"),
        (b"01", "not JSON"),
        (b"{} {}", "not JSON"),
        (b"", "not JSON"),
    ],
)
def test_a_text_that_breaks_a_frame_rule_is_refused_with_the_reason(text: bytes, why: str) -> None:
    with pytest.raises(_json.RejectedJson) as refused:
        _json.decode(text)
    assert why in str(refused.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"[" * _DEEP + b"]" * _DEEP, None),
        (b'"' + b"[{" * 500 + b'"', "[{" * 500),
        (b'"\\"[[[[' + b"[" * 100 + b'"', '"[[[[' + "[" * 100),
        (b"9007199254740991", 2**53 - 1),
        (b"0.12345678901234567890", 0.12345678901234567890),
        (b'"1234567890123456789012"', "1234567890123456789012"),
        (b'{"a":{"k":1},"b":{"k":2}}', {"a": {"k": 1}, "b": {"k": 2}}),
        (b'{"a":"x:y:z","b":"\\u003a"}', {"a": "x:y:z", "b": ":"}),
        (b'{"a":"\\ud83d\\ude00"}\r', {"a": "\U0001f600"}),
        (b' {"a" : 1e2}\t', {"a": 100.0}),
    ],
)
def test_a_text_at_the_edge_of_the_rules_is_read(text: bytes, value: Any) -> None:
    read = _json.decode(text)
    assert value is None or read == value


@pytest.mark.parametrize(
    "text", [b'"' + b'\\"' * 1_000_000, b"{" * 70 + b'"\\"' * 500_000, b'["' * 1_000_000, b"[" * 3_000_000]
)
def test_hostile_texts_are_refused_in_linear_time(text: bytes) -> None:
    # The square of these lengths is hours: the bound of the test is the proof.
    with pytest.raises(_json.RejectedJson):
        _json.decode(text)


@pytest.mark.parametrize(
    "value",
    [
        *(float("nan"), float("inf"), [None, {"a": float("-inf")}], 2**53, [-(2**53)], "\ud800", object()),
        {"a": {1, object()}},
    ],
)
def test_a_value_that_the_wire_cannot_carry_is_refused_before_anything_is_sent(value: Any) -> None:
    with pytest.raises(LocalProtocolError):
        _json.encode(value)


def test_a_value_that_is_too_deep_or_holds_itself_is_refused() -> None:
    deep: list[Any] = []
    for _ in range(_DEEP):
        deep = [deep]
    itself: list[Any] = []
    itself.append(itself)
    for value in (deep, itself):
        with pytest.raises(LocalProtocolError):
            _json.encode(value)


def test_null_and_long_numbers_that_are_safe_are_sent() -> None:
    value = {"a": None, "b": 2**53 - 1, "c": "1" * 40, "d": [0.1]}
    assert _json.decode(_json.encode(value)) == value
