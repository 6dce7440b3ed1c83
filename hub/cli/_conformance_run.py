"""Own one run of `hub plugin test` from its options to its files: runs, writes, tells; know no words of the report."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from hub import Paths
from hub.cli._conformance_page import Progress, check_lines, diagnosis_lines, difference_lines, page_lines
from hub.cli._output import Output
from hub.conformance import (
    CHECKS,
    FORMATS,
    Report,
    Settings,
    Target,
    Transcript,
    known_failures,
    read_transcript,
    replay,
    run,
    select,
)
from hub.errors import UsageError

__all__ = ["Run", "list_checks"]


def list_checks(output: Output, only: Sequence[str], skip: Sequence[str]) -> None:
    """Print the checks that would run."""
    checks = select(CHECKS, only, skip)
    if output.json:
        rows = [{"id": check.id, "level": check.level.value, "area": check.area, "right": check.right} for check in checks]
        output.document(rows)
    else:
        output.lines(check_lines(checks))


@dataclass(frozen=True, kw_only=True)
class Run:
    """What the options of the command amount to."""

    output: Output
    target: Target
    only: Sequence[str]
    skip: Sequence[str]
    companions: Sequence[Target]
    seed: int
    allow_effects: bool
    baseline: Path | None
    report: tuple[str, Path] | None
    transcript: Path | None

    def once(self) -> Report:
        """Test the module, print and write what came of it."""
        checks = select(CHECKS, self.only, self.skip)
        known = self._known()
        settings = Settings(seed=self.seed, allow_effects=self.allow_effects)
        progress = Progress(self.output)
        report, transcript = run(self.target, checks, settings, progress.on_verdict, self.companions)
        progress.finish()
        report = report.against(known)
        place = self._write_transcript(report, transcript)
        if self.report is not None:
            kind, path = self.report
            _write(path, FORMATS[kind](report))
        if self.output.json:
            self.output.document(report.to_json() | ({"transcript": str(place)} if place else {}))
        else:
            for line in diagnosis_lines(report):
                self.output.say(line)
            self.output.lines(page_lines(report, place, verbose=self.output.verbose))
        return report

    def replay(self, path: Path) -> bool:
        """Play a transcript again; return whether anything differs."""
        try:
            _, entries = read_transcript(path)
        except (OSError, ValueError) as error:
            _refuse(f"cannot read the transcript {path}", error, "write one with `hub plugin test TARGET --transcript FILE`")
        found = replay(self.target, entries)
        if self.output.json:
            self.output.document({"differences": [difference.to_json() for difference in found]})
        else:
            self.output.lines(difference_lines(found, self.target.name))
        return bool(found)

    def _known(self) -> list[str]:
        if self.baseline is None:
            return []
        try:
            known = known_failures(self.baseline)
        except (OSError, UnicodeDecodeError) as error:
            _refuse(f"cannot read the baseline {self.baseline}", error, "it lists known failures, one id a line")
        ids = {check.id for check in CHECKS}
        for name in known:
            if name not in ids:
                hint = "take it out; `hub plugin test --list` shows the ids there are"
                raise UsageError(f"cannot use the baseline {self.baseline}: {name} is no check", hint=hint)
        return known

    def _write_transcript(self, report: Report, transcript: Transcript) -> Path | None:
        place = self.transcript
        if place is None:
            # Kept for who wants to look closer at a failure; the last one only.
            if report.conforms:
                return None
            place = Paths.from_environment(os.environ).state / "transcripts" / f"{self.target.name}.jsonl"
        head = {
            "transcript": 1,
            "target": self.target.name,
            "seed": self.seed,
            "written": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        }
        try:
            transcript.write(place, head)
        except OSError as error:
            if self.transcript is not None:
                _refuse(f"cannot write {place}", error, "name a file in a directory that you may write to")
            return None
        return place


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        _refuse(f"cannot write {path}", error, "name a file in a directory that exists")


def _refuse(what: str, error: OSError | ValueError, hint: str) -> NoReturn:
    why = (error.strerror or str(error)).lower() if isinstance(error, OSError) else str(error)
    raise UsageError(f"{what}: {why}", hint=hint) from error
