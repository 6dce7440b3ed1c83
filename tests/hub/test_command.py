"""Own what holds for the programs that manifests' commands name."""

import os
from pathlib import Path

import pytest

from hub._registry import Plugin, load_plugin
from hub.errors import BadManifest

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


def _load(directory: Path) -> Plugin:
    return load_plugin(directory, search_path=_SYSTEM)


@pytest.mark.parametrize(
    ("command", "argv"),
    [
        ('"run.sh"', ("{root}/run.sh",)),
        ('"./run.sh -v"', ("{root}/./run.sh", "-v")),
        ('"target/release/weather"', ("{root}/target/release/weather",)),
        ('"sh run.sh"', ("{sh}", "run.sh")),
        ('"/bin/sh run.sh"', ("/bin/sh", "run.sh")),
        ('"no-such-program-anywhere"', ("no-such-program-anywhere",)),
        ('"lib"', ("lib",)),
    ],
)
def test_a_command_is_a_file_of_the_plugin_or_a_program_of_the_machine(
    tmp_path: Path, command: str, argv: tuple[str, ...]
) -> None:
    root = _plugin(tmp_path / "weather", f"command = {command}")
    _program(root / "run.sh")
    (root / "lib").mkdir()
    shell = next(f"{entry}/sh" for entry in _SYSTEM.split(":") if os.access(f"{entry}/sh", os.X_OK))
    assert _load(root).argv == tuple(word.format(root=root, sh=shell).replace("/./", "/") for word in argv)


def test_programs_are_looked_up_where_the_manifest_says_and_never_in_a_relative_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _program(tmp_path / "bin" / "tool")
    monkeypatch.chdir(tmp_path)
    relative = _plugin(tmp_path / "one", 'command = "tool"\nenvironment = { PATH = "bin:." }')
    absolute = _plugin(tmp_path / "two", f'command = "tool"\nenvironment = {{ PATH = "{tmp_path}/bin" }}')
    assert _load(relative).argv == ("tool",)
    assert _load(absolute).argv == (f"{tmp_path}/bin/tool",)


@pytest.mark.parametrize(
    "command",
    [
        '"../other/run"',
        '"./sub/../../other/run"',
        '["sh", "../other/run"]',
        '["sh", "--file=../other/run"]',
        '"./link"',
        '"link"',
        '["sh", "link"]',
        '"./linked/run"',
        '"./.git/run"',
        '"./vcs"',
    ],
)
def test_a_command_that_leaves_the_plugin_s_tree_is_refused(tmp_path: Path, command: str) -> None:
    root = _plugin(tmp_path / "weather", f"name = 'weather'\ncommand = {command}")
    _program(tmp_path / "other" / "run")
    _program(root / ".git" / "run")
    (root / "link").symlink_to("../other/run")
    (root / "linked").symlink_to("../other")
    (root / "vcs").symlink_to(".git/run")
    with pytest.raises(BadManifest, match=r"cannot read plugin weather: plugin\.toml line 2: command: ") as caught:
        _load(root)
    assert caught.value.hint


def test_a_link_that_stays_in_the_tree_is_fine(tmp_path: Path) -> None:
    root = _plugin(tmp_path / "weather", 'command = "./current"')
    _program(root / "v2" / "run")
    (root / "current").symlink_to("v2/run")
    assert _load(root).argv == (f"{root}/current",)
