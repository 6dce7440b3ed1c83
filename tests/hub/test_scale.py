"""Own the proof that a module of several hundred functions, made from a public OpenAPI description, is one like any other."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hub import _introduction
from hub._validators import SchemaValidator, compile_schema
from tests.hub.interfaces import written_plugin
from tests.hub.modules import hub_of
from tests.hub.openapi import description, functions_of, where

_FOUND = where()
_OPERATIONS = 659

pytestmark = [
    pytest.mark.process,
    pytest.mark.bound(90, reason="reads a description of 81 000 lines, and lists all of it with several commands"),
    pytest.mark.skipif(
        _FOUND is None,
        reason="there is no OpenAPI description: HUB_OPENAPI names none, nor is one in shared/data beside the clone",
    ),
]

# Two accounts of what the service answers, that the module gives whatever it is asked.
_ANSWERS: dict[str, Any] = {
    "sshKeys_list": {"ssh_keys": [], "links": {}, "meta": {"total": 0}},
    "droplets_destroy": None,
}


@pytest.fixture(scope="module")
def functions() -> list[dict[str, Any]]:
    """Return the functions, made once."""
    assert _FOUND is not None
    return functions_of(description(_FOUND))


def test_every_operation_is_a_function(functions: list[dict[str, Any]]) -> None:
    assert len(functions) == _OPERATIONS


async def test_all_of_it_is_introduced_and_approved_and_only_what_is_called_is_compiled(
    tmp_path: Path, functions: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled: list[Any] = []

    def counted(schema: Any) -> SchemaValidator:
        compiled.append(schema)
        return compile_schema(schema)

    monkeypatch.setattr(_introduction, "compile_schema", counted)
    written_plugin(tmp_path / "plugins", "ocean", functions, **_ANSWERS)
    async with hub_of(tmp_path / "plugins", approve=None) as hub:
        request = await hub.introduce("ocean")
        assert len(request.content.functions) == _OPERATIONS
        hub.approve(request, by="test")
        for _ in range(3):
            assert await hub.call("ocean.sshKeys_list", per_page=5) == _ANSWERS["sshKeys_list"]
        assert len(compiled) == 2  # params and returns of the one function
        assert await hub.call("ocean.droplets_destroy", droplet_id=7) is None
        assert len(compiled) == 3  # it says nothing of its result
        assert (await hub.introduce("ocean")).approved
        assert len(compiled) == 3


def test_the_command_line_lists_shows_completes_and_calls(tmp_path: Path, functions: list[dict[str, Any]]) -> None:
    plugins = tmp_path / "plugins"
    written_plugin(plugins, "ocean", functions, **_ANSWERS)

    def hub(*words: str, **environment: str) -> str:
        env = {**os.environ, "HUB_PLUGINS": str(plugins), **environment}
        argv = [sys.executable, "-m", "hub.cli", *words]
        done = subprocess.run(argv, env=env, capture_output=True, text=True, timeout=30, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    assert "approved ocean 1.0.0\n" in hub("plugin", "approve", "ocean", "--yes")
    assert len(hub("functions", "ocean").splitlines()) == _OPERATIONS
    page = hub("call", "ocean.droplets_list", "--help")
    assert page.startswith("Usage: hub call ocean.droplets_list ")
    assert "--tag-name" in page
    assert json.loads(hub("call", "ocean.sshKeys_list", "--per-page", "5")) == _ANSWERS["sshKeys_list"]
    completion = hub(_HUB_COMPLETE="complete_bash", COMP_WORDS="hub call ocean.droplets_d", COMP_CWORD="2").split()
    assert set(completion) == {f"ocean.{one['name']}" for one in functions if one["name"].startswith("droplets_d")}
