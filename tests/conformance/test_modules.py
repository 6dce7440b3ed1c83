"""Modules that are known to be good conform, in every language there is here, and in the time that was promised."""

import shutil
from pathlib import Path

import pytest

from hub.conformance import CHECKS, Settings, Target, run, select
from tests.conformance.targets import good_module, plugin
from tests.house.tree import ROOT

pytestmark = pytest.mark.process

_FULL_RUN_SECONDS = 30.0
_ONE_AREA_SECONDS = 3.0


def _conforms(target: Target, *companions: Target) -> None:
    report, _ = run(target, CHECKS, Settings(), companions=companions)
    assert report.never_started is None, report.never_started
    assert {verdict.check.id: verdict.why for verdict in report.verdicts if verdict.fails} == {}
    assert report.runner_faults == ()
    assert report.seconds < _FULL_RUN_SECONDS


@pytest.mark.bound(60, reason="runs all checks")
@pytest.mark.parametrize("framing", ["newline", "content-length"])
def test_the_module_without_an_sdk_conforms_without_a_warning(framing: str, tmp_path: Path) -> None:
    target = good_module(tmp_path, framing="newline" if framing == "newline" else "content-length")
    report, _ = run(target, CHECKS, Settings())
    assert {
        verdict.check.id: verdict.why for verdict in report.verdicts if verdict.status not in ("passed", "not_offered")
    } == {}
    assert report.conforms


@pytest.mark.bound(60, reason="runs all checks on a shell, which reads byte by byte")
def test_twenty_eight_lines_of_shell_conform() -> None:
    _conforms(plugin("plugins", "hello-sh"))


@pytest.mark.bound(60, reason="runs all checks")
def test_system_conforms() -> None:
    _conforms(plugin("plugins", "system"))


@pytest.mark.bound(60, reason="runs all checks")
def test_weather_conforms_with_the_module_that_it_calls() -> None:
    _conforms(plugin("plugins", "weather"), plugin("plugins", "system"))


@pytest.mark.bound(60, reason="runs all checks")
def test_weather_conforms_without_it() -> None:
    _conforms(plugin("plugins", "weather"))


@pytest.mark.bound(60, reason="runs all checks")
@pytest.mark.parametrize(
    ("name", "needs"),
    [("echo-go", "echo-go"), ("echo-rust", "bin"), ("echo-node", "node_modules"), ("echo-python", "plugin.toml")],
)
def test_the_echo_module_of_each_sdk_conforms(name: str, needs: str) -> None:
    if not (ROOT / "plugins" / name / needs).exists():
        pytest.skip(f"plugins/{name} is not built here")
    if name == "echo-node" and shutil.which("node") is None:
        pytest.skip("there is no node here")
    _conforms(plugin("plugins", name))


@pytest.mark.bound(40, reason="runs one area after the other")
def test_one_area_takes_little_time(tmp_path: Path) -> None:
    for area in dict.fromkeys(check.area for check in CHECKS if check.area not in ("calls", "size")):
        report, _ = run(good_module(tmp_path), select(CHECKS, [area], []), Settings(calls_per_function=5))
        assert report.conforms, area
        assert report.seconds < _ONE_AREA_SECONDS, area
