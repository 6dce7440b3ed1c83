"""`hub up` and the commands that go through it, whole: real processes, the real socket, exit codes."""

import json
import os
import re
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Hub, function
from tests.cli.running import up

pytestmark = [pytest.mark.process, pytest.mark.bound(40, reason="several commands, each a process of its own")]

_INTEGER = {"type": "integer", "minimum": 1}


# The last column has a head of two words.
_LAST = ("LAST", "ERROR")


def _socket() -> Path:
    return Path(os.environ["XDG_RUNTIME_DIR"]) / "hub" / "control.sock"


def _echo(hub: Hub, name: str = "echo", **more: Any) -> Path:
    return hub.add(name, [function("all", limit=_INTEGER), function("pid")], _ECHO, approved=True, **more)


_ECHO = """
def call(name, params, id):
    if name == "pid":
        return os.getpid()
    if "limit" in params and params["limit"] == 13:
        os.write(2, b"warning: unlucky\\n")
        raise Refuse(404, "no such thing", {"id": 7})
    if params.get("limit") == 9:
        os._exit(3)
    return params
"""


def test_a_call_goes_through_the_running_hub_with_the_same_output(hub: Hub) -> None:
    _echo(hub)
    alone = hub("call", "echo.all", "--limit", "5")
    with up(hub):
        first, second = hub("call", "echo.pid"), hub("call", "echo.pid")
        assert first.result == second.result, "one process serves both"
        through = hub("call", "echo.all", "--limit", "5")
    assert (
        (through.code, through.stdout, through.stderr) == (alone.code, alone.stdout, alone.stderr) == (0, '{"limit":5}\n', "")
    )


_WRONG = (
    ["echo.all", "--limit", "0"],
    ["echo.all", "--limit", "x"],
    ["echo.all", "--nope", "1"],
    ["echo.nope"],
    ["nope.all"],
    ["fresh.all"],
    ["echo.all", "--limit", "13", "--json"],
    ["echo.all", "--help"],
    ["echo.all", "--limit", "9", "--json"],
)


@pytest.mark.bound(60, reason="twenty commands, each a process of its own")
def test_what_goes_wrong_is_told_as_without_a_running_hub(hub: Hub) -> None:
    _echo(hub)
    hub.add("fresh", [function("all")])
    alone = [hub("call", *words) for words in _WRONG]
    with up(hub):
        through = [hub("call", *words) for words in _WRONG]
    assert through == alone
    assert [done.code for done in alone] == [2, 2, 2, 3, 3, 4, 1, 0, 5]


def test_a_timeout_ends_the_call_in_the_module_and_the_command_with_6(hub: Hub) -> None:
    hub.add("slow", [function("wait")], "def call(name, params, id): read(); read()", approved=True)
    with up(hub):
        done = hub("call", "slow.wait", "--timeout", "0.5", "--json")
        assert (done.code, done.error["kind"], done.error["message"]) == (
            6,
            "timeout",
            "cannot get the answer of slow.wait: slow did not answer within 0.5 s",
        )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_call_is_cancelled_in_the_module(hub: Hub, number: signal.Signals, tmp_path: Path) -> None:
    begun, witness = tmp_path / "begun", tmp_path / "witness"
    os.mkfifo(begun)
    os.mkfifo(witness)
    body = f"""
    def call(name, params, id):
        open({str(begun)!r}, "w").close()
        with open({str(witness)!r}, "w") as file:
            file.write(json.dumps(read()))
    """
    hub.add("slow", [function("wait")], body, approved=True, features=["cancel"])
    with (
        up(hub) as running,
        subprocess.Popen(
            hub.argv("call", "slow.wait", "--json"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=hub.environment()
        ) as call,
    ):
        assert begun.read_text() == ""  # the end of a pipe that was opened
        call.send_signal(number)
        assert json.loads(witness.read_text())["method"] == "$/cancelRequest"
        out, told = call.communicate(timeout=10)
        assert (call.returncode, out, json.loads(told)["error"]["kind"]) == (130, b"", "interrupted")
        assert running.process.poll() is None


def test_ps_shows_what_runs_and_how_it_does(hub: Hub) -> None:
    _echo(hub)
    hub.add("fresh", [function("all")])
    with up(hub):
        hub("call", "echo.pid")
        hub("call", "echo.all", "--limit", "13")
        rows = {row["name"]: row for row in hub("ps", "--json").result}
        echo, fresh = rows["echo"], rows["fresh"]
        assert (echo["state"], echo["calls"], echo["errors"]) == ("running", 2, {"function_error": 1})
        assert echo["pid"] == hub("call", "echo.pid").result
        assert echo["memory_bytes"] > 1_000_000
        assert 0 < echo["p50_ms"] <= echo["p99_ms"]
        assert (fresh["state"], fresh["pid"], fresh["last_error"]["kind"]) == ("failed", None, "not_approved")
        head, *lines = hub("ps").stdout.splitlines()
        assert head.split() == ["NAME", "STATE", "PID", "UPTIME", "RESTARTS", "MEMORY", "CALLS", "ERRORS", "P50", "P99", *_LAST]
        assert re.fullmatch(r"echo +running +\d+ +\d+s +0 +[\d.]+M +3 +1 +[\d.]+ms +[\d.]+ms +-", lines[0])


def test_functions_of_all_modules_are_listed_through_the_running_hub(hub: Hub) -> None:
    _echo(hub)
    hub.add("fresh", [function("all")])
    alone = hub("functions", "--json").result
    with up(hub):
        assert hub("functions", "--json").result == alone
        assert [line.partition("(")[0] for line in hub("functions", "echo").stdout.splitlines()] == ["echo.all", "echo.pid"]


def test_start_stop_and_restart(hub: Hub) -> None:
    _echo(hub)
    with up(hub) as running:
        first = hub("call", "echo.pid").result
        done = hub("restart", "echo")
        second = hub("call", "echo.pid").result
        assert (done.code, done.stdout) == (0, f"restarted echo (pid {second})\n")
        assert first != second
        assert hub("stop", "echo").stdout == "stopped echo\n"
        assert hub("ps", "--json").result[0]["state"] == "stopped"
        refused = hub("call", "echo.pid", "--json")
        assert (refused.code, refused.error["kind"]) == (5, "not_running")
        assert "hub start echo" in refused.error["hint"]
        started = hub("start", "echo", "--json").result
        assert (started["state"], started["pid"] not in (first, second, None)) == ("running", True)
        assert hub("stop", "nope", "--json").error["kind"] == "not_found"
        assert running.end() == 0


def test_the_help_of_stop_says_what_brings_the_module_back(hub: Hub) -> None:
    assert "A call does not start it again; a person does." in " ".join(hub("stop", "--help").stdout.split())


def test_a_call_may_have_centuries(hub: Hub) -> None:
    _echo(hub)
    with up(hub):
        assert hub("call", "echo.all", "--limit", "5", "--timeout", "1e10").result == {"limit": 5}


def test_a_plugin_that_changes_while_it_runs_is_refused_at_its_next_start(hub: Hub) -> None:
    program = _echo(hub) / "module"
    with up(hub):
        pid = hub("call", "echo.pid").result
        program.write_text(f"{program.read_text()}\n")
        assert hub("call", "echo.pid").result == pid
        refused = hub("restart", "echo", "--json")
        assert (refused.code, refused.error["kind"]) == (4, "not_approved")
        again = hub("call", "echo.pid", "--json")
        assert (again.code, again.error["kind"]) == (4, "not_approved")


def test_restarts_are_counted_from_when_a_person_last_started_it(hub: Hub) -> None:
    _echo(hub)
    with up(hub) as running:
        hub("call", "echo.all", "--limit", "9")
        running.wait("module.running", "echo")
        assert hub("ps", "--json").result[0]["restarts"] == 1
        assert hub("restart", "echo", "--json").result["restarts"] == 0
        assert hub("ps", "--json").result[0]["restarts"] == 0


def test_logs_are_kept_and_followed(hub: Hub) -> None:
    _echo(hub)
    with up(hub) as running:
        hub("call", "echo.all", "--limit", "13")
        assert hub("logs", "echo").stdout.endswith(" warning: unlucky\n")
        assert [record["message"] for record in hub("logs", "echo", "--json").result] == ["unlucky"]
        with subprocess.Popen(
            hub.argv("logs", "echo", "-f", "-n", "1", "--json"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=hub.environment(),
        ) as following:
            assert following.stdout is not None
            assert json.loads(following.stdout.readline())["message"] == "unlucky"
            hub("call", "echo.all", "--limit", "13")
            assert json.loads(following.stdout.readline())["message"] == "unlucky"
            assert running.end() == 0
            _, told = following.communicate(timeout=10)
            assert (following.returncode, json.loads(told)["error"]["kind"]) == (5, "closed")


def test_the_last_crash_is_told_with_and_without_a_running_hub(hub: Hub) -> None:
    _echo(hub)
    assert hub("logs", "echo", "--last-crash", "--json").error["kind"] == "not_found"
    with up(hub) as running:
        hub("call", "echo.all", "--limit", "9")
        running.wait("module.backing-off", "echo")
        running.wait("module.running", "echo")
        report = hub("logs", "echo", "--last-crash", "--json").result
        assert (report["exit"]["code"], report["verdict"]) == (3, "ran_and_died")
    page = hub("logs", "echo", "--last-crash").stdout
    assert page.startswith(f"echo 1.0.0 (pid {report['pid']}) exited with status 3")
    assert "then: to be started again after" in page
    assert "restarted before: never" in page


def test_down_returns_when_nothing_is_left_and_the_next_hub_can_start(hub: Hub) -> None:
    _echo(hub)
    with up(hub) as first:
        pid = hub("call", "echo.pid").result
        done = hub("down")
        assert (done.code, done.stdout) == (0, f"the hub (pid {first.pid}) has ended\n")
        assert not _socket().exists()
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
        with up(hub) as second:
            assert hub("down", "--json").result == {"pid": second.pid}
        assert first.ended() == 0


@pytest.mark.parametrize(
    "words", [["ps"], ["down"], ["logs", "echo"], ["start", "echo"], ["stop", "echo"], ["restart", "echo"]]
)
def test_without_a_running_hub_it_is_said_what_to_do(hub: Hub, words: list[str]) -> None:
    done = hub(*words, "--json")
    assert (done.code, done.stdout, done.error["kind"]) == (5, "", "not_running")
    assert done.error["hint"] == "`hub up` starts one"


def test_a_second_hub_is_refused_with_the_pid_of_the_first(hub: Hub) -> None:
    with up(hub) as first:
        done = hub("up")
        assert (done.code, done.stdout) == (2, "")
        assert f"a hub is already running (pid {first.pid})" in done.stderr
        assert hub("ps", "--json").result == []


def test_a_running_hub_of_other_plugins_is_not_gone_through(hub: Hub, tmp_path: Path) -> None:
    _echo(hub)
    (tmp_path / "others").mkdir()
    with up(hub) as running:
        done = hub("call", "echo.all", "--plugins", str(tmp_path / "others"))
        assert (done.code, done.stdout) == (3, "")
        assert done.stderr.startswith(f"note: the running hub (pid {running.pid}) serves {hub.plugins};")
        refused = hub("ps", "--plugins", str(tmp_path / "others"), "--json")
        assert (refused.code, refused.error["kind"]) == (2, "bad_settings")
        # Who names no directory, and has none here, means the hub that runs.
        assert hub("call", "echo.all", env={"HUB_PLUGINS": ""}, cwd=tmp_path).stdout == "{}\n"


def test_discover_answers_an_openrpc_document_of_all_that_runs(hub: Hub) -> None:
    import socket

    _echo(hub)
    hub.add("fresh", [function("all")])
    with up(hub), socket.socket(socket.AF_UNIX) as sock:
        sock.connect(str(_socket()))
        sock.sendall(b'{"jsonrpc":"2.0","method":"rpc.discover","id":1}\n')
        document = json.loads(sock.makefile().readline())["result"]
    assert document["openrpc"] == "1.3.2"
    assert [method["name"] for method in document["methods"]] == ["echo.all", "echo.pid"]
    assert document["methods"][0]["params"] == [{"name": "limit", "required": False, "schema": _INTEGER}]


def test_what_waits_for_a_hub_that_is_killed_is_told_so(hub: Hub) -> None:
    hub.add("slow", [function("wait")], "def call(name, params, id): os.write(2, b'warning: begun\\n'); read()", approved=True)
    with (
        up(hub) as running,
        subprocess.Popen(
            hub.argv("call", "slow.wait", "--json"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=hub.environment()
        ) as call,
    ):
        running.wait("log", "slow")
        running.process.kill()
        out, told = call.communicate(timeout=10)
        error = json.loads(told)["error"]
        assert (call.returncode, out, error["kind"], error["data"]) == (5, b"", "closed", {"may_have_executed": True})
    assert _socket().exists()
    assert hub("ps", "--json").error["kind"] == "not_running"
    with up(hub):
        assert hub("ps", "--json").code == 0
    _socket().parent.rmdir()


def test_watching_shows_it_anew_until_it_is_interrupted(hub: Hub) -> None:
    _echo(hub)
    with (
        up(hub),
        subprocess.Popen(
            hub.argv("ps", "--watch", "--json"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=hub.environment()
        ) as watching,
    ):
        assert watching.stdout is not None
        rounds = [json.loads(watching.stdout.readline())[0]["uptime_seconds"] for _ in range(2)]
        assert rounds[0] < rounds[1]
        watching.send_signal(signal.SIGINT)
        watching.communicate(timeout=10)
        assert watching.returncode == 130


def test_a_hub_that_ends_while_it_is_watched_is_said_to_have_ended(hub: Hub) -> None:
    _echo(hub)
    with (
        up(hub) as running,
        subprocess.Popen(
            hub.argv("ps", "--watch", "--json"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=hub.environment()
        ) as watching,
    ):
        assert watching.stdout is not None
        assert json.loads(watching.stdout.readline())[0]["state"] == "running"
        assert running.end() == 0
        _, told = watching.communicate(timeout=10)
        error = json.loads(told)["error"]
        assert (watching.returncode, error["kind"], error["data"]) == (5, "closed", {"may_have_executed": False})
