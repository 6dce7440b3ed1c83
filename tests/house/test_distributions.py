"""Own the checks on the three distributions and on what is pinned for them; know nothing of their code."""

import re
import tomllib
from typing import Any

import pytest

from tests.house.tree import ROOT

_FOLDERS = {"hub": ".", "hub-protocol": "protocol", "hub-sdk": "sdk/python"}


def _project(name: str) -> dict[str, Any]:
    project: dict[str, Any] = tomllib.loads((ROOT / _FOLDERS[name] / "pyproject.toml").read_text())["project"]
    assert project["name"] == name
    return project


def _names(lines: list[str]) -> set[str]:
    return {re.split(r"[\[<>=~! ;]", line, maxsplit=1)[0] for line in lines}


def test_the_three_are_released_in_step() -> None:
    assert len({_project(name)["version"] for name in _FOLDERS}) == 1


def test_an_author_gets_the_protocol_and_msgspec_and_nothing_else() -> None:
    assert _names(_project("hub-sdk")["dependencies"]) == {"hub-protocol"}
    assert "[" not in _project("hub-sdk")["dependencies"][0]
    assert _names(_project("hub-protocol")["dependencies"]) == {"msgspec"}


@pytest.mark.parametrize("name", _FOLDERS)
def test_the_page_of_a_distribution_is_its_readme(name: str) -> None:
    if not (ROOT / _FOLDERS[name] / "README.md").exists():
        pytest.skip(f"the README of {name} is not written yet")
    assert _project(name).get("readme") == "README.md"


def test_everything_that_is_declared_is_pinned_with_hashes() -> None:
    pinned = dict(
        re.findall(
            r"^([a-z0-9.-]+)==([^ \n]+)[^\n]*\\\n +--hash=sha256:", (ROOT / "requirements.txt").read_text(), re.MULTILINE
        )
    )
    settings: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
    declared = _names(
        [*settings["dependency-groups"]["dev"], *(line for name in _FOLDERS for line in _project(name)["dependencies"])]
    )
    assert declared - set(_FOLDERS) - set(pinned) == set()


def test_a_pin_without_a_hash_is_refused() -> None:
    lines = (ROOT / "requirements.txt").read_text().replace("\\\n", " ").splitlines()
    bare = [line for line in lines if "==" in line and "--hash=sha256:" not in line]
    assert bare == []
