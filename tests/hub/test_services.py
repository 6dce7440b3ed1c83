"""Own the proof that a module gets from the hub what it was granted, inside a live call and no longer (HUB-HOST-1 to 6)."""

from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

from hub import Answer, Hub, Question, Settings
from hub.errors import FunctionError
from hub.testing import MemorySpawner, ModuleEnd, Program
from tests.hub.modules import Watcher, ask_hub, asking, echoing, function, hub_of, memory_plugin, serving

_ASKS = {"ask": asking}


@asynccontextmanager
async def _hub(tmp_path: Path, programs: Mapping[str, Program], **options: Any) -> AsyncGenerator[tuple[Hub, Watcher]]:
    for name in programs:
        memory_plugin(tmp_path / "plugins", name)
    async with MemorySpawner(programs) as spawn:
        hub = hub_of(tmp_path / "plugins", spawn=spawn, **options)
        watcher = Watcher(hub)
        async with hub:
            yield hub, watcher


def _decline(_question: Question) -> Answer:
    return Answer("decline")


@contextmanager
def _ended(event: anyio.Event) -> Generator[None]:
    try:
        yield
    finally:
        event.set()


async def _ask(hub: Hub, method: str, **params: Any) -> dict[str, Any]:
    return await hub.call("a.ask", method=method, params=params)


@pytest.mark.parametrize("call_id", ["none", 999, 1, True, 4.0, None, [], {"a": 1}, "4", -1])
@pytest.mark.parametrize("method", ["hub.call", "hub.ask", "hub.store.get"])
async def test_a_request_without_a_live_call_is_answered_with_context_ended(tmp_path: Path, method: str, call_id: Any) -> None:
    program = serving(_ASKS, permissions=("store", "ask", "call:*"))
    async with _hub(tmp_path, {"a": program}, ask=_decline) as (hub, _):
        # 1 was module_info, which nothing can be asked in; 4 is this call itself.
        error = await _ask(hub, method, call_id=call_id)
    assert (error["code"], error["data"]["kind"]) == (-31042, "context_ended")


async def test_a_request_without_any_call_id_is_answered_with_context_ended(tmp_path: Path) -> None:
    async def outside(module: ModuleEnd, request: dict[str, Any]) -> None:
        await module.answer(request, await ask_hub(module, "hub.store.list", {}))

    async with _hub(tmp_path, {"a": serving({"f": outside}, permissions=("store",))}) as (hub, _):
        assert (await hub.call("a.f"))["code"] == -31042


@pytest.mark.parametrize("method", ["module_info", "capabilities"])
async def test_nothing_can_be_asked_inside_the_requests_that_have_no_side_effects(tmp_path: Path, method: str) -> None:
    """HUB-LIFE-2, HUB-HOST-1."""
    answers: list[dict[str, Any]] = []

    async def program(module: ModuleEnd) -> None:
        who = {"name": "a", "version": "1.0.0", "license": "MIT", "authors": ["A. Person"]}
        results: dict[str, Any] = {"module_info": who, "capabilities": {"functions": [], "permissions": ["store"]}}
        while (request := await module.receive()) is not None:
            if request["method"] == method:
                await module.send({"id": "m1", "method": "hub.store.list", "params": {"call_id": request["id"]}})
                answers.append(await module.receive() or {})
            await module.answer(request, results.get(request["method"], {}))

    async with _hub(tmp_path, {"a": program}) as (hub, _):
        await hub.start("a")
    assert [(answer["id"], answer["error"]["code"]) for answer in answers] == [("m1", -31042)]


async def test_a_request_in_the_context_of_an_answered_call_is_refused(tmp_path: Path) -> None:
    ended: list[int] = []

    async def f(module: ModuleEnd, request: dict[str, Any]) -> None:
        ended.append(request["id"])
        await module.answer(request, None)

    async with _hub(tmp_path, {"a": serving({"f": f, **_ASKS}, permissions=("store",))}) as (hub, _):
        await hub.call("a.f")
        assert (await _ask(hub, "hub.store.list", call_id=ended[0]))["code"] == -31042


@pytest.mark.parametrize(
    ("method", "params", "permission"),
    [
        ("hub.call", {"function": "b.echo"}, "call:b"),
        ("hub.ask", {"message": "m", "schema": {"type": "object"}}, "ask"),
        ("hub.store.get", {"key": "k"}, "store"),
        ("hub.store.set", {"key": "k", "value": 1}, "store"),
        ("hub.store.delete", {"key": "k"}, "store"),
        ("hub.store.list", {}, "store"),
        ("hub.credentials.get", {"name": "n"}, "credentials"),
        ("hub.credentials.put", {"name": "n", "value": 1}, "credentials"),
        ("hub.credentials.delete", {"name": "n"}, "credentials"),
    ],
)
async def test_what_was_not_granted_is_refused_and_does_not_happen(
    tmp_path: Path, method: str, params: dict[str, Any], permission: str
) -> None:
    asked: list[Question] = []

    def ask(question: Question) -> Answer:
        asked.append(question)
        return Answer("decline")

    others = ("store", "ask", "credentials", "call:c", "call:b.other")
    program = serving(_ASKS, permissions=tuple(other for other in others if other != permission))
    async with _hub(tmp_path, {"a": program, "b": serving({"echo": echoing})}, ask=ask) as (hub, watcher):
        error = await _ask(hub, method, **params)
    assert (error["code"], error["data"]["kind"], error["data"]["permission"]) == (-31012, "not_permitted", permission)
    assert (asked, watcher.of("module.starting", "b")) == ([], [])


@pytest.mark.parametrize("permission", ["call:b", "call:b.echo", "call:*"])
async def test_a_granted_call_is_made(tmp_path: Path, permission: str) -> None:
    program = serving(_ASKS, permissions=(permission,))
    async with _hub(tmp_path, {"a": program, "b": serving({"echo": echoing})}) as (hub, _):
        assert await _ask(hub, "hub.call", function="b.echo", params={"x": 1}) == {"result": {"x": 1}}
        assert await _ask(hub, "hub.call", function="b.echo") == {"result": {}}


async def test_a_module_may_call_what_it_requires(tmp_path: Path) -> None:
    """HUB-CAPS-7."""
    program = serving(_ASKS, info={"required_modules": {"b": "^1.0"}})
    async with _hub(tmp_path, {"a": program, "b": serving({"echo": echoing})}) as (hub, _):
        assert await _ask(hub, "hub.call", function="b.echo", params={"x": 1}) == {"result": {"x": 1}}


async def test_a_call_that_fails_is_answered_with_what_a_caller_would_have_seen(tmp_path: Path) -> None:
    """HUB-HOST-2."""

    async def refuse(module: ModuleEnd, request: dict[str, Any]) -> None:
        await module.refuse(request, 7, "no room", {"rooms": 0})

    declared = [
        function("refuse"),
        function("strict", params={"properties": {"n": {"type": "integer"}}}),
        function("wrong", returns={"type": "integer"}),
    ]
    b = serving({"refuse": refuse, "strict": echoing, "wrong": echoing}, functions=declared)
    async with _hub(tmp_path, {"a": serving(_ASKS, permissions=("call:*",)), "b": b}) as (hub, _):
        refused = await _ask(hub, "hub.call", function="b.refuse")
        assert (refused["code"], refused["message"]) == (7, "no room")
        assert refused["data"] == {"kind": "function_error", "data": {"rooms": 0}}
        strict = await _ask(hub, "hub.call", function="b.strict", params={"n": "1"})
        assert (strict["data"]["kind"], strict["data"]["errors"][0]["pointer"]) == ("invalid_arguments", "/n")
        assert (await _ask(hub, "hub.call", function="b.wrong"))["data"]["kind"] == "invalid_result"
        assert (await _ask(hub, "hub.call", function="b.none"))["data"]["kind"] == "not_found"
        assert (await _ask(hub, "hub.call", function="none.f"))["data"]["kind"] == "not_found"


async def test_an_error_as_long_as_a_frame_is_relayed_without_its_data(tmp_path: Path) -> None:
    async def refuse(module: ModuleEnd, request: dict[str, Any]) -> None:
        room = 64 * 1024 - len('{"jsonrpc":"2.0","id":99,"error":{"code":7,"message":"no","data":""}}')
        await module.refuse(request, 7, "no", "x" * room)

    programs = {"a": serving(_ASKS, permissions=("call:*",)), "b": serving({"refuse": refuse})}
    async with _hub(tmp_path, programs, settings=Settings(max_frame_bytes=64 * 1024)) as (hub, _):
        error = await _ask(hub, "hub.call", function="b.refuse")
        assert error == {"code": 7, "message": "no", "data": {"kind": "function_error"}}


async def test_a_result_that_does_not_fit_into_a_frame_is_an_error(tmp_path: Path) -> None:
    """HUB-FRAME-4."""

    async def fill(module: ModuleEnd, request: dict[str, Any]) -> None:
        for number in range(20):
            params = {"call_id": request["id"], "key": f"{number:02}" + "k" * 254, "value": 1}
            await ask_hub(module, "hub.store.set", params)
        await module.answer(request, await ask_hub(module, "hub.store.list", {"call_id": request["id"]}))

    program = serving({"fill": fill}, permissions=("store",))
    async with _hub(tmp_path, {"a": program}, settings=Settings(max_frame_bytes=4096)) as (hub, _):
        error = await hub.call("a.fill")
        assert (error["code"], error["data"]["kind"]) == (-31006, "frame_too_large")


@pytest.mark.parametrize("method", ["hub.nothing", "hub.credentials.list", "ask", "module_info", "rpc.discover"])
async def test_a_method_that_the_hub_does_not_have_is_answered_so(tmp_path: Path, method: str) -> None:
    """HUB-LIFE-5, HUB-HOST-1."""
    async with _hub(tmp_path, {"a": serving(_ASKS)}) as (hub, _):
        assert (await _ask(hub, method))["code"] == -32601
        assert hub.modules["a"].state == "running"


@pytest.mark.parametrize(
    ("method", "params", "place"),
    [
        ("hub.call", {}, "/function"),
        ("hub.call", {"function": "b"}, "/function"),
        ("hub.call", {"function": "b.f", "params": []}, "/params"),
        ("hub.call", {"function": "b.f", "timeout_ms": -1}, "/timeout_ms"),
        ("hub.call", {"function": "b.f", "timeout_ms": "9"}, "/timeout_ms"),
        ("hub.ask", {"message": "m", "schema": {"type": "array"}}, "/schema/type"),
        ("hub.ask", {"message": "m", "schema": {"type": "object", "properties": {"a": {"type": "object"}}}}, "/schema"),
        ("hub.store.get", {"key": ""}, "/key"),
        ("hub.store.get", {"key": "k" * 257}, "/key"),
        ("hub.store.set", {"key": "k"}, "/value"),
        ("hub.store.list", {"prefix": 1}, "/prefix"),
        ("hub.credentials.get", {"name": ""}, "/name"),
        ("hub.credentials.put", {"name": "n" * 65, "value": 1}, "/name"),
        ("hub.credentials.put", {"name": "n"}, "/value"),
        ("hub.credentials.put", {"name": "n", "value": 1, "ttl_seconds": 0}, "/ttl_seconds"),
    ],
)
async def test_params_that_are_wrong_are_named(tmp_path: Path, method: str, params: dict[str, Any], place: str) -> None:
    async with _hub(tmp_path, {"a": serving(_ASKS, permissions=("store", "ask", "credentials", "call:*"))}) as (hub, _):
        error = await _ask(hub, method, **params)
    assert error["code"] == -32602
    assert place in error["message"]


async def test_the_store_keeps_what_a_module_gave_it_over_a_restart_and_for_that_module_alone(tmp_path: Path) -> None:
    programs = {name: serving(_ASKS, permissions=("store",)) for name in ("a", "b")}
    async with _hub(tmp_path, programs) as (hub, _):
        assert await _ask(hub, "hub.store.set", key="k", value=[1, None]) == {"result": {}}
        await hub.stop("a")
        assert await _ask(hub, "hub.store.get", key="k") == {"result": {"found": True, "value": [1, None]}}
        assert await _ask(hub, "hub.store.get", key="none") == {"result": {"found": False}}
        assert await _ask(hub, "hub.store.list", prefix="k") == {"result": {"keys": ["k"]}}
        assert await hub.call("b.ask", method="hub.store.list", params={}) == {"result": {"keys": []}}
        assert await _ask(hub, "hub.store.delete", key="k") == {"result": {"deleted": True}}
        assert await _ask(hub, "hub.store.delete", key="k") == {"result": {"deleted": False}}
        error = await _ask(hub, "hub.store.set", key="k", value="x" * 1024 * 1024)
        assert (error["code"], error["data"]["kind"]) == (-31044, "store_full")


async def test_a_question_reaches_the_person_and_the_answer_the_module(tmp_path: Path) -> None:
    asked: list[Question] = []
    schema = {"type": "object", "properties": {"token": {"type": "string", "writeOnly": True}}}

    async def ask(question: Question) -> Answer:
        asked.append(question)
        return Answer("accept", {"token": "t"}) if len(asked) == 1 else Answer("decline")

    async with _hub(tmp_path, {"a": serving(_ASKS, permissions=("ask",))}, ask=ask) as (hub, _):
        accepted, declined = [await _ask(hub, "hub.ask", message="Your token?", schema=schema) for _ in range(2)]
    assert (accepted, declined) == (
        {"result": {"action": "accept", "content": {"token": "t"}}},
        {"result": {"action": "decline"}},
    )
    assert asked[0] == Question("a", "Your token?", schema)


async def test_without_a_person_a_question_is_an_error(tmp_path: Path) -> None:
    async with _hub(tmp_path, {"a": serving(_ASKS, permissions=("ask",))}) as (hub, _):
        error = await _ask(hub, "hub.ask", message="m", schema={"type": "object"})
    assert (error["code"], error["data"]["kind"]) == (-31043, "nobody_to_ask")


async def test_a_request_that_the_module_gives_up_is_answered_with_cancelled_and_once(tmp_path: Path) -> None:
    """HUB-CANCEL-2, from the hub's side."""
    answers: list[dict[str, Any]] = []
    cancelled = anyio.Event()

    async def ask(_question: Question) -> Answer:
        with _ended(cancelled):
            await anyio.sleep_forever()
        raise AssertionError

    async def f(module: ModuleEnd, request: dict[str, Any]) -> None:
        async def question() -> None:
            params = {"call_id": request["id"], "message": "m", "schema": {"type": "object"}}
            answers.append(await ask_hub(module, "hub.ask", params))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(question)
            await anyio.wait_all_tasks_blocked()
            for _ in range(2):
                await module.send({"method": "$/cancelRequest", "params": {"id": "m1"}})
        await module.answer(request, None)

    async with _hub(tmp_path, {"a": serving({"f": f}, permissions=("ask",))}, ask=ask) as (hub, _):
        await hub.call("a.f")
    assert cancelled.is_set()
    assert [(answer["code"], answer["data"]["kind"]) for answer in answers] == [(-31000, "cancelled")]


async def test_what_was_asked_inside_a_call_ends_with_the_call(tmp_path: Path) -> None:
    asked, stopped, answers = anyio.Event(), anyio.Event(), list[dict[str, Any]]()

    async def ask(_question: Question) -> Answer:
        asked.set()
        with _ended(stopped):
            await anyio.sleep_forever()
        raise AssertionError

    async def f(module: ModuleEnd, request: dict[str, Any]) -> None:
        params = {"call_id": request["id"], "message": "m", "schema": {"type": "object"}}
        answers.append(await ask_hub(module, "hub.ask", params))

    async with _hub(tmp_path, {"a": serving({"f": f, "g": echoing}, permissions=("ask",))}, ask=ask) as (hub, _):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(hub.call, "a.f")
            await asked.wait()
            tasks.cancel_scope.cancel()
        await stopped.wait()
        await hub.call("a.g")
    assert answers[0]["data"]["kind"] == "context_ended"


async def test_more_requests_than_a_module_may_have_open_are_refused(tmp_path: Path) -> None:
    go_on, kinds = anyio.Event(), list[str]()

    async def ask(_question: Question) -> Answer:
        await go_on.wait()
        return Answer("decline")

    async def f(module: ModuleEnd, request: dict[str, Any]) -> None:
        async def question() -> None:
            params = {"call_id": request["id"], "message": "m", "schema": {"type": "object"}}
            answer = await ask_hub(module, "hub.ask", params)
            kinds.append(answer["data"]["kind"] if "code" in answer else "answered")
            go_on.set()

        async with anyio.create_task_group() as tasks:
            for _ in range(257):
                tasks.start_soon(question)
        await module.answer(request, None)

    async with _hub(tmp_path, {"a": serving({"f": f}, permissions=("ask",))}, ask=ask) as (hub, _):
        await hub.call("a.f")
    assert sorted(kinds) == ["answered"] * 256 + ["overloaded"]
    assert kinds[0] == "overloaded"


async def _fail_later(_question: Question) -> Answer:
    raise RuntimeError("a secret of the application")


def _fail(_question: Question) -> Answer:
    raise RuntimeError("a secret of the application")


def _answer_nothing(_question: Question) -> Any:
    return None


@pytest.mark.parametrize("ask", [_fail, _fail_later, _answer_nothing], ids=["sync", "async", "no answer"])
async def test_an_ask_that_fails_is_nobody_to_ask_and_its_words_stay_in_the_application(tmp_path: Path, ask: Any) -> None:
    program = serving({**_ASKS, "echo": echoing}, permissions=("ask",))
    async with _hub(tmp_path, {"a": program}, ask=ask) as (hub, _):
        error = await _ask(hub, "hub.ask", message="m", schema={"type": "object"})
        assert (error["code"], error["data"]["kind"]) == (-31043, "nobody_to_ask")
        assert "secret" not in str(error)
        assert await hub.call("a.echo", x=1) == {"x": 1}


async def test_an_own_error_of_a_function_about_the_hubs_error_is_its_own(tmp_path: Path) -> None:
    """HUB-HOST-5."""

    async def f(module: ModuleEnd, request: dict[str, Any]) -> None:
        cause = await ask_hub(module, "hub.call", {"call_id": request["id"], "function": "none.f"})
        await module.refuse(request, -31045, "needs none.f", {"cause": cause})

    async with _hub(tmp_path, {"a": serving({"f": f}, permissions=("call:*",))}) as (hub, _):
        with pytest.raises(FunctionError) as raised:
            await hub.call("a.f")
    assert (raised.value.kind, raised.value.code) == ("host_call_failed", -31045)
    assert raised.value.error_data["cause"]["data"]["kind"] == "not_found"
