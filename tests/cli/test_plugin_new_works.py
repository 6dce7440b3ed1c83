"""A new project builds, passes its own tests and `hub plugin test`, and answers `hub call`: without an edit, in a minute."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import Hub
from tests.plugins.toolchains import environment, need

pytestmark = [
    pytest.mark.process,
    # Before it, as long again: the first build on a machine compiles what all later ones share.
    pytest.mark.bound(60, reason="what a new module may take in all, with warm caches: a minute"),
]


def _run(directory: Path, *command: str) -> str:
    done = subprocess.run(
        command, cwd=directory, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout


def _new(hub: Hub, directory: Path, language: str) -> list[str] | None:
    """Make and build a project; return the command of its tests."""
    written = hub("plugin", "new", "newcomer", "--lang", language, "--directory", str(directory), "--json").result
    if written["build"] is not None:
        _run(directory, *written["build"])
    return written["test"]


@pytest.fixture(params=["python", "go", "rust", "node", "sh"])
def language(request: pytest.FixtureRequest, hub: Hub, tmp_path: Path) -> str:
    """Return a language whose toolchain is here and has built such a project before: its caches are warm."""
    need(request.param)
    test = _new(hub, tmp_path / "warm", request.param)
    assert test is not None
    _run(tmp_path / "warm", *test)
    return request.param


def test_a_new_module_works_as_it_is(hub: Hub, language: str) -> None:
    directory = hub.plugins / "newcomer"
    test = _new(hub, directory, language)
    assert test is not None
    _run(directory, *test)
    judged = subprocess.run(
        hub.argv("plugin", "test", str(directory), "--json"), env=hub.environment(), capture_output=True, text=True, check=False
    )
    assert judged.returncode == 0, judged.stdout + judged.stderr
    assert json.loads(judged.stdout)["conforms"] is True
    assert "failed" not in json.loads(judged.stdout)["counts"]
    assert hub("plugin", "approve", "newcomer", "--yes").code == 0
    called = hub("call", "newcomer.greet", "--name", "Ada")
    assert (called.code, called.result) == (0, "Hello, Ada!")
    # Being tested and called has changed nothing of what was approved.
    assert hub("call", "newcomer.greet", "--name", "Grace").result == "Hello, Grace!"
