"""The module for Amazon, run by a hub: against moto, and against a service that answers as a test says."""

import json
import subprocess
import sys
import threading
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

from hub import Answer, Hub, Question
from hub.errors import FunctionError, HubError
from tests.house.tree import ROOT
from tests.plugins.amazon_played import PLUGIN, Asked, Scripted, fault, moto, servers_xml

pytestmark = [pytest.mark.process, pytest.mark.bound(30, "starts the module, and imports boto3 on a busy machine")]

_SECRET = "planted/secret+of+the+account"  # noqa: S105 - planted
_IMAGE = "ami-12c6146b"


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """Run each test on one backend: the module is the same for both."""
    return "asyncio"


@pytest.fixture(scope="module")
def amazon() -> Generator[str]:
    """Run moto for the tests of this file."""
    with moto() as url:
        yield url


class Aws:
    """The module in a hub; `call` is for an account, which has keys of its own."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.asked: list[Question] = []

    async def call(self, function: str, account: str = "work", **params: Any) -> Any:
        """Call a function."""
        return await self.hub.request(f"aws.{function}", params, profile=account)

    async def authenticate(self, account: str = "work", region: str | None = None, secret: str = _SECRET) -> Any:
        """Give an account the key `AKIAOF<ACCOUNT>`."""
        content = {"access_key_id": key_of(account), "secret_access_key": secret} | ({"region": region} if region else {})

        def answer(question: Question) -> Answer:
            self.asked.append(question)
            return Answer("accept", content)

        return await self.hub.request("aws.authenticate", {}, profile=account, ask=answer)


def key_of(account: str) -> str:
    """Return the access key id of an account."""
    return f"AKIAOF{account.upper()}0123456789"


@asynccontextmanager
async def _aws(url: str, **config: Any) -> AsyncGenerator[Aws]:
    async with Hub(ROOT / "plugins", approve=lambda _: True, config={"aws": {"base_url": url, **config}}) as hub:
        yield Aws(hub)


async def _fails(code: int, aws: Aws, function: str, account: str = "work", **params: Any) -> FunctionError:
    with pytest.raises(FunctionError) as raised:
        await aws.call(function, account, **params)
    assert raised.value.code == code, raised.value
    return raised.value


async def test_a_server_is_made_listed_and_deleted_with_keys_that_the_person_gave(amazon: str) -> None:
    async with _aws(amazon) as aws:
        refused = await _fails(1001, aws, "list_servers")
        assert "hub call aws.authenticate --account work" in str(refused)
        known = await aws.authenticate(region="eu-west-1")
        assert known == {"account": "work", "identity": "arn:aws:sts::123456789012:user/moto"}
        fields = aws.asked[0].schema["properties"]
        assert (fields["secret_access_key"]["writeOnly"], fields["region"]["default"]) == (True, "us-east-1")
        assert await aws.call("whoami") == known
        regions = {region["id"]: region for region in await aws.call("list_regions")}
        assert regions["eu-west-1"] == {"id": "eu-west-1", "name": "Europe (Ireland)", "available": True}
        made = await aws.call("create_server", name="web-1", region="eu-west-1", size="t3.micro", image=_IMAGE)
        (listed,) = await aws.call("list_servers")
        assert listed == made | {"status": "running"}
        assert made["created_at"].endswith("Z")
        wanted = {"name": "web-1", "status": "starting", "region": "eu-west-1", "size": "t3.micro", "image": _IMAGE}
        assert {name: made[name] for name in wanted} == wanted
        assert (made["zone"], made["public_ipv4"].count(".")) == ("eu-west-1a", 3)
        await aws.call("create_server", name="far", region="eu-north-1", size="t3.micro", image=_IMAGE)
        assert [server["name"] for server in await aws.call("list_servers", region="eu-north-1")] == ["far"]
        for identifier, there in ((made["id"], True), (made["id"], False), ("i-0123456789abcdef0", False), ("..", False)):
            assert await aws.call("delete_server", id=identifier) == {"deleted": there}
        assert await aws.call("list_servers") == []
        assert await aws.call("forget") == {"forgotten": True}
        assert await aws.call("forget") == {"forgotten": False}
        await _fails(1001, aws, "whoami")


async def test_buckets_and_their_objects_are_made_read_and_deleted(amazon: str) -> None:
    async with _aws(amazon) as aws:
        await aws.authenticate(region="eu-west-1")
        made = await aws.call("create_bucket", bucket="letters")
        assert made == {"name": "letters", "region": "eu-west-1", "created_at": None}
        (bucket,) = await aws.call("list_buckets")
        assert (bucket["name"], bucket["created_at"][-1]) == ("letters", "Z")
        for key, text in (("/a//ä ?&", "Grüße\n"), ("b/1", ""), ("b/2", "\x00")):
            stored = await aws.call("put_object", bucket="letters", key=key, text=text)
            assert stored == {"key": key, "bytes": len(text.encode()), "modified_at": None}
            assert await aws.call("get_object", bucket="letters", key=key) == {"text": text}
        keys = [stored["key"] for stored in await aws.call("list_objects", bucket="letters")]
        assert keys == ["/a//ä ?&", "b/1", "b/2"]
        (first,) = await aws.call("list_objects", bucket="letters", prefix="b/", limit=1)
        assert (first["key"], first["bytes"], first["modified_at"][-1]) == ("b/1", 0, "Z")
        assert await aws.call("delete_object", bucket="letters", key="b/1") == {"deleted": True}
        assert len(await aws.call("list_objects", bucket="letters")) == 2
        await _fails(1002, aws, "get_object", bucket="letters", key="b/1")
        await _fails(1002, aws, "list_objects", bucket="no-such-bucket")
        await _fails(1003, aws, "create_bucket", bucket="letters")


async def test_calls_for_two_accounts_at_once_never_use_the_keys_of_the_other() -> None:
    meeting = threading.Barrier(2, timeout=10)

    def answer(asked: Asked) -> Any:
        if asked.params.get("Action") != "DescribeInstances":
            return 200, {}, _WHO
        meeting.wait()  # each answer waits for another request, so that they overlap
        return servers_xml(asked.access_key_id[6:10])  # all of it would be a secret in the result

    with Scripted.running(answer) as scripted:
        async with _aws(scripted.url) as aws:
            for account, region in (("home", "eu-north-1"), ("work", "us-west-2")):
                await aws.authenticate(account, region)
            seen: list[tuple[str, str]] = []

            async def look(account: str) -> None:
                seen.append((account, (await aws.call("list_servers", account))[0]["name"]))

            async with anyio.create_task_group() as tasks:
                for _ in range(8):
                    tasks.start_soon(look, "home")
                    tasks.start_soon(look, "work")
            assert sorted(seen) == [(account, account.upper()) for account in ("home", "work") for _ in range(8)]
            await _fails(1001, aws, "list_servers", "nobody")
        signed = {(asked.access_key_id, asked.region) for asked in scripted.asked}
        assert signed == {(key_of("home"), "eu-north-1"), (key_of("work"), "us-west-2")}


_WHO = b"<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::1:user/a</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>"  # noqa: E501 - as it comes


async def test_keys_that_amazon_does_not_take_are_not_kept_and_never_told(capfd: pytest.CaptureFixture[str]) -> None:
    refusal = fault(403, "SignatureDoesNotMatch", f"the secret {_SECRET} of {key_of('work')} is wrong")
    with Scripted.running(refusal) as scripted:
        async with _aws(scripted.url) as aws:
            with pytest.raises(FunctionError) as raised:
                await aws.authenticate()
            assert raised.value.code == 1001
            assert await aws.call("forget") == {"forgotten": False}
            shown = f"{raised.value} {raised.value.error_data} {_everything_of(aws.hub)} {capfd.readouterr()}"
        assert _SECRET not in shown
        assert key_of("work") not in shown


def _everything_of(hub: Hub) -> str:
    """Return what lies in the hub's directories, and the environment and command line of the module."""
    texts: list[str] = []
    for place in (hub.paths.state, hub.paths.data):
        texts += [path.read_text(errors="replace") for path in Path(place).rglob("*") if path.is_file()]
    pid = hub.modules["aws"].pid
    texts += [Path(f"/proc/{pid}/{name}").read_text() for name in ("environ", "cmdline")]
    return " ".join(texts)


async def test_requests_end_when_nobody_waits_any_more() -> None:
    never, asked = threading.Event(), threading.Event()

    def hang(_: Asked) -> threading.Event:
        asked.set()
        return never

    with Scripted.running((200, {}, _WHO), hang) as scripted:
        async with _aws(scripted.url, timeout_seconds=60) as aws:
            await aws.authenticate()
            with pytest.raises(HubError) as raised:
                await aws.hub.request("aws.list_servers", {}, profile="work", timeout_seconds=1)
            assert raised.value.kind == "timeout"
            assert await anyio.to_thread.run_sync(scripted.gone.wait, 10)
            scripted.gone.clear()
            asked.clear()
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(aws.call, "list_servers")
                assert await anyio.to_thread.run_sync(asked.wait, 10)
                tasks.cancel_scope.cancel()
            assert await anyio.to_thread.run_sync(scripted.gone.wait, 10)


@pytest.mark.parametrize(
    "config",
    [{"base_url": "http://cloud.example"}, {"base_url": "ftp://127.0.0.1"}, {"timeout_seconds": 0}, {"max_attempts": "many"}],
    ids=["plain-http", "ftp", "no-time", "no-number"],
)
async def test_a_configuration_that_cannot_be_used_is_refused_by_its_member(config: Mapping[str, Any]) -> None:
    async with Hub(ROOT / "plugins", approve=lambda _: True, config={"aws": config}) as hub:
        with pytest.raises(HubError) as raised:
            await hub.call("aws.whoami")
    assert raised.value.kind == "init_failed"
    assert next(iter(config)) in str(raised.value)


def test_introducing_it_imports_nothing_that_only_its_work_needs() -> None:
    heavy = ("asyncio", "boto3", "botocore", "email", "http.client", "ssl", "urllib.request")
    program = f"import aws, json, sys; print(json.dumps([name for name in {heavy} if name in sys.modules]))"
    command = [sys.executable, "-B", "-c", program]
    done = subprocess.run(command, cwd=PLUGIN, capture_output=True, check=True)
    assert json.loads(done.stdout) == []
