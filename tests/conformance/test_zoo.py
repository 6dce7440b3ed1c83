"""The runner outlives every module of the zoo: a verdict in bounded time, no exception, no defect of its own, nothing left."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from hub.conformance import CHECKS, Settings, Target, run, select
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


def _programs() -> Iterator[tuple[str, tuple[str, ...]]]:
    for path in sorted(_ZOO.glob("*.py")):
        if "wire.arguments(" not in path.read_text():
            continue
        shown = subprocess.run([sys.executable, "-S", path, "--help"], capture_output=True, text=True, check=False).stdout
        faults = re.search(r"--fault \{([^}]*)\}", "".join(shown.split("\n")))
        for fault in re.sub(r"\s+", "", faults[1]).split(",") if faults else [""]:
            yield path.name, ("--fault", fault) if fault else ()


@pytest.mark.bound(_BOUND_SECONDS + 8, reason="hostile modules are waited for")
@pytest.mark.parametrize(
    ("program", "words"), list(_programs()), ids=lambda part: part if isinstance(part, str) else part[-1] if part else "-"
)
def test_every_module_of_the_zoo_gets_a_verdict(program: str, words: tuple[str, ...], tmp_path: Path) -> None:
    argv = (sys.executable, "-S", str(_ZOO / program), "--name", "zoo", "--file", str(tmp_path / "file"), *words)
    target = Target(name="zoo", argv=argv, cwd=tmp_path, env={"PATH": "/usr/bin:/bin"}, manifest_name="zoo")
    begun = time.monotonic()
    report, _ = run(target, select(CHECKS, _CHECKS, []), _PATIENCE)
    assert time.monotonic() - begun < _BOUND_SECONDS
    assert report.runner_faults == ()
    assert report.verdict
    assert report.never_started is not None or len(report.verdicts) == len(select(CHECKS, _CHECKS, []))


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


@pytest.mark.bound(20, reason="hostile modules are waited for")
@pytest.mark.parametrize("name", _SHELL)
def test_a_module_that_never_answers_never_started(name: str, tmp_path: Path) -> None:
    script, never = _SHELL[name]
    target = Target(name="zoo", argv=("/bin/sh", "-c", script), cwd=tmp_path, env={"PATH": "/usr/bin:/bin"})
    begun = time.monotonic()
    report, _ = run(target, CHECKS, _PATIENCE)
    assert time.monotonic() - begun < _BOUND_SECONDS
    assert (report.never_started is not None) == never
    assert not report.conforms
    assert report.runner_faults == ()


def test_a_program_that_is_not_there_never_started(tmp_path: Path) -> None:
    report, _ = run(Target(name="zoo", argv=("/no/such/program",), cwd=tmp_path, env={}), CHECKS, _PATIENCE)
    assert report.never_started is not None
    assert "no such" in report.never_started.why or "does not exist" in report.never_started.why or report.never_started.hint
