"""Own running Python's tests: two processes side by side, and once more by themselves the few that failed; know no test.

Half of the time of a test is waiting, and the machines that run all of them have two cores. Each process has its own init for
what tests leave behind (tests/house/orphans.py), its own report and its own memory of what failed.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["run_pytest"]

# They take as long as all the others together.
_FIRST: Final = ("cli", "conformance")
_TESTS_FAILED: Final = 1  # pytest's own word; others (no tests, a usage error) are never tried again
# A defect fails many tests, a busy machine a few.
_MOST_RUN_AGAIN: Final = 10


@dataclass(frozen=True, slots=True)
class _Half:
    """One process of pytest: which folders it runs, and where it keeps what."""

    root: Path
    logs: Path
    number: int
    folders: tuple[str, ...]

    @property
    def report(self) -> Path:
        return self.logs / f"python-{self.number}.xml"

    @property
    def log(self) -> Path:
        return self.logs / f"python-{self.number}.log"

    @property
    def _cache(self) -> Path:
        return self.logs / f"python-{self.number}.cache"

    def command(self, *arguments: str) -> list[str]:
        """Return the command that runs this half."""
        words = [sys.executable, "-m", "pytest", "-q", "-rfEs", "-o", f"cache_dir={self._cache}", *arguments]
        return [*words, *self.folders]

    def begin(self, output: int | None) -> subprocess.Popen[bytes]:
        """Start it; `output` is a descriptor, or None for that of this process."""
        self.report.unlink(missing_ok=True)
        arguments = self.command("--cache-clear", f"--junitxml={self.report}")
        return subprocess.Popen(arguments, cwd=self.root, stdout=output, stderr=output)

    def failed(self) -> list[str]:
        """Return the names of the tests that failed."""
        try:
            return sorted(json.loads((self._cache / "v" / "cache" / "lastfailed").read_text()))
        except (OSError, ValueError):
            return []


def run_pytest(root: Path, logs: Path, arguments: Sequence[str], say: Callable[[str], None]) -> tuple[int, list[Path]]:
    """Run all tests of Python, or those that `arguments` of pytest choose; return its exit status and the JUnit reports."""
    if arguments:
        whole = _Half(root, logs, 0, ())
        whole.report.unlink(missing_ok=True)
        command = whole.command("--cache-clear", f"--junitxml={whole.report}", *arguments)
        return subprocess.run(command, cwd=root, check=False).returncode, [whole.report]
    halves = _halves(root, logs)
    codes = _run(halves)
    status = next((code for code in codes if code), 0)
    if set(codes) <= {0, _TESTS_FAILED} and status:
        status = _once_more([half for half, code in zip(halves, codes, strict=True) if code], root, say)
    return status, [half.report for half in halves if half.report.exists()]


def _halves(root: Path, logs: Path) -> list[_Half]:
    folders = sorted(folder.name for folder in (root / "tests").iterdir() if any(folder.glob("**/test_*.py")))
    rest = tuple(f"tests/{name}" for name in folders if name not in _FIRST)
    return [_Half(root, logs, 1, tuple(f"tests/{name}" for name in _FIRST)), _Half(root, logs, 2, rest)]


def _run(halves: Sequence[_Half]) -> list[int]:
    """Run both; the second one is seen at work, what the first one printed is shown when both have ended."""
    first, second = halves
    with first.log.open("wb") as log:
        behind = first.begin(log.fileno())
        try:
            with second.begin(None) as before:
                codes = [behind.wait(), before.wait()]
        finally:
            behind.terminate()
            behind.wait()
    sys.stdout.write(first.log.read_text(encoding="utf-8", errors="replace"))
    sys.stdout.flush()
    return codes


def _once_more(halves: Sequence[_Half], root: Path, say: Callable[[str], None]) -> int:
    """Run the few tests that failed once more, by themselves, and say so: many have a bound of 5 s, and machines are shared."""
    failed = [name for half in halves for name in half.failed()]
    if not 0 < len(failed) <= _MOST_RUN_AGAIN:
        return _TESTS_FAILED
    codes = [subprocess.run(half.command("--last-failed"), cwd=root, check=False).returncode for half in halves]
    status = next((code for code in codes if code), 0)
    if status == 0:
        say(f"UNSTABLE: {len(failed)} tests failed in the whole run and passed by themselves:")
        for name in failed:
            say(f"  {name}")
    return status
