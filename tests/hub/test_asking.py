"""Prove that a question reaches the person behind the call, who has time to think, and what becomes of their secrets."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

from hub import Answer, Hub, Question
from hub._deadlines import Deadlines
from hub._keyring import Keyring
from hub._patience import ASK_SECONDS, Patience
from hub.errors import BadSettings, CallTimeout, InvalidResult
from hub.testing import MemorySpawner, ModuleEnd, Program
from tests.hub.keyrings import MemoryKeyring
from tests.hub.modules import Watcher, ask_hub, asking, echoing, hub_of, memory_plugin, serving

_TOKEN = "pl4nted-token-of-the-test"  # noqa: S105 - planted
_FORM = {"type": "object", "properties": {"user": {"type": "string"}, "token": {"type": "string", "writeOnly": True}}}
_QUESTION = {"method": "hub.ask", "params": {"message": "Who?", "schema": _FORM}}


@asynccontextmanager
async def _hub(tmp_path: Path, programs: Mapping[str, Program], **options: Any) -> AsyncGenerator[tuple[Hub, Watcher]]:
    for name in programs:
        memory_plugin(tmp_path / "plugins", name)
    async with MemorySpawner(programs) as spawn:
        hub = hub_of(tmp_path / "plugins", spawn=spawn, **options)
        watcher = Watcher(hub)
        async with hub:
            yield hub, watcher


async def _relay(module: ModuleEnd, request: dict[str, Any]) -> None:
    """Call `b.ask` with the arguments."""
    params = {"call_id": request["id"], "function": "b.ask", "params": request["params"]}
    await module.answer(request, await ask_hub(module, "hub.call", params))


_PERMISSIONS = ("ask", "credentials", "store", "call:*")
_PROGRAMS = {
    "a": serving({"ask": asking, "relay": _relay, "echo": echoing}, permissions=_PERMISSIONS),
    "b": serving({"ask": asking, "echo": echoing}, permissions=_PERMISSIONS),
}


def _says(**content: Any) -> Any:
    def ask(_question: Question) -> Answer:
        return Answer("accept", content)

    return ask


class _Clock:
    """The hub's clock, put forward by the person who thinks."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def thinking(self, hub: Hub, seconds: float) -> Any:
        """Return an `ask` that takes its time, in which the hub looks at the clock."""

        async def ask(_question: Question) -> Answer:
            self.now += seconds
            await _wake(hub.around.deadlines)
            return Answer("decline")

        return ask


async def _wake(deadlines: Deadlines) -> None:
    """Have the hub look at the clock: it sleeps by the real one."""
    deadlines.add(0, lambda: None).cancel()
    await anyio.wait_all_tasks_blocked()


async def test_the_person_behind_the_call_is_asked_also_by_a_module_that_was_called_by_another(tmp_path: Path) -> None:
    asked: list[tuple[str, str]] = []

    def person(name: str) -> Any:
        def ask(question: Question) -> Answer:
            asked.append((name, question.module))
            return Answer("decline")

        return ask

    async with _hub(tmp_path, _PROGRAMS, ask=person("the hub's")) as (hub, _):
        for function in ("a.ask", "a.relay"):
            await hub.request(function, _QUESTION, ask=person("the call's"))
            await hub.request(function, _QUESTION)
    assert asked == [("the call's", "a"), ("the hub's", "a"), ("the call's", "b"), ("the hub's", "b")]


@pytest.mark.parametrize("function", ["a.ask", "a.relay"])
async def test_the_deadline_of_a_call_and_of_those_around_it_stands_still_while_the_person_thinks(
    tmp_path: Path, function: str
) -> None:
    """HUB-HOST-6."""
    clock = _Clock()
    async with _hub(tmp_path, _PROGRAMS, clock=clock) as (hub, _):
        await hub.start("a")
        await hub.start("b")
        ask = clock.thinking(hub, 200)
        answer = await hub.request(function, _QUESTION, timeout_seconds=10, ask=ask)
    assert answer in ({"result": {"action": "decline"}}, {"result": {"result": {"action": "decline"}}})


async def test_after_the_answer_the_rest_of_the_time_is_left_also_for_calls_inside(tmp_path: Path) -> None:
    """HUB-HOST-6."""
    clock = _Clock()
    left: list[float] = []

    async def f(module: ModuleEnd, request: dict[str, Any]) -> None:
        await ask_hub(module, "hub.ask", {"call_id": request["id"], "message": "m", "schema": {"type": "object"}})
        await ask_hub(module, "hub.call", {"call_id": request["id"], "function": "b.look"})
        await module.answer(request, None)

    async def look(module: ModuleEnd, request: dict[str, Any]) -> None:
        left.append(request["context"]["timeout_ms"] / 1000)
        await module.answer(request, None)

    programs = {
        "a": serving({"f": f}, permissions=_PERMISSIONS),
        "b": serving({"look": look}, info={"features": ["context"]}),
    }
    async with _hub(tmp_path, programs, clock=clock) as (hub, _):
        await hub.start("b")
        await hub.request("a.f", {}, timeout_seconds=10, ask=clock.thinking(hub, 100))
    assert left == [10.0]


async def test_the_clock_goes_on_after_300_seconds_of_one_call(tmp_path: Path) -> None:
    """HUB-HOST-6."""
    assert ASK_SECONDS == 300
    clock, deadlines = _Clock(), Deadlines(_Clock())
    patience, told = Patience(clock), list[str]()
    deadline = deadlines.add(1010, lambda: told.append("late"))
    for seconds, then in ((200, 1210), (99, 1309), (2, 1310), (50, 1310)):
        with patience.standing_still([deadline]):
            assert deadline.when == pytest.approx(then if then == 1310 and seconds == 50 else 1310)
            clock.now += seconds
        assert deadline.when == then


async def test_two_questions_of_one_call_at_once_stop_the_clock_once(tmp_path: Path) -> None:
    clock = _Clock()
    patience, deadline = Patience(clock), Deadlines(clock).add(1010, lambda: None)
    with patience.standing_still([deadline]):
        clock.now += 10
        with patience.standing_still([deadline, deadline]):
            clock.now += 10
        clock.now += 10
    assert deadline.when == 1040


async def test_a_call_whose_patience_is_over_times_out_and_its_question_ends(tmp_path: Path) -> None:
    """HUB-HOST-6."""
    clock = _Clock()
    ended = anyio.Event()

    async with _hub(tmp_path, _PROGRAMS, clock=clock) as (hub, _):
        await hub.start("a")

        async def ask(_question: Question) -> Answer:
            clock.now += 311
            try:
                await _wake(hub.around.deadlines)
                await anyio.sleep_forever()
            finally:
                ended.set()
            raise AssertionError

        with pytest.raises(CallTimeout):
            await hub.request("a.ask", _QUESTION, timeout_seconds=10, ask=ask)
        await ended.wait()


async def test_credentials_are_those_of_the_calls_account(tmp_path: Path) -> None:
    """HUB-CRED-1."""
    get = {"method": "hub.credentials.get", "params": {"name": "token"}}
    async with _hub(tmp_path, _PROGRAMS) as (hub, _):
        put = {"method": "hub.credentials.put", "params": {"name": "token", "value": ["work"]}}
        assert await hub.request("a.ask", put, profile="work") == {"result": {"kept": "session"}}
        # `default` is what a call belongs to that names no account.
        put["params"] = {"name": "token", "value": ["none"]}
        assert await hub.request("a.relay", put) == {"result": {"result": {"kept": "session"}}}
        found = [
            (await hub.request(f"{module}.ask", get, profile=profile))["result"]
            for module in ("a", "b")
            for profile in ("work", "default", None, "other")
        ]
        assert [hub.credentials.accounts_of(name) for name in "abc"] == [("work",), ("default",), ("default",)]
        assert (await hub.request("a.ask", {**get, "method": "hub.credentials.delete"}, profile="work"))["result"] == {
            "deleted": True
        }
    assert [one.get("value") for one in found] == [["work"], None, None, None, None, ["none"], ["none"], None]
    assert [one["found"] for one in found] == [True, False, False, False, False, True, True, False]


async def test_where_credentials_are_kept_is_for_the_person_behind_the_call_to_say(tmp_path: Path) -> None:
    """HUB-CRED-4."""
    backend = MemoryKeyring()
    put = {"method": "hub.credentials.put", "params": {"name": "token", "value": "short"}}
    async with _hub(tmp_path, _PROGRAMS, keyring=Keyring(lambda: backend)) as (hub, _):
        assert await hub.request("a.ask", put) == {"result": {"kept": "session"}}
        assert await hub.request("a.relay", put, keep="keyring") == {"result": {"result": {"kept": "keyring"}}}
        with pytest.raises(BadSettings):
            await hub.request("a.ask", put, keep="paper")
        with pytest.raises(BadSettings):
            await hub.request("a.ask", put, profile="../x")
    assert list(backend.entries) == [("hub/b/default", "token")]


async def test_what_is_too_much_is_answered_with_store_full(tmp_path: Path) -> None:
    """HUB-CRED-2."""
    put = {"method": "hub.credentials.put", "params": {"name": "token", "value": "x" * 64 * 1024}}
    async with _hub(tmp_path, _PROGRAMS) as (hub, _):
        error = await hub.request("a.ask", put)
    assert (error["code"], error["data"]["kind"]) == (-31044, "store_full")


async def test_what_a_person_gives_as_a_secret_may_go_nowhere_but_into_credentials(tmp_path: Path) -> None:
    """HUB-CRED-5."""
    leaks = [
        ("hub.call", {"function": "b.echo", "params": {"x": _TOKEN}}),
        ("hub.store.set", {"key": "k", "value": [_TOKEN]}),
        ("hub.store.set", {"key": _TOKEN, "value": 1}),
        ("hub.ask", {"message": f"Is it {_TOKEN}?", "schema": _FORM}),
    ]

    async def f(module: ModuleEnd, request: dict[str, Any]) -> None:
        mine = {"call_id": request["id"]}
        given = await ask_hub(module, "hub.ask", {**mine, "message": "m", "schema": _FORM})
        assert given["result"]["content"] == {"user": "ada-lovelace", "token": _TOKEN}
        kinds = [(await ask_hub(module, method, {**mine, **params}))["data"]["kind"] for method, params in leaks]
        kept = await ask_hub(module, "hub.credentials.put", {**mine, "name": "t", "value": _TOKEN})
        await module.answer(request, [*kinds, kept["result"]["kept"], "ada-lovelace"])

    async with _hub(tmp_path, {"a": serving({"f": f}, permissions=_PERMISSIONS), "b": _PROGRAMS["b"]}) as (hub, watcher):
        answer = await hub.request("a.f", {}, ask=_says(user="ada-lovelace", token=_TOKEN))
        assert answer == ["not_permitted"] * 4 + ["session", "ada-lovelace"]
        assert watcher.of("module.starting", "b") == []
        with pytest.raises(InvalidResult):
            await hub.call("b.echo", x=_TOKEN)
    assert _TOKEN not in str(watcher.events)


async def test_the_words_of_an_application_that_fails_to_ask_reach_no_module(tmp_path: Path) -> None:
    def ask(_question: Question) -> Answer:
        raise RuntimeError(_TOKEN)

    async with _hub(tmp_path, _PROGRAMS) as (hub, _):
        error = await hub.request("a.ask", _QUESTION, ask=ask)
    assert error["data"]["kind"] == "nobody_to_ask"
    assert _TOKEN not in str(error)
