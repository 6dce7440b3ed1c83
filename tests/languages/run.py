"""Own running the suites of all languages one after the other, the table at their end, and the exit status; know no test.

    python -m tests.languages.run all [arguments of pytest]
    python -m tests.languages.run go node

With arguments of pytest, its tests are chosen by them, and the other languages are left out. A language whose tools are missing
is one line, and with CI=true in the environment a failure.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.house.tree import ROOT
from tests.languages.tally import Tally, faults, of_lines, of_report, table, totals

__all__ = ["main"]

_LOGS: Final = ROOT / "build" / "languages"
_REPORT: Final = _LOGS / "python.xml"
_SHOWN_LINES: Final = 60
_INTERRUPTED: Final = 130
_USAGE: Final = 2
_TESTS_FAILED: Final = 1  # pytest's own word; others (no tests, a usage error) are never tried again
# A defect fails many tests, a busy machine a few.
_MOST_RUN_AGAIN: Final = 10


@dataclass(frozen=True, slots=True)
class Suite:
    """The suite of one language: the tools it needs, and its steps, each a directory and a command."""

    tools: tuple[str, ...]
    steps: tuple[tuple[str, tuple[str, ...]], ...]


# The race detector is C: without a compiler for that, the tests run without it.
_RACE: Final = ("-race",) if shutil.which("gcc") or shutil.which("clang") else ()
_GO_TEST: Final = ("go", "test", "-count=1", "-v", *_RACE, "./...")
_CLIPPY: Final = ("sh", "-c", "! command -v cargo-clippy >/dev/null || cargo clippy --quiet --all-targets -- --deny warnings")
# The SDKs with their vectors, and the echo modules as their authors test them; what the hub makes of these is in tests/plugins.
_SUITES: Final = {
    "go": Suite(
        ("go",),
        (
            ("sdk/go", ("go", "vet", "./...")),
            ("sdk/go", _GO_TEST),
            ("plugins/echo-go", ("go", "vet", "./...")),
            ("plugins/echo-go", _GO_TEST),
            ("plugins/digitalocean", ("go", "vet", "./...")),
            ("plugins/digitalocean", _GO_TEST),
        ),
    ),
    "node": Suite(
        ("node", "npm"),
        (
            ("sdk/node", ("sh", "-c", "[ -d node_modules ] || npm ci --no-audit --no-fund")),
            ("sdk/node", ("npm", "test")),
            ("plugins/hetzner", ("npm", "test")),
        ),
    ),
    "rust": Suite(
        ("cargo",),
        (
            ("sdk/rust", ("cargo", "test")),
            ("sdk/rust", _CLIPPY),
            ("plugins/echo-rust", ("cargo", "test")),
            ("plugins/echo-rust", _CLIPPY),
            ("plugins/vultr", ("cargo", "test")),
            ("plugins/vultr", _CLIPPY),
        ),
    ),
}
# What the tests of the hub with modules in other languages start from: their first build takes longer than any test may.
_BUILDS: Final = (
    ("go", "plugins/echo-go", ("go", "build", "-o", "echo-go", ".")),
    ("node", "plugins/echo-node", ("sh", "-c", "[ -d node_modules ] || npm run build")),
    ("rust", "plugins/echo-rust", ("./build.sh",)),
    ("rust", "plugins/vultr", ("./build.sh",)),
)


def main(words: Sequence[str]) -> int:
    """Run the suites named (or `all`), and return the exit status: that of pytest where it failed, else 1 for any other."""
    chosen, arguments = list(words[:1]), list(words[1:])
    while chosen and chosen != ["all"] and arguments and arguments[0] in _SUITES:
        chosen.append(arguments.pop(0))
    unknown = [word for word in chosen if word not in {"all", "python", *_SUITES}]
    if unknown or not chosen:
        _say(f"cannot run the suites of {', '.join(unknown) or 'no language'}: name all, python, {', '.join(_SUITES)}")
        return _USAGE
    _LOGS.mkdir(parents=True, exist_ok=True)
    languages = list(_SUITES) if chosen == ["all"] else [word for word in chosen if word != "python"]
    if arguments:
        languages = []
    with_python = chosen[0] in {"all", "python"}
    status = _python(arguments, build=not arguments) if with_python else 0
    tallies: dict[str, dict[str, Tally]] = {"python": of_report(_REPORT)} if with_python and _REPORT.exists() else {}
    absent: dict[str, str] = {}
    for language in languages:
        missing = [tool for tool in _SUITES[language].tools if shutil.which(tool) is None]
        if missing:
            absent[language] = f"left out: {' and '.join(missing)} not on PATH"
            status = status or int(os.environ.get("CI") == "true")
            continue
        ended, tallies[language] = _run(language)
        status = status or ended
    if not languages:
        return status
    for line in (*table(tallies, absent, totals()), *(wrong := faults(tallies))):
        _say(line)
    return status or int(bool(wrong))


def _python(arguments: Sequence[str], *, build: bool) -> int:
    """Run pytest with its output as it is; before it, what its tests of other languages start from."""
    status = 0
    for language, directory, command in _BUILDS if build else ():
        if all(shutil.which(tool) for tool in _SUITES[language].tools):
            status = status or _step(f"build-{Path(directory).name}", directory, command)[0]
    _REPORT.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", "-rfEs", "--cache-clear", f"--junitxml={_REPORT}", *arguments]
    ended = subprocess.run(command, cwd=ROOT, check=False).returncode
    if ended == _TESTS_FAILED and not arguments:
        ended = _once_more(command)
    return ended or status


def _once_more(command: Sequence[str]) -> int:
    """Run the few tests that failed once more, by themselves, and say so: many have a bound of 5 s, and machines are shared."""
    failed = _last_failed()
    if not 0 < len(failed) <= _MOST_RUN_AGAIN:
        return _TESTS_FAILED
    again = [word for word in command if not word.startswith(("--junitxml", "--cache-clear"))]
    ended = subprocess.run([*again, "--last-failed"], cwd=ROOT, check=False).returncode
    if ended == 0:
        _say(f"UNSTABLE: {len(failed)} tests failed in the whole run and passed by themselves:")
        for name in failed:
            _say(f"  {name}")
    return ended


def _last_failed() -> list[str]:
    try:
        return sorted(json.loads((ROOT / ".pytest_cache" / "v" / "cache" / "lastfailed").read_text()))
    except (OSError, ValueError):
        return []


def _run(language: str) -> tuple[int, dict[str, Tally]]:
    """Run one suite, all of its steps whatever the first one says."""
    status, lines, begun = 0, list[str](), time.monotonic()
    for number, (directory, command) in enumerate(_SUITES[language].steps, start=1):
        ended, printed = _step(f"{language}-{number}", directory, command)
        status = status or ended
        lines += printed
    _say(f"{language}: {'failed' if status else 'passed'} in {time.monotonic() - begun:.1f} s")
    return status, of_lines(lines)


def _step(name: str, directory: str, command: Sequence[str]) -> tuple[int, list[str]]:
    """Run one command; what it printed goes to a log, and when it failed the end of it is shown."""
    log = _LOGS / f"{name}.log"
    environment = {"CARGO_TARGET_DIR": str(ROOT / "build" / "rust"), **os.environ}
    with log.open("wb") as output:
        done = subprocess.run(
            command, cwd=ROOT / directory, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False
        )
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    if done.returncode:
        _say(f"{directory}: {' '.join(command)}: failed with {done.returncode}, see {_shown(log)}")
        for line in lines[-_SHOWN_LINES:]:
            _say(f"  {line}")
    return int(done.returncode != 0), lines


def _shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
