"""A secret that a person typed is found nowhere, though its module leaks it in every way it can."""

import base64
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Done, Hub, function
from tests.cli.running import Up, up
from tests.cli.terminal import Terminal

pytestmark = [pytest.mark.process, pytest.mark.bound(60, reason="some thirty commands, each a process of its own")]

_PLANTED = "pl4nted-Zx81kQ0vW7+/=Tt5"
# Its two halves too: half a secret is found where a text was cut.
_FORMS = (
    _PLANTED[:12],
    _PLANTED[12:],
    base64.b64encode(_PLANTED.encode()).decode()[:12],
    base64.b64encode(f"ada:{_PLANTED}".encode()).decode()[6:18],
)

_LEAKING = """
import base64, signal, time
FORM = {"type": "object", "properties": {"token": {"type": "string", "writeOnly": True}}, "required": ["token"]}
BASIC = lambda: base64.b64encode(b"ada:" + TOKEN.encode()).decode()

def hub(id, method, **params):
    answer = ask("hub." + method, call_id=id, **params)
    return answer["error"]["data"]["kind"] if "error" in answer else answer["result"]

def log(text):
    os.write(2, text.encode() + b"\\n")

def call(name, params, id):
    global TOKEN
    how = params.get("how")
    if name == "authenticate":
        TOKEN = hub(id, "ask", message="Who?", schema=FORM)["content"]["token"]
        return hub(id, "credentials.put", name="token", value={"token": TOKEN})
    TOKEN = hub(id, "credentials.get", name="token")["value"]["token"]
    if how == "stderr":
        structured = {"level": "error", "message": TOKEN, "fields": {TOKEN: [TOKEN]}}
        for text in (TOKEN, "error: token=" + TOKEN, "Authorization: Basic " + BASIC(), json.dumps(structured)):
            log(text)
        log("x" * (8192 - 20) + TOKEN + "y" * 100)
    elif how == "log":
        send(method="hub.log", params=dict(level="error", message="m " + TOKEN, logger=TOKEN, fields={"a": {TOKEN: TOKEN}}))
        send(method="hub.log", params=dict(level="error", message="x" * (8192 - 20) + TOKEN + "y" * 100))
    elif how == "stray":
        os.write(1, ("printed " + TOKEN + "\\n").encode())
        os.write(1, ("x" * 185 + TOKEN + "y" * 100 + "\\n").encode())
        os.write(1, json.dumps({"jsonrpc": "2.0", "id": [TOKEN], "result": TOKEN}).encode() + b"\\n")
    elif how == "result":
        return {"deep": [{"a": "Bearer " + TOKEN}]}
    elif how == "basic":
        return BASIC()
    elif how == "key":
        return {TOKEN: 1}
    elif how == "error":
        raise Refuse(7, "it says no to " + TOKEN)
    elif how == "data":
        raise Refuse(7, "it says no", {"a": [TOKEN]})
    elif how == "progress":
        send(method="$/progress", params={"id": id, "done": 1, "message": TOKEN})
    elif how == "store":
        return [hub(id, "store.set", key="k", value=TOKEN), hub(id, "store.set", key=TOKEN, value=1), hub(id, "store.list")]
    elif how == "call":
        return [hub(id, "call", function="spy.look", params={"x": TOKEN}), hub(id, "call", function="spy." + TOKEN)]
    elif how == "ask":
        return hub(id, "ask", message="Is it " + TOKEN + "?", schema=FORM)
    elif how == "capabilities":
        CAPABILITIES["functions"].append({"name": "f", "summary": TOKEN, "params": {"type": "object"}})
        send(method="capabilities_changed", params={})
    elif how == "cut":
        # The report of a death shows the first 512 bytes of what was read: half of the secret.
        frame = dict(jsonrpc="2.0", method="hub.log", params=dict(level="info", message="@"))
        head = json.dumps(frame).index("@")
        frame["params"]["message"] = "x" * (500 - head) + TOKEN
        os.write(1, json.dumps(frame).encode() + b"\\n")
        os.kill(os.getpid(), signal.SIGSEGV)
    elif how == "exception":
        raise RuntimeError(TOKEN)
    elif how == "crash":
        log("about to die with " + TOKEN)
        os.write(1, json.dumps({"jsonrpc": "2.0", "method": "hub.log", "params": {"level": "info", "message": TOKEN}}).encode())
        os.kill(os.getpid(), signal.SIGSEGV)
    return "done"
"""

_SPY = """
def call(name, params, id):
    return [ask("hub.credentials.get", call_id=id, name=each).get("result") for each in ("token", "ocean", "ocean/token", "")]
"""


def _processes(of: int) -> Iterator[int]:
    yield of
    for task in Path(f"/proc/{of}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from _processes(int(child))


def _leaks_in(where: str, text: str | bytes) -> list[str]:
    shown = text.encode() if isinstance(text, str) else text
    return [f"{where}: {form}" for form in _FORMS if form.encode() in shown]


class _Search:
    """Every output that was seen, and what leaked in it."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.leaks: list[str] = []

    def run(self, *words: str) -> Done:
        """Run a command and search what it prints."""
        done = self.hub(*words)
        self.leaks += _leaks_in(" ".join(words), done.stdout + done.stderr)
        return done

    def processes(self, running: Up) -> int:
        """Search what every process below the hub shows of itself; return how many there are."""
        found = list(_processes(running.pid))
        for pid in found:
            for name in ("environ", "cmdline"):
                self.leaks += _leaks_in(f"/proc/{pid}/{name}", Path(f"/proc/{pid}/{name}").read_bytes())
        return len(found)

    def files(self) -> int:
        """Search every file that the hub could have written; return how many there are."""
        kept = [
            Path(os.environ[name])
            for name in ("XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "TMPDIR")
        ]
        found = [file for place in (*kept, self.hub.plugins) for file in place.rglob("*") if file.is_file()]
        for file in found:
            self.leaks += _leaks_in(str(file), file.read_bytes())
        return len(found)


_ANSWERED = ("stderr", "log", "stray", "capabilities")
_REFUSED = ("result", "basic", "key", "error", "data")
_DYING = ("exception", "crash", "cut")


def _authenticate(hub: Hub) -> str:
    with Terminal(hub.argv("call", "ocean.authenticate", "--account", "work", "-v"), hub.environment()) as terminal:
        terminal.expect("token: ")
        terminal.type(f"{_PLANTED}\n")
        shown = terminal.end()
    assert (terminal.code, '"session"' in shown) == (0, True), shown
    return shown


def test_a_planted_secret_is_found_nowhere(hub: Hub) -> None:
    """HUB-CRED-1, HUB-CRED-5, HUB-LOG-2."""
    permissions = ["ask", "credentials", "store", "call:*"]
    functions = [function("authenticate"), function("leak", how={"type": "string"})]
    features = ["host_services", "progress"]
    hub.add("ocean", functions, _LEAKING, approved=True, permissions=permissions, features=features)
    hub.add("spy", [function("look")], _SPY, approved=True, permissions=["credentials"], features=["host_services"])
    search = _Search(hub)

    def leak(how: str, *words: str) -> Done:
        return search.run("call", "ocean.leak", "--how", how, "--account", "work", *words)

    with up(hub, "-v") as running:
        search.leaks += _leaks_in("the terminal", _authenticate(hub))
        for how in _ANSWERED:
            assert leak(how, "-v").stdout == '"done"\n', how
        with Terminal(hub.argv("call", "ocean.leak", "--how", "progress", "--account", "work"), hub.environment()) as terminal:
            search.leaks += _leaks_in("progress", terminal.end())
            assert "[redacted]" in terminal.seen
        for how in _REFUSED:
            done = leak(how, "--json")
            assert (done.code, done.error["kind"], done.error["data"]["requirement"]) == (5, "invalid_result", "HUB-CRED-5"), (
                how
            )
        assert leak("store").result == ["not_permitted", "not_permitted", {"keys": []}]
        assert leak("call").result == ["not_permitted", "invalid_params"]
        assert leak("ask").result == "not_permitted"
        for account in ("work", "default", "ocean"):
            assert search.run("call", "spy.look", "--account", account).result == [{"found": False}] * 3 + [None]
        assert search.processes(running) >= 3
        for how in _DYING:
            assert leak(how, "-v").code == 5, how
            running.wait("module.running", "ocean")
            crash = search.run("logs", "ocean", "--last-crash", "--json").stdout
            assert "[redacted]" in crash, how
        logged = search.run("logs", "ocean", "-n", "100000", "--json").result
        assert sum("[redacted]" in json.dumps(record) for record in logged) >= 8
        for words in (
            ["ps", "--json"],
            ["ps"],
            ["credentials", "list", "--json"],
            ["functions", "ocean", "--json"],
            ["plugin", "info", "ocean"],
        ):
            search.run(*words)
        assert search.processes(running) >= 3
        running.end()
        search.leaks += _leaks_in("hub up", json.dumps(running.events) + running.stderr())
    assert any("[redacted]" in json.dumps(event) for event in running.events)
    assert search.files() > 5
    assert search.leaks == []


def test_the_search_finds_what_is_there(hub: Hub) -> None:
    search = _Search(hub)
    (hub.plugins / "file").write_text(f"x{_PLANTED}")
    search.files()
    assert len(search.leaks) == 2
    with subprocess.Popen(["sleep", "60"], env={"A": _PLANTED}) as process:
        try:
            search.processes(Up(process))
        finally:
            process.kill()
    assert len(search.leaks) == 4
    search.leaks += _leaks_in("basic", base64.b64encode(f"ada:{_PLANTED}".encode()))
    assert len(search.leaks) == 5
