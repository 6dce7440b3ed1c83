"""Own which languages can be built on this machine, and building; know nothing of what is built."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from tests.house.tree import ROOT

__all__ = ["LANGUAGES", "build", "environment", "need"]

LANGUAGES: Final = {"go": ["go"], "node": ["node", "npm"], "perl": ["perl"], "python": [], "rust": ["cargo"], "sh": ["sh"]}
# Shared with `make`: what the SDK needs is compiled once. It stays out of the plugins, whose digest covers all they hold.
_CARGO_TARGET: Final = ROOT / "build" / "rust"


def need(language: str) -> None:
    """Leave the test out where the language's tools are missing, with the reason; in CI that is a failure."""
    missing = [tool for tool in LANGUAGES[language] if shutil.which(tool) is None]
    if not missing:
        return
    reason = f"left out: {language}: {' and '.join(missing)} not on PATH"
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason}; in CI every toolchain has to be there", pytrace=False)
    pytest.skip(reason)


def environment() -> dict[str, str]:
    """Return the environment in which plugins are built and tested."""
    return {"CARGO_TARGET_DIR": str(_CARGO_TARGET), **os.environ}


@cache
def build(directory: Path, command: Sequence[str]) -> None:
    """Run a build command in its plugin's directory, once in this run; what it printed is shown when it fails."""
    done = subprocess.run(
        command, cwd=directory, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
