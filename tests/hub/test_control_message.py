"""Own the proof that lines of the control socket are read as JSON-RPC 2.0 says, batches included; no socket, no method."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub._control_message import encode, error_answer, read_line
from hub.errors import FunctionError, NotFound


def _line(value: Any) -> bytes:
    return json.dumps(value).encode()


def _codes(line: bytes) -> list[tuple[int, Any]]:
    return [(answer["error"]["code"], answer["id"]) for answer in read_line(line).answers]


def test_a_request_a_notification_and_params_by_position_are_told_apart() -> None:
    asked = read_line(_line({"jsonrpc": "2.0", "method": "m", "params": [1], "id": 0})).requests[0]
    assert (asked.method, asked.params, asked.wants_answer, asked.id) == ("m", [1], True, 0)
    told = read_line(_line({"jsonrpc": "2.0", "method": "m"})).requests[0]
    assert (told.params, told.wants_answer, told.id) == ([], False, None)
    null = read_line(_line({"jsonrpc": "2.0", "method": "m", "id": None})).requests[0]
    assert (null.wants_answer, null.id) == (True, None)


@pytest.mark.parametrize(
    "line", [b"{", b"\xff", b"[1,", b"NaN", b'{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]']
)
def test_what_is_no_json_is_a_parse_error_without_an_id(line: bytes) -> None:
    assert _codes(line) == [(-32700, None)]


@pytest.mark.parametrize(
    "line",
    [
        b'{"jsonrpc":"2.0","id":1,"method":"hub.stop","method":"hub.ps"}',
        b'{"jsonrpc":"2.0","id":1,"id":2,"method":"m"}',
        b'{"jsonrpc":"2.0","id":1,"method":"m","params":{"params":{"a:":1,"b":{"x":1,"x":2}}}}',
        b'{"jsonrpc":"2.0","id":1,"method":"m","params":{"a":1,"\\u0061":2}}',
        b'{"jsonrpc":"2.0","id":1,"method":"m","params":{"a\\u003a":1,"b":2,"b":3}}',
        b'[{"jsonrpc":"2.0","id":1,"method":"m"},{"jsonrpc":"2.0","id":2,"id":2,"method":"m"}]',
    ],
)
def test_a_member_name_that_stands_twice_is_a_parse_error(line: bytes) -> None:
    assert _codes(line) == [(-32700, None)]


def test_names_that_only_look_as_if_they_stood_twice_are_read() -> None:
    params = b'{"a":{"x":":"},"b":{"x":1.50,"\\u003a":12345678901234567},"c":[{"x":1},{"x":"\\"x\\":"}]}'
    (told,) = read_line(b'{"jsonrpc":"2.0","id":1,"method":"m","params":' + params + b"}").requests
    assert told.params == json.loads(params)


def test_json_of_any_depth_is_refused_and_not_died_of() -> None:
    assert _codes(b"[" * 1_000_000) == [(-32700, None)]


@pytest.mark.parametrize(
    ("value", "request_id"),
    [
        (1, None),
        ("x", None),
        (None, None),
        ({}, None),
        ({"jsonrpc": "2.0", "method": 1, "params": "bar"}, None),
        ({"jsonrpc": "1.0", "method": "m", "id": 7}, 7),
        ({"method": "m", "id": "a"}, "a"),
        ({"jsonrpc": "2.0", "method": "m", "params": 1, "id": 7}, 7),
        ({"jsonrpc": "2.0", "method": "m", "params": None, "id": 7}, 7),
        ({"jsonrpc": "2.0", "method": "m", "id": True}, None),
        ({"jsonrpc": "2.0", "method": "m", "id": [1]}, None),
        ({"jsonrpc": "2.0", "method": "m" * 200, "id": 1}, 1),
    ],
)
def test_what_is_no_request_is_an_invalid_request_with_its_id_where_it_has_one(value: Any, request_id: Any) -> None:
    assert _codes(_line(value)) == [(-32600, request_id)]


@pytest.mark.parametrize("answer", [{"result": 1}, {"error": {"code": 1, "message": ""}}, {"result": 1, "error": None}])
def test_a_response_is_never_answered(answer: dict[str, Any]) -> None:
    for value in ({"jsonrpc": "2.0", "id": 1, **answer}, [{"jsonrpc": "2.0", "id": 1, **answer}]):
        found = read_line(_line(value))
        assert (found.requests, found.answers) == ((), ())


def test_the_batches_of_the_specification_are_read_as_it_says() -> None:
    empty = read_line(b"[]")
    assert (empty.is_batch, _codes(b"[]")) == (False, [(-32600, None)])
    assert read_line(b"[1]").is_batch
    assert _codes(b"[1]") == [(-32600, None)]
    assert _codes(b"[1,2,3]") == [(-32600, None)] * 3
    mixed = [
        {"jsonrpc": "2.0", "method": "sum", "params": [1, 2, 4], "id": "1"},
        {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]},
        {"foo": "boo"},
        {"jsonrpc": "2.0", "method": "get_data", "id": "9"},
    ]
    found = read_line(_line(mixed))
    assert [request.method for request in found.requests] == ["sum", "notify_hello", "get_data"]
    assert _codes(_line(mixed)) == [(-32600, None)]


def test_a_batch_beyond_the_bound_is_refused_as_a_whole() -> None:
    one = {"jsonrpc": "2.0", "method": "m", "id": 1}
    assert len(read_line(_line([one] * 64)).requests) == 64
    assert _codes(_line([one] * 65)) == [(-32600, None)]


@given(st.binary(max_size=200))
def test_any_bytes_are_a_line(data: bytes) -> None:
    found = read_line(data)
    assert isinstance(found.requests, tuple)
    encode(found.answers)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["jsonrpc", "method", "params", "id", "result"]), inner, max_size=5)
    ),
    max_leaves=8,
)


@given(_JSON)
def test_any_line_has_no_name_twice_unless_it_is_said(value: Any) -> None:
    line = _line(value)
    assert [code for code, _ in _codes(line)].count(-32700) == 0
    assert _codes(b'{"id":1,"x":' + line + b',"x":' + line + b"}") == [(-32700, None)]


@given(_JSON)
def test_any_json_is_a_line_and_each_answer_is_an_error_response(value: Any) -> None:
    for answer in read_line(_line(value)).answers:
        assert set(answer) == {"jsonrpc", "id", "error"}
        assert answer["error"]["data"]["kind"] in ("parse_error", "invalid_request")


def test_an_error_keeps_all_that_it_has_to_say() -> None:
    error = NotFound("cannot find x", hint="look", data={"module": "x"})
    assert error_answer(3, error) == {
        "jsonrpc": "2.0",
        "id": 3,
        "error": {
            "code": -31010,
            "message": "cannot find x",
            "data": {"kind": "not_found", "hint": "look", "data": {"module": "x"}},
        },
    }


def test_the_error_of_a_function_is_marked_as_the_functions_own() -> None:
    told = error_answer(1, FunctionError("no", code=404, data={"id": 7}))["error"]
    assert (told["code"], told["data"]) == (404, {"kind": "function_error", "data": {"id": 7}, "from_function": True})


def test_what_json_cannot_say_is_refused_before_it_is_sent() -> None:
    with pytest.raises((TypeError, ValueError)):
        encode({"result": object()})
