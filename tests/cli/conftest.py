"""Own running the whole command as its user does, with directories of its own; know nothing of what commands print."""

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

# What no test waits for: a command that hangs is a failure.
_LAST_RESORT_SECONDS = 20

# A module without SDK. `call(name, params, id)` answers; `Refuse` is an error; `ask(method, ...)` is a request to the hub.
_MODULE = """#!{python} -IS
import json, os, sys
INFO = json.loads({info!r})
CAPABILITIES = json.loads({capabilities!r})

class Refuse(Exception):
    pass

def send(**message):
    os.write(1, (json.dumps(dict(jsonrpc="2.0", **message)) + "\\n").encode())

def read():
    line = sys.stdin.readline()
    return json.loads(line) if line else sys.exit()

def ask(method, **params):
    send(id=7, method=method, params=params)
    while "method" in (answer := read()):
        pass
    return answer

def initialise(config):
    return {{}}

{body}

while True:
    message = read()
    method, id, params = message.get("method"), message.get("id"), message.get("params", {{}})
    if id is None:
        continue
    try:
        if method == "module_info":
            result = INFO
        elif method == "capabilities":
            result = CAPABILITIES
        elif method == "module_init":
            result = initialise(params["config"])
        elif method in ("module_cleanup", "ping"):
            result = {{}}
        else:
            result = call(method, params, id)
        send(id=id, result=result)
    except Refuse as error:
        code, text, *data = error.args
        send(id=id, error=dict(code=code, message=text, **(dict(data=data[0]) if data else {{}})))
"""


@dataclass(frozen=True)
class Done:
    """What a command left: its exit code, and all that it wrote."""

    code: int
    stdout: str
    stderr: str

    @property
    def result(self) -> Any:
        """Standard output as the one JSON document that it must be."""
        return json.loads(self.stdout)

    @property
    def error(self) -> dict[str, Any]:
        """Standard error as the one JSON object that it must be."""
        return json.loads(self.stderr)["error"]


@dataclass(frozen=True)
class Hub:
    """The command `hub` with plugins of its own. State and data are where `leak_check` put them."""

    plugins: Path

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment of the command."""
        return {**os.environ, "HUB_PLUGINS": str(self.plugins), "COLUMNS": "100", "PYTHONWARNINGS": "error", **more}

    def argv(self, *words: str) -> list[str]:
        """Return the whole command line."""
        return [sys.executable, "-m", "hub.cli", *words]

    def __call__(self, *words: str, stdin: str | bytes = "", env: Mapping[str, str] | None = None, **how: Any) -> Done:
        """Run the command to its end."""
        content = stdin.encode() if isinstance(stdin, str) else stdin
        done = subprocess.run(
            self.argv(*words),
            input=content,
            capture_output=True,
            check=False,
            timeout=_LAST_RESORT_SECONDS,
            env=self.environment(**(env or {})),
            **how,
        )
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    def add(
        self,
        name: str,
        functions: Sequence[Mapping[str, Any]] = (),
        body: str = "def call(name, params, id): return params",
        *,
        approved: bool = False,
        permissions: Sequence[str] = (),
        features: Sequence[str] = (),
        implements: Sequence[str] = (),
        manifest: str = "",
        **info: Any,
    ) -> Path:
        """Write a module into the plugins directory, and approve it where that is asked for."""
        directory = self.plugins / name
        directory.mkdir()
        told = {"name": name, "version": "1.0.0", "license": "MIT", "authors": ["Ada <ada@example.org>"], **info}
        capabilities = {"functions": list(functions), "permissions": list(permissions), "implements": list(implements)}
        program = directory / "module"
        text = _MODULE.format(
            python=sys.executable,
            info=json.dumps({**told, "features": list(features)}),
            capabilities=json.dumps(capabilities),
            body=textwrap.dedent(body),
        )
        program.write_text(text)
        program.chmod(0o755)
        (directory / "plugin.toml").write_text(f'command = ["./module"]\n{manifest}')
        if approved:
            assert self("plugin", "approve", name, "--yes").code == 0
        return directory


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    """Return the command with an empty plugins directory."""
    plugins = tmp_path / "plugins"
    plugins.mkdir()
    return Hub(plugins)


Add = Callable[..., Path]


def function(name: str, /, returns: Any = None, **properties: Any) -> dict[str, Any]:
    """Return the declaration of a function whose parameters are all optional."""
    declared: dict[str, Any] = {"name": name, "params": {"type": "object", "properties": properties}}
    return declared if returns is None else {**declared, "returns": returns}
