"""Own the proof that required modules run first and stop last, and that what cannot be satisfied starts nothing at all."""

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

from hub import Hub
from hub.errors import DependencyFailed, HubError
from hub.testing import MemorySpawner, ModuleEnd
from tests.hub.modules import Watcher, asking, bad_plugin, echoing, hub_of, memory_plugin, serving


@asynccontextmanager
async def _hub(
    tmp_path: Path,
    requires: Mapping[str, Mapping[str, str]],
    *,
    in_manifest: bool = True,
    versions: Mapping[str, str] | None = None,
) -> AsyncGenerator[tuple[Hub, Watcher, MemorySpawner]]:
    """Yield a hub with a module for each key, each of which requires what stands there."""
    programs: dict[str, Any] = {}
    for name, required in requires.items():
        lines = "".join(f'"{other}" = "{wanted}"\n' for other, wanted in required.items())
        memory_plugin(tmp_path / "plugins", name, f"[required_modules]\n{lines}" if in_manifest else "")
        info = {"required_modules": dict(required), "version": (versions or {}).get(name, "1.0.0")}
        programs[name] = serving({"echo": echoing}, info=info)
    async with MemorySpawner(programs) as spawn:
        hub = hub_of(tmp_path / "plugins", spawn=spawn)
        watcher = Watcher(hub)
        async with hub:
            yield hub, watcher, spawn


async def _error_of_start(hub: Hub, name: str) -> HubError:
    with pytest.raises(HubError) as raised:
        await hub.start(name)
    return raised.value


@pytest.mark.parametrize("in_manifest", [True, False], ids=["in the manifest", "in module_info"])
async def test_required_modules_run_first_and_stop_last(tmp_path: Path, in_manifest: bool) -> None:
    requires = {"a": {"b": "^1.0", "c": "*"}, "b": {"c": ">=1.0"}, "c": {}, "alone": {}}
    async with _hub(tmp_path, requires, in_manifest=in_manifest) as (hub, watcher, spawn):
        await hub.call("a.echo")
        assert [event.module for event in watcher.of("module.running")] == ["c", "b", "a"]
        assert {spec.name for spec in spawn.spawned} == {"a", "b", "c"}
    assert [event.module for event in watcher.of("module.stopping")] == ["a", "b", "c"]
    assert [event.module for event in watcher.of("module.stopped")] == ["a", "b", "c"]


async def test_what_is_initialised_finds_what_it_requires_running(tmp_path: Path) -> None:
    states: list[str] = []
    memory_plugin(tmp_path / "plugins", "a", '[required_modules]\nb = "*"\n')
    memory_plugin(tmp_path / "plugins", "b")

    async def program(module: ModuleEnd) -> None:
        while (request := await module.receive()) is not None:
            if request["method"] == "module_init":
                states.append(hub.modules["b"].state)
            answers: dict[str, Any] = {
                "module_info": {
                    "name": "a",
                    "version": "1.0.0",
                    "license": "MIT",
                    "authors": ["A"],
                    "required_modules": {"b": "*"},
                },
                "capabilities": {"functions": []},
            }
            await module.answer(request, answers.get(request["method"], {}))

    async with MemorySpawner({"a": program, "b": serving({"echo": echoing})}) as spawn:
        hub = hub_of(tmp_path / "plugins", spawn=spawn)
        async with hub:
            await hub.start("a")
    assert states == ["running"]


async def test_stopping_a_module_stops_what_requires_it_first(tmp_path: Path) -> None:
    async with _hub(tmp_path, {"a": {"b": "*"}, "b": {"c": "*"}, "c": {}, "alone": {}}) as (hub, watcher, _):
        for name in ("a", "alone"):
            await hub.start(name)
        await hub.stop("c")
        assert [event.module for event in watcher.of("module.stopped")] == ["a", "b", "c"]
        assert hub.modules["alone"].state == "running"
        assert "requires" in watcher.of("module.stopping", "a")[0].data["reason"]


@pytest.mark.parametrize(
    ("requires", "chain"),
    [
        ({"a": {"b": "*"}, "b": {"a": "*"}}, ["a", "b", "a"]),
        ({"a": {"a": "*"}}, ["a", "a"]),
        ({"a": {"b": "*"}, "b": {"c": "*"}, "c": {"b": "*"}}, ["a", "b", "c", "b"]),
        ({"a": {"missing": "*"}}, ["a", "missing"]),
        ({"a": {"b": "*"}, "b": {"missing": "*"}}, ["a", "b", "missing"]),
    ],
    ids=["circle", "itself", "circle behind", "missing", "missing behind"],
)
async def test_a_circle_or_a_missing_module_is_refused_with_the_chain_before_anything_is_spawned(
    tmp_path: Path, requires: dict[str, dict[str, str]], chain: list[str]
) -> None:
    async with _hub(tmp_path, requires) as (hub, watcher, spawn):
        error = await _error_of_start(hub, "a")
        assert (error.kind, error.data["chain"]) == ("dependency_failed", chain)
        assert (spawn.spawned, watcher.of("module.starting")) == ([], [])


async def test_a_circle_that_only_the_modules_tell_of_ends_in_the_same_error(tmp_path: Path) -> None:
    requires = {"a": {"b": "*"}, "b": {"a": "*"}}
    async with _hub(tmp_path, requires, in_manifest=False) as (hub, watcher, _):
        error = await _error_of_start(hub, "a")
        assert error.kind == "dependency_failed"
        assert watcher.of("module.initialising") == []
        assert {module.pid for module in hub.modules.values()} == {None}


async def test_a_missing_module_that_only_module_info_tells_of_stops_the_start(tmp_path: Path) -> None:
    async with _hub(tmp_path, {"a": {"missing": "*"}}, in_manifest=False) as (hub, watcher, _):
        error = await _error_of_start(hub, "a")
        assert (error.kind, error.data["chain"]) == ("dependency_failed", ["a", "missing"])
        assert watcher.of("module.initialising") == []


@pytest.mark.parametrize(("wanted", "version"), [("^2.0", "1.9.9"), ("=1.0.0", "1.0.1"), ("<1", "1.0.0"), ("~1.2.3", "1.3.0")])
async def test_the_wrong_version_is_refused_before_the_module_is_initialised(tmp_path: Path, wanted: str, version: str) -> None:
    """HUB-INFO-6."""
    async with _hub(tmp_path, {"a": {"b": wanted}, "b": {}}, versions={"b": version}) as (hub, watcher, _):
        error = await _error_of_start(hub, "a")
        assert (error.kind, error.data["chain"]) == ("dependency_failed", ["a", "b"])
        assert version in error.message
        assert wanted in error.message
        assert watcher.of("module.initialising", "a") == []


async def test_a_wrong_version_that_the_manifest_tells_starts_nothing(tmp_path: Path) -> None:
    memory_plugin(tmp_path / "plugins", "a", '[required_modules]\nb = "^2.0"\n')
    memory_plugin(tmp_path / "plugins", "b", 'version = "1.0.0"\n')
    async with MemorySpawner({}) as spawn, hub_of(tmp_path / "plugins", spawn=spawn) as hub:
        assert (await _error_of_start(hub, "a")).kind == "dependency_failed"
        assert spawn.spawned == []


async def test_a_requirement_that_names_a_file_is_skipped_with_a_warning(tmp_path: Path) -> None:
    """HUB-INFO-6."""
    async with _hub(tmp_path, {"a": {"libfoo.so": "*", "b": "*"}, "b": {}}) as (hub, watcher, spawn):
        await hub.start("a")
        assert sorted(spec.name for spec in spawn.spawned) == ["a", "b"]
        assert [event.data["message"] for event in watcher.of("module.warning", "a")] == [
            'a requires "libfoo.so", which names a file, not a module: skipped'
        ]


async def test_a_requirement_that_names_a_file_grants_no_call(tmp_path: Path) -> None:
    """HUB-CAPS-7."""
    memory_plugin(tmp_path / "plugins", "a")
    memory_plugin(tmp_path / "plugins", "b")
    programs = {"a": serving({"ask": asking}, info={"required_modules": {"b.so": "*"}}), "b": serving({"so": echoing})}
    async with MemorySpawner(programs) as spawn, hub_of(tmp_path / "plugins", spawn=spawn) as hub:
        answer = await hub.call("a.ask", method="hub.call", params={"function": "b.so"})
    assert answer["data"]["kind"] == "not_permitted"


async def test_a_required_module_that_does_not_start_is_the_cause_and_its_own_error_is_in_the_data(tmp_path: Path) -> None:
    memory_plugin(tmp_path / "plugins", "a", '[required_modules]\nb = "*"\n')
    memory_plugin(tmp_path / "plugins", "b")
    async with MemorySpawner({"a": serving({"echo": echoing})}) as spawn, hub_of(tmp_path / "plugins", spawn=spawn) as hub:
        error = await _error_of_start(hub, "a")
        assert isinstance(error, DependencyFailed)
        assert (error.data["chain"], error.data["cause"]["kind"]) == (["a", "b"], "start_failed")
        assert [spec.name for spec in spawn.spawned] == ["b"]


async def test_a_module_that_many_require_is_started_once(tmp_path: Path) -> None:
    requires = {"a": {"c": "*"}, "b": {"c": "*"}, "c": {}}
    async with _hub(tmp_path, requires) as (hub, _, spawn):
        async with anyio.create_task_group() as tasks:
            for name in ("a", "b", "a", "b"):
                tasks.start_soon(hub.start, name)
        assert sorted(spec.name for spec in spawn.spawned) == ["a", "b", "c"]


@pytest.mark.process
async def test_real_modules_start_and_stop_in_order_too(tmp_path: Path) -> None:
    for name, required in (("a", {"b": "^1"}), ("b", {"c": "~1.0"}), ("c", {})):
        bad_plugin(tmp_path / "plugins", name, "neighbour", "--requires", json.dumps(required))
    hub = hub_of(tmp_path / "plugins")
    watcher = Watcher(hub)
    async with hub:
        await hub.start("a")
    assert [event.module for event in watcher.of("module.running")] == ["c", "b", "a"]
    assert [event.module for event in watcher.of("module.stopped")] == ["a", "b", "c"]
