"""The runner outlives every module of the zoo: a verdict in bounded time, no exception, no defect of its own, nothing left."""

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from hub.conformance import CHECKS, Check, Settings, Target, run, select
from tests.conformance.abreast import abreast
from tests.house.tree import ROOT

pytestmark = pytest.mark.process

_ZOO: Final = ROOT / "tests" / "badplugins"
_PATIENCE: Final = Settings(
    answer_seconds=0.5,
    start_seconds=0.5,
    capabilities_seconds=0.5,
    init_seconds=0.5,
    cleanup_seconds=0.3,
    exit_seconds=0.3,
    function_seconds=0.3,
    calls_per_function=5,
    payload_mib=(1,),
    allow_effects=True,
    total_seconds=1.0,
)
# total_seconds, and what is under way then: a start, a check that waits, an end.
_BOUND_SECONDS: Final = 12.0
# One of each kind of waiting, so that a hundred modules can be run.
_CHECKS: Final = (
    "HUB-LIFE-1/*", "HUB-LIFE-9/*", "HUB-VER-2/*", "capabilities", "HUB-FRAME-3/*", "HUB-FRAME-12/*",
    "HUB-FRAME-13/survives-nan", "HUB-FRAME-13/survives-nested-10000-deep", "HUB-LIFE-5/lives-on", "calls", "concurrency",
    "cancellation", "host services", "HUB-FRAME-4/takes-1-mib", "SENSE/*", "shutdown", "output",
)  # fmt: skip


# At once: on two cores that many starts take no longer than the patience with one.
_AT_ONCE: Final = 8


def _faults_of(path: Path) -> Iterator[tuple[str, ...]]:
    shown = subprocess.run([sys.executable, "-S", path, "--help"], capture_output=True, text=True, check=False).stdout
    faults = re.search(r"--fault \{([^}]*)\}", "".join(shown.split("\n")))
    for fault in re.sub(r"\s+", "", faults[1]).split(",") if faults else [""]:
        yield ("--fault", fault) if fault else ()


_PROGRAMS: Final = [path for path in sorted(_ZOO.glob("*.py")) if "wire.arguments(" in path.read_text()]


def _trouble(target: Target, checks: Sequence[Check], *, never_starts: bool | None = None) -> str:
    """Run the checks; return what is wrong with how that ended, or nothing."""
    begun = time.monotonic()
    try:
        report, _ = run(target, checks, _PATIENCE)
    except Exception as error:  # noqa: BLE001 - that no module makes the runner raise is what is tested
        return f"the runner raised {error!r}"
    seconds = time.monotonic() - begun
    never = report.never_started is not None
    wrong = {
        f"it took {seconds:.1f} s": seconds > _BOUND_SECONDS,
        f"a defect of the runner: {report.runner_faults}": bool(report.runner_faults),
        "there is no verdict": not report.verdict,
        f"{len(report.verdicts)} verdicts on {len(checks)} checks": not never and len(report.verdicts) != len(checks),
        f"never started: {never}": never_starts is not None and never != never_starts,
        "it conforms": never_starts is not None and report.conforms,
    }
    return "; ".join(why for why, holds in wrong.items() if holds)


@pytest.mark.bound(60, reason="hostile modules are waited for")
@pytest.mark.parametrize("program", _PROGRAMS, ids=lambda path: path.name)
def test_every_module_of_the_zoo_gets_a_verdict(program: Path, tmp_path: Path) -> None:
    jobs: dict[str, Callable[[], str]] = {}
    for number, words in enumerate(_faults_of(program)):
        file = str(tmp_path / f"file-{number}")
        argv = (sys.executable, "-S", str(program), "--name", "zoo", "--file", file, *words)
        target = Target(name="zoo", argv=argv, cwd=tmp_path, env={"PATH": "/usr/bin:/bin"}, manifest_name="zoo")
        jobs[" ".join(words)] = partial(_trouble, target, select(CHECKS, _CHECKS, []))
    assert jobs
    assert {fault: why for fault, why in abreast(jobs, _AT_ONCE).items() if why} == {}


_SHELL: Final = {
    "never-started": ("exit 3", True),
    "missing-interpreter": ("exec /no/such/interpreter", True),
    "silent": ("while read line; do :; done", True),
    "closes-its-input": ("exec 0<&-; sleep 60", True),
    "floods-stdout-without-a-line": ("exec yes | tr -d '\\n'", True),
    "floods-stdout-with-lines": ("exec yes", True),
    "floods-stderr": ("yes >&2 & while read line; do :; done", True),
    "stops-itself": ("kill -STOP $$", True),
    "leaves-a-grandchild-on-the-pipe": ("sleep 60 & exit 0", True),
    "ignores-everything": ("trap '' TERM; while :; do sleep 1; done", True),
}


@pytest.mark.bound(30, reason="hostile modules are waited for")
def test_a_module_that_never_answers_never_started(tmp_path: Path) -> None:
    jobs: dict[str, Callable[[], str]] = {}
    for name, (script, never) in _SHELL.items():
        target = Target(name="zoo", argv=("/bin/sh", "-c", script), cwd=tmp_path, env={"PATH": "/usr/bin:/bin"})
        jobs[name] = partial(_trouble, target, CHECKS, never_starts=never)
    assert {name: why for name, why in abreast(jobs, _AT_ONCE).items() if why} == {}


def test_a_program_that_is_not_there_never_started(tmp_path: Path) -> None:
    report, _ = run(Target(name="zoo", argv=("/no/such/program",), cwd=tmp_path, env={}), CHECKS, _PATIENCE)
    assert report.never_started is not None
    assert "no such" in report.never_started.why or "does not exist" in report.never_started.why or report.never_started.hint
