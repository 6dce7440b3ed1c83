"""Own what the module of every cloud has to stand, through the hub and against the stand-in; know nothing of one service.

A file of tests has a class for its module, `class TestHetzner(CloudCases)`, with a `cloud`; its own cases are methods beside.
"""

import os
import socket
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any, ClassVar

import anyio
import anyio.to_thread
import pytest

from hub._keyring_index import Place
from hub.conformance import CHECKS, Settings, run, target_of_path
from hub.conformance._host import CANARY
from hub.errors import CallTimeout, FunctionError, HubError
from tests.clouds.playing import StandIn
from tests.clouds.tls import gate
from tests.clouds.trial import Cloud, Trial, copied, token_of, trial

__all__ = ["CloudCases", "ProtocolCases"]

_MANY = 1234
# Of one HTTP request, where a test has one that hangs.
_SHORT_SECONDS = 0.4
_CREDENTIALS, _REFUSED, _WAIT, _UNAVAILABLE = 1001, 1003, 1004, 1005
_NEVER_SEEN = ("YItygq1v3GYjjMomLaKc", "v5{Fkvb#2ycPGwHs", "password")


async def _fails(
    wanted: int, trying: Trial, function: str, account: str = "work", *, timeout_seconds: float | None = None, **params: Any
) -> FunctionError:
    with pytest.raises(FunctionError) as raised:
        await trying.call(function, account, timeout_seconds=timeout_seconds, **params)
    assert raised.value.code == wanted, raised.value
    return raised.value


class CloudCases:
    """What the module of every cloud has to stand."""

    cloud: ClassVar[Cloud]

    @pytest.fixture
    def anyio_backend(self) -> str:
        """Run each case once: a module does not see the event loop of its hub."""
        return "asyncio"

    async def test_a_server_is_made_listed_and_deleted_with_a_token_that_the_person_gave(self, clouds: StandIn) -> None:
        service = self.cloud.service
        async with trial(self.cloud, clouds) as trying:
            refused = await _fails(_CREDENTIALS, trying, "list_servers")
            assert f"hub call {service}.authenticate --account work" in str(refused)
            assert trying.requests() == []
            known = await trying.authenticate()
            assert (known["account"], bool(known["identity"])) == ("work", True)
            assert trying.asked[0].schema["properties"]["token"]["writeOnly"] is True
            assert await trying.call("whoami") == known
            regions = {region["id"]: region["available"] for region in await trying.call("list_regions")}
            assert regions[self.cloud.wanted["region"]] is True
            made = await trying.call("create_server", name="web-1", **self.cloud.wanted)
            assert {key: made[key] for key in ("name", "region", "size")} == {
                "name": "web-1",
                "region": self.cloud.wanted["region"],
                "size": self.cloud.wanted["size"],
            }
            assert made["status"] == "starting"
            assert not any(word in str(made) for word in _NEVER_SEEN)
            looks = [(await trying.call("list_servers"))[0] for _ in range(4)]
            assert (looks[-1]["id"], looks[-1]["status"]) == (made["id"], "running")
            assert looks[-1]["public_ipv4"].startswith("198.")
            assert looks[-1]["created_at"] == "2026-01-02T03:04:05Z"
            assert await trying.call("delete_server", id=made["id"]) == {"deleted": True}
            assert await trying.call("delete_server", id=made["id"]) == {"deleted": False}
            assert await trying.call("delete_server", id="..") == {"deleted": False}
            assert await trying.call("list_servers") == []
            assert await trying.call("forget") == {"forgotten": True}
            await _fails(_CREDENTIALS, trying, "whoami")

    async def test_all_pages_of_many_servers_are_read(self, clouds: StandIn) -> None:
        async with trial(self.cloud, clouds) as trying:
            await trying.authenticate()
            clouds.plant(self.cloud.service, "work", _MANY - 10, region=self.cloud.wanted["region"])
            clouds.plant(self.cloud.service, "work", 10, name="far", region=self.cloud.other_region)
            before = len(trying.requests())
            servers = await trying.call("list_servers")
            pages = -(-_MANY // self.cloud.page_size)
            assert len(trying.requests()) - before == pages
            assert len({server["id"] for server in servers}) == len(servers) == _MANY
            assert len(await trying.call("list_servers", limit=3)) == 3
            far = await trying.call("list_servers", region=self.cloud.other_region)
            assert [server["name"].startswith("far-") for server in far] == [True] * 10

    async def test_calls_for_two_accounts_at_once_never_use_the_token_of_the_other(self, clouds: StandIn) -> None:
        accounts = ("home", "work")
        async with trial(self.cloud, clouds) as trying:
            for account in accounts:
                await trying.authenticate(account)
                clouds.plant(self.cloud.service, account, 2, name=f"of-{account}")
            # None of the answers comes before all are asked, so they overlap.
            trying.fail("GET", 40, slow_seconds=0.3)
            seen: list[tuple[str, list[str]]] = []

            async def look(account: str) -> None:
                seen.append((account, [server["name"] for server in await trying.call("list_servers", account)]))

            async with anyio.create_task_group() as tasks:
                for _ in range(6):
                    for account in accounts:
                        tasks.start_soon(look, account)
            assert sorted(seen) == [(account, [f"of-{account}-0", f"of-{account}-1"]) for account in accounts for _ in range(6)]
            await _fails(_CREDENTIALS, trying, "list_servers", "nobody")

    async def test_a_service_that_asks_to_wait_is_asked_again_after_that_time(self, clouds: StandIn) -> None:
        async with trial(self.cloud, clouds) as trying:
            await trying.authenticate()
            trying.fail("GET", status=429, retry_after="1")
            begun = time.monotonic()
            assert await trying.call("list_servers") == []
            assert time.monotonic() - begun >= 1
            # The creation was surely not carried out, so it may be tried again.
            trying.fail("POST", status=429, retry_after=_in_http(timedelta(seconds=1)))
            await trying.call("create_server", name="web-1", **self.cloud.wanted)
            assert clouds.servers(self.cloud.service, "work") == ["web-1"]
            assert [entry["acted"] for entry in trying.requests("POST *")] == [False, True]

    async def test_a_wait_beyond_the_deadline_is_told_instead_of_waited_for(self, clouds: StandIn) -> None:
        async with trial(self.cloud, clouds) as trying:
            await trying.authenticate()
            trying.fail("GET", status=429, retry_after="60")
            before = len(trying.requests())
            failed = await _fails(_WAIT, trying, "list_servers", timeout_seconds=4)
            assert failed.error_data["retry_after_seconds"] == 60
            assert len(trying.requests()) == before + 1

    async def test_reads_are_tried_again_after_errors_of_the_service_and_cut_connections(self, clouds: StandIn) -> None:
        async with trial(self.cloud, clouds) as trying:
            await trying.authenticate()
            clouds.plant(self.cloud.service, "work", 2)
            rounds: tuple[list[dict[str, Any]], ...] = (
                [{"status": 500}, {"cut": "before"}],
                [{"cut": "headers"}, {"cut": "body"}, {"status": 503}],
            )
            for faults in rounds:
                before = len(trying.requests())
                for fault in faults:
                    trying.fail("GET", **fault)
                assert len(await trying.call("list_servers")) == 2
                assert len(trying.requests()) == before + len(faults) + 1
            trying.fail("GET", 4, status=500)
            before = len(trying.requests())
            await _fails(_UNAVAILABLE, trying, "list_servers")
            assert len(trying.requests()) == before + 4

    @pytest.mark.parametrize(
        "fault",
        [
            pytest.param({"status": 500, "acts": True}, id="500"),
            pytest.param({"cut": "before"}, id="cut-before"),
            pytest.param({"cut": "headers"}, id="cut-headers"),
            pytest.param({"cut": "body"}, id="cut-body"),
            pytest.param({"slow_seconds": 30}, id="slow"),
            pytest.param({"text": "not JSON"}, id="nonsense"),
        ],
    )
    async def test_a_creation_in_doubt_is_never_tried_again(self, clouds: StandIn, fault: dict[str, Any]) -> None:
        async with trial(self.cloud, clouds, timeout_seconds=_SHORT_SECONDS) as trying:
            await trying.authenticate()
            trying.fail("POST", **fault)
            failed = await _fails(_UNAVAILABLE, trying, "create_server", name="web-1", **self.cloud.wanted)
            assert failed.error_data["may_have_executed"] is True
            assert len(trying.requests("POST *")) == 1
            assert clouds.servers(self.cloud.service, "work") == ([] if fault == {"cut": "before"} else ["web-1"])

    async def test_a_creation_that_reached_nobody_is_not_in_doubt(self, clouds: StandIn) -> None:
        with socket.create_server(("127.0.0.1", 0)) as closing:
            nobody = f"http://127.0.0.1:{closing.getsockname()[1]}"
        async with trial(self.cloud, clouds, base_url=nobody, max_attempts=2) as trying:
            await trying.hub.credentials.put(Place(self.cloud.service, "work", "token"), token_of("work"))
            failed = await _fails(_UNAVAILABLE, trying, "create_server", name="web-1", **self.cloud.wanted)
            assert failed.error_data["may_have_executed"] is False

    async def test_what_the_service_refuses_is_told_in_its_words_and_never_with_the_token(self, clouds: StandIn) -> None:
        async with trial(self.cloud, clouds) as trying:
            await trying.authenticate()
            trying.fail("GET", status=401)
            refused = await _fails(_CREDENTIALS, trying, "list_servers")
            assert f"hub call {self.cloud.service}.authenticate --account work" in str(refused)
            trying.fail("GET", status=403, message="ask your admin")
            assert "ask your admin" in str(await _fails(_CREDENTIALS, trying, "list_servers"))
            trying.fail("POST", status=422, message=f"no luck with {token_of('work')}\x1b[31m")
            refused = await _fails(_REFUSED, trying, "create_server", name="web-1", **self.cloud.wanted)
            assert "no luck with " in str(refused)
            assert token_of("work") not in str(refused)
            assert "\x1b" not in str(refused)
            refused = await _fails(_REFUSED, trying, "create_server", name="web-1", **self.cloud.but(size="huge"))
            assert len(trying.requests("POST *")) == 2
            clouds.admit(self.cloud.service, "work", "another-token-0123456789")
            await _fails(_CREDENTIALS, trying, "whoami")

    async def test_a_token_that_the_service_does_not_take_is_not_kept(self, clouds: StandIn) -> None:
        async with trial(self.cloud, clouds) as trying:
            with pytest.raises(FunctionError) as raised:
                await trying.authenticate("work", "wrong-token-0123456789")
            assert raised.value.code == _CREDENTIALS
            assert await trying.call("forget") == {"forgotten": False}

    async def test_requests_end_when_nobody_waits_any_more(self, clouds: StandIn) -> None:
        async with trial(self.cloud, clouds) as trying:
            await trying.authenticate()
            trying.fail("GET", 2, slow_seconds=60)
            begun = time.monotonic()
            with pytest.raises(HubError) as raised:
                await trying.call("list_servers", timeout_seconds=0.5)
            # The module has the same deadline, and may be quicker to say so.
            assert raised.value.code == CallTimeout("").code
            assert time.monotonic() - begun < 2
            await self._gone(trying, 1)
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._call_until_cancelled, trying)
                assert len(await _requests(trying, f"GET {self.cloud.path}*", 1, ended="")) == 1
                tasks.cancel_scope.cancel()
            await self._gone(trying, 2)

    async def _call_until_cancelled(self, trying: Trial) -> None:
        await trying.call("list_servers")

    async def _gone(self, trying: Trial, count: int) -> None:
        assert len(await _requests(trying, f"GET {self.cloud.path}*", count, ended="gone")) == count

    async def test_a_list_that_does_not_end_and_an_answer_without_bound_are_errors(self, clouds: StandIn) -> None:
        async with trial(self.cloud, clouds) as trying:
            await trying.authenticate()
            clouds.plant(self.cloud.service, "work", 2)
            before = len(trying.requests())
            trying.fail("GET", 100, json=dict(self.cloud.endless))
            await _fails(_UNAVAILABLE, trying, "list_servers")
            assert len(trying.requests()) <= before + 3
            clouds.reset()
            await trying.authenticate()
            trying.fail("GET", 100, pad_bytes=9 * 1024 * 1024)
            await _fails(_UNAVAILABLE, trying, "list_servers")

    async def test_a_service_that_nobody_vouches_for_never_sees_the_token(self, clouds: StandIn, tmp_path: Path) -> None:
        with gate(clouds.urls[self.cloud.service], tmp_path) as gated:
            async with trial(self.cloud, clouds, base_url=gated.url, max_attempts=1) as trying:
                await trying.hub.credentials.put(Place(self.cloud.service, "work", "token"), token_of("work"))
                failed = await _fails(_UNAVAILABLE, trying, "create_server", name="web-1", **self.cloud.wanted)
                assert (failed.error_data["may_have_executed"], gated.passed_bytes) == (False, 0)
            plugins = copied(self.cloud, tmp_path / "plugins", trusted=gated.certificate).parent
            async with trial(self.cloud, clouds, plugins, base_url=gated.url) as trying:
                await trying.authenticate()
                clouds.plant(self.cloud.service, "work", 1)
                assert len(await trying.call("list_servers")) == 1
                assert gated.passed_bytes > 0

    async def test_a_configuration_that_cannot_be_used_is_refused_by_its_member(self, clouds: StandIn) -> None:
        unusable: list[dict[str, Any]] = [
            {"base_url": "http://cloud.example"},
            {"timeout_seconds": 0},
            {"max_attempts": "many"},
        ]
        for config in unusable:
            async with trial(self.cloud, clouds, **config) as trying:
                with pytest.raises(HubError) as raised:
                    await trying.call("list_servers")
                assert raised.value.kind == "init_failed"
                assert next(iter(config)) in str(raised.value)


class ProtocolCases:
    """That the module keeps to the protocol, with its service and without."""

    cloud: ClassVar[Cloud]

    @pytest.mark.parametrize("effects", [False, True], ids=["without-effects", "with-effects"])
    def test_it_conforms_and_reaches_its_service_only_with_effects(
        self, clouds: StandIn, tmp_path: Path, *, effects: bool
    ) -> None:
        service = self.cloud.service
        clouds.admit(service, "canary", CANARY)  # what the runner answers where a module asks for a secret
        module = copied(self.cloud, tmp_path, base_url=clouds.urls[service])
        report, _ = run(target_of_path(module, dict(os.environ)), CHECKS, Settings(allow_effects=effects))
        wrong = [verdict.why for verdict in report.verdicts if verdict.status not in ("passed", "not_offered")]
        assert (report.conforms, wrong) == (True, [])
        assert bool(clouds.requests(service)) is effects


async def _requests(trying: Trial, match: str, at_least: int, **wanted: Any) -> list[dict[str, Any]]:
    return await anyio.to_thread.run_sync(lambda: trying.requests(match, at_least=at_least, **wanted))


def _in_http(after: timedelta) -> str:
    """Return a moment as HTTP has it; a second more, because it has whole seconds."""
    return format_datetime(datetime.now(UTC) + after + timedelta(seconds=1), usegmt=True)
