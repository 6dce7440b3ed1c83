"""The stand-in answers as three clouds do, fails as it is told to, and counts what was asked."""

import http.client
import json
import socket
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.clouds.playing import StandIn

pytestmark = pytest.mark.process

_NEW = {
    "digitalocean": ("/v2/droplets", {"name": "a", "region": "ams3", "size": "s-1vcpu-1gb", "image": "debian-12-x64"}, 202),
    "hetzner": ("/v1/servers", {"name": "a", "location": "fsn1", "server_type": "cx22", "image": "debian-12"}, 201),
    "vultr": ("/v2/instances", {"label": "a", "region": "ams", "plan": "vc2-1c-1gb", "os_id": 2136}, 202),
}
_WORD = {"digitalocean": "droplet", "hetzner": "server", "vultr": "instance"}
_LARGEST = {"digitalocean": 200, "hetzner": 50, "vultr": 500}

services = pytest.mark.parametrize("service", list(_NEW))


def _ask(url: str, method: str, path: str, as_who: str = "one", body: Any = None) -> tuple[int, Any, http.client.HTTPMessage]:
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=4)
    try:
        headers = {"Authorization": f"Bearer {as_who}", "Content-Type": "application/json"}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text else None, answer.headers
    finally:
        connection.close()


@services
def test_a_server_is_made_seen_to_start_and_deleted(clouds: StandIn, service: str) -> None:
    clouds.admit(service, "me", "one")
    url, (path, body, created) = clouds.urls[service], _NEW[service]
    status, answer, _ = _ask(url, "POST", path, body=body)
    assert status == created
    identifier = answer[_WORD[service]]["id"]
    states = [_ask(url, "GET", f"{path}/{identifier}")[1][_WORD[service]]["status"] for _ in range(4)]
    assert states[-1] in ("active", "running")
    assert states[0] != states[-1]
    assert _ask(url, "DELETE", f"{path}/{identifier}")[0] in (200, 204)
    assert _ask(url, "DELETE", f"{path}/{identifier}")[0] == 404
    assert clouds.servers(service, "me") == []
    assert [entry["acted"] for entry in clouds.requests(service, f"POST {path}")] == [True]


@services
def test_pages_hold_everything_once_and_no_more_than_the_service_gives(clouds: StandIn, service: str) -> None:
    clouds.admit(service, "me", "one")
    clouds.plant(service, "me", 120)
    url, word, size = clouds.urls[service], f"{_WORD[service]}s", 50
    path, pages, seen = f"{_NEW[service][0]}?per_page={size}", 0, set[Any]()
    while path and pages < 5:
        _, answer, _ = _ask(url, "GET", path)
        pages += 1
        seen |= {item["id"] for item in answer[word]}
        path = _next(service, answer, size)
    assert (pages, len(seen)) == (3, 120)
    assert _ask(url, "GET", f"{_NEW[service][0]}?per_page={_LARGEST[service] + 1}")[0] in (400, 422)


def test_a_cut_within_the_headers_leaves_them_without_an_end(clouds: StandIn) -> None:
    clouds.fail("hetzner", "GET /v1/servers", cut="headers")
    address = urlsplit(clouds.urls["hetzner"])
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=4) as connection:
        connection.sendall(b"GET /v1/servers HTTP/1.1\r\nHost: localhost\r\n\r\n")
        text = connection.makefile("rb").read()
    assert text.startswith(b"HTTP/1.1 401 ")
    assert b"\r\n\r\n" not in text


def _next(service: str, answer: Any, size: int) -> str:
    place = _NEW[service][0]
    if service == "digitalocean":
        link = urlsplit(str(answer["links"].get("pages", {}).get("next", "")))
        return f"{link.path}?{link.query}" if link.path else ""
    if service == "hetzner":
        page = answer["meta"]["pagination"]["next_page"]
        return f"{place}?per_page={size}&page={page}" if page else ""
    cursor = answer["meta"]["links"]["next"]
    return f"{place}?per_page={size}&cursor={cursor}" if cursor else ""


@services
def test_an_account_sees_its_own_servers_and_a_wrong_token_none(clouds: StandIn, service: str) -> None:
    path, body, _ = _NEW[service]
    for account, token in (("me", "one"), ("you", "two")):
        clouds.admit(service, account, token)
    _ask(clouds.urls[service], "POST", path, body=body)
    assert (clouds.servers(service, "me"), clouds.servers(service, "you")) == (["a"], [])
    assert _ask(clouds.urls[service], "GET", path, as_who="three")[0] == 401
    assert "three" not in json.dumps(clouds.requests())


@services
def test_a_fault_comes_as_often_as_it_was_asked_for_and_then_no_more(clouds: StandIn, service: str) -> None:
    clouds.admit(service, "me", "one")
    url, (path, body, _) = clouds.urls[service], _NEW[service]
    clouds.fail(service, f"GET {path}", 2, skip=1, status=429, retry_after=3)
    answers = [_ask(url, "GET", path) for _ in range(4)]
    assert [(status, headers["Retry-After"]) for status, _, headers in answers] == [(200, None), *[(429, "3")] * 2, (200, None)]
    clouds.fail(service, f"POST {path}", status=500)
    clouds.fail(service, f"POST {path}", cut="before")
    clouds.fail(service, f"POST {path}", cut="body")
    assert _ask(url, "POST", path, body=body)[0] == 500
    for made in (0, 1):
        with pytest.raises((http.client.HTTPException, ConnectionError)):
            _ask(url, "POST", path, body=body)
        assert len(clouds.servers(service, "me")) == made
    clouds.fail(service, f"GET {path}", cut="body")
    with pytest.raises(http.client.IncompleteRead):
        _ask(url, "GET", path)


def test_a_client_that_does_not_wait_is_written_down_as_gone(clouds: StandIn) -> None:
    clouds.fail("vultr", "GET *", slow_seconds=60)
    address = urlsplit(clouds.urls["vultr"])
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=4)
    connection.request("GET", "/v2/account")
    assert clouds.requests("vultr", ended="", at_least=1)
    connection.close()
    assert [entry["path"] for entry in clouds.requests("vultr", ended="gone", at_least=1)] == ["/v2/account"]
