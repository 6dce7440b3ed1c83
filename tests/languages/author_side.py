"""Own the cases that the SDK of each language has to survive on the author's side, and the matrix of them; run nothing.

A test shows a case when its name has the words "author side" and then the case's own, whatever stands between the letters:
`TestAuthorSide/unknown-method`, `author_side::unknown_method_is_refused`, `author side: unknown method: ...`.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

__all__ = ["CASES", "Verdicts", "faults_of", "matrix", "verdicts_of_lines", "verdicts_of_reports"]

# Each with what a plugin's author, or the hub, does; the module answers as the specification says, and lives on.
CASES: Final[Mapping[str, str]] = {
    "unknown-method": "a method that nobody has",
    "missing-params": "a call without the arguments that it needs",
    "malformed-json": "a line that is no JSON",
    "recovered-id": "half a frame, in which the id can be read",
    "language-prints": "a print in the author's language",
    "c-prints": "a write to descriptor 1 past the language, as C does it",
    "child-prints": "a print of a child that inherits standard output",
    "handler-raises": "a handler that fails unexpectedly, with a secret in its words",
    "new-fields": "members that nobody knows, in the message and in its context",
    "concurrent-handlers": "calls that overlap, and a ping beside them",
    "end-of-input": "the end of standard input, with a call under way",
    "silent-after-cleanup": "requests behind the answer to module_cleanup",
}

# By case, whether all of its tests passed.
Verdicts = dict[str, bool]

_MARK: Final = "authorside"
_RESULTS: Final = (
    re.compile(r"^\s*--- (?P<word>PASS|FAIL|SKIP): (?P<name>\S+) \("),  # go test -v
    re.compile(r"^test (?P<name>\S+) \.\.\. (?P<word>ok|FAILED|ignored)"),  # cargo test
    re.compile(r"^\s*(?P<word>ok|not ok) \d+ - (?P<name>.+)$"),  # node --test, not on a terminal
)
_PASSED: Final = frozenset({"PASS", "ok"})


def verdicts_of_lines(lines: Iterable[str]) -> Verdicts:
    """Return what the runner of a language printed."""
    found: Verdicts = {}
    for line in lines:
        for pattern in _RESULTS:
            if result := pattern.match(line):
                _count(found, result["name"], passed=result["word"] in _PASSED and "# SKIP" not in line)
    return found


def verdicts_of_reports(reports: Iterable[Path]) -> Verdicts:
    """Return what the JUnit reports of pytest say."""
    found: Verdicts = {}
    for report in reports:
        for test in ET.parse(report).getroot().iter("testcase"):  # noqa: S314 - pytest wrote it a moment ago
            passed = not any(child.tag in {"failure", "error", "skipped"} for child in test)
            _count(found, f"{test.get('classname', '')}.{test.get('name', '')}", passed=passed)
    return found


def _count(found: Verdicts, name: str, *, passed: bool) -> None:
    _, mark, words = _letters(name).partition(_MARK)
    for case in CASES if mark else ():
        if _letters(case) in words:
            found[case] = found.get(case, True) and passed


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def faults_of(by_language: Mapping[str, Verdicts]) -> list[str]:
    """Return a line for each case that a language has no test for, or only one that failed or was left out."""
    return [
        f"{language}: the author's side, {case}: {'its test failed' if case in found else 'no test shows it'}"
        for language, found in by_language.items()
        for case in CASES
        if not found.get(case)
    ]


def matrix(by_language: Mapping[str, Verdicts], absent: Iterable[str]) -> list[str]:
    """Return the matrix of cases × languages."""
    absent = list(absent)
    rows = [["author's side", *by_language, *absent]]
    for case in CASES:
        cells = ["ok" if found.get(case) else "FAILED" if case in found else "MISSING" for found in by_language.values()]
        rows.append([case, *cells, *("-" for _ in absent)])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
