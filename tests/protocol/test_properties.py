"""Prove for any bytes, cut anywhere: the core gives the same events, never raises, and holds no more than one frame."""

import json
from typing import Any, Literal, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_protocol import Connection, Role
from hub_protocol.events import FrameRejected, RequestReceived, ResponseReceived, StrayLine, StreamEnded
from tests.protocol.three_ways import fed

_LIMIT = 200

_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
_pieces_of_frames = st.sampled_from(
    [
        *(
            b"{",
            b"}",
            b"[",
            b"]",
            b'"',
            b"\\",
            b":",
            b",",
            b"\n",
            b"\r\n",
            b" ",
            b"\x00",
            b"\xff",
            b"\xef\xbb\xbf",
            b"NaN",
            b"1e999",
        ),
        *(
            b'"jsonrpc":"2.0"',
            b'"id":1',
            b'"id":"x"',
            b'"id":null',
            b'"method":"m"',
            b'"params":{}',
            b'"result":1',
            b'"error":{}',
        ),
        *(
            b'{"jsonrpc":"2.0","id":1,"method":"m"}\n',
            b'{"jsonrpc":"2.0","id":1,"result":1}\n',
            b"9007199254740993",
            b"\\ud800",
        ),
        *(b"Content-Length: 5\r\n\r\n", b"Content-Length: 99999\r\n\r\n", b"Content-Length: x\r\n\r\n", b"x" * 150),
    ]
)
_streams = st.lists(_pieces_of_frames | st.binary(max_size=12), max_size=40).map(b"".join)
_framings = st.sampled_from(["newline", "content-length"])
_roles = st.sampled_from(list(Role))


def _connection(role: Role, framing: Literal["newline", "content-length"]) -> Connection:
    connection = Connection(role, framing=framing, max_frame_bytes=_LIMIT)
    # Some requests are open, so that responses in the stream have something to end.
    for _ in range(3):
        connection.send_request("open")
    return connection


@given(_streams, st.lists(st.integers(0, 400), max_size=20), _roles, _framings)
def test_any_bytes_cut_anywhere_give_the_same_events_and_answers(
    data: bytes, cuts: list[int], role: Role, framing: Literal["newline", "content-length"]
) -> None:
    whole, cut = _connection(role, framing), _connection(role, framing)
    places = sorted({place for place in cuts if place < len(data)})
    pieces = [data[start:end] for start, end in zip([0, *places], [*places, len(data)], strict=True)]
    whole.receive_data(data)
    for piece in pieces:
        cut.receive_data(piece)
    whole.receive_eof()
    cut.receive_eof()
    assert cut.events_received() == whole.events_received()
    assert cut.data_to_send() == whole.data_to_send()


@given(_streams, _roles)
def test_a_frame_after_any_garbage_that_ends_its_line_is_read(data: bytes, role: Role) -> None:
    connection = _connection(role, "newline")
    connection.receive_data(data + b'\n{"jsonrpc":"2.0","id":"after","method":"m","params":{"a":[1]}}\n')
    assert connection.events_received()[-1] == RequestReceived("after", "m", {"a": [1]})


@given(_values, _values)
def test_what_one_side_sends_is_what_the_other_receives(params: Any, result: Any) -> None:
    hub, module = Connection(Role.HUB), Connection(Role.MODULE)
    request_id = hub.send_request("f", {"value": params}, context={"timeout_ms": 5})
    received = fed(module, *hub.data_to_send())
    assert received == [RequestReceived(request_id, "f", {"value": params}, {"timeout_ms": 5})]
    module.send_result(request_id, result)
    assert fed(hub, *module.data_to_send()) == [ResponseReceived(request_id, result)]


@given(_values)
def test_every_frame_that_is_sent_is_one_line_of_json(value: Any) -> None:
    connection = Connection(Role.HUB)
    connection.send_notification("n", {"value": value})
    (frame,) = connection.data_to_send()
    assert frame.count(b"\n") == 1
    assert frame.endswith(b"\n")
    assert json.loads(frame)["params"] == {"value": value}


@given(st.integers(1, 500), st.integers(0, 3))
def test_a_line_at_the_limit_is_read_and_one_byte_more_is_skipped(size: int, over: int) -> None:
    connection = Connection(Role.HUB, max_frame_bytes=size)
    connection.receive_data(b"x" * (size + over) + b"\n")
    (event,) = connection.events_received()
    assert isinstance(event, FrameRejected if over else StrayLine)
    assert event.size == size + over


@pytest.mark.parametrize("framing", ["newline", "content-length"])
def test_a_line_of_64_mib_is_skipped_in_bounded_memory_and_each_byte_is_looked_at_once(
    framing: Literal["newline", "content-length"], monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = Connection(Role.HUB, framing=framing, max_frame_bytes=1024 * 1024)
    piece, times = b"x" * 65536, 1024
    if framing == "content-length":
        connection.receive_data(b"Content-Length: %d\r\n\r\n" % (len(piece) * times))
    held = 0
    for _ in range(times):
        connection.receive_data(piece)
        held = max(held, _bytes_held(connection))
    connection.receive_data(b"\n" if framing == "newline" else b"")
    (event,) = connection.events_received()
    assert isinstance(event, FrameRejected)
    assert (event.kind, event.size) == ("frame_too_large", len(piece) * times)
    # One frame and one read: whatever comes, no more is kept.
    assert held <= 1024 * 1024 + len(piece)


def _bytes_held(connection: Connection) -> int:
    framer = cast("dict[str, object]", vars(vars(connection)["_framer"]))
    return (
        len(cast("bytearray", framer["_held"])) if "_held" in framer else sum(map(len, cast("list[bytes]", framer["_pieces"])))
    )


def test_half_a_frame_at_the_end_is_reported_and_not_acted_on() -> None:
    connection = Connection(Role.HUB)
    connection.receive_data(b'{"jsonrpc":"2.0","id":1,"method":"m"}')
    connection.receive_eof()
    assert connection.events_received() == [StreamEnded(37)]
