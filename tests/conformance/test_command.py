"""`hub plugin test`, whole: exit codes, words, reports, baseline, replay."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.house.tree import ROOT

pytestmark = pytest.mark.process

_MODULE = ROOT / "tests" / "badplugins" / "conformance" / "module.py"
_ONLY = ("--only", "envelope")
_BROKEN = "HUB-LIFE-5/refuses-rpc-discover"


@dataclass(frozen=True)
class Done:
    """What a command left."""

    code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)


def hub(*words: str, cwd: Path) -> Done:
    """Run `hub plugin test` in `cwd`."""
    done = subprocess.run(
        [sys.executable, "-m", "hub.cli", "plugin", "test", *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
        env={**os.environ, "PYTHONWARNINGS": "error"},
    )
    return Done(done.returncode, done.stdout, done.stderr)


def command(*breaks: str) -> tuple[str, ...]:
    """Return the words that run the good module, with breaks."""
    return ("--", sys.executable, "-IS", str(_MODULE), *(word for name in breaks for word in ("--break", name)))


def test_a_module_that_conforms_ends_with_0_and_one_line(tmp_path: Path) -> None:
    done = hub(*_ONLY, *command(), cwd=tmp_path)
    assert (done.code, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].startswith(
        "good 1.2.3 conforms: 26 checks, 26 passed, 0 failed, 0 warnings, 0 not offered in "
    )


def test_a_failure_shows_the_rule_what_was_sent_and_how_to_mend_it(tmp_path: Path) -> None:
    done = hub(*_ONLY, *command(_BROKEN), cwd=tmp_path)
    assert done.code == 1
    lines = done.stdout.splitlines()
    place = lines.index(f"FAILED {_BROKEN}")
    told = {line.split(":")[0].strip() for line in lines[place + 1 :] if line.startswith("  ") and line[2] != " "}
    assert {"rule", "why", "sent", "received", "right", "mend"} <= told
    assert any("MUST be answered with −32601" in line for line in lines)
    assert "does not conform" in lines[-1]


def test_a_module_that_never_starts_ends_with_5(tmp_path: Path) -> None:
    done = hub("--", "sh", "-c", "echo no such luck >&2; exit 3", cwd=tmp_path)
    assert done.code == 5
    assert done.stdout.startswith("sh never started: ")
    assert "log: no such luck" in done.stderr


def test_what_helps_a_module_to_start_stands_on_standard_error_and_with_json_in_the_document(tmp_path: Path) -> None:
    done = hub("/bin/false", cwd=tmp_path)
    assert (done.code, done.stdout.count("\n")) == (5, 1)
    assert done.stdout.startswith("false never started: ")
    assert done.stderr.startswith("hint: ")
    as_json = hub("--json", "/bin/false", cwd=tmp_path)
    assert (as_json.code, as_json.stderr) == (5, "")
    assert f"hint: {as_json.json['never_started']['hint']}\n" == done.stderr


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("nowhere/at/all",),
        ("--", "no-such-program-at-all", "x"),
        ("--only", "no-such-check", *command()),
        ("--report", "pdf", "x", *command()),
        ("--baseline", "missing", *command()),
        ("--replay", "missing", *command()),
        (".", "more"),
        ("--config", "missing.toml", *command()),
        ("--config", '{"a": 1,}', *command()),
        ("--config", "{}]", *command()),
    ],
)
def test_a_mistake_on_the_command_line_ends_with_2(words: tuple[str, ...], tmp_path: Path) -> None:
    done = hub(*words, cwd=tmp_path)
    assert (done.code, done.stdout) == (2, "")
    assert done.stderr.startswith("error: cannot ")
    assert "\nhint: " in done.stderr
    assert "Traceback" not in done.stderr


def test_json_is_one_document(tmp_path: Path) -> None:
    done = hub("--json", *_ONLY, *command(_BROKEN), cwd=tmp_path)
    assert (done.code, done.json["conforms"], done.json["counts"]["failed"]) == (1, False, 1)
    assert [check["id"] for check in done.json["checks"] if check["status"] == "failed"] == [_BROKEN]


def test_a_known_failure_passes_and_a_stale_one_fails(tmp_path: Path) -> None:
    known = tmp_path / "known-failures"
    known.write_text(f"{_BROKEN}  # until the new dispatcher is there\n")
    assert hub(*_ONLY, "--baseline", str(known), *command(_BROKEN), cwd=tmp_path).code == 0
    stale = hub(*_ONLY, "--baseline", str(known), *command(), cwd=tmp_path)
    assert stale.code == 1
    assert f"STALE {_BROKEN}" in stale.stdout
    known.write_text("HUB-FRAME-1/no-such-check\n")
    assert hub(*_ONLY, "--baseline", str(known), *command(), cwd=tmp_path).code == 2


@pytest.mark.parametrize(("kind", "begin"), [("junit", "<?xml"), ("json", "{"), ("tap", "TAP"), ("markdown", "# ")])
def test_a_report_is_written_in_the_form_that_was_asked_for(kind: str, begin: str, tmp_path: Path) -> None:
    path = tmp_path / "report"
    assert hub(*_ONLY, "--report", kind, str(path), *command(), cwd=tmp_path).code == 0
    assert path.read_text().startswith(begin)


@pytest.mark.bound(15, reason="three runs")
def test_a_transcript_is_played_again_against_another_build(tmp_path: Path) -> None:
    path = str(tmp_path / "before.jsonl")
    assert hub(*_ONLY, "--transcript", path, *command(), cwd=tmp_path).code == 0
    same = hub("--replay", path, *command(), cwd=tmp_path)
    assert (same.code, same.stdout) == (0, "python3 answers as before\n".replace("python3", Path(sys.executable).stem))
    other = hub("--replay", path, *command(_BROKEN), cwd=tmp_path)
    assert other.code == 1
    assert "before: " in other.stdout
    assert "differs in 1 message" in other.stdout


_SEES_CONFIG = """
import json, sys
for line in sys.stdin:
    message = json.loads(line)
    if message["method"] == "module_init":
        open("config.json", "w").write(json.dumps(message["params"]["config"]))
    info = {"name": "m", "version": "1.0.0", "license": "MIT", "authors": ["Ada"]}
    result = {"module_info": info, "capabilities": {"functions": []}}.get(message["method"], {})
    print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}), flush=True)
"""


@pytest.mark.parametrize("kind", ["json", "toml", "line"])
def test_a_configuration_is_laid_over_that_of_the_manifest(kind: str, tmp_path: Path) -> None:
    plugin = tmp_path / "m"
    plugin.mkdir()
    (plugin / "m.py").write_text(_SEES_CONFIG)
    command = json.dumps([sys.executable, "-IS", "m.py"])
    (plugin / "plugin.toml").write_text(f"command = {command}\n[config]\nbase_url = 'https://example.org'\nretries = 3\n")
    given = {"json": '{"base_url": "http://localhost"}', "toml": 'base_url = "http://localhost"'}
    file = tmp_path / f"config.{kind}"
    file.write_text(given.get(kind, ""))
    done = hub("--config", given["json"] if kind == "line" else str(file), "--only", "HUB-INIT-1", str(plugin), cwd=tmp_path)
    assert done.code == 0, done.stdout
    assert json.loads((plugin / "config.json").read_text()) == {"base_url": "http://localhost", "retries": 3}


@pytest.mark.bound(20, reason="two runs, and a look at the files every half a second")
def test_watch_tests_again_when_a_file_changes_and_ends_at_an_interruption(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "hub.cli", "plugin", "test", "--watch", "--only", "HUB-FRAME-3", *command()]
    with subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as watching:
        assert watching.stdout is not None
        try:
            assert watching.stdout.readline().startswith("good 1.2.3 conforms: 3 checks, 3 passed")
            (tmp_path / "changed").write_text("now")
            assert watching.stdout.readline().startswith("good 1.2.3 conforms: 3 checks, 3 passed")
            watching.send_signal(signal.SIGINT)
            assert (watching.stdout.read(), watching.wait()) == ("", 0)
        finally:
            watching.kill()


def test_the_checks_can_be_listed_and_left_out(tmp_path: Path) -> None:
    listed = hub("--list", "--only", "HUB-FRAME-3", cwd=tmp_path).stdout.splitlines()
    assert [line.split()[0] for line in listed] == [
        "HUB-FRAME-3/carriage-return",
        "HUB-FRAME-3/white-space-around",
        "HUB-FRAME-3/blank-lines",
    ]
    assert len(hub("--list", "--only", "HUB-FRAME-3", "--skip", "*/blank-lines", cwd=tmp_path).stdout.splitlines()) == 2
