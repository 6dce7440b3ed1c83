"""Own the words of `hub plugin test`: progress by area, each failure, the verdict; run nothing and read nothing."""

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from hub.cli._output import Output
from hub.cli._text import harmless
from hub.conformance import Check, Difference, Report, Verdict

__all__ = ["Progress", "check_lines", "diagnosis_lines", "difference_lines", "page_lines"]

_WIDTH_CHARACTERS: Final = 110
# Warnings of one kind are one line each; a page of them is for --verbose.
_MOST_WARNINGS: Final = 15
_MOST_NAMES: Final = 3
_MOST_LOG_LINES: Final = 10


class Progress:
    """One line on standard error for each area as it ends, on a terminal only."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._area = ""
        self._statuses: Counter[str] = Counter()

    def on_verdict(self, verdict: Verdict) -> None:
        """Note a verdict; tell of the area before when another one begins."""
        if verdict.check.area != self._area:
            self.finish()
            self._area = verdict.check.area
        self._statuses[verdict.status] += 1

    def finish(self) -> None:
        """Tell of the area that was under way."""
        if self._statuses and self._output.stderr_is_terminal and not self._output.json:
            told = ", ".join(f"{count} {status.replace('_', ' ')}" for status, count in self._statuses.items())
            self._output.say(f"{self._area:<14} {told}")
        self._statuses.clear()


def check_lines(checks: Sequence[Check]) -> Iterator[str]:
    """Yield a line for each check."""
    width = max((len(check.id) for check in checks), default=0)
    for check in checks:
        yield f"{check.id:<{width}}  {check.level:<6}  {check.area:<14}  {check.right}"


def page_lines(report: Report, transcript: Path | None, *, verbose: bool) -> Iterator[str]:
    """Yield the report for a person: remarks, warnings, failures, and last the verdict."""
    if report.never_started is not None:
        yield harmless(report.verdict)
        return
    for remark in report.remarks:
        yield harmless(f"note: {remark}")
    yield from _warnings([verdict for verdict in report.verdicts if verdict.status == "warning"], verbose=verbose)
    if verbose:
        unoffered = [verdict for verdict in report.verdicts if verdict.status == "not_offered"]
        yield from (harmless(f"not offered: {verdict.check.id}: {verdict.why}") for verdict in unoffered)
    yield from _untested(report.verdicts)
    failures = [verdict for verdict in report.verdicts if verdict.status == "failed" and verdict.fails]
    yield from (line for verdict in failures for line in ("", *_failure(verdict)))
    for name in report.stale:
        yield f"STALE {name}: it is in the baseline and does not fail any more: take it out"
    for fault in report.runner_faults:
        yield harmless(f"DEFECT of the runner, not of the module: {fault}")
    if transcript is not None:
        yield f"transcript: {transcript}"
    yield harmless(report.verdict)


def diagnosis_lines(report: Report) -> Iterator[str]:
    """Yield what helps with a module that never started, which is no part of the report: the end of its log, and a hint."""
    started = report.never_started
    if started is not None:
        yield from (f"log: {line}" for line in started.log.splitlines()[-_MOST_LOG_LINES:])
        if started.hint:
            yield f"hint: {started.hint}"


def _warnings(verdicts: Sequence[Verdict], *, verbose: bool) -> Iterator[str]:
    if verbose:
        for verdict in verdicts:
            yield from _failure(verdict, "warning")
        return
    for verdict in verdicts[:_MOST_WARNINGS]:
        yield harmless(f"warning {verdict.check.id}: {verdict.why}; {verdict.check.mend}")
    if len(verdicts) > _MOST_WARNINGS:
        yield f"and {len(verdicts) - _MOST_WARNINGS} more warnings: -v shows all, with what was sent and received"


def _untested(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Yield a line for each reason: one cause keeps many checks from running."""
    by_reason: dict[str, list[str]] = {}
    for verdict in verdicts:
        if verdict.status == "not_tested" and verdict.fails:
            by_reason.setdefault(verdict.why, []).append(verdict.check.id)
    for reason, ids in by_reason.items():
        named = ", ".join(ids[:_MOST_NAMES]) + (", …" if len(ids) > _MOST_NAMES else "")
        yield harmless(f"FAILED {len(ids)} check{'s' * (len(ids) > 1)} {reason} ({named})")


def _failure(verdict: Verdict, word: str = "FAILED") -> Iterator[str]:
    yield f"{word} {verdict.check.id}"
    rows = (
        ("rule", verdict.sentence),
        ("why", verdict.why),
        ("sent", verdict.sent),
        ("received", verdict.received),
        ("right", verdict.check.right),
        ("mend", verdict.check.mend),
        ("again", verdict.call),
    )
    for name, text in rows:
        if not text:
            continue
        if name in ("sent", "received", "again"):  # to be copied, so on one line
            yield f"  {name + ':':<10}{harmless(text)}"
        else:
            yield from textwrap.wrap(
                harmless(text),
                _WIDTH_CHARACTERS,
                initial_indent=f"  {name + ':':<10}",
                subsequent_indent=" " * 12,
                break_long_words=False,
                break_on_hyphens=False,
            )


def difference_lines(differences: Sequence[Difference], target: str) -> Iterator[str]:
    """Yield what a replay found."""
    for difference in differences:
        yield harmless(f"start {difference.start}, {difference.message}:")
        yield harmless(f"  before: {difference.before or 'nothing'}")
        yield harmless(f"  now:    {difference.now or 'nothing'}")
    count = len(differences)
    yield harmless(f"{target} answers as before" if not count else f"{target} differs in {count} message{'s' * (count > 1)}")
