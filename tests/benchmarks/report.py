"""Own the tables in text and the JSON of a run; know nothing of how anything was measured."""

import json
import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from tests.benchmarks.build import VENV_PYTHON, LeftOut, build, run_tool
from tests.benchmarks.calls import PART as CALLS
from tests.benchmarks.calls import PROCESSOR
from tests.benchmarks.contestants import CONTESTANTS
from tests.benchmarks.crowd import TITLES as COMPANY
from tests.benchmarks.samples import Samples, Series
from tests.benchmarks.verdict import Verdict
from tests.house.tree import ROOT

__all__ = ["draw", "machine", "print_calls", "print_figures", "print_processor", "print_verdicts", "shown", "write_json"]

_TITLES: Final = {one.key: one.title for one in CONTESTANTS}
_REFERENCE: Final = "hub-go"
_MICROSECOND, _MILLISECOND = 1e-6, 1e-3


def shown(value: float) -> str:
    """Return seconds, or any other number, as a person reads it, three digits."""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f}".replace(",", " ")


def _scale(series: Sequence[Series]) -> tuple[float, str]:
    """Return by what to divide seconds, and the unit that gives."""
    fastest = min(one.median for one in series)
    return (_MICROSECOND, "µs") if fastest < _MILLISECOND else (_MILLISECOND, "ms")


def print_calls(samples: Samples) -> None:
    """Print a table for each work: median, min and max of each contestant, and how much slower than the hub with Go it is."""
    subjects = dict.fromkeys(series.key.subject for series in samples.all(CALLS))
    for subject in subjects:
        of_subject = [series for series in samples.all(CALLS) if series.key.subject == subject]
        modes = sorted({series.key.mode for series in of_subject})
        scale, unit = _scale(of_subject)
        print(f"\n{subject} ({unit} a call, and how many times as fast the hub with Go is)")
        print(f"{'':22}" + "".join(f"{mode:>10}{'min':>9}{'max':>9}{'× hub':>8}" for mode in modes))
        for key in dict.fromkeys(series.key.who for series in of_subject):
            print(f"{_TITLES[key]:22}" + "".join(_cells(samples, subject, key, mode, scale) for mode in modes))


def _cells(samples: Samples, subject: str, who: str, mode: str, scale: float) -> str:
    series, hub = samples.find(CALLS, subject, who, mode), samples.find(CALLS, subject, _REFERENCE, mode)
    if series is None:
        return f"{'-':>10}{'':26}"
    ratio = "" if hub is None else f"{series.median / hub.median:.2f}"
    values = [shown(value / scale) for value in (series.median, min(series.values), max(series.values))]
    return f"{values[0]:>10}{values[1]:>9}{values[2]:>9}{ratio:>8}"


def print_processor(samples: Samples) -> None:
    """Print for each work and contestant what a call costs the host and the module in time on a core."""
    for subject in dict.fromkeys(series.key.subject for series in samples.all(PROCESSOR)):
        of_subject = [series for series in samples.all(PROCESSOR) if series.key.subject == subject]
        modes = sorted({series.key.mode for series in of_subject})
        print(f"\n{subject}: time on a core (µs a call)")
        print(f"{'':22}" + "".join(f"{f'{mode}: host':>18}{'module':>10}" for mode in modes))
        for key in dict.fromkeys(series.key.who.partition("/")[0] for series in of_subject):
            cells = ""
            for mode in modes:
                sides = (samples.median(PROCESSOR, subject, f"{key}/{side}", mode) for side in ("host", "module"))
                host, module = ("-" if value is None else shown(value / _MICROSECOND) for value in sides)
                cells += f"{host:>18}{module:>10}"
            print(f"{_TITLES[key]:22}{cells}")


def print_figures(samples: Samples) -> None:
    """Print every other series: median, min and max, and how many values there are."""
    part = ""
    for series in samples.all():
        key = series.key
        if key.part in (CALLS, PROCESSOR):
            continue
        if key.part != part:
            part = key.part
            print(f"\n{part:68}{'median':>12}{'min':>12}{'max':>12}")
        scale, unit = _scale([series]) if key.unit in ("s", "s/call") else (1.0, key.unit)
        values = "".join(f"{shown(value / scale):>12}" for value in (series.median, min(series.values), max(series.values)))
        who = {**_TITLES, **COMPANY}.get(key.who, key.who)
        print(f"{f'{key.subject}; {who} {key.mode}':68}{values} {unit}")


def print_verdicts(found: Sequence[Verdict]) -> None:
    """Print each bar, what was measured, and by how much it is missed."""
    if not found:
        return
    print(f"\n{'what it must show':104}{'measured':>10}{'bound':>16}")
    for one in found:
        bound = f"{one.side} {shown(one.bound)}"
        said = "met" if one.is_met else f"SHORT by {one.short_by:.0f} %"
        print(f"{one.bar:104}{shown(one.measured):>10}{bound:>16} {one.unit:12} {said}")
    print(f"{sum(one.is_met for one in found)} of {len(found)} bars are met")


def draw(results: Path) -> Path | None:
    """Draw the picture beside the results, where it can be drawn, and return its place."""
    target, titles = results.with_suffix(".png"), results.with_name("titles.json")
    target.unlink(missing_ok=True)
    titles.write_text(json.dumps(_TITLES))
    if failed := build(["venv"]):
        print(f"left out: the picture: {failed['venv']}")
        return None
    try:
        run_tool([VENV_PYTHON, "-m", "tests.benchmarks.picture", results, target, titles], ROOT)
    except LeftOut as why:
        print(f"left out: the picture: {why}")
    return target if target.exists() else None


def machine() -> dict[str, Any]:
    """Return when and where this is measured, without any name."""
    return {
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": len(os.sched_getaffinity(0)),
        "processor": _processor(),
        "system": f"{platform.system()} {platform.release().partition('-')[0]}",
        "python": platform.python_version(),
        "load": os.getloadavg()[0],
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _ratios(samples: Samples) -> list[dict[str, Any]]:
    """Return for each work, mode, hub and peer how many times as fast the hub is."""
    found: list[dict[str, Any]] = []
    calls = list(samples.all(CALLS))
    for hub in (series for series in calls if series.key.who.startswith("hub-")):
        for peer in calls:
            same = (peer.key.subject, peer.key.mode) == (hub.key.subject, hub.key.mode)
            if same and not peer.key.who.startswith("hub-"):
                times = peer.median / hub.median
                found.append(
                    {
                        "subject": hub.key.subject,
                        "mode": hub.key.mode,
                        "hub": hub.key.who,
                        "peer": peer.key.who,
                        "times_as_fast": times,
                    }
                )
    return found


def write_json(samples: Samples, place: Path, about: dict[str, Any], verdicts: list[dict[str, Any]]) -> None:
    """Write everything that was measured."""
    place.parent.mkdir(parents=True, exist_ok=True)
    whole = {
        "machine": about,
        "verdicts": verdicts,
        "ratios": _ratios(samples),
        "series": [series.to_json() for series in samples.all()],
        "faults": samples.faults,
    }
    place.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n")
