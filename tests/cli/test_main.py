"""What holds for every command: usage, `--json`, the ends of standard output, interruption."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hub import __version__
from tests.cli.conftest import Hub, function

pytestmark = pytest.mark.process


def test_the_version_is_printed(hub: Hub) -> None:
    assert hub("--version").stdout == f"hub {__version__}\n"


@pytest.mark.parametrize(
    "words", [["--help"], ["-h"], ["call", "--help"], ["plugin", "--help"], ["plugin", "approve", "-h"], ["doctor", "-h"]]
)
def test_help_is_on_standard_output(hub: Hub, words: list[str]) -> None:
    done = hub(*words)
    assert (done.code, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: hub")


@pytest.mark.parametrize("words", [[], ["plugin"]])
def test_without_a_command_the_help_is_on_standard_error_and_the_code_is_2(hub: Hub, words: list[str]) -> None:
    done = hub(*words)
    assert (done.code, done.stdout) == (2, "")
    assert done.stderr.startswith("Usage: hub")


@pytest.mark.parametrize("words", [[], ["plugin"]])
def test_without_a_command_json_is_one_error_object(hub: Hub, words: list[str]) -> None:
    done = hub(*words, "--json")
    assert (done.code, done.stdout, done.error["kind"]) == (2, "", "usage")
    assert done.error["hint"] == f"`{' '.join(['hub', *words])} --help` shows which there are"


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (["frob"], "no such command 'frob'", "`hub --help` shows what it takes"),
        (["plugin", "lst"], "no such command 'lst'. Did you mean 'list'?", "`hub plugin --help` shows what it takes"),
        (["plugin", "info"], "missing argument 'NAME'", "`hub plugin info --help` shows what it takes"),
        (["plugin", "list", "x"], "got unexpected extra argument(s) (x)", "`hub plugin list --help` shows what it takes"),
        (["doctor", "--frob"], "no such option: --frob", "`hub doctor --help` shows what it takes"),
        (["call"], "missing argument 'MODULE.FUNCTION [--PARAMETER VALUE]'", "`hub call --help` shows what it takes"),
    ],
)
def test_a_misspelt_command_is_told_in_two_lines(hub: Hub, words: list[str], message: str, hint: str) -> None:
    done = hub(*words)
    assert (done.code, done.stdout) == (2, "")
    assert done.stderr == f"error: cannot understand the command: {message}\nhint: {hint}\n"
    as_json = hub(*words, "--json")
    assert (as_json.code, as_json.error["kind"]) == (2, "usage")


def test_json_may_stand_before_the_command(hub: Hub) -> None:
    assert hub("--json", "plugin", "list").stdout == "[]\n"


def test_a_reader_that_goes_away_is_no_error(hub: Hub) -> None:
    # More than a pipe holds, so that the rest is written after the reader has gone.
    hub.add("many", [function(f"f{number}", argument={"type": "string", "default": "x" * 60}) for number in range(2000)])
    reading, writing = os.pipe()
    with subprocess.Popen(hub.argv("functions"), stdout=writing, stderr=subprocess.PIPE, env=hub.environment()) as running:
        os.close(writing)
        assert os.read(reading, 1) == b"m"
        os.close(reading)
        _, stderr = running.communicate()
    assert (running.returncode, stderr) == (0, b"")


def test_a_reader_of_help_that_goes_away_is_no_error_either(hub: Hub) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        done = subprocess.run(hub.argv("--help"), stdout=pipe, stderr=subprocess.PIPE, env=hub.environment(), check=False)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    "words", [["call", "echo.all"], ["plugin", "list"], ["--help"], ["--version"], ["stop", "--help"], ["call", "--help"]]
)
def test_a_full_disk_is_one_clear_error(hub: Hub, words: list[str]) -> None:
    hub.add("echo", [function("all")], approved=True)
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(hub.argv(*words), stdout=full, stderr=subprocess.PIPE, env=hub.environment(), check=False)
    assert done.returncode == 1
    assert done.stderr.decode().splitlines()[0] == "error: cannot write to standard output: no space left on device"
    assert len(done.stderr.splitlines()) == 2


def test_a_closed_standard_output_is_one_clear_error(hub: Hub) -> None:
    hub.add("echo", [function("all")], approved=True)
    line = " ".join(f"'{word}'" for word in hub.argv("call", "echo.all", "--json"))
    done = subprocess.run(["sh", "-c", f"{line} >&- <&-"], stderr=subprocess.PIPE, env=hub.environment(), check=False)
    assert done.returncode == 1
    assert json.loads(done.stderr)["error"]["message"] == "cannot write to standard output: it is closed"


def test_no_pipe_of_a_module_takes_the_place_of_a_closed_standard_stream() -> None:
    program = "from hub.cli._output import Output; import os; Output.of_process([]); os._exit(min(os.pipe()))"
    done = subprocess.run(["sh", "-c", f"'{sys.executable}' -c '{program}' >&- <&- 2>&-"], check=False)
    assert done.returncode == 3


def test_output_that_is_no_terminal_is_utf_8_whatever_the_locale_says(hub: Hub) -> None:
    hub.add("echo", [function("all", x={"type": "string"})], approved=True)
    done = hub("call", "echo.all", "--x", "é日", env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    assert (done.code, done.stdout) == (0, '{"x":"é日"}\n')


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_call_is_cancelled_in_the_module_and_ends_with_130(hub: Hub, number: signal.Signals) -> None:
    witness = hub.plugins.parent / "cancelled"
    body = f"""
    def call(name, params, id):
        os.write(2, b"warning: begun\\n")
        while read().get("method") != "$/cancelRequest":
            pass
        open({str(witness)!r}, "w").close()
        raise Refuse(-31000, "cancelled")
    """
    hub.add("slow", [function("wait")], body, approved=True, features=["cancel"])
    argv = hub.argv("call", "slow.wait")
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=hub.environment()) as running:
        assert running.stderr is not None
        assert running.stderr.readline() == b"slow: warning: begun\n"
        running.send_signal(number)
        stdout, stderr = running.communicate()
    assert (running.returncode, stdout, stderr) == (130, b"", b"error: cannot call slow.wait: interrupted\n")
    assert witness.exists()


def test_a_second_interruption_does_not_wait_for_a_stubborn_module(hub: Hub) -> None:
    body = """
    import signal
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    def call(name, params, id):
        os.write(2, b"warning: begun\\n")
        assert read()["method"] == "$/cancelRequest"
        send(id=id, error=dict(code=-31000, message="cancelled"))
        assert read()["method"] == "module_cleanup"
        os.write(2, b"warning: cleaning up for ever\\n")
        while True:
            signal.pause()
    """
    hub.add("slow", [function("wait")], body, approved=True, features=["cancel"])
    argv = hub.argv("call", "slow.wait")
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=hub.environment()) as running:
        assert running.stderr is not None
        assert running.stderr.readline() == b"slow: warning: begun\n"
        running.send_signal(signal.SIGINT)
        assert running.stderr.readline() == b"slow: warning: cleaning up for ever\n"
        running.send_signal(signal.SIGINT)
        stdout, stderr = running.communicate()
    assert (running.returncode, stdout) == (130, b"")
    assert stderr.splitlines()[-1] == b"error: cannot call slow.wait: interrupted"
