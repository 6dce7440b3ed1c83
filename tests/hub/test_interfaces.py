"""Own the proof that interfaces are read, that modules are held to them, and what becomes of one that breaks its word."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hub._interface import InterfaceVersion, read_interface
from hub._interface_check import broken_promise
from hub._interface_files import own_interfaces
from hub._introduction import read_capabilities
from hub._subschema import MAX_STEPS, Budget
from hub.errors import BadInterface, HubError
from hub.testing import MemorySpawner, ModuleEnd
from tests.hub.interfaces import COMPUTE, GREETING, claiming, compute_functions, greeting, interface_file
from tests.hub.modules import Watcher, hub_of, memory_plugin

_INFO: dict[str, Any] = {"name": "nimbus", "version": "1.2.3", "license": "MIT", "authors": ["A. Person"]}
_CLAIMED = InterfaceVersion.parse("cloud.compute/1.0")
_INTERFACE = read_interface(json.dumps(COMPUTE), file="compute.json", origin=None)

Change = Callable[[list[dict[str, Any]]], Any]


def _broken(change: Change | None = None) -> BadInterface | None:
    functions = compute_functions()
    if change is not None:
        change(functions)
    found = read_capabilities(_INFO, {"functions": functions, "implements": ["cloud.compute/1.0"]})
    return broken_promise(found, _CLAIMED, _INTERFACE, Budget(MAX_STEPS))


def _at(functions: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(function for function in functions if function["name"] == name)


def _params(functions: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return _at(functions, name)["params"]


def _row(functions: list[dict[str, Any]]) -> dict[str, Any]:
    return _at(functions, "list_servers")["returns"]["items"]


def test_a_module_with_the_very_schemas_satisfies_the_interface() -> None:
    assert _broken() is None


_FINE: dict[str, Change] = {
    "has another function": lambda functions: functions.append({"name": "reboot"}),
    "has them in another order": lambda functions: functions.reverse(),
    "takes another parameter": lambda functions: _params(functions, "list_servers")["properties"].update(
        tag={"type": "string"}
    ),
    "takes anything more": lambda functions: _params(functions, "list_servers").pop("additionalProperties"),
    "takes higher limits": lambda functions: _params(functions, "list_servers")["properties"]["limit"].pop("maximum"),
    "says more": lambda functions: _row(functions)["properties"].update(cost={"type": "number"}),
    "uses fewer words": lambda functions: _row(functions)["properties"]["status"].update(enum=["running", "unknown"]),
    "writes null otherwise": lambda functions: _row(functions)["properties"].update(
        image={"anyOf": [{"type": "string"}, {"type": "null"}]}
    ),
    "refers to a definition": lambda functions: _at(functions, "list_servers").update(
        returns={"type": "array", "items": {"$ref": "#/$defs/S"}, "$defs": {"S": _row(functions)}}
    ),
    "does not call it destructive": lambda functions: _at(functions, "delete_server")["hints"].pop("destructive"),
    "may be called twice": lambda functions: _at(functions, "create_server")["hints"].update(idempotent=True),
    "declares another error": lambda functions: _at(functions, "list_servers")["errors"].append(
        {"code": 1100, "message": "another"}
    ),
}


@pytest.mark.parametrize("change", _FINE.values(), ids=_FINE)
def test_a_module_may_take_more_say_more_and_be_more_careful(change: Change) -> None:
    """HUB-IFACE-1, HUB-IFACE-2, HUB-IFACE-3, HUB-IFACE-4, HUB-IFACE-5."""
    assert _broken(change) is None


_WRONG: list[tuple[Change, str, str, str]] = [
    (lambda functions: functions.pop(0), "HUB-IFACE-1", "/functions", "it has no function list_regions"),
    (
        lambda functions: _params(functions, "create_server")["properties"].update(region={"type": "integer"}),
        "HUB-IFACE-2",
        "/functions/2/params/properties/region",
        "the interface allows values of type string there, the module does not",
    ),
    (
        lambda functions: _params(functions, "list_servers").update(required=["region"]),
        "HUB-IFACE-2",
        "/functions/1/params/required",
        'the module requires the property "region", the interface does not',
    ),
    (
        lambda functions: _params(functions, "list_servers")["properties"].pop("limit"),
        "HUB-IFACE-2",
        "/functions/1/params/additionalProperties",
        'the interface allows the property "limit", the module does not',
    ),
    (
        lambda functions: _at(functions, "list_servers").pop("params"),
        "HUB-IFACE-2",
        "/functions/1",
        'the interface allows the property "region", the module does not',
    ),
    (
        lambda functions: _row(functions)["required"].remove("name"),
        "HUB-IFACE-3",
        "/functions/1/returns/items/properties/name",
        'the interface requires the property "name", the module does not',
    ),
    (
        lambda functions: _row(functions)["properties"]["status"]["enum"].append("rebooting"),
        "HUB-IFACE-3",
        "/functions/1/returns/items/properties/status",
        'the module allows "rebooting" there, the interface does not',
    ),
    (
        lambda functions: _at(functions, "list_servers").pop("returns"),
        "HUB-IFACE-3",
        "/functions/1",
        "the module says nothing of what it is there",
    ),
    (
        lambda functions: _at(functions, "list_servers")["hints"].update(read_only=False),
        "HUB-IFACE-4",
        "/functions/1/hints/read_only",
        "the interface marks it read_only",
    ),
    (
        lambda functions: _at(functions, "list_servers").pop("hints"),
        "HUB-IFACE-4",
        "/functions/1",
        "the interface marks it read_only",
    ),
    (
        lambda functions: _at(functions, "create_server")["hints"].update(destructive=True),
        "HUB-IFACE-4",
        "/functions/2/hints/destructive",
        "the module marks it destructive",
    ),
    (
        lambda functions: _at(functions, "create_server")["errors"].pop(0),
        "HUB-IFACE-5",
        "/functions/2/errors",
        "it does not declare the error 1001",
    ),
    (
        lambda functions: _params(functions, "create_server").update({"not": {"required": ["x"]}}),
        "HUB-IFACE-6",
        "/functions/2/params",
        "the module limits it by not in a way that cannot be compared",
    ),
]


@pytest.mark.parametrize(
    ("change", "requirement", "pointer", "words"), _WRONG, ids=[f"{number}-{case[1]}" for number, case in enumerate(_WRONG)]
)
def test_a_broken_promise_is_named_with_its_requirement_and_pointer(
    change: Change, requirement: str, pointer: str, words: str
) -> None:
    """HUB-IFACE-1 to HUB-IFACE-6: what cannot be proved breaks the requirement that it was to prove."""
    error = _broken(change)
    assert error is not None
    proving = {"HUB-IFACE-6": "HUB-IFACE-2"}
    assert (error.kind, error.data["requirement"]) == ("bad_interface", proving.get(requirement, requirement))
    assert error.data["pointer"] == pointer
    assert words in error.message
    assert error.message.endswith(f"at {pointer}")


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"interface": "greeting"}, "/interface"),
        ({"interface": 7}, "/interface"),
        ({"version": "1"}, "/version"),
        ({"version": "1.0.0"}, "/version"),
        ({"version": 1.0}, "/version"),
        ({"summary": []}, "/summary"),
        ({"functions": None}, "/functions"),
        ({"functions": []}, "/functions"),
        ({"functions": [greeting(name="ping")]}, "/functions/0/name"),
        ({"functions": [greeting(), greeting()]}, "/functions/1/name"),
        ({"functions": [greeting(params={"type": "array"})]}, "/functions/0/params/type"),
        ({"functions": [greeting(returns={"type": "nope"})]}, "/functions/0/returns"),
        ({"functions": [greeting(returns={"$ref": "https://example.org"})]}, "/functions/0/returns/$ref"),
    ],
)
def test_a_file_that_describes_no_interface_is_refused_with_its_name_and_pointer(change: dict[str, Any], pointer: str) -> None:
    with pytest.raises(BadInterface) as refused:
        read_interface(json.dumps({**GREETING, **change}), file="greeting.json", origin="hi")
    assert (refused.value.data["file"], refused.value.data["pointer"]) == ("greeting.json", pointer)
    assert "greeting.json" in refused.value.message
    assert pointer in refused.value.message


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000, b"\xff"])
def test_a_file_that_is_no_object_of_json_is_refused(text: str | bytes) -> None:
    with pytest.raises(BadInterface) as refused:
        read_interface(text, file="x.json", origin=None)
    assert refused.value.data["pointer"] == ""


def test_the_interfaces_of_the_hub_are_those_of_its_schemas() -> None:
    assert {str(interface.identity) for interface in own_interfaces()} == {
        "cloud.account/1.0",
        "cloud.compute/1.0",
        "cloud.objects/1.0",
    }


async def test_a_module_that_breaks_its_word_never_runs(tmp_path: Path) -> None:
    """HUB-CAPS-9."""
    memory_plugin(tmp_path / "plugins", "nimbus")
    functions = compute_functions()
    _params(functions, "create_server")["properties"]["region"] = {"type": "integer"}
    program = claiming(["cloud.compute/1.0"], functions=functions)
    hub = hub_of(tmp_path / "plugins", spawn=(spawn := MemorySpawner({"nimbus": program})))
    watcher = Watcher(hub)
    async with spawn, hub:
        for use in (lambda: hub.call("nimbus.list_servers"), lambda: hub.introduce("nimbus")):
            with pytest.raises(BadInterface) as refused:
                await use()
            assert refused.value.data["interface"] == "cloud.compute/1.0"
            assert refused.value.data["pointer"] == "/functions/2/params/properties/region"
        assert hub.modules["nimbus"].state == "failed"
        assert watcher.of("module.introduced") == []


async def test_an_interface_that_nobody_describes_is_shown_with_a_warning_and_not_served(tmp_path: Path) -> None:
    memory_plugin(tmp_path / "plugins", "hi")
    program = claiming(["example.unknown/2", "example.unknown/2.0"])
    hub = hub_of(tmp_path / "plugins", spawn=(spawn := MemorySpawner({"hi": program})))
    watcher = Watcher(hub)
    async with spawn, hub:
        module = await hub.start("hi")
        assert module.introduction is not None
        assert module.introduction.unknown_interfaces == ("example.unknown/2.0", "example.unknown/2.0")
        assert "example.unknown/2.0" in watcher.of("module.warning", "hi")[0].data["message"]


async def test_capabilities_that_change_into_broken_ones_are_not_taken(tmp_path: Path) -> None:
    """HUB-CAPS-9, HUB-CAPS-8."""
    functions = [greeting()]

    async def change(module: ModuleEnd, request: dict[str, Any]) -> None:
        functions[0]["returns"] = {"type": "string"}
        await module.send({"method": "capabilities_changed"})
        await module.answer(request, [])

    interface_file(memory_plugin(tmp_path / "plugins", "hi"), GREETING)
    program = claiming(["example.greeting/1.0"], {"greet": change}, functions)
    hub = hub_of(tmp_path / "plugins", spawn=(spawn := MemorySpawner({"hi": program})))
    watcher = Watcher(hub)
    async with spawn, hub:
        assert await hub.call("hi.greet") == []
        warning = await watcher.wait("module.warning", "hi")
        assert "does not satisfy example.greeting/1.0" in warning.data["message"]
        assert hub.modules["hi"].functions["greet"].returns == greeting()["returns"]


@pytest.mark.parametrize(
    ("claimed", "proved"), [("1.0", "1.0"), ("1.1", "1.0"), ("1.2", "1.2"), ("1.7", "1.2"), ("2.0", None), ("0.9", None)]
)
async def test_a_claim_is_held_to_the_newest_version_that_is_known_and_not_newer(
    tmp_path: Path, claimed: str, proved: str | None
) -> None:
    """HUB-CAPS-9: a new minor version of an interface does not break an older module."""
    directory = memory_plugin(tmp_path / "plugins", "hi")
    interface_file(directory, GREETING)
    more = greeting(name="wave")
    interface_file(directory, {**GREETING, "version": "1.2", "functions": [greeting(), more]}, "newer.json")
    functions = [greeting(), more] if proved == "1.2" else [greeting()]
    program = claiming([f"example.greeting/{claimed}"], functions=functions)
    async with MemorySpawner({"hi": program}) as spawn, hub_of(tmp_path / "plugins", spawn=spawn) as hub:
        introduction = (await hub.introduce("hi")).introduction
        assert [(claim.version, claim.proved) for claim in introduction.claims] == [(claimed, proved)]


async def test_a_plugin_whose_interface_differs_from_one_that_stands_is_refused(tmp_path: Path) -> None:
    """HUB-IFACE-7: that of the hub stands, then that of a plugin that was approved, then the first by name."""
    plugins = tmp_path / "plugins"
    other = {**GREETING, "summary": "Another."}
    for name, document in {"a": other, "b": GREETING, "c": GREETING, "d": {**COMPUTE, "summary": "Mine."}}.items():
        interface_file(memory_plugin(plugins, name), document)
    program = claiming(["example.greeting/1.0"])
    async with MemorySpawner(dict.fromkeys("abcd", program)) as spawn:
        async with hub_of(plugins, spawn=spawn) as hub:
            assert sorted(hub.interfaces.problems) == ["b", "c", "d"]
            hub.approve(await hub.introduce("a"), by="test")
            (plugins / "a" / "interfaces" / "greeting.json").unlink()
        async with hub_of(plugins, spawn=spawn) as hub:
            hub.approve(await hub.introduce("b"), by="test")
            assert await hub.start("c")
            hub.revoke("a")
        interface_file(plugins / "a", other)
        async with hub_of(plugins, spawn=spawn) as hub:
            for name, standing in {"a": "that of b", "d": "the hub's own"}.items():
                with pytest.raises(BadInterface) as refused:
                    await hub.start(name)
                assert (refused.value.data["plugin"], refused.value.data["requirement"]) == (name, "HUB-IFACE-7")
                assert standing in refused.value.message
            await hub.start("b")


async def test_a_plugin_with_an_interface_that_cannot_be_read_is_refused_and_hides_no_other(tmp_path: Path) -> None:
    plugins = tmp_path / "plugins"
    for name in "ab":
        interface_file(memory_plugin(plugins, name), GREETING)
    interface_file(plugins / "a", {"interface": "x"}, "bad.json")
    program = claiming(["example.greeting/1"])
    async with MemorySpawner({"a": program, "b": program}) as spawn, hub_of(plugins, spawn=spawn) as hub:
        with pytest.raises(HubError) as refused:
            await hub.start("a")
        assert (refused.value.kind, refused.value.data["file"]) == ("bad_interface", "a/interfaces/bad.json")
        await hub.start("b")


async def test_what_a_module_claims_is_kept_with_its_approval_and_changes_nothing_of_it(tmp_path: Path) -> None:
    memory_plugin(tmp_path / "plugins", "hi")
    programs = {"hi": claiming(["example.greeting/1.0"])}
    async with MemorySpawner(programs) as spawn:
        async with hub_of(tmp_path / "plugins", spawn=spawn) as hub:
            await hub.start("hi")
            approval = hub.gate.store.get("hi")
            assert approval is not None
            assert approval.content.implements == ("example.greeting/1.0",)
        spawn.programs["hi"] = claiming([])
        async with hub_of(tmp_path / "plugins", spawn=spawn, approve=None) as hub:
            await hub.start("hi")
