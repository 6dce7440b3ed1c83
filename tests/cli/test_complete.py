"""The shell is offered modules and functions, quickly: from what modules said earlier, and without starting any."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import Hub, function

pytestmark = pytest.mark.process


def _offered(hub: Hub, *words: str) -> list[str]:
    env = {"_HUB_COMPLETE": "complete_bash", "COMP_WORDS": " ".join(["hub", *words]), "COMP_CWORD": str(len(words))}
    done = hub(env=env)
    assert (done.code, done.stderr) == (0, "")
    return done.stdout.split()


def _memory() -> Path:
    return Path(os.environ["XDG_STATE_HOME"]) / "hub" / "completion.json"


def test_functions_are_offered_once_a_module_has_been_asked(hub: Hub) -> None:
    hub.add("system", [function("load"), function("processes")])
    hub.add("disks", [function("list")])
    assert _offered(hub, "call", "s") == ["system."]
    assert hub("functions", "system").code == 0
    assert _offered(hub, "call", "s") == ["system.load", "system.processes"]
    assert _offered(hub, "call", "system.p") == ["system.processes"]
    assert _offered(hub, "call", "") == ["disks.", "system.load", "system.processes"]
    assert _offered(hub, "call", "system.load", "s") == []


def test_modules_and_commands_are_offered(hub: Hub) -> None:
    hub.add("system")
    assert _offered(hub, "plugin", "info", "sy") == ["system"]
    assert _offered(hub, "plugin", "approve", "") == ["system"]
    assert _offered(hub, "functions", "s") == ["system"]
    assert _offered(hub, "plu") == ["plugin"]


def test_the_name_of_a_module_counts_and_not_that_of_its_directory(hub: Hub) -> None:
    hub.add("system", [function("load")]).rename(hub.plugins / "monitoring")
    (hub.plugins / "monitoring" / "plugin.toml").write_text('name = "system"\ncommand = ["./module"]\n')
    assert hub("functions").code == 0
    assert _offered(hub, "call", "") == ["system.load"]


def test_completing_starts_no_module(hub: Hub) -> None:
    witness = hub.plugins.parent / "ran"
    hub.add("system", [function("load")], f"open({str(witness)!r}, 'a').write('x')")
    assert hub("functions").code == 0
    assert witness.read_text() == "x"
    assert _offered(hub, "call", "system.") == ["system.load"]
    assert _offered(hub, "plugin", "info", "") == ["system"]
    assert witness.read_text() == "x"


def test_what_was_said_in_another_plugins_directory_is_not_offered(hub: Hub, tmp_path: Path) -> None:
    hub.add("system", [function("load")])
    assert hub("functions").code == 0
    (tmp_path / "other").mkdir()
    assert _offered(hub, "--plugins", str(tmp_path / "other"), "call", "") == []


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        '{"system": 1}',
        json.dumps(
            {"system": {"path": "PATH", "functions": ["load", "$(reboot)", 1]}, "$(x)": {"path": "PATH", "functions": []}}
        ),
    ],
)
def test_a_spoilt_memory_offers_nothing_that_a_shell_could_run(hub: Hub, content: str) -> None:
    path = hub.add("system", [function("load")])
    _memory().parent.mkdir(parents=True)
    _memory().write_text(content.replace("PATH", str(path)))
    assert set(_offered(hub, "call", "")) <= {"system.", "system.load"}


def test_the_memory_is_private_and_forgets_what_is_gone(hub: Hub) -> None:
    path = hub.add("system", [function("load")])
    hub.add("disks", [function("list")])
    assert hub("functions").code == 0
    assert _memory().stat().st_mode & 0o777 == 0o600
    path.rename(hub.plugins.parent / "gone")
    (hub.plugins / "disks" / "module").write_text((hub.plugins / "disks" / "module").read_text().replace('"list"', '"all"'))
    assert hub("functions").code == 0
    assert list(json.loads(_memory().read_text())) == ["disks"]


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
def test_completion_is_installed_for_the_shell_that_asks(hub: Hub, tmp_path: Path) -> None:
    line = " ".join(f"'{word}'" for word in hub.argv("--install-completion"))
    done = subprocess.run(["bash", "-c", f"{line}; exit $?"], env=hub.environment(HOME=str(tmp_path)), check=False)
    assert done.returncode == 0
    assert "_HUB_COMPLETE=complete_bash" in (tmp_path / ".bash_completions" / "hub.sh").read_text()
