"""Own the proof of calls inside calls: cycles and depth, deadlines that shrink, cancellation that goes down (HUB-HOST-3)."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any, cast

import anyio
import pytest

from hub import Hub
from hub.errors import CallTimeout
from hub.testing import MemorySpawner, ModuleEnd, Program
from tests.hub.modules import Watcher, ask_hub, asking, echoing, hub_of, memory_plugin, serving

_CALLS = ("call:*",)


@asynccontextmanager
async def _hub(tmp_path: Path, programs: Mapping[str, Program]) -> AsyncGenerator[tuple[Hub, Watcher]]:
    for name in programs:
        memory_plugin(tmp_path / "plugins", name)
    async with MemorySpawner(programs) as spawn:
        hub = hub_of(tmp_path / "plugins", spawn=spawn)
        watcher = Watcher(hub)
        async with hub:
            yield hub, watcher


def _call(address: str, params: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {"method": "hub.call", "params": {"function": address, "params": dict(params or {}), **more}}


def _asker(**members: Any) -> Program:
    return serving({"ask": asking, "echo": echoing}, permissions=_CALLS, **members)


def _innermost(answer: dict[str, Any]) -> dict[str, Any]:
    """Unwrap the answers of functions that answer with an answer."""
    inner: Any = answer.get("result")
    return (
        _innermost(cast("dict[str, Any]", inner)) if isinstance(inner, dict) and inner.keys() & {"result", "code"} else answer
    )


@pytest.mark.parametrize("features", [[], ["concurrent"]])
async def test_a_module_that_is_called_back_gets_the_chain_instead_of_a_hang(tmp_path: Path, features: list[str]) -> None:
    programs = {name: _asker(info={"features": features}) for name in ("a", "b")}
    async with _hub(tmp_path, programs) as (hub, _):
        with anyio.fail_after(1):
            error = _innermost(await hub.call("a.ask", **_call("b.ask", _call("a.echo"))))
        assert (error["code"], error["data"]["kind"]) == (-31040, "call_cycle")
        assert error["data"]["chain"] == ["a.ask", "b.ask", "a.echo"]
        assert await hub.call("a.echo", x=1) == {"x": 1}


async def test_a_module_that_calls_itself_gets_the_chain(tmp_path: Path) -> None:
    async with _hub(tmp_path, {"a": _asker()}) as (hub, _):
        error = await hub.call("a.ask", **_call("a.echo"))
    assert (error["code"], error["data"]["chain"]) == (-31040, ["a.ask", "a.echo"])


def _waiting_for_both(name: str, other: str, both: list[str], ready: anyio.Event, features: list[str]) -> Program:
    async def work(module: ModuleEnd, request: dict[str, Any]) -> None:
        both.append(name)
        if len(both) == 2:
            ready.set()
        await ready.wait()
        params = {"call_id": request["id"], "function": f"{other}.echo", "params": {"from": name}}
        await module.answer(request, await ask_hub(module, "hub.call", params))

    return serving({"work": work, "echo": echoing}, permissions=_CALLS, info={"features": features})


@pytest.mark.parametrize("features", [[], ["concurrent"]])
async def test_of_two_modules_that_wait_for_each_others_only_worker_the_younger_call_fails(
    tmp_path: Path, features: list[str]
) -> None:
    # Each works on a call of its own when it calls the other. In memory they could answer: what they say counts.
    both, ready, answers = list[str](), anyio.Event(), dict[str, dict[str, Any]]()
    programs = {name: _waiting_for_both(name, other, both, ready, features) for name, other in (("a", "b"), ("b", "a"))}
    async with _hub(tmp_path, programs) as (hub, _), anyio.create_task_group() as tasks:

        async def work(name: str) -> None:
            answers[name] = await hub.call(f"{name}.work")

        for name in ("a", "b"):
            tasks.start_soon(work, name)
    kinds = sorted(answer.get("data", {}).get("kind", "answered") for answer in answers.values())
    assert sorted(both) == ["a", "b"]
    if features:
        assert kinds == ["answered", "answered"]
    else:
        assert "call_cycle" in kinds
        circles = [answer["data"]["circle"] for answer in answers.values() if "data" in answer]
        assert all(circle[0] == circle[-1] for circle in circles)


async def test_a_chain_of_sixteen_is_made_and_the_seventeenth_call_is_refused(tmp_path: Path) -> None:
    names = [f"m{number}" for number in range(17)]
    async with _hub(tmp_path, {name: _asker() for name in names}) as (hub, _):
        params: dict[str, Any] = {"x": 1}
        address = "m15.echo"
        for name in reversed(names[:15]):
            address, params = f"{name}.ask", _call(address, params)
        assert _innermost(await hub.call(address, **params)) == {"result": {"x": 1}}
        params, address = {"x": 1}, "m16.echo"
        for name in reversed(names[:16]):
            address, params = f"{name}.ask", _call(address, params)
        error = _innermost(await hub.call(address, **params))
    assert (error["code"], error["data"]["kind"]) == (-31041, "call_too_deep")
    assert error["data"]["chain"] == [*(f"m{number}.ask" for number in range(16)), "m16.echo"]


async def test_the_deadline_shrinks_at_each_hop_and_the_trace_stays(tmp_path: Path) -> None:
    """HUB-CALL-6."""
    contexts: dict[str, dict[str, Any]] = {}

    def hop(name: str, following: str | None) -> Program:
        async def work(module: ModuleEnd, request: dict[str, Any]) -> None:
            contexts[name] = request["context"]
            if following is not None:
                params: dict[str, Any] = {"call_id": request["id"], "function": f"{following}.work"}
                if name == "b":
                    params["timeout_ms"] = 1000
                await ask_hub(module, "hub.call", params)
            await module.answer(request, None)

        return serving({"work": work}, permissions=_CALLS, info={"features": ["context"]})

    async with _hub(tmp_path, {"a": hop("a", "b"), "b": hop("b", "c"), "c": hop("c", None)}) as (hub, _):
        for name in ("b", "c"):
            await hub.start(name)
        await hub.request("a.work", {}, timeout_seconds=4, profile="work")
    left = [contexts[name]["timeout_ms"] for name in ("a", "b", "c")]
    assert 3000 < left[1] <= left[0] <= 4000
    assert 900 < left[2] <= 1000
    assert len({context["trace_id"] for context in contexts.values()}) == 1
    assert {context["profile"] for context in contexts.values()} == {"work"}
    assert contexts["c"]["chain"] == ["a.work", "b.work", "c.work"]


async def test_a_module_cannot_give_a_call_more_time_than_its_own_has(tmp_path: Path) -> None:
    contexts: list[dict[str, Any]] = []

    async def keep(module: ModuleEnd, request: dict[str, Any]) -> None:
        contexts.append(request["context"])
        await module.answer(request, None)

    b = serving({"keep": keep}, info={"features": ["context"]})
    async with _hub(tmp_path, {"a": _asker(), "b": b}) as (hub, _):
        await hub.request("a.ask", _call("b.keep", timeout_ms=60_000), timeout_seconds=2)
    assert contexts[0]["timeout_ms"] <= 2000


async def _never(module: ModuleEnd, request: dict[str, Any]) -> None:
    await anyio.sleep_forever()


@pytest.mark.parametrize("how", ["deadline", "caller"])
async def test_an_end_from_above_goes_down_the_whole_chain(tmp_path: Path, how: str) -> None:
    cancelled: dict[str, anyio.Event] = {"b": anyio.Event(), "c": anyio.Event()}

    def listens(name: str, handlers: dict[str, Any]) -> Program:
        async def cancel(module: ModuleEnd, message: dict[str, Any]) -> None:
            if message["method"] == "$/cancelRequest":
                cancelled[name].set()

        return serving({**handlers, "*": cancel}, permissions=_CALLS, info={"features": ["cancel"]})

    programs = {"a": _asker(), "b": listens("b", {"ask": asking}), "c": listens("c", {"never": _never})}
    async with _hub(tmp_path, programs) as (hub, _):
        await hub.start("b")
        await hub.start("c")
        with anyio.move_on_after(0.05 if how == "caller" else 5) as scope:
            params = _call("b.ask", _call("c.never"))
            with pytest.raises(CallTimeout) if how == "deadline" else nullcontext():
                await hub.request("a.ask", params, timeout_seconds=0.05 if how == "deadline" else 5)
        assert scope.cancelled_caught is (how == "caller")
        for event in cancelled.values():
            await event.wait()


async def test_a_module_may_call_in_its_init_what_it_requires(tmp_path: Path) -> None:
    answers: list[Any] = []

    async def program(module: ModuleEnd) -> None:
        await module.answer(await _next(module), {**_WHO, "required_modules": {"b": "*"}})
        await module.answer(await _next(module), {"functions": []})
        init = await _next(module)
        params = {"call_id": init["id"], "function": "b.echo", "params": {"x": 1}}
        await module.send({"id": "m1", "method": "hub.call", "params": params})
        answers.append(await _next(module))
        params = {"call_id": init["id"], "function": "b.ask", "params": _call("a.any")}
        await module.send({"id": "m2", "method": "hub.call", "params": params})
        answers.append(await _next(module))
        await module.answer(init, {})
        await module.answer(await _next(module), {})

    async with _hub(tmp_path, {"a": program, "b": _asker()}) as (hub, _):
        await hub.start("a")
    assert answers[0]["result"] == {"x": 1}
    assert answers[1]["result"]["data"]["chain"] == ["a.module_init", "b.ask", "a.any"]


_WHO = {"name": "a", "version": "1.0.0", "license": "MIT", "authors": ["A. Person"]}


async def _next(module: ModuleEnd) -> dict[str, Any]:
    message = await module.receive()
    assert message is not None
    return message


@pytest.mark.parametrize("how", ["stop", "close"])
async def test_a_module_may_call_in_its_cleanup_what_it_requires(tmp_path: Path, how: str) -> None:
    answers: list[Any] = []

    async def clean_up(module: ModuleEnd, request: dict[str, Any]) -> None:
        params = {"call_id": request["id"], "function": "b.echo", "params": {"x": 1}}
        answers.append(await ask_hub(module, "hub.call", params))
        await module.answer(request, {})

    program = serving({"echo": echoing, "module_cleanup": clean_up}, info={"required_modules": {"b": "*"}})
    async with _hub(tmp_path, {"a": program, "b": _asker()}) as (hub, _):
        await hub.call("a.echo")
        if how == "stop":
            await hub.stop("b")
    assert answers == [{"result": {"x": 1}}]
