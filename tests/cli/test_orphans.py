"""What a module leaves behind without a mark ends with the program that is a hub, and only there; real processes."""

import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.conftest import Hub, function
from tests.cli.running import up

pytestmark = [
    pytest.mark.process,
    pytest.mark.bound(30, reason="several commands, each a process of its own"),
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives orphans to another process than init"),
]

# Leaves the session and clears the environment, in a grandchild that nobody waits for; its connection tells when it ends. The
# call ends when it has come so far.
_ESCAPES = """
def call(name, params, id):
    import subprocess
    code = "import socket, sys; s = socket.create_connection(('127.0.0.1', int(sys.argv[1]))); s.send(b'x'); "
    code += "open(sys.argv[2], 'w').close(); s.recv(1)"
    pipe = f"escaped-{id}"
    os.mkfifo(pipe)
    words = ["setsid", "env", "-i", sys.executable, "-c", code, str(params["port"]), pipe]
    quoted = " ".join("'" + word.replace("'", "'\\\\''") + "'" for word in words)
    subprocess.run(["/bin/sh", "-c", quoted + " </dev/null >/dev/null 2>&1 &"], env={})
    open(pipe).close()
    os.unlink(pipe)
    return None
"""


@contextmanager
def _listening() -> Generator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)
        yield server


def _escape(hub: Hub, server: socket.socket) -> socket.socket:
    """Call the module through the running hub, and return the connection of what escaped from it."""
    done = hub("call", "loose.go", "--port", str(server.getsockname()[1]))
    assert done.code == 0, done.stderr
    return _met(server)


def _met(server: socket.socket) -> socket.socket:
    connection, _ = server.accept()
    connection.settimeout(10)
    assert connection.recv(1) == b"x"
    return connection


def _add(hub: Hub) -> Path:
    return hub.add("loose", [function("go", port={"type": "integer"})], _ESCAPES, approved=True)


def test_it_ends_with_hub_up(hub: Hub) -> None:
    _add(hub)
    with _listening() as server, up(hub) as running, _escape(hub, server) as first, _escape(hub, server) as second:
        assert hub("stop", "loose").code == 0
        first.setblocking(False)
        with pytest.raises(BlockingIOError):  # whose it is nobody can tell while other modules may run
            first.recv(1)
        first.settimeout(10)
        assert running.end() == 0
        assert (first.recv(1), second.recv(1)) == (b"", b"")


def test_it_ends_with_a_command_that_runs_modules_itself(hub: Hub) -> None:
    _add(hub)
    with _listening() as server:
        command = subprocess.Popen(
            hub.argv("call", "loose.go", "--port", str(server.getsockname()[1])),
            env=hub.environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        with command, _met(server) as connection:
            assert connection.recv(1) == b""
            assert command.wait() == 0


def test_orphans_that_end_by_themselves_do_not_stay_zombies(hub: Hub) -> None:
    _add(hub)
    with _listening() as server, up(hub) as running:
        with _escape(hub, server) as connection:
            connection.send(b"x")  # it ends
            assert connection.recv(1) == b""
        while not _zombies(running.pid):
            pass
        assert hub("stop", "loose").code == 0
        assert _zombies(running.pid) == []


def _zombies(parent: int) -> list[int]:
    """Return the ended and uncollected children of a process."""
    found: list[int] = []
    for task in Path(f"/proc/{parent}/task").iterdir():
        for pid in (task / "children").read_text().split():
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
            found += [int(pid)] if state == "Z" else []
    return found
