"""The tests of Python run as two processes, none left out and none twice, and what failed gets a second chance by itself."""

from pathlib import Path

import pytest

from tests.house.tree import ROOT
from tests.languages.halves import _halves, run_pytest  # pyright: ignore[reportPrivateUsage]

pytestmark = pytest.mark.process

_STABLE = "def test_it() -> None:\n    pass\n"
# Fails the first time it is run in a directory.
_UNSTABLE = """
from pathlib import Path

def test_it() -> None:
    mark = Path(__file__).parent / "mark"
    first = not mark.exists()
    mark.touch()
    assert not first
"""
_BROKEN = "def test_it() -> None:\n    raise ValueError('always')\n"


def _tree(directory: Path, first: str, second: str) -> Path:
    for name, text in (("cli", first), ("conformance", _STABLE), ("hub", second), ("no_tests", "")):
        folder = directory / "tests" / name
        folder.mkdir(parents=True)
        (folder / ("test_a.py" if text else "a.py")).write_text(text)
    (directory / "pytest.ini").write_text("[pytest]\naddopts = --import-mode=importlib\n")
    (directory / "logs").mkdir()
    return directory


def test_each_folder_with_tests_is_in_one_half() -> None:
    folders = [folder for half in _halves(ROOT, ROOT / "build") for folder in half.folders]
    with_tests = {path.relative_to(ROOT).parts[1] for path in ROOT.glob("tests/*/**/test_*.py")}
    assert sorted(folders) == sorted(f"tests/{name}" for name in with_tests)


def _outcome(directory: Path, *arguments: str) -> tuple[int, int, list[str]]:
    said: list[str] = []
    code, reports = run_pytest(directory, directory / "logs", arguments, said.append)
    return code, sum(report.read_text().count("<testcase") for report in reports), said


@pytest.mark.bound(40, reason="starts pytest six times")
def test_who_fails_once_is_unstable_and_who_fails_again_has_failed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, count, said = _outcome(_tree(tmp_path / "unstable", _UNSTABLE, _STABLE))
    assert (code, count) == (0, 3)
    assert said == [
        "UNSTABLE: 1 tests failed in the whole run and passed by themselves:",
        "  tests/cli/test_a.py::test_it",
    ]
    assert _outcome(_tree(tmp_path / "broken", _STABLE, _BROKEN))[0] == 1
    assert "ValueError: always" in capfd.readouterr().out
