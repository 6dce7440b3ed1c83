"""Own what holds for finding plugins and for the programs their commands name."""

import os
import stat
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hub._registry import Plugin, Registry, discover, load_plugin
from hub.errors import BadManifest, NotFound

_SYSTEM = "/usr/bin:/bin"


def _plugin(directory: Path, text: str = 'command = "./run"') -> Path:
    directory.mkdir(parents=True)
    (directory / "plugin.toml").write_text(text)
    return directory


def _program(file: Path) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("#!/bin/sh\necho ran > ran\n")
    file.chmod(0o755)
    return file


def _discover(*directories: Path) -> Registry:
    return discover(directories, search_path=_SYSTEM)


def _load(directory: Path) -> Plugin:
    return load_plugin(directory, search_path=_SYSTEM)


def test_directories_with_a_manifest_and_executables_are_plugins_and_nothing_of_them_is_run(tmp_path: Path) -> None:
    _plugin(tmp_path / "weather")
    _program(tmp_path / "weather" / "run")
    _program(tmp_path / "clock.sh")
    found = _discover(tmp_path)
    assert list(found.plugins) == ["clock", "weather"]
    assert not found.broken
    assert found.get("weather").argv == (str(tmp_path / "weather" / "run"),)
    assert found.get("weather").working_directory == tmp_path / "weather"
    assert found.get("clock").is_bare
    assert found.get("clock").working_directory == tmp_path
    assert not list(tmp_path.rglob("ran"))


def test_what_is_no_plugin_is_ignored(tmp_path: Path) -> None:
    for name in (".hidden", "#run#", "run~", "run.bak", ".run.swp", "README", "LICENSE.txt", "notes.md", "libx.so", "Makefile"):
        _program(tmp_path / name)
    for name in ("target", "node_modules", ".git", "empty"):
        (tmp_path / name).mkdir()
    _plugin(tmp_path / ".disabled")
    (tmp_path / "data").write_text("not executable")
    os.mkfifo(tmp_path / "pipe")
    found = _discover(tmp_path)
    assert not found.plugins
    assert not found.broken


def test_one_bad_plugin_never_hides_the_others(tmp_path: Path) -> None:
    _plugin(tmp_path / "good")
    _plugin(tmp_path / "syntax", "command = ")
    _plugin(tmp_path / "latin", "").joinpath("plugin.toml").write_bytes(b"\xff")
    (tmp_path / "folder" / "plugin.toml").mkdir(parents=True)
    (tmp_path / "gone").symlink_to("nowhere")
    _program(tmp_path / "Bad Name")
    found = _discover(tmp_path)
    assert list(found.plugins) == ["good"]
    assert sorted(found.broken) == ["Bad Name", "folder", "gone", "latin", "syntax"]
    for name, error in found.broken.items():
        assert error.message.startswith(f"cannot read plugin {name}: ")
        assert error.hint
    with pytest.raises(BadManifest, match="leads nowhere"):
        found.get("gone")


def test_two_plugins_of_one_name_are_both_refused_and_both_named(tmp_path: Path) -> None:
    one, other = tmp_path / "a" / "weather", tmp_path / "b" / "weather"
    _plugin(one)
    _plugin(other)
    _plugin(tmp_path / "b" / "clock")
    found = _discover(tmp_path / "a", tmp_path / "b")
    assert list(found.plugins) == ["clock"]
    with pytest.raises(BadManifest, match="there is more than one") as caught:
        found.get("weather")
    assert caught.value.data["paths"] == [str(one), str(other)]


def test_the_same_directory_given_twice_holds_each_plugin_once(tmp_path: Path) -> None:
    _plugin(tmp_path / "real" / "weather")
    (tmp_path / "alias").symlink_to("real")
    found = _discover(tmp_path / "real", tmp_path / "real", tmp_path / "alias")
    assert list(found.plugins) == ["weather"]


def test_a_linked_plugin_goes_by_the_name_of_the_link_and_runs_where_it_really_is(tmp_path: Path) -> None:
    _plugin(tmp_path / "work" / "weather-rewrite")
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "weather").symlink_to("../work/weather-rewrite")
    (tmp_path / "plugins" / "clock").symlink_to(_program(tmp_path / "work" / "clock-2.sh"))
    found = _discover(tmp_path / "plugins")
    assert list(found.plugins) == ["clock", "weather"]
    assert found.get("weather").root == tmp_path / "work" / "weather-rewrite"
    assert found.get("clock").argv == (str(tmp_path / "work" / "clock-2.sh"),)


def test_a_misspelt_name_is_answered_with_the_nearest_one(tmp_path: Path) -> None:
    _plugin(tmp_path / "system")
    with pytest.raises(NotFound, match="cannot find the module sytem") as caught:
        _discover(tmp_path).get("sytem")
    assert caught.value.kind == "not_found"
    assert caught.value.hint == "did you mean system?"


def test_an_entry_that_was_ignored_is_explained_to_who_asks_for_it(tmp_path: Path) -> None:
    (tmp_path / "weather").mkdir()
    (tmp_path / "clock.sh").write_text("#!/bin/sh\n")
    found = _discover(tmp_path)
    for name, why in (("weather", "has no plugin.toml"), ("clock", "clock.sh is not executable")):
        with pytest.raises(NotFound, match=why) as caught:
            found.get(name)
        assert "chmod" in (caught.value.hint or "")


def test_a_directory_that_cannot_be_read_is_a_problem_and_hides_no_other(tmp_path: Path) -> None:
    _plugin(tmp_path / "good" / "weather")
    (tmp_path / "file").write_text("")
    found = _discover(tmp_path / "gone", tmp_path / "file", tmp_path / "good" / "weather", tmp_path / "good")
    assert list(found.plugins) == ["weather"]
    assert ["does not exist" in problem.message for problem in found.problems] == [True, False, False]
    assert "not a directory" in found.problems[1].message
    assert "it is a plugin itself" in found.problems[2].message
    assert all(problem.hint for problem in found.problems)


def test_a_missing_default_directory_is_no_problem_but_a_missing_module_says_where_it_was_sought(tmp_path: Path) -> None:
    found = discover([tmp_path / "plugins"], search_path=_SYSTEM, missing_ok=True)
    assert not found.problems
    with pytest.raises(NotFound, match="plugins") as caught:
        found.get("weather")
    assert "--plugins" in (caught.value.hint or "")


def test_a_single_plugin_can_be_loaded_by_its_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(_plugin(tmp_path / "weather"))
    assert _load(Path()).name == "weather"
    with pytest.raises(BadManifest, match="no such file"):
        _load(tmp_path / "gone")
    (tmp_path / "run.sh").write_text("")
    with pytest.raises(BadManifest, match="it is not executable"):
        _load(tmp_path / "run.sh")


def test_a_path_with_spaces_unicode_and_a_line_break_is_just_a_path(tmp_path: Path) -> None:
    root = _plugin(tmp_path / "a b\nü" / "weather", 'command = "./run"')
    _program(root / "run")
    assert _load(root).argv == (str(root / "run"),)


def test_a_plugin_that_may_not_be_read_is_said_and_hides_no_other(tmp_path: Path) -> None:
    _plugin(tmp_path / "closed")
    _plugin(tmp_path / "secret")
    _plugin(tmp_path / "good")
    (tmp_path / "closed").chmod(0)
    (tmp_path / "secret" / "plugin.toml").chmod(0)
    with _as_nobody(tmp_path):
        found = _discover(tmp_path)
    (tmp_path / "closed").chmod(0o700)
    assert list(found.plugins) == ["good"]
    assert [error.message.rpartition(": ")[2] for error in found.broken.values()] == ["permission denied", "permission denied"]


@contextmanager
def _as_nobody(path: Path) -> Generator[None]:
    """Give up the rights of root, who may read everything, but let the way to `path` stay open."""
    if os.geteuid() != 0:
        yield
        return
    nobody = 65534
    path.chmod(0o755)
    modes = {parent: stat.S_IMODE(parent.stat().st_mode) for parent in path.parents}
    # The group of root is kept, hence both bits.
    shut = {parent: mode for parent, mode in modes.items() if mode & 0o011 != 0o011}
    for parent, mode in shut.items():
        parent.chmod(mode | 0o011)
    os.seteuid(nobody)
    try:
        yield
    finally:
        os.seteuid(0)
        for parent, mode in shut.items():
            parent.chmod(mode)
