"""The strict reading of what a module wrote: each rule is found, good frames are left alone, nothing raises."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.conformance._line import read_line

_GOOD = b'{"jsonrpc":"2.0","method":"note","params":{"x":%b}}'


@pytest.mark.parametrize(
    ("line", "check"),
    [
        (b"Loading...", "HUB-OUT-1/writes-frames-only"),
        (b"{", "HUB-FRAME-2/writes-one-line"),
        (b'  "jsonrpc": "2.0",', "HUB-FRAME-2/writes-one-line"),
        (b"42", "HUB-FRAME-2/writes-objects"),
        (b"[]", "HUB-FRAME-2/writes-objects"),
        (b"\xef\xbb\xbf" + _GOOD % b"1", "HUB-FRAME-5/writes-no-byte-order-mark"),
        (_GOOD % b'"\xff"', "HUB-FRAME-5/writes-utf-8"),
        (_GOOD % b"NaN", "HUB-FRAME-6/writes-json"),
        (_GOOD % b"[1,]", "HUB-FRAME-6/writes-json"),
        (_GOOD % (b"[" * 63 + b"]" * 63), "HUB-FRAME-7/writes-at-most-64-deep"),
        (_GOOD % (b"[" * 100_000), "HUB-FRAME-7/writes-at-most-64-deep"),
        (_GOOD % b'{"a":1,"a":1}', "HUB-FRAME-8/writes-each-name-once"),
        (_GOOD % b"9007199254740992", "HUB-FRAME-9/writes-safe-integers"),
        (_GOOD % b"1e400", "HUB-FRAME-9/writes-no-overflow"),
        (_GOOD % b'"\\ud800"', "HUB-FRAME-10/writes-no-lone-surrogate"),
    ],
)
def test_each_rule_that_a_frame_breaks_is_named(line: bytes, check: str) -> None:
    assert [fault.check for fault in read_line(line)[1]] == [check]


@pytest.mark.parametrize(
    "value",
    [b"9007199254740991", b"[" * 62 + b"]" * 62, b'"\\ud83d\\ude42"', '"ü"'.encode(), b"0.1", b"null", b'{"a":{"a":1}}'],
)
def test_a_good_frame_is_left_alone(value: bytes) -> None:
    line = _GOOD % value
    assert read_line(line) == (json.loads(line), [])


@given(st.binary(max_size=300))
def test_no_bytes_make_it_raise(line: bytes) -> None:
    value, faults = read_line(line)
    assert isinstance(value, dict) or faults
