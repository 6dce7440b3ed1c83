"""Own the tests that standard output and input belong to the protocol, whatever the module prints or reads; real processes."""

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.sdk_python.children import INFO, MODULES, module_child

pytestmark = pytest.mark.process

NOISE = [
    "at import",
    "in on_init",
    "from print",
    "from os.write",
    "from C",
    "from a child",
    "from a fork",
    "from async",
    "in on_cleanup",
]


def test_what_anybody_prints_lands_in_the_log_and_never_among_the_frames(tmp_path: Path) -> None:
    # HUB-OUT-1; `call` fails on a line that is no frame.
    with module_child(tmp_path, MODULES / "noisy.py") as child:
        child.start()
        assert child.call("noise") == "done"
        assert child.call("async_noise") == "done"
        child.call("module_cleanup")
        child.end_input()
        assert child.rest() == b""
        assert child.ended_within(1.0) == 0
        assert [line for line in child.log().splitlines() if line in NOISE] == NOISE


def test_a_script_that_runs_itself_keeps_its_buffered_prints_out_of_the_frames_too(tmp_path: Path) -> None:
    text = (MODULES / "noisy.py").read_text() + "\nmodule.run()\n"
    with module_child(tmp_path, "noisy.py", plain=True, text=text) as child:
        child.start()
        assert child.call("noise") == "done"
        child.end_input()
        assert child.rest() == b""
        assert child.log().splitlines()[0] == "at import"


def test_a_file_that_runs_its_module_unguarded_works_with_the_loader_as_well(tmp_path: Path) -> None:
    text = (MODULES / "noisy.py").read_text() + "\nmodule.run()\n"
    with module_child(tmp_path, "noisy.py", text=text) as child:
        child.start()
        assert child.call("async_noise") == "done"


def test_nobody_else_reads_the_frames_from_standard_input(tmp_path: Path) -> None:
    with module_child(tmp_path, MODULES / "noisy.py") as child:
        child.start()
        request_id = child.request("reader")
        assert child.read() == {"jsonrpc": "2.0", "id": request_id, "result": ""}


@pytest.mark.parametrize("how", ["fork", "exec"])
@pytest.mark.parametrize("file", ["stubborn.py", "stubborn_async.py"])
def test_a_child_of_the_module_does_not_keep_the_pipes_open(file: str, how: str, tmp_path: Path) -> None:
    # HUB-CLEAN-3: the hub sees the end of the stream although somebody whom the module started lives on.
    with module_child(tmp_path, MODULES / file) as child:
        child.start()
        left = os.pidfd_open(child.call("leaves_a_child", how=how))
        try:
            child.process.kill()
            assert child.rest() == b""
            assert not select.select([left], [], [], 0)[0], "the child has ended, and proves nothing"
        finally:
            signal.pidfd_send_signal(left, signal.SIGKILL)
            os.close(left)


@pytest.mark.parametrize("file", ["vectors_sync.py", "vectors_async.py"])
def test_frames_may_come_from_a_file(file: str, tmp_path: Path) -> None:
    # epoll refuses regular files; a person who debugs a module redirects one.
    requests: list[tuple[str, dict[str, Any]]] = [
        ("module_info", INFO),
        ("capabilities", {}),
        ("module_init", {"config": {}, "data_directory": "."}),
        ("add", {"a": 1, "b": 2}),
    ]
    frames = [
        {"jsonrpc": "2.0", "id": number, "method": method, "params": params} for number, (method, params) in enumerate(requests)
    ]
    (tmp_path / "frames").write_text("".join(json.dumps(frame) + "\n" for frame in frames))
    with (tmp_path / "frames").open() as stream:
        done = subprocess.run(
            [sys.executable, "-m", "hub_sdk", str(MODULES / file)], stdin=stream, capture_output=True, check=True, timeout=5
        )
    assert json.loads(done.stdout.splitlines()[-1]) == {"jsonrpc": "2.0", "id": 3, "result": 3}
