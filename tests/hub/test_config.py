"""Prove that the operator's configuration is read key by key, and that what is wrong with it is named with its place."""

from pathlib import Path
from typing import Any

import pytest

from hub import Config, Hub, Paths
from hub._reload import reload
from hub.errors import BadSettings
from hub.testing import MemorySpawner
from tests.hub.modules import Watcher, echoing, hub_of, memory_plugin, serving


def _load(tmp_path: Path, text: str | bytes, **environ: str) -> Config:
    file = tmp_path / "hub" / "config.toml"
    file.parent.mkdir()
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    environ = {"XDG_CONFIG_HOME": str(tmp_path), **environ}
    return Config.load(Paths.from_environment(environ), environ)


def test_tables_of_modules_and_the_place_for_credentials_are_read(tmp_path: Path) -> None:
    config = _load(
        tmp_path, 'keep_credentials = "keyring"\n[modules.ocean]\nbase_url = "http://x"\n[modules.sky.deep]\na = [1]\n'
    )
    assert config == Config({"ocean": {"base_url": "http://x"}, "sky": {"deep": {"a": [1]}}}, "keyring")


def test_no_file_is_as_good_as_an_empty_one(tmp_path: Path) -> None:
    environ = {"XDG_CONFIG_HOME": str(tmp_path)}
    assert Config.load(Paths.from_environment(environ), environ) == Config({}, "session") == _load(tmp_path, "")


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    environ = {"HUB_CONFIG": "mine.toml"}
    paths = Paths.from_environment(environ, working_directory=tmp_path)
    with pytest.raises(BadSettings, match=r"mine\.toml: HUB_CONFIG names it, and it is not there"):
        Config.load(paths, environ)
    (tmp_path / "mine.toml").write_text('keep_credentials = "keyring"')
    assert Config.load(paths, environ).keep_credentials == "keyring"


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    config = _load(tmp_path, 'keep_credentials = "keyring"\n[modules.a]\n', HUB_KEEP_CREDENTIALS="session")
    assert config == Config({"a": {}}, "session")
    with pytest.raises(BadSettings, match="HUB_KEEP_CREDENTIALS=paper"):
        Config.keep_in({"HUB_KEEP_CREDENTIALS": "paper"})


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ('a = 1\nkeep_credential = "session"', 1, "a"),
        ('\nkeep_credentials = "paper"', 2, "keep_credentials"),
        ("keep_credentials = 1", 1, "keep_credentials"),
        ("modules = 1", 1, "modules"),
        ("[modules]\nocean = 1", 2, "modules.ocean"),
        ('[modules."No Name"]', 1, "modules.No Name"),
        ("[modules.ocean]\nwhen = 2024-01-01", 2, "modules.ocean.when"),
        ("[modules.ocean]\nratio = nan", 2, "modules.ocean.ratio"),
    ],
)
def test_what_is_wrong_is_named_with_its_line_and_key(tmp_path: Path, text: str, line: int, key: str) -> None:
    with pytest.raises(BadSettings) as raised:
        _load(tmp_path, text)
    assert (raised.value.kind, raised.value.data["line"]) == ("bad_settings", line)
    assert raised.value.data["key"] in {key, "keep_credential"}
    assert f"config.toml line {line}" in raised.value.message


@pytest.mark.parametrize("text", ["[", b"\xff", "a = " + "[" * 5000, "x" * (1024 * 1024 + 1)])
def test_what_is_no_toml_at_all_is_an_error_that_names_the_file(tmp_path: Path, text: Any) -> None:
    with pytest.raises(BadSettings, match=r"config\.toml"):
        _load(tmp_path, text)


async def test_a_module_gets_its_part_over_its_manifests_and_a_reload_restarts_it_with_another(tmp_path: Path) -> None:
    plugins = tmp_path / "plugins"
    for name in ("a", "b"):
        memory_plugin(plugins, name, '[config]\nurl = "manifest"\nother = 1\n')
    program = serving({"f": echoing})
    async with MemorySpawner({"a": program, "b": program}) as spawn:
        hub: Hub = hub_of(plugins, spawn=spawn, config={"a": {"url": "first"}})
        watcher = Watcher(hub)
        async with hub:
            assert hub.config_of(hub.loaded["a"].plugin) == {"url": "first", "other": 1}
            for name in ("a", "b"):
                await hub.start(name)
            found = await reload(hub, {"a": {"url": "second"}})
            assert found.changed == ["a"]
            assert hub.config_of(hub.loaded["a"].plugin) == {"url": "second", "other": 1}
            await watcher.wait("module.running", "a", count=2)
            assert len(watcher.of("module.starting", "b")) == 1
