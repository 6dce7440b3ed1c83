"""The echo modules of all languages are one module: the same capabilities, the same context, through a real hub."""

import json
import subprocess
from typing import Any

import anyio
import pytest

from hub import Hub
from hub.errors import FunctionError
from tests.house.tree import ROOT
from tests.plugins.toolchains import build, environment, need

pytestmark = pytest.mark.process

_PLUGINS = ROOT / "plugins"
_SHARED: dict[str, Any] = json.loads((_PLUGINS / "echo.capabilities.json").read_text())
_BUILDS = pytest.mark.bound(100, "builds a module with its SDK; the first build compiles all of the SDK's dependencies")

languages = pytest.mark.parametrize("language", ["go", "node", "python", "rust"])


def _canonical(value: Any) -> str:
    """Return the same text for values that are equal as JSON: 300 is 300.0, and true is not 1."""
    return json.dumps(json.loads(json.dumps(value), parse_int=float), sort_keys=True)


def _built(hub: Hub, language: str) -> str:
    need(language)
    plugin = hub.registry.get(f"echo-{language}")
    if plugin.manifest.build_command is not None:
        build(plugin.root, plugin.manifest.build_command)
    return plugin.name


@_BUILDS
@languages
async def test_an_echo_module_can_do_what_all_of_them_can(language: str) -> None:
    async with Hub(_PLUGINS) as hub:
        told = (await hub.introduce(_built(hub, language))).introduction.capabilities
    differing = [
        (wanted, function)
        for wanted, function in zip(_SHARED["functions"], told["functions"], strict=True)
        if _canonical(wanted) != _canonical(function)
    ]
    assert not differing
    assert told["permissions"] == _SHARED["permissions"]


@_BUILDS
@languages
async def test_an_echo_module_prints_about_itself_what_it_tells_the_hub(language: str) -> None:
    # HUB-LIFE-9: and the same document in all languages
    async with Hub(_PLUGINS) as hub:
        name = _built(hub, language)
        plugin = hub.registry.get(name)
        command = [*plugin.manifest.command, "--hub-info"]
        done = await anyio.run_process(command, cwd=plugin.root, env=environment(), stdin=subprocess.DEVNULL)
        told = (await hub.introduce(name)).introduction
    printed = json.loads(done.stdout)
    assert (printed.keys(), done.stderr) == ({"module_info", "capabilities"}, b"")
    assert _canonical(printed["capabilities"]) == _canonical(told.capabilities)
    assert _canonical(printed["module_info"]) == _canonical(told.module_info)
    assert printed["module_info"].keys() >= {"name", "version", "license", "authors", "protocol_version", "features"}


@_BUILDS
@languages
async def test_an_echo_module_sees_the_context_of_its_call(language: str) -> None:
    # HUB-CALL-6
    async with Hub(_PLUGINS, approve=lambda _: True) as hub:
        name = _built(hub, language)
        seen = await hub.call(f"{name}.whoami")
        assert seen.keys() >= {"timeout_ms", "trace_id", "chain"}
        assert (seen["chain"], 0 < seen["timeout_ms"] <= 30_000) == ([f"{name}.whoami"], True)


@_BUILDS
@languages
async def test_an_echo_module_fails_and_remembers_as_all_of_them_do(language: str) -> None:
    async with Hub(_PLUGINS, approve=lambda _: True) as hub:
        name = _built(hub, language)
        with pytest.raises(FunctionError) as raised:
            await hub.call(f"{name}.fail", code=7, message="no", data=None)
        assert (raised.value.code, raised.value.message) == (7, "no")
        with pytest.raises(FunctionError) as raised:
            await hub.call(f"{name}.crash", how="panic")
        assert raised.value.code == -32603  # HUB-CALL-4
        assert await hub.call(f"{name}.store_get", key="colour") == {"found": False}
        assert await hub.call(f"{name}.store_set", key="colour", value=None) is None
        assert await hub.call(f"{name}.store_get", key="colour") == {"found": True, "value": None}
        assert await hub.call(f"{name}.store_list") == {"keys": ["colour"]}
        assert await hub.call(f"{name}.store_delete", key="colour") == {"deleted": True}
