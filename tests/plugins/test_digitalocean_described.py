"""The module and the stand-in for DigitalOcean keep to the public description of its API, in requests and answers."""

import json
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest

from hub import Answer, Hub
from hub.errors import FunctionError
from tests.clouds.described import Proxy
from tests.clouds.playing import StandIn
from tests.plugins.digitalocean_played import NEW, SERVICE, TOKEN, refused, signed_in

pytestmark = [
    pytest.mark.process,
    pytest.mark.bound(100, "installs a proxy of 90 MB once, and starts it, which reads 3 MB of description"),
]

_BROKEN = {"droplets": [{"id": 300000001, "name": "web-1"}], "links": {}, "meta": {"total": 1}}


@pytest.fixture
def anyio_backend() -> str:
    """Run each test once: the subject is not what the hub runs on."""
    return "asyncio"


async def test_the_module_and_the_stand_in_keep_to_the_description_and_a_breach_is_seen(clouds: StandIn) -> None:
    # One test, because each start of the proxy takes seconds.
    with Proxy.before(clouds.urls[SERVICE]) as proxy:
        clouds.link_base(SERVICE, proxy.url)
        async with signed_in(clouds, url=proxy.url, max_attempts=2) as hub:
            await _use_everything(hub, clouds)
            await _be_refused(hub, clouds)
            clouds.fail(SERVICE, "GET /v2/droplets", 9, json=_BROKEN)
            breach = await refused(hub, "list_servers", 1005)
            assert "with status 500" in breach.message
        seen = len(clouds.requests(SERVICE))
        status, why = _ask(proxy.url, "/v2/droplets?type=toasters")
        assert (status, why["validation"][0]["location"]) == (422, ["query", "type"])
        assert len(clouds.requests(SERVICE)) == seen  # the proxy itself refused it


async def _use_everything(hub: Hub, clouds: StandIn) -> None:
    call = hub.call
    assert (await call("digitalocean.whoami"))["identity"] == "work@example.com"
    clouds.plant(SERVICE, "work", 201)
    for function, params in (("list_regions", {}), ("list_sizes", {}), ("list_images", {"private": True})):
        assert await hub.request(f"digitalocean.{function}", params)
    assert len(await call("digitalocean.list_servers")) == 201
    assert len(await call("digitalocean.list_droplets", limit=3)) == 3
    by_name = await call(
        "digitalocean.create_server", **NEW, tags=["web"], ssh_keys=["3b:16:e4:bf:8b:00:8b:b8:59:8c:a9:d3:f0:19:fa:45"]
    )
    by_number = await call("digitalocean.create_server", **{**NEW, "image": "155133621"})
    assert [server["id"] for server in await call("digitalocean.list_servers", tag_name="web")] == [by_name["id"]]
    for made in (by_name, by_number):
        assert await call("digitalocean.delete_server", id=made["id"]) == {"deleted": True}
        assert await call("digitalocean.delete_server", id=made["id"]) == {"deleted": False}


async def _be_refused(hub: Hub, clouds: StandIn) -> None:
    """Have the service refuse; the words show that it was the service, and not the proxy."""
    refusal = await refused(hub, "create_server", 1003, **{**NEW, "region": "nowhere"})
    assert "nowhere is not a region" in refusal.message
    with pytest.raises(FunctionError, match="Unable to authenticate you"):
        await hub.request("digitalocean.authenticate", {}, profile="home", ask=lambda _: Answer("accept", {"token": "x" * 20}))
    clouds.fail(SERVICE, "GET /v2/account", 2, status=500)
    assert "Unexpected server-side error" in (await refused(hub, "whoami", 1005)).message
    clouds.fail(SERVICE, "GET /v2/account", 1, status=429, retry_after=0)
    assert (await hub.call("digitalocean.whoami"))["identity"] == "work@example.com"


def _ask(url: str, path: str) -> tuple[int, Any]:
    address = urlsplit(url)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=5)
    try:
        connection.request("GET", path, headers={"Authorization": f"Bearer {TOKEN}"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()
