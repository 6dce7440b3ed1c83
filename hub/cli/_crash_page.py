"""Own the page that `hub logs NAME --last-crash` prints of a report of a death; pure text, no file."""

from collections.abc import Iterator, Mapping
from typing import Any

from hub.cli._text import harmless_json

__all__ = ["crash_lines"]


def crash_lines(report: Mapping[str, Any]) -> Iterator[str]:
    """Return the lines of a report: what died, how, what was decided, what it said last."""
    version = f" {report['version']}" if report["version"] else ""
    yield f"{report['module']}{version} (pid {report['pid']}) {report['exit']['text']}, {report['time']}"
    yield f"while: {report['phase']}, up for {report['up_seconds']:g} s, restarted before: {_times(report['restarts'])}"
    yield f"verdict: {report['verdict'].replace('_', ' ')}"
    if report["fault"]:
        yield f"why: {report['fault']['message']}"
    yield f"then: {_decision(report['decision'])}"
    yield f"calls under way: {', '.join(report['calls_in_flight']) or 'none'}"
    if report["memory"]:
        yield f"memory: {', '.join(harmless_json(sample) for sample in report['memory'][-5:])}"
    for way, frames in report["frames"].items():
        yield f"last frames {way.replace('_', ' ')}:"
        yield from (f"  {frame['seconds_ago']:.3f} s before: {frame['text']}" for frame in frames)
    yield "last words on standard error:"
    yield from (f"  {line}" for line in report["stderr"])


def _decision(decision: Mapping[str, Any]) -> str:
    if decision.get("restart"):
        # What was decided: where it ran for one command, that ended first.
        return f"to be started again after {decision['retry_after_seconds']:g} s, while the hub runs"
    return f"{'given up' if decision.get('gave_up') else 'not started again'}: {decision.get('why', '')}"


def _times(count: int) -> str:
    return {0: "never", 1: "once"}.get(count, f"{count} times")
