"""How plugins/aws asks Amazon: what is tried again and what never is, how long it waits, what it holds, what it tells."""

import socket
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.plugins.amazon_played import Scripted, fault, load, servers_xml

_KEYS = ("AKIATHEIRSANDNOBODYELSES", "planted/secret+of+the+account")


def _patience(seconds: float) -> Any:
    return load("amazon.patience").Patience(time.monotonic() + seconds)


def _cloud(url: str, *, seconds: float = 4.0, max_attempts: int = 3, timeout_seconds: float = 3.0, patience: Any = None) -> Any:
    settings = load("amazon.settings")
    patience = patience or _patience(seconds)
    chosen = settings.Settings(url, timeout_seconds, max_attempts)
    return load("amazon.cloud").Cloud(settings.Keys(*_KEYS), "eu-west-1", chosen, patience, lambda: 0.0)


def _list(url: str, **words: Any) -> Any:
    cloud = _cloud(url, **words)
    try:
        return load("amazon.servers").list_servers(cloud)
    finally:
        cloud.close()


def _create(url: str, **words: Any) -> Any:
    cloud = _cloud(url, **words)
    try:
        return load("amazon.servers").create_server(cloud, "web", "t3.micro", "ami-1")
    finally:
        cloud.close()


def _failure(do: Any, url: str, **words: Any) -> tuple[int, str, Any]:
    with pytest.raises(load("hub_sdk").ModuleError) as raised:
        do(url, **words)
    return raised.value.code, raised.value.message, raised.value.data


_CUT_OFF = (200, {"Content-Length": "9999"}, b"<DescribeInstances")
# The end of the connection stands for the end of the headers in http.client, and no body for an empty list in botocore.
_NO_LENGTH = (200, {"Content-Length": "none"}, b"")


@pytest.mark.parametrize(
    "trouble",
    [None, fault(500, "InternalError"), fault(503, "Unavailable"), (502, {}, b"<html>gateway"), _CUT_OFF, _NO_LENGTH],
    ids=["cut", "500", "503", "502-of-a-gateway", "cut-in-the-body", "no-length"],
)
def test_a_read_is_tried_again_and_a_creation_is_not(trouble: Any) -> None:
    with Scripted.running(trouble, servers_xml("a")) as amazon:
        assert [server["name"] for server in _list(amazon.url)] == ["a"]
        assert len(amazon.asked) == 2
    with Scripted.running(trouble) as amazon:
        code, _, data = _failure(_list, amazon.url)
        assert (code, data, len(amazon.asked)) == (1005, {"may_have_executed": False}, 3)
    with Scripted.running(trouble) as amazon:
        code, _, data = _failure(_create, amazon.url)
        assert (code, data, len(amazon.asked)) == (1005, {"may_have_executed": True}, 1)


def test_what_was_throttled_is_asked_again_and_a_creation_keeps_its_token() -> None:
    for throttle in (
        fault(503, "RequestLimitExceeded"),
        fault(400, "Throttling"),
        fault(429, "", headers={"Retry-After": "0"}),
    ):
        with Scripted.running(throttle, servers_xml("web", action="RunInstances")) as amazon:
            assert _create(amazon.url)["id"] == "i-web"
            tokens = {asked.params["ClientToken"] for asked in amazon.asked}
            assert (len(amazon.asked), len(tokens), tokens) == (2, 1, tokens - {""})


def test_a_wait_that_is_longer_than_the_call_is_an_error_that_says_how_long() -> None:
    at = "Fri, 31 Dec 2100 23:59:59 GMT"
    for header, least in (("3600", 3600), (at, 1e8)):
        with Scripted.running(fault(503, "RequestLimitExceeded", headers={"Retry-After": header})) as amazon:
            code, _, data = _failure(_list, amazon.url)
            assert (code, len(amazon.asked)) == (1004, 1)
            assert data["retry_after_seconds"] >= least
    with Scripted.running(fault(503, "SlowDown")) as amazon:  # it does not say how long: as long as we would have waited
        code, _, data = _failure(_list, amazon.url)
        assert (code, len(amazon.asked), data["retry_after_seconds"] > 0) == (1004, 3, True)


def test_a_service_that_cannot_be_reached_has_done_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    cloud = _cloud(f"http://127.0.0.1:{port}")
    with pytest.raises(load("amazon.failures").Unavailable) as raised:
        load("amazon.servers").create_server(cloud, "web", "t3.micro", "ami-1")
    assert (raised.value.data, cloud.attempts) == ({"may_have_executed": False}, 3)


@pytest.mark.parametrize(
    ("status", "word", "code"),
    [
        (401, "AuthFailure", 1001),
        (403, "UnauthorizedOperation", 1001),
        (400, "InvalidInstanceID.Malformed", 1002),
        (400, "InvalidClientTokenId", 1001),
        (404, "Nothing", 1002),
        (400, "InvalidAMIID.NotFound", 1002),
        (400, "InvalidAMIID.Malformed", 1003),
        (409, "Conflict", 1003),
    ],
)
def test_what_amazon_refuses_is_an_error_of_the_interface_in_its_words(status: int, word: str, code: int) -> None:
    with Scripted.running(fault(status, word, f"because of {_KEYS[0]} and {_KEYS[1]}&#x9b;31m")) as amazon:
        found, message, _ = _failure(_create, amazon.url)
        assert (found, len(amazon.asked)) == (code, 1)
    assert message == f"cannot create web: {word}: because of *** and ***31m"


def test_more_than_a_thousand_servers_are_read_page_by_page() -> None:
    def page(asked: Any) -> Any:
        assert (asked.params["MaxResults"], asked.params["Action"]) == ("1000", "DescribeInstances")
        number = int(asked.params.get("NextToken", "0"))
        return servers_xml(*(f"s{number}-{i}" for i in range(300)), next_token=str(number + 1) if number < 4 else "")

    with Scripted.running(page) as amazon:
        names = [server["name"] for server in _list(amazon.url)]
        assert (len(names), len(set(names)), len(amazon.asked)) == (1500, 1500, 5)


def test_a_page_that_leads_back_to_itself_is_an_error() -> None:
    with Scripted.running(servers_xml("a", next_token="same")) as amazon:  # noqa: S106 - a page's, no secret
        assert _failure(_list, amazon.url)[:2] == (1005, "cannot list the servers: a page leads back to itself")
        assert len(amazon.asked) == 2


def test_an_answer_that_is_too_large_is_not_held() -> None:
    with Scripted.running((200, {}, b" " * (9 * 1024 * 1024))) as amazon:
        assert _failure(_list, amazon.url)[:2] == (1005, "cannot list the servers: the answer is larger than this module holds")


def test_one_request_has_its_own_bound_and_the_call_another() -> None:
    never = threading.Event()
    with Scripted.running(never) as amazon:
        code, message, _ = _failure(_list, amazon.url, timeout_seconds=0.1, max_attempts=2)
        assert (code, message, len(amazon.asked)) == (1005, "cannot list the servers: it did not answer in time", 2)
        with pytest.raises(load("amazon.patience").Ended):
            _list(amazon.url, seconds=0.2)


def test_a_dripping_answer_is_ended_with_the_call() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        patience = _patience(60)
        cloud = _cloud(f"http://127.0.0.1:{listening.getsockname()[1]}", patience=patience, timeout_seconds=60)
        ended = threading.Event()

        def ask() -> None:
            with pytest.raises(load("amazon.patience").Ended):
                load("amazon.servers").list_servers(cloud)
            ended.set()

        thread = threading.Thread(target=ask)
        thread.start()
        connection, _ = listening.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: a")  # a header that never ends
            patience.end()
            assert ended.wait(4)
        thread.join()
        cloud.close()


def test_an_answer_that_comes_byte_by_byte_is_bounded_as_a_whole() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        over = threading.Event()

        def drip() -> None:
            connection, _ = listening.accept()
            with connection, suppress(OSError):
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")
                while not over.wait(0.02):
                    connection.sendall(b" ")

        thread = threading.Thread(target=drip)
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        code, message, _ = _failure(_list, url, timeout_seconds=0.3, max_attempts=1)
        over.set()
        thread.join()
    assert (code, message) == (1005, "cannot list the servers: it did not answer in time")


def test_nothing_that_lies_about_on_the_machine_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".aws").mkdir()
    for name in ("config", "credentials"):
        (tmp_path / ".aws" / name).write_text("[default\nthis is no configuration: whoever reads it fails")
    hostile = {
        "HOME": str(tmp_path),
        "AWS_ACCESS_KEY_ID": "AKIAOFSOMEBODYELSE",
        "AWS_SECRET_ACCESS_KEY": "other",
        "AWS_SESSION_TOKEN": "other",
        "AWS_PROFILE": "other",
        "AWS_REGION": "moon-1",
        "AWS_DEFAULT_REGION": "moon-1",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_ENDPOINT_URL_EC2": "http://127.0.0.1:1",
        "AWS_USE_FIPS_ENDPOINT": "true",
        "AWS_MAX_ATTEMPTS": "9",
        "HTTP_PROXY": "http://127.0.0.1:1",
    }
    for name, value in hostile.items():
        monkeypatch.setenv(name, value)
    with Scripted.running(servers_xml("a")) as amazon:
        assert len(_list(amazon.url)) == 1
        assert {(asked.access_key_id, asked.region) for asked in amazon.asked} == {(_KEYS[0], "eu-west-1")}
    client = load("amazon.cloud").client_for("ec2", load("amazon.settings").Keys(*_KEYS), "eu-west-1", "")
    assert client.meta.endpoint_url == "https://ec2.eu-west-1.amazonaws.com"
