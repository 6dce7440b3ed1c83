"""Own the session that the specification shows: the hub really calls hello.sh, and a copyist writes down each frame.

`python -m tests.protocol.recorded_session` writes it into protocol/README.md; the test beside it sees that it is still true.
"""

import re
import sys
import tempfile
from pathlib import Path

import anyio

from hub import Hub, Paths

__all__ = ["README", "hello_script", "recorded_session", "shown_session"]

README = Path(__file__).resolve().parents[2] / "protocol" / "README.md"
_MODULE = re.compile(r"<!-- module: hello\.sh -->\n```sh\n(.*?)```", re.DOTALL)
_SESSION = re.compile(r"(<!-- session: recorded from hello\.sh -->\n```[a-z]*\n)(.*?)(```)", re.DOTALL)
# A shell that starts hello.sh between two `tee`s: what passes is copied with the direction in front.
_COPYIST = """
import subprocess, sys, threading
child = subprocess.Popen(["./hello.sh"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
record = open(sys.argv[1], "a", buffering=1)
def copy(source, sink, arrow):
    for line in source:
        record.write(arrow + line.decode())
        sink.write(line)
        sink.flush()
    sink.close()
threading.Thread(target=copy, args=(child.stdout, sys.stdout.buffer, "module  "), daemon=True).start()
copy(sys.stdin.buffer, child.stdin, "hub     ")
sys.exit(child.wait())
"""


def hello_script() -> str:
    """Return the module that the specification shows."""
    found = _MODULE.search(README.read_text(encoding="utf-8"))
    assert found is not None
    return found.group(1)


def shown_session() -> str:
    """Return the session that the specification shows."""
    found = _SESSION.search(README.read_text(encoding="utf-8"))
    assert found is not None
    return found.group(2)


def recorded_session() -> str:
    """Return the session as it runs now, with the one path in it that differs from machine to machine replaced."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        plugin = home / "plugins" / "hello"
        plugin.mkdir(parents=True)
        script = plugin / "hello.sh"
        script.write_text(hello_script())
        script.chmod(0o755)
        (plugin / "copyist.py").write_text(_COPYIST)
        record = home / "record"
        (plugin / "plugin.toml").write_text(f'command = ["{sys.executable}", "copyist.py", "{record}"]\n')
        environ = {"PATH": "/usr/bin:/bin", "XDG_STATE_HOME": f"{home}/state", "XDG_DATA_HOME": f"{home}/data"}
        paths = Paths.from_environment({**environ, "XDG_RUNTIME_DIR": f"{home}/run"}, plugins=[home / "plugins"])
        anyio.run(_call, paths)
        return record.read_text().replace(f"{home}/data", "/data")


async def _call(paths: Paths) -> None:
    async with Hub(paths=paths, approve=lambda _request: True) as hub:
        await hub.call("hello.greet", name="Ada")


def main() -> None:
    """Write the session into the specification."""
    session = recorded_session()
    text = README.read_text(encoding="utf-8")
    README.write_text(_SESSION.sub(lambda found: found.group(1) + session + found.group(3), text), encoding="utf-8")


if __name__ == "__main__":
    main()
