"""Prove that the short way for requests takes only what the long way takes, as the long way reads it; and that it is taken."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_protocol import Connection, Role
from hub_protocol import _json as strict_json
from hub_protocol._plain_request import read_plain_request
from hub_protocol.events import Event, FrameRejected, RequestReceived
from tests.protocol.three_ways import fed

_HEAD = b'{"jsonrpc":"2.0","id":1,"method":"m",'
_GOOD = _HEAD + b'"params":{"a":[1,{"b":"c"}]},"context":{"timeout_ms":5}}'

_names = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False) | _names,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_names, inner, max_size=4),
    max_leaves=12,
)
_pieces = st.sampled_from(
    [b'"a":1,', b'"id":1,', b'"method":"n",', b" ", b"\\u003a", b"\\ud800", b"\xff", b"9" * 16, b"1e999", b"[" * 70]
)


def _the_long_way(frame: bytes) -> list[Event]:
    # White space behind it is all that the short way does not know.
    return fed(Connection(Role.MODULE), frame + b" \n")


@given(st.dictionaries(_names, _values, max_size=4), st.none() | st.dictionaries(_names, _values, max_size=3))
def test_what_a_hub_sends_is_read_the_same_both_ways(params: dict[str, Any], context: dict[str, Any] | None) -> None:
    message = {"jsonrpc": "2.0", "id": 1, "method": "m", "params": params}
    frame = msgspec.json.encode(message if context is None else message | {"context": context})
    event = read_plain_request(frame)
    if event is not None:
        assert _the_long_way(frame) == [event]
    else:
        assert strict_json.has_long_integer(frame)


@given(st.integers(0, len(_GOOD)), st.integers(0, 6), _pieces)
def test_a_frame_that_is_changed_anywhere_is_taken_only_where_the_long_way_takes_it(at: int, less: int, piece: bytes) -> None:
    frame = _GOOD[:at] + piece + _GOOD[at + less :]
    event = read_plain_request(frame)
    assert event is None or _the_long_way(frame) == [event]


@pytest.mark.parametrize(
    "frame",
    [
        _HEAD + b'"params":{"a":1,"a":2}}',  # HUB-FRAME-8
        _HEAD + b'"params":{"\\u0061":1,"a":2}}',
        _HEAD + b'"params":{},"params":{}}',
        _HEAD + b'"params":{},"jsonrpc":"2.0"}',
        _HEAD + b'"params":{},"result":1}',
        _HEAD + b'"params":{"a":9007199254740993}}',
        _HEAD + b'"params":{"a":' + b"[" * 64 + b"]" * 64 + b"}}",
        _HEAD + b'"params":{"a":"\\ud800"}}',
        _HEAD + b'"params":{"a":"\xff"}}',
        _HEAD + b'"params":{"a":1e999}}',
        _HEAD + b'"params":[]}',
        _HEAD + b'"params":{},"context":[]}',
        _HEAD + b'"params":{},"context":null}',
        _HEAD[:-1] + b"}",
        _GOOD.replace(b'"id":1', b'"id":""'),
        _GOOD.replace(b'"id":1', b'"id":1.0'),
        _GOOD.replace(b'"id":1', b'"id":true'),
        _GOOD.replace(b'"m"', b'""'),
        _GOOD.replace(b'"m"', b'"' + b"m" * 129 + b'"'),
        b"\xef\xbb\xbf" + _GOOD,
    ],
)
def test_what_needs_a_second_look_goes_the_long_way(frame: bytes) -> None:
    assert read_plain_request(frame) is None


@given(st.lists(st.sampled_from([b"[", b"{", b"]", b"1" * 15, b"1" * 16, b'"', b"\\", b"x"]), max_size=80), st.integers(0, 40))
def test_one_look_finds_what_two_looks_find(pieces: list[bytes], limit: int) -> None:
    text = b"".join(pieces)
    tame = not (strict_json.has_long_integer(text) or strict_json.nesting_exceeds(text, limit))
    assert strict_json.is_tame(text, limit) == tame


def test_a_request_whose_id_is_open_is_refused_the_short_way_too() -> None:
    module = Connection(Role.MODULE)
    assert len(fed(module, _GOOD + b"\n")) == 1
    [event] = fed(module, _GOOD + b"\n")
    assert isinstance(event, FrameRejected)
    assert (event.kind, event.id, module.incoming.ids()) == ("invalid_request", 1, [1])


@pytest.mark.parametrize("request_id", [1, 2**49, "a", "ü" * 60, "m1"])
def test_a_request_as_hubs_write_it_is_decoded_once(request_id: int | str, monkeypatch: pytest.MonkeyPatch) -> None:
    def decode(_: bytes | bytearray) -> Any:
        pytest.fail("it was decoded a second time")

    monkeypatch.setattr(strict_json, "decode", decode)
    message = {"jsonrpc": "2.0", "id": request_id, "method": "m", "params": {"a": 0.5}, "context": {"chain": ["b.c"]}}
    module = Connection(Role.MODULE)
    assert fed(module, strict_json.encode(message)) == [RequestReceived(request_id, "m", {"a": 0.5}, {"chain": ["b.c"]})]
    assert request_id in module.incoming
