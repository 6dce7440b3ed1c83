"""Own the check that no tracked text gives away the machine or the network it was written on; know nothing of code."""

import os
import re
from pathlib import Path

import pytest

from tests.house.tree import ROOT, shown, text_files

# In pieces, so that this file does not find itself.
_REGISTRIES = re.compile(
    r"\b(?:pypi\.(?:org|python\.org)|python" + r"hosted\.org|registry\.(?:npmjs\.org|yarnpkg\.com)|npmmirror\.com"
    r"|proxy\.golang\.org|sum\.golang\.org|goproxy\.[a-z]+|(?:static\.|index\.)?crates\.io)(?![\w-])"
)
_MACHINE_PATHS = re.compile(r"(?<![\w.~$/}])/(?:root|work|Users/\w+|home/(?!you\b|user\b)\w+|tmp/probe|opt/wheels)(?![\w-])")
_PIP_OPTIONS = re.compile(r"^\s*--(?:index-url|extra-index-url|find-links|trusted-host)\b", re.MULTILINE)

# cargo writes this name of its default registry into each lock file; it is a constant, not an address that was used.
_CARGO_CONSTANT = "registry+https://github.com/rust-lang/crates.io-index"

# Where a machine says which mirrors it uses; their values must not travel.
_MIRROR_VARIABLES = re.compile(r"(?:PIP|UV|NPM_CONFIG|npm_config|GO|CARGO)_?\w*(?:INDEX|LINKS|REGISTRY|PROXY|HOST)\w*")
_PUBLIC_VALUES = {"direct", "off", "on"}


def _local_secrets() -> set[str]:
    """Return what this machine alone knows: its mirrors, its home directory, where this clone lies."""
    mirrors = {value for name, value in os.environ.items() if _MIRROR_VARIABLES.fullmatch(name)}
    places = {str(place) for place in (Path.home(), ROOT) if len(place.parts) > 2}
    return {value for value in mirrors | places if len(value) >= len("/a/b/c") and value not in _PUBLIC_VALUES}


def _faults_of(text: str) -> list[str]:
    text = text.replace(_CARGO_CONSTANT, "")
    patterns = (_REGISTRIES, _MACHINE_PATHS, _PIP_OPTIONS)
    return [found[0].strip() for pattern in patterns for found in pattern.finditer(text)]


def test_no_text_names_a_registry_a_mirror_or_a_path_of_somebodys_machine() -> None:
    secrets = _local_secrets()
    own = Path(__file__)
    faults = [f"{shown(path)}: {fault}" for path, text in text_files() if path != own for fault in _faults_of(text)]
    faults += [
        f"{shown(path)}: a value of this machine's settings"
        for path, text in text_files()
        if any(word in text for word in secrets)
    ]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    "text",
    [
        "resolved https://registry.npmjs.org/x",
        "--index-url https://mirror.example/simple",
        "see /root/.cargo",
        "open('/work/x')",
        "/home/bob/src",
        "from https://pypi.org/simple",
        'source = "https://static.crates.io/x"',
    ],
)
def test_a_registry_or_a_path_is_found(text: str) -> None:
    assert _faults_of(text)


@pytest.mark.parametrize(
    "text",
    [f'source = "{_CARGO_CONSTANT}"', "sdk/work/file", "/home/you/plugins", "/var/root", "~/work", "$HOME/root", "./work"],
)
def test_what_only_looks_like_one_is_left_alone(text: str) -> None:
    assert _faults_of(text) == []
