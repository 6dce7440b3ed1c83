"""Own running the suites of all languages one after the other, the tables at their end, and the exit status; know no test.

    python -m tests.languages.run all [arguments of pytest]
    python -m tests.languages.run go node

With arguments of pytest, its tests are chosen by them, and the other languages are left out. A language whose tools are missing
is one line, and with CI=true in the environment a failure.
"""

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
from tests.languages.author_side import Verdicts, faults_of, matrix, verdicts_of_lines, verdicts_of_reports
from tests.languages.halves import run_pytest
from tests.languages.tally import Tally, faults, of_lines, of_report, table, totals

__all__ = ["main"]

_LOGS: Final = ROOT / "build" / "languages"
_SHOWN_LINES: Final = 60
_INTERRUPTED: Final = 130
_USAGE: Final = 2


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
    status, reports = _python(arguments, build=not arguments) if with_python else (0, list[Path]())
    tallies: dict[str, dict[str, Tally]] = {}
    for report in reports:
        tallies["python"] = tallies.get("python", {}) | of_report(report)
    verdicts: dict[str, Verdicts] = {"python": verdicts_of_reports(reports)} if reports else {}
    absent: dict[str, str] = {}
    for language in languages:
        missing = [tool for tool in _SUITES[language].tools if shutil.which(tool) is None]
        if missing:
            absent[language] = f"left out: {' and '.join(missing)} not on PATH"
            status = status or int(os.environ.get("CI") == "true")
            continue
        ended, printed = _run(language)
        tallies[language], verdicts[language] = of_lines(printed), verdicts_of_lines(printed)
        status = status or ended
    if not languages:
        return status
    wrong = [*faults(tallies), *faults_of(verdicts)]
    for line in (*matrix(verdicts, absent), "", *table(tallies, absent, totals()), *wrong):
        _say(line)
    return status or int(bool(wrong))


def _python(arguments: Sequence[str], *, build: bool) -> tuple[int, list[Path]]:
    """Run pytest, and before it build what its tests of other languages start from; return the exit status and its reports."""
    status = 0
    for language, directory, command in _BUILDS if build else ():
        if all(shutil.which(tool) for tool in _SUITES[language].tools):
            status = status or _step(f"build-{Path(directory).name}", directory, command)[0]
    ended, reports = run_pytest(ROOT, _LOGS, arguments, _say)
    return ended or status, reports


def _run(language: str) -> tuple[int, list[str]]:
    """Run one suite, all of its steps whatever the first one says; return what it printed, too."""
    status, lines, begun = 0, list[str](), time.monotonic()
    for number, (directory, command) in enumerate(_SUITES[language].steps, start=1):
        ended, printed = _step(f"{language}-{number}", directory, command)
        status = status or ended
        lines += printed
    _say(f"{language}: {'failed' if status else 'passed'} in {time.monotonic() - begun:.1f} s")
    return status, lines


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
