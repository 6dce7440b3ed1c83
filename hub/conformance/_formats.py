"""Own how a report is written for machines and pages: JUnit, TAP, Markdown, JSON; know no runs and write no files.

JUnit: a test suite for each area; a known failure and what is not offered are skipped, a warning is a pass with its text in
system-out. TAP: version 13; a warning is a pass with a comment, a known failure a TODO.
"""

import json
import re
from collections.abc import Callable, Mapping
from itertools import groupby
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from hub.conformance._report import Report, Verdict

__all__ = ["FORMATS"]

# XML 1.0 has no way to write these at all.
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _details(verdict: Verdict) -> list[str]:
    rows = (
        ("rule", verdict.sentence),
        ("why", verdict.why),
        ("sent", verdict.sent),
        ("received", verdict.received),
        ("right", verdict.check.right),
        ("mend", verdict.check.mend),
        ("again", verdict.call),
    )
    return [f"{name}: {text}" for name, text in rows if text]


def _xml(text: str) -> str:
    return escape(_NOT_XML.sub("?", text))


def _attribute(text: str) -> str:
    return quoteattr(_NOT_XML.sub("?", text))


def _junit(report: Report) -> str:
    failures = sum(verdict.fails for verdict in report.verdicts) + (report.never_started is not None) + len(report.stale)
    count = len(report.verdicts) + (report.never_started is not None) + len(report.stale)
    head = f'tests="{count}" failures="{failures}" time="{report.seconds:.3f}"'
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<testsuites name={_attribute(report.target)} {head}>"]
    for area, group in groupby(sorted(report.verdicts, key=lambda one: one.check.area), key=lambda one: one.check.area):
        verdicts = list(group)
        failed = sum(verdict.fails for verdict in verdicts)
        lines.append(f'<testsuite name={_attribute(area)} tests="{len(verdicts)}" failures="{failed}">')
        lines += [line for verdict in verdicts for line in _junit_case(verdict)]
        lines.append("</testsuite>")
    extra = [(f"stale: {name}", "it is in the baseline and does not fail any more") for name in report.stale]
    if report.never_started is not None:
        extra.append(("start", report.never_started.why))
    if extra:
        lines.append(f'<testsuite name="run" tests="{len(extra)}" failures="{len(extra)}">')
        lines += [f"<testcase name={_attribute(name)}><failure message={_attribute(why)}/></testcase>" for name, why in extra]
        lines.append("</testsuite>")
    return "\n".join([*lines, "</testsuites>", ""])


def _junit_case(verdict: Verdict) -> list[str]:
    name = f"<testcase classname={_attribute(verdict.check.area)} name={_attribute(verdict.check.id)}"
    head = f'{name} time="{verdict.seconds:.3f}"'
    text = _xml("\n".join(_details(verdict)))
    if verdict.fails:
        return [f"{head}><failure message={_attribute(verdict.why)}>{text}</failure></testcase>"]
    if verdict.known or verdict.status == "not_offered":
        why = f"known to fail: {verdict.why}" if verdict.known else verdict.why
        return [f"{head}><skipped message={_attribute(why)}/></testcase>"]
    if verdict.status == "warning":
        return [f"{head}><system-out>warning: {text}</system-out></testcase>"]
    return [f"{head}/>"]


def _tap(report: Report) -> str:
    lines = ["TAP version 13", f"1..{len(report.verdicts) + len(report.stale) + (report.never_started is not None)}"]
    for number, verdict in enumerate(report.verdicts, 1):
        state = "ok" if verdict.status in ("passed", "warning", "not_offered") else "not ok"
        note = " # TODO known to fail" if verdict.known else ""
        note = f" # SKIP {_one_line(verdict.why)}" if verdict.status == "not_offered" else note
        lines.append(f"{state} {number} - {verdict.check.id}{note}")
        if verdict.status in ("failed", "not_tested", "warning"):
            lines += [f"# {_one_line(detail)}" for detail in _details(verdict)]
    number = len(report.verdicts)
    for name in report.stale:
        number += 1
        lines += [f"not ok {number} - {name} is in the baseline and does not fail any more"]
    if report.never_started is not None:
        lines.append(f"not ok {number + 1} - start: {_one_line(report.never_started.why)}")
    return "\n".join([*lines, ""])


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _markdown(report: Report) -> str:
    lines = [f"# {report.target}", "", _cell(report.verdict), "", "| check | level | area | result |", "|---|---|---|---|"]
    for verdict in report.verdicts:
        result = "known to fail" if verdict.known else verdict.status.replace("_", " ")
        lines.append(f"| {verdict.check.id} | {verdict.check.level} | {verdict.check.area} | {result} |")
    for verdict in report.verdicts:
        if verdict.status in ("failed", "not_tested"):
            lines += ["", f"## {verdict.check.id}", ""]
            lines += [f"- {name}: `` {_cell(text)} ``" for name, _, text in (row.partition(": ") for row in _details(verdict))]
    if report.stale:
        lines += ["", "## Stale in the baseline", "", *(f"- {name}" for name in report.stale)]
    return "\n".join([*lines, ""])


def _cell(text: str) -> str:
    return _one_line(text).replace("``", "` `").replace("|", "\\|")


def _json(report: Report) -> str:
    return json.dumps(report.to_json(), indent=2, ensure_ascii=False) + "\n"


FORMATS: Final[Mapping[str, Callable[[Report], str]]] = {"junit": _junit, "json": _json, "tap": _tap, "markdown": _markdown}
