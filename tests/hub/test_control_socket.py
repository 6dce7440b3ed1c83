"""Own the proof that one hub at a time listens, in a directory of its own, and leaves nothing; no message is exchanged."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from hub._control_socket import ControlSocket
from hub._peercred import credentials_of
from hub.errors import BadSettings


@pytest.fixture
def path() -> Path:
    return Path(os.environ["XDG_RUNTIME_DIR"]) / "hub" / "control.sock"


def test_it_listens_in_a_private_directory_and_leaves_nothing(path: Path) -> None:
    with ControlSocket(path):
        assert path.parent.stat().st_mode & 0o777 == 0o700
        assert path.stat().st_mode & 0o777 == 0o600
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
            found = credentials_of(client)
            assert found is not None
            assert (found.uid, found.pid) == (os.geteuid(), os.getpid())
    assert not path.parent.exists()


def test_a_directory_that_was_there_before_stays(path: Path) -> None:
    path.parent.mkdir(0o700)
    with ControlSocket(path):
        pass
    assert list(path.parent.iterdir()) == []
    path.parent.rmdir()


@pytest.mark.process
def test_a_living_hub_is_refused_with_its_pid(path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from hub._control_socket import ControlSocket\n"
        "with ControlSocket(Path(sys.argv[1])): print(flush=True); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(BadSettings) as raised:
            ControlSocket(path).open()
        assert raised.value.message == f"cannot start: a hub is already running (pid {other.pid})"
        assert raised.value.data == {"pid": other.pid}
        assert path.exists()


@pytest.mark.process
def test_the_socket_of_a_hub_that_was_killed_is_replaced(path: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path; from hub._control_socket import ControlSocket\n"
        "ControlSocket(Path(sys.argv[1])).open(); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", program, str(path)], check=False)
    stale = path.stat().st_ino
    with ControlSocket(path):
        assert path.stat().st_ino != stale or path.exists()
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
    path.parent.rmdir()


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o701])
def test_a_directory_that_others_may_use_is_refused(path: Path, mode: int) -> None:
    path.parent.mkdir()
    path.parent.chmod(mode)
    try:
        with pytest.raises(BadSettings) as raised:
            ControlSocket(path).open()
        assert f"mode {mode:04o}" in raised.value.message
        assert raised.value.hint == f"chmod 700 {path.parent}"
    finally:
        path.parent.rmdir()


def test_a_directory_of_another_user_is_refused(path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can make a directory that belongs to another user")
    path.parent.mkdir(0o700)
    os.chown(path.parent, 65534, 65534)
    try:
        with pytest.raises(BadSettings, match=r"another user \(uid 65534\)"):
            ControlSocket(path).open()
    finally:
        path.parent.rmdir()


def test_a_link_in_place_of_the_directory_is_refused(path: Path, tmp_path: Path) -> None:
    path.parent.symlink_to(tmp_path)
    try:
        with pytest.raises(BadSettings, match="it is no directory"):
            ControlSocket(path).open()
    finally:
        path.parent.unlink()


def test_something_else_in_place_of_the_socket_is_left_alone(path: Path) -> None:
    path.parent.mkdir(0o700)
    path.write_text("mine")
    with pytest.raises(BadSettings, match="which is no socket"):
        ControlSocket(path).open()
    assert path.read_text() == "mine"
    path.unlink()
    path.parent.rmdir()


def test_a_path_that_is_too_long_for_a_socket_is_said(tmp_path: Path) -> None:
    long = tmp_path / ("x" * 120) / "control.sock"
    with pytest.raises(BadSettings) as raised:
        ControlSocket(long).open()
    assert "too long" in raised.value.message
    assert "short path" in (raised.value.hint or "")
    assert not long.parent.exists()


def test_the_socket_of_a_successor_is_not_removed(path: Path) -> None:
    mine = ControlSocket(path)
    mine.open()
    path.unlink()
    path.touch()
    mine.close()
    assert path.exists()
    path.unlink()
    path.parent.rmdir()
