"""Modules that are known to be good conform, in every language there is here, and in the time that was promised."""

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from hub.conformance import CHECKS, Settings, Target, run, select
from tests.conformance.abreast import abreast
from tests.conformance.targets import good_module, plugin
from tests.house.tree import ROOT

pytestmark = pytest.mark.process

_FULL_RUN_SECONDS: Final = 30.0
_ONE_AREA_SECONDS: Final = 3.0
# Half of a run is waiting, and two cores are what it is promised for.
_AT_ONCE: Final = 2
# What has to be there besides the source, and the program that runs it.
_ECHO_MODULES: Final = {
    "echo-go": ("echo-go", None),
    "echo-rust": ("bin", None),
    "echo-node": ("node_modules", "node"),
    "echo-python": ("plugin.toml", None),
}


def _faults(target: Target, *companions: Target) -> dict[str, str]:
    """Run all checks; return what keeps the module from conforming in time, by check."""
    report, _ = run(target, CHECKS, Settings(), companions=companions)
    found = {verdict.check.id: verdict.why for verdict in report.verdicts if verdict.fails}
    if report.never_started is not None:
        found["never started"] = report.never_started.why
    if report.runner_faults:
        found["defects of the runner"] = "; ".join(report.runner_faults)
    # Promised for a program; a shell needs that long for the payloads alone where others use the machine.
    if report.seconds >= _FULL_RUN_SECONDS and target.name != "hello-sh":
        found["too slow"] = f"{report.seconds:.1f} s"
    return found


@pytest.mark.bound(60, reason="runs all checks")
def test_the_module_without_an_sdk_conforms_without_a_warning(tmp_path: Path) -> None:
    def shortcomings(framing: str) -> dict[str, str]:
        directory = tmp_path / framing
        directory.mkdir()
        target = good_module(directory, framing="newline" if framing == "newline" else "content-length")
        report, _ = run(target, CHECKS, Settings())
        return {verdict.check.id: verdict.why for verdict in report.verdicts if verdict.status not in ("passed", "not_offered")}

    jobs = {framing: partial(shortcomings, framing) for framing in ("newline", "content-length")}
    assert abreast(jobs, _AT_ONCE) == {"newline": {}, "content-length": {}}


@pytest.mark.bound(90, reason="runs all checks on each module")
def test_the_modules_of_this_repository_conform() -> None:
    jobs: dict[str, Callable[[], dict[str, str]]] = {
        # Which reads byte by byte, so it begins first.
        "hello-sh": partial(_faults, plugin("plugins", "hello-sh")),
        "system": partial(_faults, plugin("plugins", "system")),
        "weather": partial(_faults, plugin("plugins", "weather")),
        "weather with the module that it calls": partial(_faults, plugin("plugins", "weather"), plugin("plugins", "system")),
    }
    missing: list[str] = []
    for name, (needs, program) in _ECHO_MODULES.items():
        if (ROOT / "plugins" / name / needs).exists() and (program is None or shutil.which(program)):
            jobs[name] = partial(_faults, plugin("plugins", name))
        else:
            missing.append(name)
    assert {name: found for name, found in abreast(jobs, _AT_ONCE).items() if found} == {}
    if missing:
        pytest.skip(f"not built here: {', '.join(missing)}; the others conform")


@pytest.mark.bound(40, reason="runs one area after the other")
def test_one_area_takes_little_time(tmp_path: Path) -> None:
    for area in dict.fromkeys(check.area for check in CHECKS if check.area != "size"):
        report, _ = run(good_module(tmp_path), select(CHECKS, [area], []), Settings(calls_per_function=5))
        assert report.conforms, area
        assert report.seconds < _ONE_AREA_SECONDS, area
        # One start serves all calls.
        assert report.starts == 1 or area != "calls"
