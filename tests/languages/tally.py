"""Own what became of the vector cases, language by language, and the table of it; know no suite and run nothing.

The runner of each SDK prints a line for each kind of vectors, `vectors: 154 passed, 0 failed (frames)` or `frames vectors: 154
passed, 0 failed`, and a line with the reason for what it left out. Python's cases are tests of pytest, read from its report.
"""

import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.protocol.vectors import cases

__all__ = ["KINDS", "Tally", "faults", "of_lines", "of_report", "table", "totals"]

KINDS: Final = ("frames", "messages", "reject", "sessions")
# More reasons than these stand in the log; the table is for reading.
_SHOWN_REASONS: Final = 2

_COUNTS: Final = re.compile(
    r"(?:(?P<before>\w+) )?vectors: (?P<passed>\d+) passed, (?P<failed>\d+) failed"
    r"(?:, \d+ skipped)?(?: \((?P<after>\w+)[^)]*\))?"
)
_REASON: Final = re.compile(
    r"(?:(?P<before>\w+) )?vectors(?: \((?P<after>\w+)\))?: (?P<count>\d+) skipped: (?P<why>.+)|vectors\.go:\d+: (?P<note>.+)"
)
# A reason is told once for all types.
_TYPE_NAME: Final = re.compile(r"\b(?:type [A-Z]\w*|(?:[A-Z][a-z]+){2,})\b")


@dataclass(slots=True)
class Tally:
    """What became of the cases of one kind in one language, and how often something was left out for which reason."""

    passed: int = 0
    failed: int = 0
    reasons: Counter[str] = field(default_factory=Counter[str])


def totals() -> dict[str, int]:
    """Return how many cases there are of each kind."""
    return {kind: len(cases(kind)) for kind in KINDS}


def of_lines(lines: Iterable[str]) -> dict[str, Tally]:
    """Return what the runner of an SDK printed, by kind."""
    found: dict[str, Tally] = {}
    notes: Counter[str] = Counter()
    for line in lines:
        if reason := _REASON.search(line):
            why = _TYPE_NAME.sub("such type", reason["why"] or reason["note"])
            kind = reason["before"] or reason["after"]
            # The Go runner tells its reasons before the kind that they belong to.
            (notes if kind is None else found.setdefault(kind, Tally()).reasons)[why] += int(reason["count"] or 1)
        elif counts := _COUNTS.search(line):
            tally = found.setdefault(counts["before"] or counts["after"] or "", Tally())
            tally.passed, tally.failed = int(counts["passed"]), int(counts["failed"])
            tally.reasons += notes
            notes.clear()
    return found


def of_report(report: Path) -> dict[str, Tally]:
    """Return what the JUnit report of pytest says; a case passed when all of its tests did."""
    verdicts: dict[str, dict[str, bool]] = {kind: {} for kind in KINDS}
    for test in ET.parse(report).getroot().iter("testcase"):  # noqa: S314 - pytest wrote it a moment ago
        kind = test.get("classname", "").rpartition("test_vectors_")[2]
        case = _case_of(kind, test.get("name", "")) if kind in verdicts else None
        if case is not None:
            well = not any(child.tag in {"failure", "error", "skipped"} for child in test)
            verdicts[kind][case] = verdicts[kind].get(case, True) and well
    return {kind: _tally(kind, found) for kind, found in verdicts.items() if found}


def _tally(kind: str, verdicts: Mapping[str, bool]) -> Tally:
    """Return the tally of cases by their ids; two files of a kind may have the same id, and then share its verdict."""
    times = Counter(str(case["id"]) for case in cases(kind))
    passed = sum(times[case] for case, well in verdicts.items() if well)
    return Tally(passed, sum(times[case] for case in verdicts) - passed)


def _case_of(kind: str, name: str) -> str | None:
    """Return the id of the case that a test is about: its whole parameter, or the part beside another parameter."""
    inside = name.partition("[")[2].removesuffix("]")
    ids = {str(case["id"]) for case in cases(kind)}
    words = inside.split("-")
    pieces = ("-".join(words[first:last]) for first in (0, 1) for last in (len(words), len(words) - 1))
    return next((piece for piece in pieces if piece in ids), None)


def faults(by_language: Mapping[str, Mapping[str, Tally]]) -> list[str]:
    """Return a line for each kind of vectors that failed in a language, or that its suite did not run at all."""
    lines: list[str] = []
    for language, found in by_language.items():
        lines += [f"{language}: no vectors of kind {kind} were run" for kind in KINDS if kind not in found]
        lines += [f"{language}: {tally.failed} vectors of kind {kind} failed" for kind, tally in found.items() if tally.failed]
    return lines


def table(by_language: Mapping[str, Mapping[str, Tally]], absent: Mapping[str, str], total: Mapping[str, int]) -> list[str]:
    """Return the table of kinds × languages as passed/failed/left out, and below it why cases were left out."""
    languages = [*by_language, *absent]
    rows = [["vectors", "cases", *languages]]
    notes: list[str] = []
    for kind, count in total.items():
        row = [kind, str(count)]
        for language in languages:
            tally = by_language.get(language, {}).get(kind)
            if tally is None:
                row.append("-")
                continue
            left_out = count - tally.passed - tally.failed
            row.append(f"{tally.passed}/{tally.failed}/{left_out}")
            if left_out:
                notes.append(f"{language}, {kind}: {left_out} left out: {_reasons(tally, left_out)}")
        rows.append(row)
    notes += [f"{language}: {why}" for language, why in absent.items()]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return ["vector cases: passed/failed/left out", *lines, *notes]


def _reasons(tally: Tally, left_out: int) -> str:
    """Return the commonest reasons; what no runner counts is what is for hubs."""
    told = tally.reasons.most_common(_SHOWN_REASONS)
    words = [f"{why} ({count})" if len(tally.reasons) > 1 else why for why, count in told]
    more = len(tally.reasons) - len(told)
    if more > 0:
        words.append(f"and {more} more reasons in the log")
    return "; ".join(words) if words else f"for hubs, not for modules ({left_out})"
