"""Own the proof that each call has exactly one outcome, in time, and that the module lives on."""

import os
import time
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

from hub import ApprovalRequest, Hub
from hub.errors import HubError
from hub.testing import MemorySpawner, ModuleEnd
from tests.hub.modules import Watcher, bad_plugin, function, hub_of, memory_plugin, serving

_FEATURES = ("--features", "cancel,concurrent")


@asynccontextmanager
async def _hub(tmp_path: Path, program: str, *arguments: str, **options: Any) -> AsyncGenerator[tuple[Hub, Watcher]]:
    bad_plugin(tmp_path / "plugins", "bad", program, *arguments)
    hub = hub_of(tmp_path / "plugins", **options)
    watcher = Watcher(hub)
    async with hub:
        await hub.start("bad")
        yield hub, watcher


async def _error_of(hub: Hub, address: str, params: dict[str, Any] | None = None, *, seconds: float | None = None) -> HubError:
    with pytest.raises(HubError) as raised:
        await hub.request(address, params or {}, timeout_seconds=seconds)
    return raised.value


@pytest.mark.process
async def test_a_deadline_that_passes_cancels_the_call_in_the_module_and_counts_the_late_answer(tmp_path: Path) -> None:
    """HUB-CANCEL-1, HUB-CANCEL-2."""
    async with _hub(tmp_path, "neighbour", *_FEATURES) as (hub, watcher):
        error = await _error_of(hub, "bad.wait", seconds=0.2)
        assert (error.kind, error.code, error.data["may_have_executed"]) == ("timeout", -31001, True)
        await watcher.wait_for_log("waits 4", "bad")
        await watcher.wait_for_log("got $/cancelRequest 4", "bad")
        late = await watcher.wait("protocol.unexpected_response", "bad")
        assert late.data == {"id": 4, "late": True}
        assert await hub.call("bad.echo", x=1) == {"x": 1}
        assert len(watcher.of("module.starting")) == 1


@pytest.mark.process
async def test_a_module_without_cancel_is_not_told_and_answers_late(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    async with _hub(tmp_path, "neighbour", "--features", "concurrent") as (hub, watcher):
        error = await _error_of(hub, "bad.block", {"path": str(fifo)}, seconds=0.2)
        assert error.kind == "timeout"
        await watcher.wait_for_log("blocks", "bad")
        os.close(os.open(fifo, os.O_WRONLY))
        assert (await watcher.wait("protocol.unexpected_response", "bad")).data["late"] is True
        assert await hub.call("bad.echo", x=1) == {"x": 1}
        assert not any("cancel" in line for line in watcher.logged("bad"))


@pytest.mark.process
async def test_a_caller_that_gives_up_cancels_the_call_in_the_module(tmp_path: Path) -> None:
    async with _hub(tmp_path, "neighbour", *_FEATURES) as (hub, watcher):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(hub.call, "bad.wait")
            await watcher.wait_for_log("waits 4", "bad")
            tasks.cancel_scope.cancel()
        await watcher.wait_for_log("got $/cancelRequest 4", "bad")
        assert await hub.call("bad.echo", x=1) == {"x": 1}


@pytest.mark.process
async def test_a_slow_call_does_not_hold_up_a_thousand_quick_ones(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    async with _hub(tmp_path, "neighbour", *_FEATURES) as (hub, watcher), anyio.create_task_group() as tasks:
        tasks.start_soon(hub.call, "bad.wait")
        await watcher.wait_for_log("waits", "bad")
        for number in range(1000):
            assert await hub.call("bad.echo", n=number) == {"n": number}
        tasks.cancel_scope.cancel()


@pytest.mark.process
async def test_a_result_that_breaks_the_schema_is_the_modules_fault(tmp_path: Path) -> None:
    """HUB-CALL-1."""
    async with _hub(tmp_path, "answers", "--fault", "wrong-result") as (hub, _):
        error = await _error_of(hub, "bad.number")
        assert (error.kind, error.data["requirement"]) == ("invalid_result", "HUB-CALL-1")
        assert [place["pointer"] for place in error.data["errors"]] == [""]
        assert "seven" not in repr(error.to_json())
        assert await hub.call("bad.greet") == "hello"


@pytest.mark.parametrize(
    ("params", "pointers"),
    [
        ({"n": "1"}, ["/n"]),
        ({}, [""]),
        ({"n": 1, "rows": [{"a": 1}, {"a": "x"}]}, ["/rows/1/a"]),
        ({"n": 1, "more": 1}, [""]),
        ({"n": object()}, None),
        ({"n": 2**60}, None),
        ({"n": float("nan")}, None),
    ],
    ids=["type", "missing", "deep", "unknown", "no JSON", "too large", "NaN"],
)
async def test_arguments_that_do_not_fit_are_the_callers_fault_and_are_not_sent(
    tmp_path: Path, params: dict[str, Any], pointers: list[str] | None
) -> None:
    """HUB-CALL-2."""
    got: list[Any] = []

    async def f(module: ModuleEnd, request: dict[str, Any]) -> None:
        got.append(request["params"])
        await module.answer(request, None)

    rows = {"type": "array", "items": {"properties": {"a": {"type": "integer"}}}}
    schema = {"properties": {"n": {"type": "integer"}, "rows": rows}, "required": ["n"], "additionalProperties": False}
    program = serving({"f": f}, functions=[function("f", params=schema)])
    memory_plugin(tmp_path / "plugins", "a")
    async with MemorySpawner({"a": program}) as spawn, hub_of(tmp_path / "plugins", spawn=spawn) as hub:
        error = await _error_of(hub, "a.f", params)
        assert error.kind == "invalid_arguments"
        if pointers is not None:
            assert [place["pointer"] for place in error.data["errors"]] == pointers
        await hub.call("a.f", n=1)
    assert got == [{"n": 1}]


async def test_a_function_without_params_takes_none(tmp_path: Path) -> None:
    memory_plugin(tmp_path / "plugins", "a")

    async def f(module: ModuleEnd, request: dict[str, Any]) -> None:
        await module.answer(request, None)

    program = serving({"f": f}, functions=[{"name": "f"}])
    async with MemorySpawner({"a": program}) as spawn, hub_of(tmp_path / "plugins", spawn=spawn) as hub:
        assert await hub.call("a.f") is None
        assert (await _error_of(hub, "a.f", {"x": 1})).kind == "invalid_arguments"


@pytest.mark.parametrize(
    ("address", "params", "hint"),
    [
        ("nobody.f", {}, None),
        ("a.nothing", {}, "hub functions a"),
        ("a.gret", {}, "greet"),
        ("a", {}, "hub functions a"),
        ("greet", {}, "hub functions"),
        ("a.", {}, "hub functions a"),
        (".greet", {}, None),
        ("", {}, None),
        ("a.module_info", {}, None),
        ("a.ping", {}, None),
    ],
)
async def test_what_is_not_there_is_not_found_and_the_hint_says_where_to_look(
    tmp_path: Path, address: str, params: dict[str, Any], hint: str | None
) -> None:
    memory_plugin(tmp_path / "plugins", "a")

    async def greet(module: ModuleEnd, request: dict[str, Any]) -> None:
        await module.answer(request, "hello")

    async with (
        MemorySpawner({"a": serving({"greet": greet})}) as spawn,
        hub_of(tmp_path / "plugins", spawn=spawn) as hub,
    ):
        error = await _error_of(hub, address, params)
        assert error.kind == "not_found"
        assert error.hint
        assert (hint or "") in error.hint


@pytest.mark.parametrize("seconds", [-1, float("nan")])
async def test_a_timeout_that_is_none_is_refused(tmp_path: Path, seconds: float) -> None:
    async with hub_of(tmp_path / "plugins") as hub:
        assert (await _error_of(hub, "a.f", seconds=seconds)).kind == "bad_settings"


async def test_of_a_thousand_calls_at_once_64_are_in_the_module_256_wait_and_the_rest_is_refused_at_once(
    tmp_path: Path,
) -> None:
    """HUB-CALL-5."""
    inside, most, full, gate = set[int](), [0], anyio.Event(), anyio.Event()
    refused_before_any_answer: list[int] = []

    async def f(module: ModuleEnd, request: dict[str, Any]) -> None:
        inside.add(request["id"])
        if len(inside) == 64:
            full.set()
        most[0] = max(most[0], len(inside))
        await gate.wait()
        inside.remove(request["id"])
        await module.answer(request, request["params"]["n"])

    memory_plugin(tmp_path / "plugins", "a")
    outcomes: dict[int, list[str]] = {number: [] for number in range(1000)}
    async with (
        MemorySpawner({"a": serving({"f": f}, info={"features": ["concurrent"]})}) as spawn,
        hub_of(tmp_path / "plugins", spawn=spawn) as hub,
    ):
        await hub.start("a")

        async def call(number: int) -> None:
            try:
                result = await hub.call("a.f", n=number)
                outcomes[number].append("answered" if result == number else "somebody else's answer")
            except HubError as error:
                outcomes[number].append(error.kind)
                if not gate.is_set() and error.data["may_have_executed"] is False:
                    refused_before_any_answer.append(number)

        async with anyio.create_task_group() as tasks:
            for number in range(1000):
                tasks.start_soon(call, number)
            await full.wait()
            await anyio.wait_all_tasks_blocked()
            assert (len(inside), len(refused_before_any_answer)) == (64, 680)
            gate.set()
    assert most[0] == 64
    assert all(len(found) == 1 for found in outcomes.values())
    assert Counter(found[0] for found in outcomes.values()) == {"answered": 320, "overloaded": 680}


async def test_a_manifest_may_give_a_module_fewer_calls_at_a_time(tmp_path: Path) -> None:
    order: list[str] = []

    async def f(module: ModuleEnd, request: dict[str, Any]) -> None:
        order.append(f"begins {request['params']['n']}")
        await anyio.lowlevel.checkpoint()
        order.append(f"ends {request['params']['n']}")
        await module.answer(request, None)

    memory_plugin(tmp_path / "plugins", "a", "[limits]\nmax_in_flight = 1\n")
    async with MemorySpawner({"a": serving({"f": f})}) as spawn, hub_of(tmp_path / "plugins", spawn=spawn) as hub:
        await hub.start("a")
        async with anyio.create_task_group() as tasks:
            for number in range(3):
                tasks.start_soon(lambda number=number: hub.call("a.f", n=number))
                await anyio.lowlevel.checkpoint()
    assert [line.split()[0] for line in order] == ["begins", "ends"] * 3


async def test_a_call_that_waited_too_long_for_its_turn_was_not_executed(tmp_path: Path) -> None:
    inside = anyio.Event()

    async def never(module: ModuleEnd, request: dict[str, Any]) -> None:
        inside.set()
        await anyio.sleep_forever()

    memory_plugin(tmp_path / "plugins", "a", "[limits]\nmax_in_flight = 1\n")
    async with (
        MemorySpawner({"a": serving({"never": never})}) as spawn,
        hub_of(tmp_path / "plugins", spawn=spawn) as hub,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(hub.call, "a.never")
        await inside.wait()
        begun = time.monotonic()
        error = await _error_of(hub, "a.never", seconds=0.05)
        assert time.monotonic() - begun < 1
        assert (error.kind, error.data["may_have_executed"]) == ("timeout", False)
        tasks.cancel_scope.cancel()


@pytest.mark.process
@pytest.mark.parametrize(
    ("fault", "callable_after", "approved"),
    [
        ("new-function", {"number", "greet", "change"}, False),
        ("other-schema", {"greet", "change"}, False),
        ("gone-function", {"greet", "change"}, False),
    ],
)
async def test_changed_capabilities_that_nobody_approves_take_away_and_never_add(
    tmp_path: Path, fault: str, callable_after: set[str], approved: bool
) -> None:
    """HUB-CAPS-8."""
    answers = iter([True, False])

    def approve(_request: ApprovalRequest) -> bool:
        return next(answers)

    async with _hub(tmp_path, "answers", "--fault", fault, approve=approve) as (hub, watcher):
        await hub.call("bad.change")
        changed = await watcher.wait("capabilities.changed", "bad")
        assert changed.data["approved"] is approved
        assert set(hub.modules["bad"].functions) == callable_after
        error = await _error_of(hub, "bad.surprise")
        assert error.kind == "not_found"
        assert "surprised" not in watcher.logged("bad")
        assert await hub.call("bad.greet") == "hello"


@pytest.mark.process
async def test_a_new_function_that_is_approved_can_be_called(tmp_path: Path) -> None:
    async with _hub(tmp_path, "answers", "--fault", "new-function") as (hub, watcher):
        await hub.call("bad.change")
        assert (await watcher.wait("capabilities.changed", "bad")).data["approved"] is True
        assert await hub.call("bad.surprise") == "surprise"


@pytest.mark.process
async def test_changed_capabilities_that_cannot_be_used_are_a_warning_and_nothing_changes(tmp_path: Path) -> None:
    async with _hub(tmp_path, "answers", "--fault", "bad-capabilities") as (hub, watcher):
        await hub.call("bad.change")
        assert "/functions/0/name" in (await watcher.wait("module.warning", "bad")).data["message"]
        assert set(hub.modules["bad"].functions) == {"number", "greet", "change"}
        assert await hub.call("bad.greet") == "hello"


async def test_capabilities_that_change_while_they_are_asked_for_are_asked_for_once_more(tmp_path: Path) -> None:
    """HUB-CAPS-8."""
    asked, again = list[dict[str, Any]](), anyio.Event()

    async def change(module: ModuleEnd, request: dict[str, Any]) -> None:
        await module.send({"method": "capabilities_changed", "params": {}})
        await module.answer(request, None)

    async def keep(_module: ModuleEnd, request: dict[str, Any]) -> None:
        asked.append(request)
        if len(asked) == 2:
            again.set()

    async def answer(module: ModuleEnd, request: dict[str, Any]) -> None:
        await module.answer(asked[-1], {"functions": declared})
        await module.answer(request, None)

    declared = [function("change"), function("answer")]
    memory_plugin(tmp_path / "plugins", "a")
    program = serving({"change": change, "answer": answer, "*": keep}, functions=declared)
    async with MemorySpawner({"a": program}) as spawn:
        hub = hub_of(tmp_path / "plugins", spawn=spawn)
        watcher = Watcher(hub)
        async with hub:
            for _ in range(10):
                await hub.call("a.change")
            await hub.call("a.answer")
            await again.wait()
            await hub.call("a.answer")
            await watcher.wait("capabilities.changed", count=2)
    assert [request["method"] for request in asked] == ["capabilities", "capabilities"]
