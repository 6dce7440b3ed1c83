"""The act of `make demo` that has clouds in it, on a machine where nothing can be built."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT

pytestmark = pytest.mark.process

_SECONDS = 90


@pytest.mark.bound(_SECONDS, "runs a dozen commands, and plays the clouds beside them")
def test_the_clouds_of_the_demo_need_no_tool_chain_and_leave_nothing(tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("sh", "ps"):  # what the hub's guardian runs
        (tools / name).symlink_to(next(place for place in (Path("/bin") / name, Path("/usr/bin") / name) if place.exists()))
    done = subprocess.run(
        [sys.executable, "-B", ROOT / "plugins" / "demo_clouds.py"],
        env={**os.environ, "PATH": str(tools)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    for name, tool in (("digitalocean", "go"), ("hetzner", "npm"), ("vultr", "cargo")):
        assert f"left out: {name}, because {tool} is not installed here" in done.stdout
    table = done.stdout.split("list_servers --all\n")[1]
    rows = [line.split() for line in table.splitlines()]
    for account, name in (("work", "web-1"), ("work", "web-2"), ("home", "backup")):
        assert any(row[:2] == ["aws", account] and name in row for row in rows), table
    assert "none of the 2 tokens stands in any of the" in done.stdout
    assert not any(Path(os.environ["TMPDIR"]).iterdir())
