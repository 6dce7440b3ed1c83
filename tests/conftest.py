"""Own what holds for every test: both backends, the bound, its own directories, nothing left behind; know nothing of the hub.

Everything here applies by itself: a rule that a test has to ask for is a rule that some test forgets.
"""

import inspect
import os
import shutil
import signal
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from tests.house.bound import GRACE_SECONDS, bound_of, cancelled_at, interrupted_at
from tests.house.leaks import PATIENCE_SECONDS, Holdings, leaks_since
from tests.house.orphans import enter_nursery

# The bound of the whole test is the bound; a single example may be slow where the machine is.
hypothesis.settings.register_profile("house", deadline=None, print_blob=True)
hypothesis.settings.load_profile("house")

# What the hub and what it starts write to, so that no test touches the approvals of the person who runs it. Not the cache
# directory: compilers keep their work there, and every test would begin by compiling.
_OWN_DIRECTORIES = {
    "TMPDIR": "tmp",
    "XDG_RUNTIME_DIR": "run",
    "XDG_STATE_HOME": "state",
    "XDG_DATA_HOME": "data",
    "XDG_CONFIG_HOME": "config",
}
# Of these, what must be empty again after the test; state and data are there to be left.
_PASSING = ("tmp", "run")

_verdicts = pytest.StashKey[int]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a slower machine wait longer for what ends by itself."""
    parser.addini("leak_patience_seconds", "how long a leaked process or thread is waited for", default=str(PATIENCE_SECONDS))


def pytest_configure(config: pytest.Config) -> None:
    """Give the run an init of its own (see tests/house/orphans.py)."""
    enter_nursery()
    # A shell that starts the run in the background has it ignore the signal, and what is started inherits that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    config.stash[_verdicts] = 0


@pytest.fixture(params=["asyncio", "trio"], scope="module")
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """Run each async test on both backends."""
    return request.param


@pytest.fixture(autouse=True)
def leak_check(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Fail a test that leaves a process, thread, descriptor, socket or temporary file behind, and say which."""
    tmp_path_factory.getbasetemp()  # made at its first use, which must not happen inside a test's own directories
    # Short, because the path of a socket may have 107 bytes at most.
    home = Path(tempfile.mkdtemp(prefix="hub-"))
    directories = [home / name for name in _OWN_DIRECTORIES.values()]
    for directory in directories:
        directory.mkdir(mode=0o700)
    saved = {name: os.environ.get(name) for name in _OWN_DIRECTORIES}, tempfile.tempdir
    os.environ.update({name: str(home / path) for name, path in _OWN_DIRECTORIES.items()})
    tempfile.tempdir = str(home / "tmp")
    passing = [home / name for name in _PASSING]
    before = Holdings.now(*passing)
    try:
        yield
        leaks = leaks_since(before, *passing, patience_seconds=float(pytestconfig.getini("leak_patience_seconds")))
    finally:
        _restore(*saved)
        shutil.rmtree(home, ignore_errors=True)
    if leaks:
        pytest.fail("left behind:\n  " + "\n  ".join(leaks), pytrace=False)


def _restore(variables: dict[str, str | None], directory: str | None) -> None:
    tempfile.tempdir = directory
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, Any, Any]:
    """Bound the fixtures of a test."""
    with interrupted_at(bound_of(item) + GRACE_SECONDS):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Bound a test: twice where it is async, so that its own clean-up gets a chance."""
    seconds = bound_of(item)
    if not (isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj)):
        with interrupted_at(seconds):
            return (yield)
    item.obj = cancelled_at(seconds, item.obj)
    with interrupted_at(seconds + GRACE_SECONDS):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, Any, Any]:
    """Bound the clean-up of a test."""
    with interrupted_at(bound_of(item) + GRACE_SECONDS):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Count the tests that came to a verdict."""
    report = yield
    item.config.stash[_verdicts] += report.when == "call" and not report.skipped
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run without a verdict: a suite that was skipped as a whole must not look like one that passed."""
    if (
        session.exitstatus == pytest.ExitCode.OK
        and session.config.stash[_verdicts] == 0
        and not session.config.option.collectonly
    ):
        session.exitstatus = pytest.ExitCode.NO_TESTS_COLLECTED
