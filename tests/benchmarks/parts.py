"""Own the parts beside the calls: which scenes are played how often with which options; know nothing of how they measure."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.benchmarks.build import build
from tests.benchmarks.driver import ENVIRON
from tests.benchmarks.fleet import LANGUAGES
from tests.benchmarks.samples import Key, Samples
from tests.house.tree import ROOT

__all__ = ["PARTS", "measure_part"]

PARTS: Final = ("start", "command", "idle", "death", "neighbour", "big")
_SCENE_SECONDS: Final = 300.0
_SHOWN_CHARACTERS: Final = 400
_MANY: Final = 200
# What 200 processes of a language may need beside everything else, in MiB; where that is not free, they are left out.
_NEEDED_MIB: Final = {"C": 500, "Go": 2500, "Rust": 1500, "Python": 6000, "Node": 14_000}


@dataclass(frozen=True, slots=True)
class _Play:
    scene: str
    options: Mapping[str, Any]
    needs: tuple[str, ...] = ("c",)
    times: int = 1


def _plays(part: str, *, quick: bool, rounds: int) -> list[_Play]:
    match part:
        case "start":
            return _starts(quick=quick, rounds=rounds)
        case "command":
            return [_Play("command", {"repeats": 3 if quick else 15}, ("c", "module-python"))]
        case "idle":
            # Longer than the time between two pings.
            return [_Play("idle", {"count": 100, "seconds": 5.0 if quick else 21.0})]
        case "death":
            plays = [_Play("death", {"language": "C", "deaths": 60 if quick else 200})]
            others = [(name, one.step) for name, one in LANGUAGES.items() if name != "C"]
            return plays + [_Play("death", {"language": name, "deaths": 5 if quick else 20}, (step,)) for name, step in others]
        case "neighbour":
            return [_Play("neighbour", {"seconds": 0.4 if quick else 0.8}, times=rounds)]
        case _:
            return [_Play("big", {}, times=min(rounds, 3))]


def _starts(*, quick: bool, rounds: int) -> list[_Play]:
    plays: list[_Play] = []
    for name, language in LANGUAGES.items():
        plays += [
            _Play("start", {"language": name, "count": count}, (language.step,), 1 if quick else rounds) for count in (1, 10)
        ]
        if not quick or name in ("C", "Go"):
            plays.append(_Play("start", {"language": name, "count": _MANY}, (language.step,)))
    return plays


def _free_mib() -> int:
    lines = Path("/proc/meminfo").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("MemAvailable:"))


def measure_part(samples: Samples, part: str, *, quick: bool, rounds: int) -> None:
    """Play the scenes of a part and add their figures."""
    for play in _plays(part, quick=quick, rounds=rounds):
        shown = " ".join(str(value) for value in play.options.values())
        if failed := build(play.needs):
            print(f"left out: {part} {shown}: {'; '.join(failed.values())}", flush=True)
            continue
        needed = _NEEDED_MIB[play.options["language"]] if play.options.get("count") == _MANY else 0
        if needed and _free_mib() < needed:
            print(f"left out: {part} {shown}: it may need {needed} MiB of memory, and less is free", flush=True)
            continue
        for _ in range(play.times):
            if not _played(samples, part, play, shown):
                break
        print(f"  {part}: {shown}", flush=True)


def _played(samples: Samples, part: str, play: _Play, shown: str) -> bool:
    command: Sequence[str] = (sys.executable, "-m", f"tests.benchmarks.scenes.{play.scene}", json.dumps(play.options))
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=ENVIRON, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SCENE_SECONDS, check=True
        )
    except subprocess.SubprocessError as error:
        said: bytes = getattr(error, "stderr", None) or b""
        words = " / ".join(said.decode(errors="replace").strip().splitlines()[-4:])[-_SHOWN_CHARACTERS:]
        samples.faults.append(f"{part} {shown}: {type(error).__name__}: {words}")
        return False
    for figure in json.loads(done.stdout):
        value = figure.pop("value")
        samples.add(Key(part=part, mode="", **figure), value)
    return True
