"""Accounts and credentials as a person meets them: asked at the terminal, listed, forgotten, kept for as long as they said."""

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Hub, function
from tests.cli.running import up
from tests.cli.terminal import Terminal

pytestmark = [pytest.mark.process, pytest.mark.bound(30, reason="several commands, each a process of its own")]

_TOKEN = "pl4nted-0123456789"  # noqa: S105 - planted
_BODY = """
FORM = {"type": "object", "properties": {"token": {"type": "string", "writeOnly": True}}, "required": ["token"]}

def hub(id, method, **params):
    answer = ask("hub." + method, call_id=id, **params)
    if "error" in answer:
        raise Refuse(1001, answer["error"]["message"], answer["error"].get("data", {}).get("kind"))
    return answer["result"]

def call(name, params, id):
    if name == "authenticate":
        answer = hub(id, "ask", message="Who are you?", schema=FORM)
        if answer["action"] == "decline":
            return answer
        kept = hub(id, "credentials.put", name="token", value=answer["content"]["token"], ttl_seconds=3600)
        return {"characters": len(answer["content"]["token"]), **kept}
    found = hub(id, "credentials.get", name="token")
    return {"found": found["found"], "characters": len(found.get("value", ""))}
"""

# A keyring for one test: a file, where HUB_TEST_KEYRING says.
_BACKEND = """
import json, os, pathlib
from keyring.backend import KeyringBackend
class Keyring(KeyringBackend):
    priority = 5
    file = pathlib.Path(os.environ["HUB_TEST_KEYRING"])
    def _all(self): return json.loads(self.file.read_text()) if self.file.exists() else {}
    def get_password(self, service, username): return self._all().get(service + " " + username)
    def set_password(self, service, username, password):
        self.file.write_text(json.dumps({**self._all(), service + " " + username: password}))
    def delete_password(self, service, username):
        found = self._all(); del found[service + " " + username]; self.file.write_text(json.dumps(found))
"""


def _ocean(hub: Hub) -> None:
    functions = [function("authenticate"), function("look")]
    permissions, features = ["ask", "credentials"], ["host_services"]
    hub.add("ocean", functions, _BODY, approved=True, permissions=permissions, features=features)


def _authenticate(hub: Hub, *words: str, **env: str) -> Terminal:
    return Terminal(hub.argv("call", "ocean.authenticate", *words), hub.environment(**env))


def _type(terminal: Terminal, token: str) -> str:
    terminal.expect("ocean asks: Who are you?\r\ntoken: ")
    assert not terminal.echoes
    terminal.type(f"{token}\n")
    shown = terminal.end()
    assert _TOKEN not in shown
    return shown


def _listed(hub: Hub, **env: str) -> list[Any]:
    found = hub("credentials", "list", "--json", env=env).result
    return [(one["module"], one["account"], one["name"], one["kept"]) for one in found]


def test_a_running_hub_asks_at_the_terminal_of_the_command_and_keeps_what_was_given_for_the_account(hub: Hub) -> None:
    """HUB-CRED-1."""
    _ocean(hub)
    with up(hub):
        with _authenticate(hub, "--account", "work", "--json") as terminal:
            assert json.loads(_type(terminal, _TOKEN).splitlines()[-1]) == {"characters": 18, "kept": "session"}
        assert terminal.code == 0
        assert [hub("call", "ocean.look", *words).result["characters"] for words in (["--account", "work"], [])] == [18, 0]
        assert _listed(hub) == [("ocean", "work", "token", "session")]
        shown = hub("credentials", "list").stdout.splitlines()
        assert shown[0].split() == ["MODULE", "ACCOUNT", "NAME", "KEPT", "EXPIRES"]
        assert shown[1].split()[:4] == ["ocean", "work", "token", "session"]
        assert hub("credentials", "forget", "ocean", "--account", "home").stdout.startswith("nothing is kept of ocean")
        assert hub("credentials", "forget", "ocean", "--json").result == {"module": "ocean", "forgotten": 1}
        assert _listed(hub) == []
    assert hub("credentials", "list").stdout == "no credentials are kept\n"


def test_through_a_running_hub_too_the_end_of_input_declines_and_ctrl_c_ends_the_call(hub: Hub) -> None:
    _ocean(hub)
    with up(hub):
        with _authenticate(hub, "--json") as terminal:
            terminal.expect("token: ")
            terminal.type("\x04")
            assert terminal.end().splitlines()[-1] == '{"action":"decline"}'
        with _authenticate(hub) as terminal:
            terminal.expect("token: ")
            terminal.type("\x03")
            assert terminal.end().splitlines()[-1] == "error: cannot call ocean.authenticate: interrupted"
            assert terminal.echoes
        assert terminal.code == 130
        assert hub("call", "ocean.look").result == {"found": False, "characters": 0}


def test_without_a_terminal_nobody_is_asked_with_and_without_a_running_hub(hub: Hub) -> None:
    _ocean(hub)
    alone = hub("call", "ocean.authenticate", "--json")
    with up(hub):
        through = hub("call", "ocean.authenticate", "--json")
    assert (alone.code, alone.error["data"]) == (through.code, through.error["data"]) == (1, "nobody_to_ask")


def test_a_question_whose_module_dies_is_over_at_once(hub: Hub) -> None:
    body = """
    def call(name, params, id):
        send(id=7, method="hub.ask", params=dict(call_id=id, message="Who?", schema={"type": "object"}))
        open(params["pipe"]).read()
        os._exit(3)
    """
    pipe = hub.plugins.parent / "pipe"
    os.mkfifo(pipe)
    hub.add(
        "ocean", [function("f", pipe={"type": "string"})], body, approved=True, permissions=["ask"], features=["host_services"]
    )
    with up(hub), Terminal(hub.argv("call", "ocean.f", "--pipe", str(pipe)), hub.environment()) as terminal:
        terminal.expect("ocean asks: Who?\r\n[y/N] ")
        pipe.write_text("")
        lines = terminal.end().splitlines()
    assert terminal.code == 5
    assert any(line.startswith("error: cannot get the answer of ocean.f: ocean exited with status 3") for line in lines)


def test_without_a_running_hub_it_is_said_that_the_session_ends_with_the_command(hub: Hub) -> None:
    """HUB-CRED-4."""
    _ocean(hub)
    with _authenticate(hub) as terminal:
        shown = _type(terminal, _TOKEN)
    mend = "keep `hub up` running meanwhile, or give --keep keyring"
    assert f"note: what ocean keeps secret is forgotten when this command ends; {mend}" in shown.splitlines()
    assert hub("call", "ocean.look").result["found"] is False


def test_what_is_kept_in_the_keyring_outlives_the_command_and_is_removed_there(hub: Hub, tmp_path: Path) -> None:
    """HUB-CRED-4."""
    _ocean(hub)
    (tmp_path / "hub_test_keyring.py").write_text(_BACKEND)
    store = tmp_path / "keyring.json"
    env = {
        "PYTHONPATH": str(tmp_path),
        "PYTHON_KEYRING_BACKEND": "hub_test_keyring.Keyring",
        "HUB_TEST_KEYRING": str(store),
    }
    with _authenticate(hub, "--keep", "keyring", "--account", "work", **env) as terminal:
        shown = _type(terminal, _TOKEN)
    assert "note:" not in shown
    assert json.loads(store.read_text()) == {"hub/ocean/work token": f'"{_TOKEN}"'}
    assert hub("call", "ocean.look", "--account", "work", env=env).result == {"found": True, "characters": 18}
    assert hub("call", "ocean.look", env=env).result["found"] is False
    assert _listed(hub) == [("ocean", "work", "token", "keyring")]
    revoked = hub("plugin", "revoke", "ocean", env=env)
    assert revoked.stderr == "hint: what it keeps in the keyring is still there: hub credentials forget ocean\n"
    assert hub("credentials", "forget", "ocean", env=env).stdout == "forgot 1 credential of ocean\n"
    assert (json.loads(store.read_text()), _listed(hub)) == ({}, [])


def test_a_machine_without_a_keyring_says_so(hub: Hub) -> None:
    """HUB-CRED-4."""
    _ocean(hub)
    with _authenticate(hub, "--keep", "keyring", PYTHON_KEYRING_BACKEND="keyring.backends.fail.Keyring") as terminal:
        shown = _type(terminal, _TOKEN)
    assert terminal.code == 1
    assert "cannot write to the system's keyring: there is none here" in shown


@pytest.mark.parametrize(
    "words",
    [["--account", "../x"], ["--keep", "paper"], ["--account"], ["--account", "a", "--account", "b"]],
    ids=" ".join,
)
def test_an_account_or_place_that_is_none_is_refused(hub: Hub, words: list[str]) -> None:
    _ocean(hub)
    done = hub("call", "ocean.look", *words, "--json")
    assert (done.code, done.error["kind"] in ("bad_settings", "usage")) == (2, True)


_CONFIGURED = """
def initialise(config):
    globals()["CONFIG"] = config
    return {}
def call(name, params, id):
    return CONFIG
"""


def test_the_operators_configuration_reaches_the_module_and_a_mistake_in_it_the_person(hub: Hub) -> None:
    file = Path(os.environ["XDG_CONFIG_HOME"]) / "hub" / "config.toml"
    file.parent.mkdir(parents=True)
    hub.add("ocean", [function("f")], _CONFIGURED, approved=True, manifest='[config]\nurl = "manifest"\nother = 1\n')
    file.write_text('[modules.ocean]\nurl = "operator"\n')
    assert hub("call", "ocean.f").result == {"url": "operator", "other": 1}
    with up(hub) as running:
        assert hub("call", "ocean.f").result == {"url": "operator", "other": 1}
        file.write_text('[modules.ocean]\nurl = "new"\n')
        running.process.send_signal(signal.SIGHUP)
        assert running.wait("hub.reloaded")["data"]["changed"] == ["ocean"]
        assert hub("call", "ocean.f").result == {"url": "new", "other": 1}
    file.write_text("[module.ocean]\n")
    for words in (["call", "ocean.f"], ["up"]):
        done = hub(*words, "--json")
        assert (done.code, done.error["kind"], done.error["data"]["key"]) == (2, "bad_settings", "module")
