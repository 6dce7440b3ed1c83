"""`hub call`, whole: words in; standard output, standard error and exit code out."""

import json
import re
from typing import Any

import pytest

from tests.cli.conftest import Hub, function

pytestmark = pytest.mark.process

_INTEGER = {"type": "integer", "minimum": 1}
_STRING = {"type": "string"}


def test_options_are_converted_by_schema_and_the_result_is_one_line_of_json(hub: Hub) -> None:
    hub.add(
        "echo", [function("all", limit=_INTEGER, name=_STRING, tree={"type": "boolean"}, tags={"type": "array"})], approved=True
    )
    done = hub("call", "echo.all", "--limit", "5", "--name", "012", "--no-tree", "--tags", "a", "--tags", "é")
    assert (done.code, done.stderr) == (0, "")
    assert done.stdout == '{"limit":5,"name":"012","tree":false,"tags":["a","é"]}\n'


def test_null_is_printed_as_null(hub: Hub) -> None:
    hub.add("echo", [function("nothing")], "def call(name, params, id): return None", approved=True)
    assert hub("call", "echo.nothing").stdout == "null\n"


@pytest.mark.parametrize("how", ["inline", "stdin", "file"])
def test_params_come_from_the_line_standard_input_or_a_file_and_options_win(hub: Hub, how: str) -> None:
    hub.add("echo", [function("all", limit=_INTEGER, name=_STRING)], approved=True)
    text = json.dumps({"limit": 1, "name": "x"})
    (hub.plugins.parent / "params.json").write_text(text)
    given = {"inline": text, "stdin": "-", "file": f"@{hub.plugins.parent}/params.json"}[how]
    done = hub("call", "echo.all", "--limit", "2", "--params", given, stdin=text)
    assert (done.code, done.result) == (0, {"limit": 2, "name": "x"})


def test_a_parameter_named_like_an_option_of_ours_is_reached(hub: Hub) -> None:
    hub.add("echo", [function("all", timeout=_INTEGER, json=_STRING)], approved=True)
    done = hub("call", "echo.all", "--timeout", "5", "--param:timeout", "7", "--json", "--param:json", "x")
    assert (done.code, done.result) == (0, {"timeout": 7, "json": "x"})


@pytest.mark.parametrize(
    ("words", "kind", "message"),
    [
        (["--limit", "x"], "invalid_arguments", "cannot call echo.all: --limit must be an integer, got 'x'"),
        (["--limt", "5"], "usage", "cannot call echo.all: it has no parameter --limt"),
        (["--limit", "0"], "invalid_arguments", "cannot call echo.all: --limit: the value is less than the minimum of 1"),
        (["--params", "[]"], "invalid_arguments", "cannot call echo.all: --params must be a JSON object"),
        (["--params", "@/nowhere/at/all"], "usage", None),
        (["--params", "-"], "invalid_arguments", None),
        (["--timeout", "soon"], "usage", "cannot call echo.all: --timeout must be a number of seconds above 0, got 'soon'"),
        (["--timeout", "nan"], "usage", "cannot call echo.all: --timeout must be a number of seconds above 0, got 'nan'"),
        (["x"], "usage", "cannot call echo.all: 'x' is not an option"),
    ],
)
def test_wrong_words_end_with_2(hub: Hub, words: list[str], kind: str, message: str | None) -> None:
    hub.add("echo", [function("all", limit=_INTEGER)], approved=True)
    done = hub("call", "echo.all", *words, "--json")
    assert (done.code, done.stdout, done.error["kind"]) == (2, "", kind)
    assert message is None or done.error["message"] == message
    assert done.error["hint"]


def test_missing_parameters_are_all_named(hub: Hub) -> None:
    declared = function("all", a=_INTEGER, b=_STRING)
    declared["params"]["required"] = ["a", "b"]
    hub.add("echo", [declared], approved=True)
    done = hub("call", "echo.all")
    assert (done.code, done.stdout) == (2, "")
    assert (
        done.stderr
        == "error: cannot call echo.all: missing --a and --b\nhint: `hub call echo.all --help` shows what it takes\n"
    )


def test_an_error_of_the_function_ends_with_1_and_shows_code_and_data(hub: Hub) -> None:
    body = "def call(name, params, id): raise Refuse(404, 'no such \\x1b[31mdroplet', {'id': 7})"
    hub.add("cloud", [function("get")], body, approved=True)
    done = hub("call", "cloud.get")
    assert (done.code, done.stdout) == (1, "")
    assert done.stderr == 'error: cannot call cloud.get: no such \\x1b[31mdroplet (code 404)\ndata: {"id":7}\n'
    error = hub("call", "cloud.get", "--json").error
    assert (error["kind"], error["code"], error["data"]) == ("function_error", 404, {"id": 7})


@pytest.mark.parametrize(
    ("address", "code", "kind"),
    [("nope.all", 3, "not_found"), ("echo.nope", 3, "not_found"), ("echo", 2, "usage"), ("echo.", 2, "usage")],
)
def test_what_is_not_there_is_said(hub: Hub, address: str, code: int, kind: str) -> None:
    hub.add("echo", [function("all")], approved=True)
    done = hub("call", address, "--json")
    assert (done.code, done.stdout, done.error["kind"]) == (code, "", kind)


def test_a_module_that_nobody_approved_is_not_called(hub: Hub) -> None:
    witness = hub.plugins.parent / "initialised"
    hub.add("echo", [function("all")], f"def initialise(config): open({str(witness)!r}, 'w'); return {{}}")
    done = hub("call", "echo.all", "--json")
    assert (done.code, done.stdout, done.error["kind"]) == (4, "", "not_approved")
    assert "hub plugin approve echo" in done.error["hint"]
    assert not witness.exists()


@pytest.mark.parametrize(
    ("body", "code", "kind"),
    [
        ("def initialise(config): raise Refuse(1, 'no')", 5, "init_failed"),
        ("def call(name, params, id): sys.exit(3)", 5, "module_died"),
        ("def call(name, params, id): return 'no integer'", 5, "invalid_result"),
        ("def call(name, params, id): return 'x' * 17_000_000", 5, "frame_too_large"),
        ("def call(name, params, id): raise Refuse(-32603, 'oops')", 1, "internal_error"),
    ],
)
def test_what_is_wrong_with_a_module_has_its_exit_code(hub: Hub, body: str, code: int, kind: str) -> None:
    hub.add("bad", [function("all", returns={"type": "integer"})], body, approved=True)
    done = hub("call", "bad.all", "--json")
    assert (done.code, done.stdout, done.error["kind"]) == (code, "", kind)


def test_a_call_that_takes_too_long_ends_with_6(hub: Hub) -> None:
    hub.add("slow", [function("wait")], "def call(name, params, id): read(); read()", approved=True)
    done = hub("call", "slow.wait", "--timeout", "0.3", "--json")
    assert (done.code, done.stdout, done.error["kind"]) == (6, "", "timeout")


def test_the_timeout_covers_the_start_of_the_module(hub: Hub) -> None:
    hub.add("slow", [function("wait")], "def initialise(config): read(); sys.exit()", approved=True)
    done = hub("call", "slow.wait", "--timeout", "0.3", "--json")
    assert (done.code, done.error["kind"]) == (6, "timeout")


def test_required_modules_are_started_for_the_call(hub: Hub) -> None:
    hub.add("base", [function("who")], "def call(name, params, id): return 'base'", approved=True)
    body = "def call(name, params, id): return ask('hub.call', call_id=id, function='base.who')['result']"
    hub.add("top", [function("who")], body, approved=True, features=["host_services"], required_modules={"base": "^1.0"})
    assert hub("call", "top.who").stdout == '"base"\n'


_LOGGING = """
def call(name, params, id):
    for level in ("debug", "info", "warning", "error"):
        os.write(2, f"{level}: {level}ly\\x1b[31m\\n".encode())
    return 1
"""


def test_warnings_and_errors_of_a_module_are_shown_and_the_rest_on_demand(hub: Hub) -> None:
    hub.add("noisy", [function("f")], _LOGGING, approved=True)
    done = hub("call", "noisy.f")
    assert (done.stdout, done.stderr.splitlines()) == ("1\n", ["noisy: warning: warningly", "noisy: error: errorly"])
    shown = hub("call", "noisy.f", "-v").stderr.splitlines()
    assert [line.split(": ")[1] for line in shown] == ["debug", "info", "warning", "error"]


def test_with_json_standard_error_is_left_to_errors(hub: Hub) -> None:
    hub.add("noisy", [function("f")], _LOGGING, approved=True)
    assert hub("call", "noisy.f", "--json").stderr == ""
    lines: list[Any] = [json.loads(line) for line in hub("call", "noisy.f", "--json", "-v").stderr.splitlines()]
    assert [(line["log"]["module"], line["log"]["level"]) for line in lines] == [
        ("noisy", level) for level in ("debug", "info", "warning", "error")
    ]


def test_a_module_that_is_started_again_is_said(hub: Hub) -> None:
    witness = hub.plugins.parent / "died"
    body = f"""
    def call(name, params, id):
        if os.path.exists({str(witness)!r}):
            return "second"
        open({str(witness)!r}, "w").close()
        os._exit(3)
    """
    hub.add("frail", [{**function("f"), "hints": {"idempotent": True}}], body, approved=True)
    done = hub("call", "frail.f")
    assert (done.code, done.stdout) == (0, '"second"\n')
    assert re.fullmatch(r"frail: warning: started again in [0-9.]+ s: .*\n", done.stderr)


def test_without_a_terminal_nobody_can_be_asked(hub: Hub) -> None:
    body = """
def call(name, params, id):
    return ask('hub.ask', call_id=id, message='Who?', schema={'type': 'object'})['error']['data']
"""
    hub.add("curious", [function("f")], body, approved=True, permissions=["ask"], features=["host_services"])
    assert hub("call", "curious.f").result["kind"] == "nobody_to_ask"


def test_progress_without_a_terminal_prints_nothing(hub: Hub) -> None:
    body = "def call(name, params, id): send(method='$/progress', params={'id': id, 'done': 1}); return 1"
    hub.add("worker", [function("f")], body, approved=True, features=["progress"])
    done = hub("call", "worker.f")
    assert (done.code, done.stdout, done.stderr) == (0, "1\n", "")


def test_the_help_of_a_function_is_made_from_its_declaration_without_approval(hub: Hub) -> None:
    declared: dict[str, Any] = {
        **function("find", limit={**_INTEGER, "default": 20, "description": "How many."}, sort={"enum": ["cpu", "memory"]}),
        "summary": "Find \x1b[31mprocesses.",
        "hints": {"destructive": True},
        "errors": [{"code": 7, "message": "Busy."}],
        "examples": [{"summary": "Three", "params": {"limit": 3, "sort": "cpu"}, "result": [1]}],
        "deprecated": {"since": "1.0.0", "use_instead": "seek"},
        "timeout_seconds": 5,
    }
    declared["params"]["required"] = ["sort"]
    hub.add("system", [declared])
    done = hub("call", "system.find", "--help")
    assert (done.code, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "Usage: hub call system.find --sort cpu|memory [OPTIONS]",
        "",
        r"Find \x1b[31mprocesses.",
        "",
        "Notes:",
        "  DEPRECATED since 1.0.0: use seek instead",
        "  may destroy something",
        "  may take 5 s (--timeout says otherwise)",
        "",
        "Parameters:",
        "  --sort cpu|memory           required",
        "  --limit INTEGER             How many.",
        "                              at least 1; default 20",
        "",
        "Errors:",
        "  7: Busy.",
        "",
        "Examples:",
        "  # Three",
        "  hub call system.find --limit 3 --sort cpu",
        "  [1]",
        "",
        "`hub call --help` shows the options that every function has (--params, --timeout, --json, ...).",
    ]


def test_the_help_of_a_function_as_json_is_its_declaration(hub: Hub) -> None:
    hub.add("system", [function("find", limit=_INTEGER)])
    found = hub("call", "system.find", "--help", "--json").result
    assert (found["address"], found["params"]["properties"]) == ("system.find", {"limit": _INTEGER})


def test_plugins_directories_are_taken_before_and_after_the_command(hub: Hub) -> None:
    hub.add("echo", [function("all")], approved=True)
    elsewhere = {"HUB_PLUGINS": str(hub.plugins.parent)}
    for words in (["--plugins", str(hub.plugins), "call", "echo.all"], ["call", "echo.all", "--plugins", str(hub.plugins)]):
        assert hub(*words, env=elsewhere).stdout == "{}\n"
