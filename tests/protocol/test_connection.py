"""Prove what a connection does with broken, late, doubled and misused messages, in both roles."""

import pytest

from hub_protocol import ERRORS, Connection, LocalProtocolError, Role
from hub_protocol.events import (
    CancelReceived,
    ErrorReceived,
    Event,
    FrameRejected,
    NotificationReceived,
    ProgressReceived,
    RequestBroken,
    RequestReceived,
    ResponseReceived,
    StrayLine,
    StreamBroken,
    UnexpectedResponse,
)
from tests.protocol.three_ways import fed, three_ways


def _module() -> Connection:
    return Connection(Role.MODULE)


def _hub_with_open_request() -> Connection:
    hub = Connection(Role.HUB)
    assert hub.send_request("f") == 1
    hub.data_to_send()
    return hub


def _kinds(events: list[Event]) -> list[str]:
    return [type(event).__name__ for event in events]


def test_the_hub_counts_its_ids_from_1_and_a_module_names_its_own() -> None:
    hub, module = Connection(Role.HUB), Connection(Role.MODULE)
    assert [hub.send_request("f") for _ in range(3)] == [1, 2, 3]
    assert [module.send_request("hub.ask") for _ in range(2)] == ["m1", "m2"]


def test_a_request_is_written_in_the_order_that_simple_readers_rely_on() -> None:
    hub = Connection(Role.HUB)
    hub.send_request("f", {"a": 1}, context={"trace_id": "t"})
    assert hub.data_to_send() == [b'{"jsonrpc":"2.0","id":1,"method":"f","params":{"a":1},"context":{"trace_id":"t"}}\n']


@pytest.mark.parametrize(
    ("frame", "code", "answered_id"),
    [
        (b'{"jsonrpc":"2.0","id":7,"method":', "parse_error", b"7"),
        (b'{"jsonrpc":"2.0","id":"x","method":"m","params":{"a":1,"a":2}}', "parse_error", b'"x"'),
        (b'{"id":3,"method":"m"}', "invalid_request", b"3"),
        (b'{"jsonrpc":"2.0","id":1.0,"method":"m"}', "invalid_request", b"null"),
        (b'{"jsonrpc":"2.0","id":true,"method":"m"}', "invalid_request", b"null"),
        (b'{"jsonrpc":"2.0","id":4,"method":"m","params":[1]}', "invalid_params", b"4"),
        (b'{"jsonrpc":"2.0","id":4,"method":"m","params":null}', "invalid_request", b"4"),
        (b'{"jsonrpc":"2.0","id":5}', "invalid_request", b"5"),
        (b"[]", "invalid_request", b"null"),
        (b'"text"', "invalid_request", b"null"),
        (b"rubbish", "parse_error", b"null"),
        (b'{"jsonrpc":"2.0","params":{"id":9},"id":8,"method":"x"', "parse_error", b"8"),
        (b'{"jsonrpc":"2.0","id":1,"id":2,"method":"x"}', "parse_error", b"null"),
    ],
)
def test_a_module_answers_every_broken_frame_once_with_the_id_where_it_can_be_read(
    frame: bytes, code: str, answered_id: bytes
) -> None:
    (event,) = three_ways(_module, frame + b"\n")
    assert isinstance(event, FrameRejected)
    assert (event.kind, event.answered) == (code, True)
    module = _module()
    module.receive_data(frame + b"\n")
    (answer,) = module.data_to_send()
    assert answer.startswith(b'{"jsonrpc":"2.0","id":%b,"error":{"code":%d,' % (answered_id, ERRORS[code].code))


@pytest.mark.parametrize("frame", [b'{"jsonrpc":"2.0","method":"m","params":[]}', b'{"jsonrpc":"1.0","method":"m"}'])
def test_a_broken_notification_is_not_answered(frame: bytes) -> None:
    module = _module()
    assert _kinds(fed(module, frame + b"\n")) == ["FrameRejected"]
    assert module.data_to_send() == []


@pytest.mark.parametrize("line", [b"hello", b"[INFO] ready", b"42", b'"ready"', b"{'a': 1", b"Listening on {}"])
def test_the_hub_never_answers_what_a_program_printed(line: bytes) -> None:
    (event,) = three_ways(_hub_with_open_request, line + b"\n")
    assert isinstance(event, FrameRejected if line.startswith(b"{") else StrayLine)
    hub = _hub_with_open_request()
    hub.receive_data(line + b"\n")
    assert hub.data_to_send() == []


def test_the_hub_answers_a_broken_request_whose_id_can_be_read() -> None:
    hub = Connection(Role.HUB)
    fed(hub, b'{"jsonrpc":"2.0","id":"m1","method":"hub.ask","params":{"a":1,"a":1}}\n')
    (answer,) = hub.data_to_send()
    assert answer.startswith(b'{"jsonrpc":"2.0","id":"m1","error":{"code":-32700,')


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        (b'{"jsonrpc":"2.0","id":1,"result":NaN}', "protocol_error"),
        (b'{"jsonrpc":"2.0","id":1,"result":9007199254740993}', "protocol_error"),
        (b'{"jsonrpc":"2.0","id":1,"result":1,"error":{"code":1,"message":""}}', "protocol_error"),
        (b'{"jsonrpc":"2.0","id":1,"error":"bad"}', "protocol_error"),
        (b'{"jsonrpc":"2.0","id":1,"error":{"code":"1","message":""}}', "protocol_error"),
        (b'{"jsonrpc":"2.0","id":1,"error":{"code":true,"message":""}}', "protocol_error"),
        (b'{"id":1,"result":1}', "protocol_error"),
        (b'{"jsonrpc":"2.0","id":1,"result":{"a":1,"a":2}}', "protocol_error"),
    ],
)
def test_a_broken_response_ends_its_request_at_once_and_is_not_answered(frame: bytes, kind: str) -> None:
    hub = _hub_with_open_request()
    rejected, broken = fed(hub, frame + b"\n")
    assert isinstance(rejected, FrameRejected)
    assert isinstance(broken, RequestBroken)
    assert (broken.id, broken.kind) == (1, kind)
    assert hub.data_to_send() == []
    assert len(hub.outgoing) == 0


def test_an_over_long_response_ends_its_request_at_once() -> None:
    hub = Connection(Role.HUB, max_frame_bytes=100)
    hub.send_request("f")
    events = fed(hub, b'{"jsonrpc":"2.0","id":1,"result":"' + b"x" * 200 + b'"}\n')
    assert events[-1] == RequestBroken(1, "frame_too_large", "it is longer than 100 bytes")


def test_a_second_an_unknown_and_a_late_answer_are_told_apart_from_the_first() -> None:
    hub = Connection(Role.HUB)
    one, two = hub.send_request("f"), hub.send_request("f")
    hub.cancel(two)
    answer = b'{"jsonrpc":"2.0","id":%d,"result":0}\n'
    assert fed(hub, answer % 1, answer % 1, answer % 2, answer % 2, answer % 99) == [
        ResponseReceived(one, 0),
        UnexpectedResponse(1, late=False),
        UnexpectedResponse(2, late=True),
        UnexpectedResponse(2, late=False),
        UnexpectedResponse(99, late=False),
    ]


@pytest.mark.parametrize("request_id", [b'"1"', b"1.0", b"true", b"null"])
def test_an_id_of_another_type_does_not_end_a_request(request_id: bytes) -> None:
    hub = _hub_with_open_request()
    fed(hub, b'{"jsonrpc":"2.0","id":%b,"result":0}\n' % request_id)
    assert 1 in hub.outgoing


def test_giving_up_sends_one_cancel_and_forgetting_sends_none() -> None:
    hub = Connection(Role.HUB)
    one, two = hub.send_request("f"), hub.send_request("f")
    hub.data_to_send()
    hub.forget(one)
    hub.cancel(two)
    hub.cancel(two)
    assert hub.data_to_send() == [b'{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":2}}\n']


def test_a_cancel_is_told_only_for_an_open_request() -> None:
    module = _module()
    cancel = b'{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":%b}}\n'
    fed(module, b'{"jsonrpc":"2.0","id":1,"method":"f"}\n')
    assert fed(module, *(cancel % given for given in (b"1", b"2", b"true", b"[]"))) == [CancelReceived(1)]
    module.send_result(1, None)
    assert fed(module, cancel % b"1") == []


def test_progress_is_told_only_for_an_open_request_and_with_numbers() -> None:
    hub = _hub_with_open_request()
    progress = b'{"jsonrpc":"2.0","method":"$/progress","params":{"id":%b,"done":%b,"total":"x","message":5}}\n'
    given = ((b"1", b"0.5"), (b"1", b'"x"'), (b"1", b"true"), (b"2", b"1"))
    assert fed(hub, *(progress % pair for pair in given)) == [ProgressReceived(1, 0.5)]


def test_two_open_requests_with_one_id_are_not_both_answered() -> None:
    hub = Connection(Role.HUB)
    request = b'{"jsonrpc":"2.0","id":"a","method":"hub.ask"}\n'
    first, second = fed(hub, request, request)
    assert isinstance(first, RequestReceived)
    assert isinstance(second, FrameRejected)
    assert not second.answered
    hub.send_result("a", {})
    with pytest.raises(LocalProtocolError):
        hub.send_result("a", {})


def test_an_error_answer_keeps_the_difference_between_no_data_and_null() -> None:
    hub, module = _hub_with_open_request(), _module()
    fed(module, b'{"jsonrpc":"2.0","id":1,"method":"f"}\n')
    module.send_error(1, 1001, "no", None)
    assert fed(hub, *module.data_to_send()) == [ErrorReceived(1, 1001, "no", None)]


def test_an_answer_that_cannot_be_sent_leaves_the_request_open() -> None:
    module = Connection(Role.MODULE, max_frame_bytes=100)
    fed(module, b'{"jsonrpc":"2.0","id":1,"method":"f"}\n')
    for result in ("x" * 200, float("nan")):
        with pytest.raises(LocalProtocolError):
            module.send_result(1, result)
    assert module.data_to_send() == []
    module.send_result(1, "short")
    assert len(module.data_to_send()) == 1


def test_a_request_that_cannot_be_sent_is_not_open() -> None:
    hub = Connection(Role.HUB, max_frame_bytes=100)
    with pytest.raises(LocalProtocolError):
        hub.send_request("f", {"a": "x" * 200})
    assert len(hub.outgoing) == 0


def test_unknown_members_and_unknown_notifications_are_let_through() -> None:
    module = _module()
    assert fed(module, b'{"jsonrpc":"2.0","method":"news","params":{"a":1},"later":true}\n') == [
        NotificationReceived("news", {"a": 1})
    ]


def test_member_names_are_case_sensitive() -> None:
    (event,) = fed(_module(), b'{"jsonrpc":"2.0","ID":1,"METHOD":"m","method":"n"}\n')
    assert event == NotificationReceived("n", {})


def test_after_a_bad_header_part_nothing_more_is_read() -> None:
    hub = Connection(Role.HUB, framing="content-length")
    good = b'Content-Length: 35\r\n\r\n{"jsonrpc":"2.0","method":"behind"}'
    assert _kinds(fed(hub, good, b"Content-Size: 3\r\n\r\n", good)) == ["NotificationReceived", "StreamBroken"]
    assert fed(hub, good) == []


def test_a_header_part_without_end_is_bounded() -> None:
    hub = Connection(Role.HUB, framing="content-length")
    events = fed(hub, *[b"X-Header: y\r\n"] * 10_000)
    assert [type(event) for event in events] == [StreamBroken]
