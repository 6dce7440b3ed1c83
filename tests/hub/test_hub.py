"""Own the proof of the facade: opening, closing, cancelling and misusing a hub, several of them in one process."""

import dataclasses
import os
from pathlib import Path
from typing import Any

import anyio
import pytest

from hub import Event, Hub, Paths
from hub._digest import TreeDigest
from hub._registry import Plugin
from hub.errors import Closed, HubError, NotFound
from hub.testing import MemorySpawner, ModuleEnd
from tests.hub.modules import Watcher, bad_plugin, echoing, function, hub_of, memory_plugin, serving


async def _never(module: ModuleEnd, request: dict[str, Any]) -> None:
    await anyio.sleep_forever()


async def test_what_the_body_raises_comes_out_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        async with hub_of(tmp_path / "plugins") as hub:
            await hub.call("nobody.f")


async def test_a_module_without_functions_is_one(tmp_path: Path) -> None:
    memory_plugin(tmp_path / "plugins", "a")
    async with MemorySpawner({"a": serving({}, functions=[])}) as spawn, hub_of(tmp_path / "plugins", spawn=spawn) as hub:
        module = await hub.start("a")
        assert (dict(module.functions), module.state) == ({}, "running")


async def test_a_module_is_used_through_its_handle(tmp_path: Path) -> None:
    memory_plugin(tmp_path / "plugins", "a")
    program = serving({"echo": echoing}, functions=[function("echo", summary="Say it again.")])
    async with MemorySpawner({"a": program}) as spawn, hub_of(tmp_path / "plugins", spawn=spawn) as hub:
        handle = hub.modules["a"]
        with pytest.raises(HubError) as raised:
            _ = handle.functions
        assert raised.value.kind == "not_running"
        assert (handle.state, handle.pid, handle.introduction) == ("discovered", None, None)
        assert await handle.echo(name="x", state=1) == {"name": "x", "state": 1}
        assert handle.functions["echo"].summary == "Say it again."
        assert (handle.name, handle.state, handle.pid is not None) == ("a", "running", True)
        assert handle.introduction is not None
        assert handle.introduction.version == "1.0.0"
        with pytest.raises(TypeError):
            hub.modules["b"] = handle  # type: ignore[index]


async def test_a_hub_is_opened_once(tmp_path: Path) -> None:
    memory_plugin(tmp_path / "plugins", "a")
    async with MemorySpawner({"a": serving({"echo": echoing})}) as spawn:
        hub = hub_of(tmp_path / "plugins", spawn=spawn)
        async with hub:
            with pytest.raises(Closed, match="opened already"):
                await hub.__aenter__()
            assert await hub.call("a.echo", x=1) == {"x": 1}
        with pytest.raises(Closed, match="opened already"):
            await hub.__aenter__()


async def test_a_defect_of_the_hub_in_one_modules_start_is_told_and_leaves_the_others_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, defects: list[Event]
) -> None:
    for name in ("a", "b"):
        memory_plugin(tmp_path / "plugins", name)
    programs = {name: serving({"echo": echoing}) for name in ("a", "b")}
    async with MemorySpawner(programs) as spawn, hub_of(tmp_path / "plugins", spawn=spawn) as hub:
        digest = hub.gate.digest

        async def broken(plugin: Plugin) -> TreeDigest:
            if plugin.name == "a":
                raise RuntimeError("nobody thought of this")
            return await digest(plugin)

        monkeypatch.setattr(hub.gate, "digest", broken)
        with pytest.raises(HubError) as raised:
            await hub.start("a")
        assert (raised.value.kind, "nobody thought of this" in raised.value.message) == ("start_failed", True)
        hub.loaded["a"].start_by_hand()  # as `hub up` does: nobody waits for it
        assert await hub.call("b.echo", x=1) == {"x": 1}
        monkeypatch.undo()
        assert await hub.call("a.echo", x=2) == {"x": 2}
    told = [event.data["message"] for event in defects]
    assert told
    assert all("nobody thought of this" in words and "test_hub.py" in words for words in told)
    defects.clear()


async def test_a_closed_hub_says_so(tmp_path: Path) -> None:
    memory_plugin(tmp_path / "plugins", "a")
    hub = hub_of(tmp_path / "plugins")
    uses = [
        lambda: hub.call("a.f"),
        lambda: hub.request("a.f", {}),
        lambda: hub.start("a"),
        lambda: hub.stop("a"),
        lambda: hub.introduce("a"),
    ]
    for use in uses:
        with pytest.raises(Closed):
            await use()
    async with hub:
        pass
    for use in (*uses, hub.modules["a"].f):
        with pytest.raises(Closed):
            await use()


async def test_closing_the_hub_ends_the_calls_under_way_and_those_that_wait(tmp_path: Path) -> None:
    memory_plugin(tmp_path / "plugins", "a", "[limits]\nmax_in_flight = 1\n")
    kinds: list[str] = []

    async def call(hub: Hub) -> None:
        try:
            await hub.call("a.never")
        except HubError as error:
            kinds.append(error.kind)

    async with (
        anyio.create_task_group() as tasks,
        MemorySpawner({"a": serving({"never": _never})}) as spawn,
        hub_of(tmp_path / "plugins", spawn=spawn) as hub,
    ):
        await hub.start("a")
        for _ in range(3):
            tasks.start_soon(call, hub)
        await anyio.wait_all_tasks_blocked()
    assert len(kinds) == 3
    assert set(kinds) <= {"module_died", "closed"}
    assert "module_died" in kinds


@pytest.mark.process
async def test_a_cancelled_body_leaves_nothing_running(tmp_path: Path) -> None:
    bad_plugin(tmp_path / "plugins", "good", "neighbour")
    hub = hub_of(tmp_path / "plugins")
    watcher = Watcher(hub)
    pids: list[int] = []
    with anyio.CancelScope() as scope:
        async with hub:
            pids.append(await hub.call("good.pid"))
            scope.cancel()
            await anyio.sleep_forever()
    assert scope.cancelled_caught
    # Politely, though its caller was cancelled.
    assert "got module_cleanup" in watcher.logged("good")
    assert watcher.of("module.stopped")[0].data["exit"] == {"text": "exited with status 0", "code": 0}
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)


@pytest.mark.process
async def test_two_hubs_in_one_process_do_not_know_each_other(tmp_path: Path) -> None:
    for number in range(2):
        bad_plugin(tmp_path / f"plugins{number}", "good", "neighbour")
    first, second = (hub_of(tmp_path / f"plugins{number}") for number in range(2))
    async with first:
        async with second:
            pids = {await first.call("good.pid"), await second.call("good.pid")}
            assert len(pids) == 2
        assert await first.call("good.pid") in pids


async def test_the_same_plugin_in_two_hubs_has_one_approval_and_one_store(tmp_path: Path) -> None:
    memory_plugin(tmp_path / "plugins", "a")
    asked: list[str] = []
    async with MemorySpawner({"a": serving({"echo": echoing})}) as spawn:
        hubs = [
            hub_of(tmp_path / "plugins", spawn=spawn, approve=lambda request: bool(asked.append(request.plugin.name)) or True)
            for _ in range(2)
        ]
        async with hubs[0], hubs[1]:
            for hub in hubs:
                await hub.call("a.echo")
    assert asked == ["a"]


async def test_a_directory_that_was_named_and_is_not_there_is_told_by_who_needs_it(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    async with Hub(missing) as hub:
        assert [str(missing) in problem.message for problem in hub.registry.problems] == [True]
        with pytest.raises(NotFound) as raised:
            await hub.call("a.f")
        assert str(missing) in raised.value.message


async def test_a_plugin_that_cannot_be_used_keeps_nobody_else_from_running(tmp_path: Path) -> None:
    memory_plugin(tmp_path / "plugins", "a")
    memory_plugin(tmp_path / "plugins", "broken", "comand = 1\n")
    async with MemorySpawner({"a": serving({"echo": echoing})}) as spawn, hub_of(tmp_path / "plugins", spawn=spawn) as hub:
        assert await hub.call("a.echo") == {}
        with pytest.raises(HubError) as raised:
            await hub.call("broken.f")
        assert raised.value.kind == "bad_manifest"
        assert set(hub.modules) == {"a"}


async def test_config_is_the_manifests_overlaid_with_the_applications(tmp_path: Path) -> None:
    got: list[dict[str, Any]] = []

    async def program(module: ModuleEnd) -> None:
        who = {"name": "a", "version": "1.0.0", "license": "MIT", "authors": ["A"]}
        while (request := await module.receive()) is not None:
            got.append(request)
            answers: dict[str, Any] = {"module_info": who, "capabilities": {"functions": []}}
            await module.answer(request, answers.get(request["method"], {}))

    memory_plugin(tmp_path / "plugins", "a", '[config]\nport = 1\nhost = "x"\n')
    config = {"a": {"port": 2, "more": [True]}}
    async with (
        MemorySpawner({"a": program}) as spawn,
        hub_of(tmp_path / "plugins", spawn=spawn, config=config) as hub,
    ):
        await hub.start("a")
    assert [request["method"] for request in got] == ["module_info", "capabilities", "module_init", "module_cleanup"]
    assert [request["id"] for request in got] == [1, 2, 3, 4]
    offered = got[0]["params"]
    assert (offered["protocol_versions"], offered["max_frame_bytes"]) == ([1], 16 * 1024 * 1024)
    init = got[2]["params"]
    assert init["config"] == {"port": 2, "host": "x", "more": [True]}
    assert Path(init["data_directory"]).is_dir()
    assert Path(init["data_directory"]).is_absolute()


async def test_introducing_a_module_neither_initialises_nor_approves_it(tmp_path: Path) -> None:
    """HUB-LIFE-2."""
    memory_plugin(tmp_path / "plugins", "a")
    async with MemorySpawner({"a": serving({"echo": echoing})}) as spawn:
        hub = hub_of(tmp_path / "plugins", spawn=spawn, approve=None)
        watcher = Watcher(hub)
        async with hub:
            request = await hub.introduce("a")
            assert (request.approved, request.introduction.name, request.difference) == (False, "a", None)
            assert (hub.modules["a"].state, watcher.of("module.initialising")) == ("discovered", [])
            assert spawn.processes["a"].exit_status is not None
            with pytest.raises(HubError) as raised:
                await hub.call("a.echo")
            assert raised.value.kind == "not_approved"
            hub.approve(request, by="a person")
            assert await hub.call("a.echo", x=1) == {"x": 1}
            assert (await hub.introduce("a")).approved
            assert (hub.revoke("a"), hub.revoke("a")) == (True, False)


async def test_events_tell_the_life_of_a_module_and_end_with_the_hub(tmp_path: Path) -> None:
    memory_plugin(tmp_path / "plugins", "a")
    async with MemorySpawner({"a": serving({"echo": echoing})}) as spawn:
        async with hub_of(tmp_path / "plugins", spawn=spawn) as hub:
            events = hub.events()
            await hub.call("a.echo")
        kinds = [event.kind async for event in events if event.kind.startswith("module.")]
    assert kinds == [
        "module.starting", "module.introduced", "module.approved", "module.initialising", "module.running",
        "module.stopping", "module.stopped",
    ]  # fmt: skip


async def test_every_event_has_the_data_that_is_documented_and_no_other(tmp_path: Path) -> None:
    import re

    from hub.events import EVENT_KINDS

    async def noisy(module: ModuleEnd, request: dict[str, Any]) -> None:
        await module.write(b"stray\n{}\n" + b'{"jsonrpc":"2.0","id":77,"result":1}\n')
        await module.log('{"level":"error","message":"m","fields":{"a":1},"logger":"l","time":"t"}')
        await module.send({"method": "hub.log", "params": {"level": "info", "message": "m"}})
        await module.send({"method": "capabilities_changed", "params": {}})
        await module.answer(request, None)

    async def answer(module: ModuleEnd, request: dict[str, Any]) -> None:
        await module.answer(request, {"functions": [function("noisy"), function("more")]})

    memory_plugin(tmp_path / "plugins", "a")
    memory_plugin(tmp_path / "plugins", "b")
    program = serving({"noisy": noisy, "*": answer}, functions=[function("noisy")])
    async with MemorySpawner({"a": program}) as spawn:
        hub = hub_of(tmp_path / "plugins", spawn=spawn)
        watcher = Watcher(hub)
        async with hub:
            await hub.call("a.noisy")
            await watcher.wait("capabilities.changed")
            await watcher.wait("log", count=3)
            with pytest.raises(HubError):
                await hub.start("b")
    assert {event.kind for event in watcher.events} >= {
        "log", "protocol.stray_line", "protocol.frame_rejected", "protocol.unexpected_response", "capabilities.changed",
        "module.failed",
    }  # fmt: skip
    for event in watcher.events:
        documented = set(re.findall(r"[a-z_]+", EVENT_KINDS[event.kind]))
        assert set(event.data) <= documented, event


async def test_paths_may_be_given_whole_and_plugins_win_over_theirs(tmp_path: Path) -> None:
    environ = {**os.environ, "HUB_PLUGINS": str(tmp_path / "others")}
    paths = dataclasses.replace(Paths.from_environment(environ), state=tmp_path / "state")
    memory_plugin(tmp_path / "plugins", "a")
    async with (
        MemorySpawner({"a": serving({"echo": echoing})}) as spawn,
        Hub(str(tmp_path / "plugins"), paths=paths, spawn=spawn, approve=lambda _request: True) as hub,
    ):
        assert await hub.call("a.echo") == {}
    assert (tmp_path / "state" / "approvals").is_dir()
