"""Own the proof that a long-lived hub starts, reloads and ends as an operator and a service manager expect; real processes."""

import json
import os
import signal
import socket
from pathlib import Path

import pytest

from tests.cli.conftest import Hub, function
from tests.cli.running import up

pytestmark = [pytest.mark.process, pytest.mark.bound(30, reason="several commands, each a process of its own")]

_PID = "def call(name, params, id): return os.getpid()"
_STUBBORN = """
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
def call(name, params, id):
    read()
def read():
    while True:
        line = sys.stdin.readline()
        if line:
            return json.loads(line)
        time.sleep(3600)
import time
"""


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    plugins = tmp_path / "plugins"
    plugins.mkdir()
    return Hub(plugins)


def _is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_well_and_nothing_is_left(hub: Hub, number: signal.Signals) -> None:
    hub.add("echo", [function("pid")], _PID, approved=True)
    with up(hub) as running:
        pid = hub("ps", "--json").result[0]["pid"]
        assert running.end(number) == 0
        assert running.stderr() == ""
    assert _is_gone(pid)
    kinds = [(event["kind"], event["module"]) for event in running.events]
    assert kinds[-3:] == [("hub.stopping", None), ("module.stopping", "echo"), ("module.stopped", "echo")]
    assert not (Path(os.environ["XDG_RUNTIME_DIR"]) / "hub").exists()


def test_a_module_that_does_not_end_is_killed_within_ten_seconds(hub: Hub) -> None:
    hub.add("stubborn", [function("f")], _STUBBORN, approved=True)
    with up(hub) as running:
        os.kill(hub("ps", "--json").result[0]["pid"], signal.SIGSTOP)
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(10) == 0


def test_a_signal_while_modules_are_starting_ends_it_well(hub: Hub) -> None:
    hub.add("slow", [function("pid")], "import time\ndef initialise(config): time.sleep(20)", approved=True)
    with up(hub, ready=False) as running:
        pid = running.wait("module.starting", "slow")["data"]["pid"]
        running.wait("module.initialising", "slow")
        assert hub("ps", "--json").result[0]["state"] == "initialising"
        assert running.end() == 0
    assert _is_gone(pid)
    assert "hub.running" not in [event["kind"] for event in running.events]


def test_a_second_signal_kills_at_once(hub: Hub) -> None:
    hub.add("stubborn", [function("f")], _STUBBORN, approved=True)
    with up(hub) as running:
        running.process.send_signal(signal.SIGTERM)
        running.wait("module.stopping", "stubborn")
        assert running.end(signal.SIGTERM) == 0
        stopped = running.events[-1]
        assert (stopped["kind"], stopped["data"]["exit"]["signal"]) == ("module.stopped", "SIGKILL")


def test_approved_modules_are_started_lazy_ones_are_not_and_others_are_reported(hub: Hub) -> None:
    hub.add("base", [function("pid")], _PID, approved=True)
    hub.add("top", [function("pid")], _PID, approved=True, required_modules={"base": "^1.0"})
    hub.add("lazy", [function("pid")], _PID, approved=True, manifest="[restart]\nlazy = true\n")
    hub.add("fresh", [function("pid")], _PID)
    (hub.plugins / "broken").mkdir()
    (hub.plugins / "broken" / "plugin.toml").write_text("command = 7")
    with up(hub) as running:
        rows = {row["name"]: row["state"] for row in hub("ps", "--json").result}
        assert rows == {"base": "running", "top": "running", "lazy": "discovered", "fresh": "failed"}
        assert hub("call", "lazy.pid").code == 0
        assert running.end() == 0
    events = running.events
    order = [event["module"] for event in events if event["kind"] == "module.running"]
    assert order == ["base", "top", "lazy"]
    failed = next(event["data"]["error"] for event in events if event["kind"] == "module.failed")
    assert (failed["kind"], failed["hint"]) == ("not_approved", "look at it and approve it: hub plugin approve fresh")
    assert any(event["kind"] == "hub.warning" and "broken" in event["data"]["message"] for event in events)
    stops = [event["module"] for event in events if event["kind"] == "module.stopped"]
    assert stops.index("top") < stops.index("base")


def test_lines_for_a_person_name_what_matters(hub: Hub) -> None:
    hub.add("echo", [function("pid")], _PID, approved=True)
    hub.add("fresh", [function("pid")], _PID)
    with up(hub) as running:
        running.end()
    import subprocess

    with subprocess.Popen(hub.argv("up"), stdout=subprocess.PIPE, env=hub.environment(), text=True) as process:
        assert process.stdout is not None
        lines: list[str] = []
        for line in process.stdout:
            lines.append(line.rstrip())
            if line.startswith("hub: running"):
                process.terminate()
    assert "echo: running" in lines
    assert "fresh: hint: look at it and approve it: hub plugin approve fresh" in lines
    assert lines[-3:] == ["hub: stopping", "echo: stopping: the hub is closing", "echo: stopped: exited with status 0"]


def test_a_critical_module_that_cannot_be_kept_running_ends_the_hub_with_5(hub: Hub) -> None:
    manifest = '[restart]\ncritical = true\npolicy = "never"\n'
    hub.add("vital", [function("die")], "def call(name, params, id): os._exit(3)", approved=True, manifest=manifest)
    hub.add("echo", [function("pid")], _PID, approved=True)
    with up(hub) as running:
        assert hub("call", "vital.die").code == 5
        assert running.ended() == 5
        error = json.loads(running.stderr())["error"]
        assert (error["kind"], error["data"]["module"]) == ("gave_up", "vital")


def test_a_hangup_reads_the_plugins_anew(hub: Hub) -> None:
    hub.add("old", [function("pid")], _PID, approved=True)
    hub.add("same", [function("pid")], _PID, approved=True)
    changed = hub.add("changed", [function("pid")], _PID, approved=True)
    with up(hub) as running:
        before = {row["name"]: row["pid"] for row in hub("ps", "--json").result}
        for path in sorted((hub.plugins / "old").rglob("*"), reverse=True):
            path.unlink()
        (hub.plugins / "old").rmdir()
        (changed / "note").write_text("another content")
        assert hub("plugin", "approve", "changed", "--yes").code == 0
        hub.add("new", [function("pid")], _PID, approved=True)
        running.process.send_signal(signal.SIGHUP)
        told = running.wait("hub.reloaded")["data"]
        assert told == {"added": ["new"], "removed": ["old"], "changed": ["changed"], "broken": []}
        assert hub("call", "new.pid").code == 0
        assert hub("call", "changed.pid").code == 0
        after = {row["name"]: row["pid"] for row in hub("ps", "--json").result}
        assert set(after) == {"same", "changed", "new"}
        assert after["same"] == before["same"]
        assert after["changed"] != before["changed"]
        assert _is_gone(before["old"])
        assert running.end() == 0


def test_a_manifest_that_cannot_be_read_any_more_ends_nothing(hub: Hub) -> None:
    directory = hub.add("echo", [function("pid")], _PID, approved=True)
    with up(hub) as running:
        before = hub("call", "echo.pid").result
        (directory / "plugin.toml").write_text("command = [")
        running.process.send_signal(signal.SIGHUP)
        assert [error["kind"] for error in running.wait("hub.reloaded")["data"]["broken"]] == ["bad_manifest"]
        assert hub("call", "echo.pid").result == before
        assert running.end() == 0


def test_systemd_is_told_of_each_step_and_patted(hub: Hub, tmp_path: Path) -> None:
    hub.add("echo", [function("pid")], _PID, approved=True)
    address = f"{os.environ['XDG_RUNTIME_DIR']}/notify"
    told: list[str] = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(address)
        manager.settimeout(10)

        def until(word: str) -> None:
            while not any(word in line for line in told):
                told.extend(manager.recv(4096).decode().split("\n"))

        with up(hub, env={"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "200000"}) as running:
            until("READY=1")
            told.clear()
            until("WATCHDOG=1")
            running.process.send_signal(signal.SIGHUP)
            until("RELOADING=1")
            assert any(line.startswith("MONOTONIC_USEC=") for line in told)
            told.clear()
            until("READY=1")
            assert "STATUS=1 of 1 modules run" in told
            running.process.send_signal(signal.SIGTERM)
            until("STOPPING=1")
            assert running.ended() == 0
    Path(address).unlink()


def test_every_change_is_in_the_log_on_disk(hub: Hub) -> None:
    hub.add("echo", [function("pid")], "def call(name, params, id): os.write(2, b'words\\n')", approved=True)
    with up(hub) as running:
        hub("call", "echo.pid")
        running.end()
    path = Path(os.environ["XDG_STATE_HOME"]) / "hub" / "log" / "events.jsonl"
    events = [json.loads(line) for line in path.read_text().splitlines()]
    printed = [event for event in running.events if event["kind"] != "log"]
    assert [(event["kind"], event["module"], event["data"]) for event in events] == [
        (event["kind"], event["module"], event["data"]) for event in printed
    ]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_reader_that_goes_away_or_stalls_does_not_stop_it(hub: Hub) -> None:
    body = "def call(name, params, id):\n    for _ in range(5000): os.write(2, b'error: ' + b'x' * 200 + b'\\n')"
    hub.add("noisy", [function("f")], body, approved=True)
    with up(hub) as running:
        # Nobody reads its standard output here: a pipe holds 64 KiB, the module logs a megabyte.
        assert hub("call", "noisy.f").code == 0
        assert hub("ps", "--json").result[0]["state"] == "running"
        assert running.process.stdout is not None
        running.process.stdout.close()
        assert hub("call", "noisy.f").code == 0
        running.process.terminate()
        assert running.process.wait(10) == 0
