"""The module for DigitalOcean, through a real hub, against the stand-in: many pages, accounts and faults, one creation."""

import os
import shutil
from pathlib import Path
from typing import Any

import anyio
import pytest

from hub import Answer
from hub.conformance import CHECKS, Settings, run, target_of_path
from hub.conformance._host import CANARY
from hub.errors import CallTimeout, FunctionError, InitFailed
from tests.clouds.playing import StandIn
from tests.plugins.digitalocean_played import NEW, SERVICE, TOKEN, refused, run_hub, signed_in

pytestmark = [
    pytest.mark.process,
    pytest.mark.bound(100, "builds the module at the first test, which compiles the SDK"),
]

_HOME = "dop_v1_home_93b1e7c05a22"
_NOBODYS = "dop_v1_of_nobody"


@pytest.fixture
def anyio_backend() -> str:
    """Run each test once: the subject is the module, which does not see the hub's event loop."""
    return "asyncio"


async def test_a_token_is_asked_for_tried_kept_and_forgotten(clouds: StandIn) -> None:
    clouds.admit(SERVICE, "work", TOKEN)
    async with run_hub(clouds, TOKEN) as hub:
        missing = await refused(hub, "whoami", 1001)
        assert "hub call digitalocean.authenticate" in str(missing)
        identity = {"account": "default", "identity": "work@example.com"}
        assert await hub.call("digitalocean.authenticate") == identity
        assert await hub.call("digitalocean.whoami") == identity
        assert await hub.call("digitalocean.forget") == {"forgotten": True}
        assert await hub.call("digitalocean.forget") == {"forgotten": False}
        await refused(hub, "list_servers", 1001)


@pytest.mark.parametrize("token", [None, _NOBODYS, "two words", "   "])
async def test_a_token_that_is_not_good_is_not_kept(clouds: StandIn, token: str | None) -> None:
    async with run_hub(clouds, token) as hub:
        assert "cannot authenticate" in str(await refused(hub, "authenticate", 1001))
        assert await hub.call("digitalocean.forget") == {"forgotten": False}
        assert len(clouds.requests(SERVICE)) == (1 if token == _NOBODYS else 0)


async def test_two_accounts_in_one_process_see_each_their_own(clouds: StandIn) -> None:
    tokens = {"work": TOKEN, "home": _HOME}
    for count, (account, token) in enumerate(tokens.items(), 1):
        clouds.admit(SERVICE, account, token)
        clouds.plant(SERVICE, account, count, name=account)
    async with run_hub(clouds) as hub:
        for account, token in tokens.items():
            typed = Answer("accept", {"token": token})
            await hub.request("digitalocean.authenticate", {}, profile=account, ask=lambda _, typed=typed: typed)
        seen: dict[str, list[Any]] = {account: [] for account in tokens}

        async def look(account: str) -> None:
            found = await hub.request("digitalocean.list_servers", {}, profile=account)
            seen[account].append([server["name"] for server in found])

        async with anyio.create_task_group() as together:
            for number in range(20):
                together.start_soon(look, "work" if number % 2 else "home")
        assert seen == {"work": [["work-0"]] * 10, "home": [["home-0", "home-1"]] * 10}
        await hub.request("digitalocean.forget", {}, profile="work")
        with pytest.raises(FunctionError, match="--account work"):
            await hub.request("digitalocean.list_servers", {}, profile="work")
        assert len(await hub.request("digitalocean.list_servers", {}, profile="home")) == 2
        await refused(hub, "list_servers", 1001)  # the account default has none


async def test_a_server_is_made_listed_and_deleted(clouds: StandIn) -> None:
    async with signed_in(clouds) as hub:
        assert {"id": "ams3", "name": "Amsterdam 3", "available": True} in await hub.call("digitalocean.list_regions")
        made = await hub.call("digitalocean.create_server", **NEW, tags=["web"])
        assert (made["name"], made["status"], made["public_ipv4"]) == ("web-1", "starting", None)
        await hub.call("digitalocean.list_servers")
        assert await hub.call("digitalocean.list_servers", tag_name="web") == [
            {**made, "status": "running", "public_ipv4": "198.18.0.0"}
        ]
        (droplet,) = await hub.call("digitalocean.list_droplets", region="ams3")
        assert (droplet["status"], droplet["memory_mib"], droplet["tags"]) == ("active", 1024, ["web"])
        assert next(size["slug"] for size in await hub.call("digitalocean.list_sizes", region="ams3")) == "s-1vcpu-1gb"
        assert len(await hub.call("digitalocean.list_images")) == 3
        assert await hub.call("digitalocean.delete_server", id=made["id"]) == {"deleted": True}
        for identifier in (made["id"], "0", "../account", "all"):
            assert await hub.call("digitalocean.delete_server", id=identifier) == {"deleted": False}
    assert {entry["path"] for entry in clouds.requests(SERVICE, "DELETE *")} == {
        f"/v2/droplets/{made['id']}",
        "/v2/droplets/0",
    }


async def test_more_than_a_thousand_servers_are_read_page_by_page_each_once(clouds: StandIn) -> None:
    async with signed_in(clouds) as hub:
        clouds.plant(SERVICE, "work", 600)
        clouds.plant(SERVICE, "work", 450, region="fra1")
        servers = await hub.call("digitalocean.list_servers")
        assert len({server["id"] for server in servers}) == len(servers) == 1050
        pages = clouds.requests(SERVICE, "GET /v2/droplets")
        assert [page["query"] for page in pages][1:] == [{"page": str(n), "per_page": "200"} for n in range(2, 7)]
        assert len(await hub.call("digitalocean.list_servers", region="fra1")) == 450
        assert len(await hub.call("digitalocean.list_servers", limit=201)) == 201
        assert len(clouds.requests(SERVICE, "GET /v2/droplets")) == 6 + 6 + 2


async def test_a_link_that_leads_elsewhere_or_back_is_an_error(clouds: StandIn) -> None:
    async with signed_in(clouds) as hub:
        clouds.plant(SERVICE, "work", 201)
        clouds.link_base(SERVICE, clouds.urls["vultr"])
        await refused(hub, "list_servers", 1005)
        assert clouds.requests("vultr") == []
        again: dict[str, Any] = {
            "links": {"pages": {"next": f"{clouds.urls[SERVICE]}/v2/droplets?page=1"}},
            "meta": {"total": 9},
            "droplets": [],
        }
        clouds.fail(SERVICE, "GET /v2/droplets", 9, json=again)
        assert "repeat" in str(await refused(hub, "list_servers", 1005))


@pytest.mark.parametrize("cut", ["before", "headers", "body"])
async def test_a_read_survives_cut_connections(clouds: StandIn, cut: str) -> None:
    async with signed_in(clouds, max_attempts=3) as hub:
        clouds.plant(SERVICE, "work", 250)
        clouds.fail(SERVICE, "GET /v2/droplets", 2, skip=1, cut=cut)
        assert len(await hub.call("digitalocean.list_servers")) == 250
        clouds.fail(SERVICE, "GET /v2/account", 9, cut=cut)
        failed = await refused(hub, "whoami", 1005)
        assert failed.error_data == {"may_have_executed": False}


@pytest.mark.parametrize(
    ("fault", "made"),
    [
        ({"status": 500}, 0),
        ({"status": 503, "acts": True}, 1),
        ({"cut": "before"}, 0),
        ({"cut": "headers"}, 1),
        ({"cut": "body"}, 1),
        ({"slow_seconds": 60}, 1),
        ({"text": "{"}, 1),
    ],
    ids=str,
)
async def test_a_creation_of_which_nobody_knows_is_not_made_again(clouds: StandIn, fault: dict[str, Any], made: int) -> None:
    async with signed_in(clouds, timeout_seconds=1) as hub:
        clouds.fail(SERVICE, "POST *", 1, **fault)
        failed = await refused(hub, "create_server", 1005, **NEW)
        assert failed.error_data == {"may_have_executed": True}
        assert len(clouds.requests(SERVICE, "POST *")) == 1
        assert clouds.servers(SERVICE, "work") == ["web-1"] * made


async def test_a_creation_that_was_surely_not_made_is_tried_again(clouds: StandIn) -> None:
    async with signed_in(clouds) as hub:
        clouds.fail(SERVICE, "POST *", 2, status=429, retry_after=0)
        assert (await hub.call("digitalocean.create_server", **NEW))["name"] == "web-1"
        assert [entry["ended"] for entry in clouds.requests(SERVICE, "POST *")] == ["429", "429", "202"]
        assert clouds.servers(SERVICE, "work") == ["web-1"]


async def test_a_throttled_call_waits_where_its_deadline_lets_it_and_says_so_where_not(clouds: StandIn) -> None:
    async with signed_in(clouds) as hub:
        clouds.fail(SERVICE, "GET *", 1, status=429, retry_after=1)
        begun = anyio.current_time()
        assert await hub.call("digitalocean.list_servers") == []
        assert 1 <= anyio.current_time() - begun < 3
        clouds.fail(SERVICE, "GET *", 1, status=429, retry_after=30)
        begun = anyio.current_time()
        with pytest.raises(FunctionError) as raised:
            await hub.request("digitalocean.list_servers", {}, timeout_seconds=10)
        assert (raised.value.code, raised.value.error_data) == (1004, {"retry_after_seconds": 30})
        assert anyio.current_time() - begun < 3


@pytest.mark.parametrize(
    ("status", "code", "requests"), [(401, 1001, 1), (403, 1001, 1), (404, 1002, 1), (422, 1003, 1), (500, 1005, 2)]
)
async def test_what_the_service_says_becomes_an_error_of_one_kind(
    clouds: StandIn, status: int, code: int, requests: int
) -> None:
    async with signed_in(clouds, max_attempts=2) as hub:
        clouds.fail(SERVICE, "GET /v2/regions", 9, status=status, message=f"no: {TOKEN}")
        failed = await refused(hub, "list_regions", code)
        assert "no: [token]" in failed.message
        assert len(clouds.requests(SERVICE, "GET /v2/regions")) == requests


async def test_a_request_ends_with_the_deadline_of_its_call(clouds: StandIn) -> None:
    async with signed_in(clouds, timeout_seconds=60) as hub:
        clouds.fail(SERVICE, "GET /v2/droplets", 1, slow_seconds=60)
        begun = anyio.current_time()
        with pytest.raises((CallTimeout, FunctionError)) as raised:  # whose clock is first: the hub's or the module's
            await hub.request("digitalocean.list_servers", {}, timeout_seconds=0.5)
        assert raised.value.code == -31001
        assert anyio.current_time() - begun < 0.8
        assert len(clouds.requests(SERVICE, "GET /v2/droplets", ended="gone", at_least=1)) == 1
        assert await hub.call("digitalocean.list_servers") == []


async def test_a_configuration_that_cannot_be_used_is_refused_by_member(clouds: StandIn) -> None:
    async with run_hub(clouds, url="http://api.digitalocean.com") as hub:
        with pytest.raises(InitFailed, match="/config/base_url"):
            await hub.call("digitalocean.whoami")


@pytest.mark.parametrize("effects", [False, True], ids=["reads", "effects"])
async def test_the_module_conforms_and_without_effects_reaches_no_service(
    clouds: StandIn, tmp_path: Path, effects: bool
) -> None:
    async with run_hub(clouds) as hub:
        plugin = hub.registry.get(SERVICE)
        interfaces = (await hub.introduce(SERVICE)).introduction.implements
    assert set(interfaces) == {"cloud.account/1.0", "cloud.compute/1.0"}
    copy = shutil.copytree(plugin.root, tmp_path / SERVICE)
    manifest = (copy / "plugin.toml").read_text()
    (copy / "plugin.toml").write_text(manifest.replace("https://api.digitalocean.com", clouds.urls[SERVICE]))
    clouds.admit(SERVICE, "canary", CANARY)  # what the runner types where a module asks for a secret
    report, _ = run(target_of_path(copy, dict(os.environ)), CHECKS, Settings(allow_effects=effects))
    wrong = [verdict.why for verdict in report.verdicts if verdict.status not in ("passed", "not_offered")]
    assert (report.conforms, wrong) == (True, [])
    assert bool(clouds.requests(SERVICE)) is effects
