"""Own the check that every requirement of the protocol is tested and no number made up; know nothing of their meaning."""

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.house.tree import ROOT, shown, text_files

_SPECIFICATION = ROOT / "protocol" / "README.md"
_DEFINITION = re.compile(r"^- \*\*(HUB-[A-Z]+-[0-9]+)\*\*", re.MULTILINE)
_NUMBER = re.compile(r"\bHUB-[A-Z]+-[0-9]+\b")

# What proves a requirement: a test of the host, an SDK or the core, or a vector that all of them run.
_PROOFS = ("tests/", "schemas/v1/vectors/")
_HOUSE = "tests/house/"


def _proves(path: Path) -> bool:
    name = shown(path)
    in_sdk = name.startswith("sdk/") and ("/tests/" in name or "/test/" in name or path.stem.endswith(("_test", ".test")))
    return (name.startswith(_PROOFS) and not name.startswith(_HOUSE)) or in_sdk


def _defined() -> list[str]:
    if not _SPECIFICATION.exists():
        pytest.skip("protocol/README.md is not written yet")
    return _DEFINITION.findall(_SPECIFICATION.read_text())


def _in_order(number: str) -> tuple[str, int]:
    family, _, place = number.rpartition("-")
    return family, int(place)


def test_every_requirement_is_defined_once() -> None:
    defined = Counter(_defined())
    assert defined
    assert [number for number, times in defined.items() if times > 1] == []


def test_every_requirement_has_a_test_or_a_vector() -> None:
    proved = {number for path, text in text_files() if _proves(path) for number in _NUMBER.findall(text)}
    missing = sorted(set(_defined()) - proved, key=_in_order)
    assert not missing, f"{len(missing)} requirements that no test and no vector names: {' '.join(missing)}"


def test_every_number_that_is_used_is_defined() -> None:
    defined = set(_defined())
    used = {
        (number, shown(path))
        for path, text in text_files()
        if not shown(path).startswith(_HOUSE)
        for number in _NUMBER.findall(text)
    }
    unknown = sorted(f"{number} in {name}" for number, name in used if number not in defined)
    assert not unknown, "\n".join(unknown)
