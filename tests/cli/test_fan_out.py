"""`hub call INTERFACE.FUNCTION`, whole: one, several or all modules; the table, the document, the exit code and the time."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from hub import blocking
from tests.cli.conftest import Hub
from tests.cli.running import up
from tests.cli.terminal import Terminal
from tests.hub.interfaces import compute_functions

pytestmark = [pytest.mark.process, pytest.mark.bound(15, reason="runs several commands, each with several modules")]

_SERVERS = """
import time
def call(name, params, id):
    if name != "list_servers":
        raise Refuse(1003, "not here")
    {before}
    return [
        {{"id": f"{{INFO['name']}}-{{n}}", "name": f"web{{n}}", "status": "running", "region": params.get("region", "r1"),
         "size": "s", "image": None, "public_ipv4": None, "created_at": None}}
        for n in range(2)
    ]
"""
_LIST = "cloud.compute.list_servers"


def _add(hub: Hub, name: str, before: str = "pass", *, approved: bool = True, **more: Any) -> Path:
    body = _SERVERS.format(before=before)
    directory = hub.add(name, compute_functions(), body, implements=["cloud.compute/1.0"], features=["context"], **more)
    if approved:
        _approve(hub, name)
    return directory


def _approve(hub: Hub, name: str) -> None:
    # As the command does, in a tenth of its time.
    with blocking.Hub(hub.plugins) as here:
        here.approve(here.introduce(name), by="test")


def _who(answers: list[dict[str, Any]]) -> list[tuple[str, str, Any]]:
    return [
        (one["module"], one["account"], [row["id"] for row in one["result"]] if "result" in one else one["error"]["kind"])
        for one in answers
    ]


def test_one_implementer_is_called_as_if_it_had_been_named(hub: Hub) -> None:
    _add(hub, "alpha")
    hub.add("echo")
    _approve(hub, "echo")
    plain, named = hub("call", _LIST, "--region", "x"), hub("call", "alpha.list_servers", "--region", "x")
    assert (plain.code, plain.stdout, plain.stderr) == (0, named.stdout, "")
    assert [row["region"] for row in plain.result] == ["x", "x"]
    wrong = hub("call", _LIST, "--limit", "0", "--json")
    assert (wrong.code, wrong.error["kind"]) == (2, "invalid_arguments")


def test_of_several_it_has_to_be_said_which(hub: Hub) -> None:
    _add(hub, "alpha")
    _add(hub, "beta")
    _add(hub, "gamma", approved=False)
    done = hub("call", _LIST)
    assert (done.code, done.stdout) == (2, "")
    assert done.stderr == (
        f"error: cannot call {_LIST}: 2 modules implement it: alpha, beta\n"
        "hint: call them with --all, or say which with --on MODULE (which may be repeated)\n"
    )
    one = hub("call", _LIST, "--on", "beta", "--region", "x")
    assert (one.code, _who(one.result["answers"])) == (0, [("beta", "default", ["beta-0", "beta-1"])])
    both = hub("call", _LIST, "--on=alpha", "--on", "beta", "--on", "nobody", "--json")
    assert (both.code, both.error["kind"]) == (3, "not_found")


def test_all_answer_in_one_document_with_failures_among_them(hub: Hub) -> None:
    _add(hub, "alpha")
    _add(hub, "beta", "raise Refuse(1001, 'no credentials', dict(a=1))")
    _add(hub, "gamma", approved=False)
    _add(hub, "delta", "os.kill(os.getpid(), 9)")
    hub.add("echo")
    _approve(hub, "echo")
    done = hub("call", _LIST, "--all", "--json")
    assert (done.code, done.stderr) == (1, "")
    assert done.result["function"] == _LIST
    assert _who(done.result["answers"]) == [
        ("alpha", "default", ["alpha-0", "alpha-1"]),
        ("beta", "default", "function_error"),
        ("delta", "default", "module_died"),
        ("gamma", "default", "not_approved"),
    ]
    refused = done.result["answers"][1]["error"]
    assert refused == {"kind": "function_error", "code": 1001, "message": "no credentials", "data": {"a": 1}}
    # Without --json the same document, and the reasons in words.
    piped = hub("call", _LIST, "--all")
    assert [answer.get("result") for answer in piped.result["answers"]] == [
        answer.get("result") for answer in done.result["answers"]
    ]
    lines = piped.stderr.splitlines()
    assert "error: beta (default): no credentials" in lines
    assert "error: gamma (default): cannot run gamma: it was never approved" in lines
    assert "hint: look at it and approve it: hub plugin approve gamma" in lines


@pytest.mark.bound(20, reason="runs eight commands with and without a running hub")
def test_a_running_hub_gives_the_same(hub: Hub) -> None:
    _add(hub, "alpha")
    _add(hub, "beta", "raise Refuse(1001, 'no credentials')", approved=False)
    words = [("call", _LIST, "--all", *more) for more in (["--json"], ["--region", "x", "--account", "work"], ["--limit", "x"])]
    words += [("call", _LIST), ("call", _LIST, "--help"), ("call", _LIST, "--on", "alpha"), ("interfaces", "--json")]
    words += [("call", _LIST, "--all", "--interface-version", "^2")]
    alone = [hub(*line) for line in words]
    assert [done.code for done in alone] == [1, 1, 2, 0, 0, 0, 0, 3]
    with up(hub):
        assert [hub(*line) for line in words] == alone


def test_the_table_is_there_in_time_though_one_is_slow_and_one_is_down(hub: Hub) -> None:
    _add(hub, "alpha")
    _add(hub, "beta", "time.sleep(30)")
    _add(hub, "gamma", "raise Refuse(1005, 'the service cannot be reached')")
    begun = time.monotonic()
    with Terminal(hub.argv("call", _LIST, "--all", "--timeout", "1.5"), hub.environment(COLUMNS="200")) as terminal:
        terminal.expect("gamma (default): ")
        # The bar is the deadline and 0.3 s; a machine that is busy with other tests starts a process in more than that.
        assert time.monotonic() - begun < 1.5 + 1.5
        lines = terminal.end().splitlines()
    assert terminal.code == 1
    cells = [line.split() for line in lines]
    assert cells[0][:4] == ["module", "account", "id", "name"]
    assert cells[0][-1] == "error"
    assert [row[:3] for row in cells if row[:1] == ["alpha"]] == [["alpha", "default", f"alpha-{n}"] for n in range(2)]
    assert ["beta", "default", "timeout"] in cells
    assert ["gamma", "default", "function_error"] in cells
    assert "error: gamma (default): the service cannot be reached" in lines
    assert any(line.startswith("error: beta (default): ") and "within 1.5 s" in line for line in lines)


def test_where_all_fail_in_the_same_way_the_exit_code_says_how(hub: Hub) -> None:
    for name in ("alpha", "beta"):
        _add(hub, name, "time.sleep(9)")
    done = hub("call", _LIST, "--all", "--timeout", "1")
    assert (done.code, [kind for _, _, kind in _who(done.result["answers"])]) == (6, ["timeout", "timeout"])


def test_nobody_there_is_told(hub: Hub) -> None:
    hub.add("echo")
    _approve(hub, "echo")
    for words in (["--all"], []):
        done = hub("call", _LIST, *words, "--json")
        assert (done.code, done.stdout, done.error["kind"]) == (3, "", "not_found")


def test_the_account_reaches_every_module(hub: Hub) -> None:
    body = "raise Refuse(1001, 'nothing for ' + str(message['context'].get('profile')))"
    for name in ("alpha", "beta"):
        _add(hub, name, body)
    done = hub("call", _LIST, "--all", "--account", "work")
    assert _who(done.result["answers"]) == [("alpha", "work", "function_error"), ("beta", "work", "function_error")]
    assert "error: alpha (work): nothing for work" in done.stderr


def test_the_help_of_a_function_of_an_interface_starts_nothing(hub: Hub) -> None:
    _add(hub, "alpha", approved=False)
    (hub.plugins / "alpha" / "module").write_text("#!/nowhere/at/all\n")
    done = hub("call", _LIST, "--help")
    assert (done.code, done.stderr) == (0, "")
    assert done.stdout.startswith(f"Usage: hub call {_LIST} ")
    assert "--region" in done.stdout
    assert json.loads(hub("call", _LIST, "--help", "--json").stdout)["address"] == _LIST
