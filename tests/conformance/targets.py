"""Own the modules that the tests of the runner run: the good one, with or without breaks; know nothing of checks."""

import json
import os
import sys
from pathlib import Path
from typing import Final, Literal

from hub._manifest import Manifest
from hub._registry import Plugin
from hub.conformance import Settings, Target, target_of_path
from tests.house.tree import ROOT

__all__ = ["HEADERS", "QUICK", "SHARP", "framing_of", "good_module", "plugin"]

_PROGRAM: Final = ROOT / "tests" / "badplugins" / "conformance" / "module.py"

_NAME: Final = {"type": "string", "minLength": 1, "maxLength": 40}
_GREETING: Final = {
    "interface": "example.greeting",
    "version": "1.0",
    "summary": "Greet or refuse.",
    "functions": [
        {
            "name": "greet",
            "params": {"type": "object", "properties": {"name": _NAME}, "required": ["name"], "additionalProperties": False},
            "returns": {"type": "string"},
            "hints": {"read_only": True},
        },
        {
            "name": "refuse",
            "params": {"type": "object", "additionalProperties": False},
            "errors": [{"code": 1001, "message": "no"}],
            "hints": {"read_only": True},
        },
    ],
}

# Checks that need a module with the other framing.
HEADERS: Final = ("HUB-FRAME-20/", "HUB-FRAME-21/")

# For modules that start in 20 ms: waits that a broken one sits out, so they are short.
SHARP: Final = Settings(
    answer_seconds=1.0,
    start_seconds=0.6,
    capabilities_seconds=0.6,
    init_seconds=0.6,
    cleanup_seconds=0.6,
    exit_seconds=0.6,
    function_seconds=1.0,
    total_seconds=60.0,
)
# The same with few generated calls: what they find has tests of its own. A start may be slow: that too has a test of its own.
QUICK: Final = Settings(
    answer_seconds=1.0,
    start_seconds=1.0,
    capabilities_seconds=1.0,
    init_seconds=1.0,
    cleanup_seconds=1.0,
    exit_seconds=0.6,
    function_seconds=0.25,
    calls_per_function=10,
    total_seconds=60.0,
)


def framing_of(check: str) -> Literal["newline", "content-length"]:
    """Return the framing with which the break of a check can be seen."""
    return "content-length" if check.startswith(HEADERS) else "newline"


def good_module(directory: Path, *breaks: str, framing: Literal["newline", "content-length"] = "newline") -> Target:
    """Return the module of tests/badplugins/conformance, run in `directory`, with these breaks."""
    words = [word for name in breaks for word in ("--break", name)]
    _write_interfaces(directory, other="HUB-IFACE-7/brings-good-interfaces" in breaks)
    return Target(
        name="good",
        argv=(sys.executable, "-IS", str(_PROGRAM), "--framing", framing, *words),
        cwd=directory,
        env={"PATH": os.environ.get("PATH", os.defpath)},
        framing=framing,
        manifest_name="good",
        manifest_version="1.2.3",
        directory=directory,
        plugin=Plugin(
            name="good",
            path=directory,
            root=directory,
            manifest=Manifest(name="good", command=(sys.executable,), sha256="of no importance"),
            argv=(),
        ),
    )


def _write_interfaces(directory: Path, *, other: bool) -> None:
    """Write the interface that the good module implements, and maybe another one of the same name and version beside it."""
    folder = directory / "interfaces"
    folder.mkdir(exist_ok=True)
    (folder / "greeting.json").write_text(json.dumps(_GREETING))
    if other:
        (folder / "other.json").write_text(json.dumps({**_GREETING, "summary": "Something else."}))


def plugin(*parts: str) -> Target:
    """Return a plugin of this repository; its Python is the one that runs the tests."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return target_of_path(ROOT.joinpath(*parts), {**os.environ, "PATH": path})
