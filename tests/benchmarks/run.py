"""Own the command line of the benchmark, `make bench ARGS="..."`, and the order of its parts; know nothing of how they measure.

make bench                                   everything, some ten minutes on two cores
make bench ARGS="--quick"                    everything once over, 1-2 minutes
make bench ARGS="--only add --quick"         some parts
make bench ARGS="--only add --who hub-go,goplugin-grpc,c --modes pinned"
"""

import argparse
import os
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.benchmarks.build import BUILD, build
from tests.benchmarks.calls import WORKS, Work, measure_calls
from tests.benchmarks.contestants import Contestant, chosen
from tests.benchmarks.crowd import PART as CROWD
from tests.benchmarks.crowd import measure_crowd
from tests.benchmarks.driver import MODES
from tests.benchmarks.parts import PARTS, measure_part
from tests.benchmarks.report import draw, machine, print_calls, print_figures, print_processor, print_verdicts, write_json
from tests.benchmarks.samples import Samples
from tests.benchmarks.verdict import verdicts
from tests.house.tree import shown as shown_path

__all__ = ["main"]

_GROUPS: Final = tuple(dict.fromkeys(work.group for work in WORKS))
# The least that there is moves the same bytes, without a limit to raise: what of the growth is the machine's own.
_SIZES: Final = tuple(Work(f"echo {size} MiB", "big", "text", 1, size * 1024 * 1024) for size in (16, 64))
_USAGE: Final = 2


@dataclass(frozen=True, slots=True)
class _Size:
    rounds: int
    seconds: float


_FULL: Final = _Size(5, 0.2)
_QUICK: Final = _Size(3, 0.05)


def _options(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description="Measure the hub beside its peers, interleaved.")
    parts = [*_GROUPS, "calls", CROWD, *PARTS]
    parser.add_argument("--only", default="", help=f"parts, separated by commas: {', '.join(parts)}")
    parser.add_argument("--who", default="", help="contestants of the calls, separated by commas")
    parser.add_argument("--modes", default=",".join(MODES), help="pinned (all on one core), unpinned, or both")
    parser.add_argument("--rounds", type=int, help=f"how often everything is measured; default {_FULL.rounds}")
    parser.add_argument("--seconds", type=float, help=f"how long each work of a round takes; default {_FULL.seconds}")
    parser.add_argument("--quick", action="store_true", help=f"{_QUICK.rounds} rounds of {_QUICK.seconds} s")
    parser.add_argument("--keep", action="store_true", help="put results and picture beside this program too, to be committed")
    given = parser.parse_args(words)
    given.only, given.who, given.modes = (
        [word for word in text.split(",") if word] for text in (given.only, given.who, given.modes)
    )
    for word in given.only:
        if word not in parts:
            parser.error(f"there is no part {word!r}")
    for mode in given.modes:
        if mode not in MODES:
            parser.error(f"there is no mode {mode!r}")
    return given


def _built(contestants: Sequence[Contestant]) -> list[Contestant]:
    """Build what they need, and return those that can take part."""
    failed = build([step for one in contestants for step in one.needs])
    able = [one for one in contestants if failed.keys().isdisjoint(one.needs)]
    for one in contestants:
        if one not in able:
            print(f"left out: {one.title}: {'; '.join(failed[step] for step in one.needs if step in failed)}", flush=True)
    return able


def _measure(samples: Samples, given: argparse.Namespace, contestants: Sequence[Contestant]) -> None:
    size = _QUICK if given.quick else _FULL
    rounds, seconds = given.rounds or size.rounds, given.seconds or size.seconds
    only = set(given.only)
    works = [work for work in WORKS if not only or {work.group, "calls"} & only]
    if works:
        measure_calls(samples, _built(contestants), works, modes=given.modes, rounds=rounds, seconds=seconds)
    if (not only or CROWD in only) and not build(["c"]):
        measure_crowd(samples, modes=given.modes, rounds=rounds, seconds=seconds)
    for part in PARTS:
        if not only or part in only:
            measure_part(samples, part, quick=given.quick, rounds=rounds)
    if (not only or "big" in only) and (least := _built(chosen(["c"]))):
        measure_calls(samples, least, _SIZES, modes=["unpinned"], rounds=rounds, seconds=seconds, part="big")


def main(words: Sequence[str]) -> int:
    """Measure what the words ask for, print it, write it to build/bench, and return the exit status."""
    given = _options(words)
    try:
        contestants = chosen(given.who)
    except ValueError as error:
        print(f"cannot run the benchmark: {error}", file=sys.stderr)
        return _USAGE
    samples, about, begun = Samples(), machine(), time.monotonic()
    _measure(samples, given, contestants)
    found = verdicts(samples)
    print_calls(samples)
    print_processor(samples)
    print_figures(samples)
    print_verdicts(found)
    about["took_seconds"] = round(time.monotonic() - begun, 1)
    place = BUILD / "results.json"
    write_json(samples, place, about, [one.to_json() for one in found])
    drawn = draw(place)
    print(f"\nall values: {shown_path(place)}; picture: {shown_path(drawn) if drawn else 'none'}")
    load = f"load of the machine at the start {about['load']:.1f}, now {os.getloadavg()[0]:.1f}"
    print(f"{about['took_seconds']:g} s; {load}")
    for path in (place, drawn) if given.keep else ():
        if path is not None:
            shutil.copyfile(path, Path(__file__).with_name(path.name))
    for fault in samples.faults:
        print(f"FAULT: {fault}")
    return 1 if samples.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
