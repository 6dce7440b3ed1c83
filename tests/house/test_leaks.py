"""Own the proof that the leak check catches each kind of leak; know nothing of the hub."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.house.leaks import Holdings, leaks_since

pytestmark = pytest.mark.process

# Enough for what ends by itself; a real leak is waited for this long in vain.
_PATIENCE_SECONDS = 0.1

# The grandchild tells its pid only after its parent has gone, so that it is an orphan for certain when the test reads on.
_DAEMON = """
import os, select, sys
parent = os.pidfd_open(os.getpid())
if os.fork() == 0:
    os.setsid()
    select.select([parent], [], [])
    os.write(1, b"%d\\n" % os.getpid())
    os.close(1)
    os.read(0, 1)
"""


def _leaks_of(leak: Callable[[], object], *directories: Path) -> list[str]:
    before = Holdings.now(*directories)
    kept = leak()
    lines = leaks_since(before, *directories, patience_seconds=_PATIENCE_SECONDS)
    del kept
    return lines


def test_a_test_that_leaves_nothing_leaves_no_lines(tmp_path: Path) -> None:
    assert _leaks_of(lambda: None, tmp_path) == []


def test_a_running_child_is_named_by_its_command_and_ended() -> None:
    reader, writer = os.pipe()
    child = subprocess.Popen(["cat"], stdin=reader)
    try:
        os.close(reader)
        before = replace(Holdings.now(), processes=frozenset())
        lines = leaks_since(before, patience_seconds=_PATIENCE_SECONDS)
        assert lines == [f"process {child.pid} `cat`"]
        with pytest.raises(ChildProcessError):
            os.waitpid(child.pid, 0)
    finally:
        child.returncode = 0
        os.close(writer)


def test_a_child_that_nobody_waited_for_is_a_zombie() -> None:
    child: list[subprocess.Popen[bytes]] = []
    lines = _leaks_of(lambda: child.append(subprocess.Popen(["true"])))
    child[0].returncode = 0
    assert lines == [f"process {child[0].pid} `true` (a zombie: nobody waited for it)"]


def test_a_daemon_that_escaped_its_parent_and_its_session_is_found() -> None:
    reader, writer = os.pipe()
    before = Holdings.now()
    answer = subprocess.run([sys.executable, "-c", _DAEMON], stdin=reader, stdout=subprocess.PIPE, check=True, text=True)
    daemon = int(answer.stdout)
    lines = leaks_since(before, patience_seconds=_PATIENCE_SECONDS)
    os.close(reader)
    os.close(writer)
    assert len(lines) == 1
    assert lines[0].startswith(f"process {daemon} `{sys.executable} -c ")


def test_a_process_that_ends_by_itself_a_moment_later_is_no_leak() -> None:
    before = Holdings.now()
    with subprocess.Popen(["sh", "-c", "sleep 0.05 &"]) as shell:
        shell.wait()
    assert leaks_since(before, patience_seconds=2.0) == []


def test_a_thread_is_named() -> None:
    end = threading.Event()
    thread = threading.Thread(target=end.wait, name="forgotten")
    assert _leaks_of(thread.start) == ["thread 'forgotten'"]
    end.set()
    thread.join()


def test_a_thread_that_ends_by_itself_a_moment_later_is_no_leak() -> None:
    started = threading.Event()
    before = Holdings.now()
    threading.Thread(target=started.wait).start()
    threading.Timer(0.05, started.set).start()
    assert leaks_since(before, patience_seconds=2.0) == []


def test_a_descriptor_is_named_by_what_it_refers_to(tmp_path: Path) -> None:
    path = tmp_path / "open.txt"
    path.touch()
    with path.open() as file:
        before = Holdings.now()
        descriptor = os.dup(file.fileno())
        assert leaks_since(before) == [f"file descriptor {descriptor}: {path}"]
        os.close(descriptor)


def test_a_socket_and_its_file_are_named(tmp_path: Path) -> None:
    def leak() -> socket.socket:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(tmp_path / "control"))
        return listener

    before = Holdings.now(tmp_path)
    listener = leak()
    descriptor, file = leaks_since(before, tmp_path)
    listener.close()
    assert descriptor.startswith("file descriptor ")
    assert ": socket:[" in descriptor
    assert file == f"socket control in {tmp_path}"


def test_a_file_in_a_directory_left_behind_is_named(tmp_path: Path) -> None:
    def leak() -> None:
        (tmp_path / "deep").mkdir()
        (tmp_path / "deep" / "file").touch()

    assert _leaks_of(leak, tmp_path) == [f"directory deep in {tmp_path}", f"file file in {tmp_path}/deep"]
