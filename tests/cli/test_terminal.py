"""What a person at a terminal sees and can do: results to read, progress, questions, Ctrl-C."""

import json
import os
from pathlib import Path

import pytest

from tests.cli.conftest import Hub, function
from tests.cli.terminal import Terminal

pytestmark = pytest.mark.process

_ROWS = [{"pid": 7, "name": "init"}, {"pid": 1234, "name": "\x1b[2Jevil"}]


def _run(hub: Hub, *words: str, **env: str) -> Terminal:
    return Terminal(hub.argv(*words), hub.environment(**env))


def _answering(hub: Hub, result: object) -> None:
    hub.add("say", [function("it")], f"def call(name, params, id): return json.loads({json.dumps(result)!r})", approved=True)


def test_a_result_is_indented(hub: Hub) -> None:
    _answering(hub, {"a": [1], "b": "\x9b31mü"})
    with _run(hub, "call", "say.it") as terminal:
        assert terminal.end() == '{\n  "a": [\n    1\n  ],\n  "b": "\\u009b31mü"\n}\n'
    assert terminal.code == 0


def test_a_list_of_flat_objects_is_a_table(hub: Hub) -> None:
    _answering(hub, _ROWS)
    with _run(hub, "call", "say.it") as terminal:
        lines = terminal.end().splitlines()
    assert [line.split() for line in (lines[0], *lines[2:])] == [["pid", "name"], ["7", "init"], ["1234", r"\x1b[2Jevil"]]
    assert "\x1b[2J" not in terminal.seen


def test_with_json_it_is_compact_on_a_terminal_too(hub: Hub) -> None:
    _answering(hub, _ROWS)
    with _run(hub, "call", "say.it", "--json") as terminal:
        assert json.loads(terminal.end()) == _ROWS
    assert terminal.seen.count("\n") == 1


def test_no_color_is_respected(hub: Hub) -> None:
    _answering(hub, _ROWS)
    with _run(hub, "call", "say.it", NO_COLOR="1") as terminal:
        terminal.end()
    assert "\x1b[3" not in terminal.seen
    assert "\x1b[9" not in terminal.seen


def test_a_terminal_that_is_not_utf_8_does_not_matter(hub: Hub) -> None:
    _answering(hub, {"a": "é日"})
    with _run(hub, "call", "say.it", PYTHONIOENCODING="ascii") as terminal:
        assert json.loads(terminal.end()) == {"a": "é日"}
    assert terminal.code == 0


_WORKING = """
def call(name, params, id):
    send(method="$/progress", params={"id": id, "done": 1, "total": 4, "message": "re\\x1b[2Jading"})
    open(%r).close()
    os.write(2, b"warning: half way\\n")
    open(%r).close()
    return "done"
"""


def test_progress_is_a_bar_that_goes_away_and_logs_stand_above_it(hub: Hub) -> None:
    first, second = (hub.plugins.parent / name for name in ("first", "second"))
    os.mkfifo(first)
    os.mkfifo(second)
    hub.add("worker", [function("f")], _WORKING % (str(first), str(second)), approved=True, features=["progress"])
    with _run(hub, "call", "worker.f") as terminal:
        terminal.expect("25%")
        terminal.expect(r"re\x1b[2Jading")
        first.write_text("")
        terminal.expect("worker: warning: half way")
        second.write_text("")
        terminal.end()
    assert terminal.code == 0
    erased = "\x1b[2K"
    assert f"{erased}worker: warning: half way\r\n" in terminal.seen
    _, _, after_the_last_bar = terminal.seen.rpartition("25%")
    assert erased in after_the_last_bar
    assert after_the_last_bar.rstrip().endswith('"done"')


_ASKING = """
SCHEMA = {
    "type": "object",
    "properties": {
        "user": {"type": "string", "description": "Your na\\x1b[2Jme"},
        "port": {"type": "integer", "default": 22},
        "password": {"type": "string", "writeOnly": True},
    },
    "required": ["user", "password"],
}
def call(name, params, id):
    return ask("hub.ask", call_id=id, message="Who\\nare you?", schema=SCHEMA)["result"]
"""


def _curious(hub: Hub) -> None:
    hub.add("curious", [function("f")], _ASKING, approved=True, permissions=["ask"], features=["host_services"])


def test_a_question_is_asked_field_by_field_and_a_secret_is_not_echoed(hub: Hub) -> None:
    _curious(hub)
    with _run(hub, "call", "curious.f", "--json") as terminal:
        terminal.expect("curious asks: Who\r\ncurious asks: are you?\r\n" + r"Your na\x1b[2Jme (text): ")
        terminal.type("ada\n")
        terminal.expect("port (an integer, default 22): ")
        terminal.type("x\n")
        terminal.expect("must be an integer, got 'x'\r\nport (an integer, default 22): ")
        terminal.type("\n")
        terminal.expect("password: ")
        before = len(terminal.seen)
        terminal.type("geheim\n")
        answer = json.loads(terminal.end()[before - len(terminal.seen) :].strip().splitlines()[-1])
    assert answer == {"action": "accept", "content": {"user": "ada", "port": 22, "password": "geheim"}}
    assert terminal.seen.count("geheim") == 1


def test_the_end_of_input_declines(hub: Hub) -> None:
    _curious(hub)
    with _run(hub, "call", "curious.f", "--json") as terminal:
        terminal.expect("(text): ")
        terminal.type("\x04")
        assert terminal.end().splitlines()[-1] == '{"action":"decline"}'
    assert terminal.code == 0


def test_ctrl_c_at_a_question_for_a_secret_ends_the_call_and_gives_the_echo_back(hub: Hub) -> None:
    _curious(hub)
    with _run(hub, "call", "curious.f") as terminal:
        terminal.expect("(text): ")
        terminal.type("ada\n")
        terminal.expect("22): ")
        terminal.type("\n")
        terminal.expect("password: ")
        assert not terminal.echoes
        terminal.type("\x03")
        shown = terminal.end()
        assert terminal.echoes
    assert terminal.code == 130
    assert shown.splitlines()[-1] == "error: cannot call curious.f: interrupted"
    assert "Traceback" not in shown


def test_ctrl_c_ends_a_call_with_one_line(hub: Hub) -> None:
    hub.add("slow", [function("wait")], 'def call(name, params, id): os.write(2, b"warning: begun\\n"); read()', approved=True)
    with _run(hub, "call", "slow.wait") as terminal:
        terminal.expect("slow: warning: begun\r\n")
        terminal.type("\x03")
        assert terminal.end().splitlines()[-1] == "error: cannot call slow.wait: interrupted"
    assert terminal.code == 130


@pytest.mark.parametrize(("typed", "code"), [("y\n", 0), ("yes\n", 0), ("\n", 4), ("n\n", 4), ("\x04", 4)])
def test_only_a_yes_approves(hub: Hub, typed: str, code: int) -> None:
    hub.add("good", [function("f")])
    with _run(hub, "plugin", "approve", "good") as terminal:
        terminal.expect("Let good 1.0.0 run? [y/N] ")
        terminal.type(typed)
        terminal.end()
    assert terminal.code == code
    approvals = Path(os.environ["XDG_STATE_HOME"]) / "hub" / "approvals"
    assert (approvals / "good.json").exists() == (code == 0)


def test_with_json_the_page_and_the_question_leave_standard_output_alone(hub: Hub) -> None:
    hub.add("good", [function("f")])
    target = hub.plugins.parent / "out.json"
    words = " ".join(f"'{word}'" for word in hub.argv("plugin", "approve", "good", "--json"))
    with Terminal(["sh", "-c", f"{words} > '{target}'"], hub.environment()) as terminal:
        terminal.expect("digest: sha256:")
        terminal.expect("[y/N] ")
        terminal.type("y\n")
        terminal.end()
    assert (terminal.code, json.loads(target.read_text())["state"]) == (0, "approved")
