"""Own the proof that tests/conftest.py holds for every test, by running tests that break its rules; know nothing of the hub."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT

pytestmark = pytest.mark.process

_SUITE = """
import os, subprocess, tempfile, threading
import anyio, pytest

def test_leaves_much():
    subprocess.Popen(["sleep", "60"]).returncode = 0
    threading.Thread(target=threading.Event().wait, name="forgotten", daemon=True).start()
    os.close(tempfile.mkstemp(suffix=".txt")[0])
    open(os.path.join(os.environ["XDG_RUNTIME_DIR"], "control"), "w").close()

def test_leaves_state_where_state_belongs():
    open(os.path.join(os.environ["XDG_STATE_HOME"], "grants"), "w").close()

_KEPT = []  # else the next test is told of what the collector finds there, instead of what is wrong with itself

async def test_leaves_a_process_of_its_event_loop():
    _KEPT.append(await anyio.open_process(["sleep", "60"]))

@pytest.mark.bound(0.2, "stands for one that hangs")
async def test_hangs():
    import gc; gc.collect()
    try:
        await anyio.sleep_forever()
    finally:
        print("clean-up ran")

@pytest.mark.bound(0.2, reason="stands for one that hangs")
def test_blocks():
    threading.Event().wait()

@pytest.mark.bound(60)
def test_says_no_reason():
    pass
"""

_LAST_RESORT_SECONDS = 40


def _run(path: Path) -> tuple[int, str]:
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", "-q", "-rA"]
    command += ["-o", "leak_patience_seconds=0.1"]  # what the suite leaves behind does not end by itself
    command += ["-c", f"{ROOT}/pyproject.toml", "--rootdir", str(ROOT), "--basetemp", str(path.parent / "inner")]
    done = subprocess.run([*command, path], cwd=ROOT, capture_output=True, text=True, check=False, timeout=_LAST_RESORT_SECONDS)
    return done.returncode, done.stdout + done.stderr


def _part(output: str, name: str) -> str:
    """Return what pytest printed under the heading of the test called `name`."""
    _, found, rest = output.partition(f" {name} ")
    assert found, output
    return rest.partition("\n____")[0]


@pytest.mark.bound(_LAST_RESORT_SECONDS, "runs a suite with several tests that hang")
def test_each_broken_rule_fails_its_test_and_says_what_was_broken(tmp_path: Path) -> None:
    path = tmp_path / "test_broken.py"
    path.write_text(_SUITE)
    code, output = _run(path)
    assert code == 1
    left = _part(output, "ERROR at teardown of test_leaves_much")
    for line in ("`sleep 60`", "thread 'forgotten'", ".txt in ", "file control in "):
        assert line in left
    for backend in ("asyncio", "trio"):
        assert "`sleep 60`" in _part(output, f"ERROR at teardown of test_leaves_a_process_of_its_event_loop[{backend}]")
        hung = _part(output, f"test_hangs[{backend}]")
        assert "took longer than 0.2 s" in hung
        assert "await anyio.sleep_forever()" in hung
        assert "clean-up ran" in hung
    assert "took longer than 0.2 s" in _part(output, "test_blocks")
    assert "needs its reason" in output
    assert "PASSED" in output
    assert "test_leaves_state_where_state_belongs" in output.partition("PASSED")[2]
    assert "ERROR at teardown of test_leaves_state_where_state_belongs" not in output


@pytest.mark.bound(_LAST_RESORT_SECONDS, "runs pytest")
def test_a_run_in_which_every_test_was_skipped_is_not_a_success(tmp_path: Path) -> None:
    path = tmp_path / "test_skipped.py"
    path.write_text('import pytest\n\ndef test_skips():\n    pytest.skip("on purpose")\n')
    code, output = _run(path)
    assert "1 skipped" in output
    assert code == pytest.ExitCode.NO_TESTS_COLLECTED
