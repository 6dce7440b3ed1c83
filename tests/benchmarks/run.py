"""Own the command line of the benchmark, `make bench ARGS="..."`, and the order of its parts; know nothing of how they measure.

make bench                                   everything, some ten minutes on two cores
make bench ARGS="--quick"                    everything once over, 1-2 minutes
make bench ARGS="--only add --quick"         some parts
make bench ARGS="--only add --who hub-go,goplugin-grpc,c --modes pinned"
"""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tests.benchmarks.build import BUILD, build
from tests.benchmarks.calls import WORKS, measure_calls
from tests.benchmarks.contestants import Contestant, chosen
from tests.benchmarks.driver import MODES
from tests.benchmarks.report import machine, print_calls, write_json
from tests.benchmarks.samples import Samples

__all__ = ["main"]

_GROUPS: Final = tuple(dict.fromkeys(work.group for work in WORKS))
_OTHERS: Final[tuple[str, ...]] = ()
_USAGE: Final = 2


@dataclass(frozen=True, slots=True)
class _Size:
    rounds: int
    seconds: float


_FULL: Final = _Size(5, 0.3)
_QUICK: Final = _Size(3, 0.12)


def _options(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description="Measure the hub beside its peers, interleaved.")
    parts = [*_GROUPS, "calls", *_OTHERS]
    parser.add_argument("--only", default="", help=f"parts, separated by commas: {', '.join(parts)}")
    parser.add_argument("--who", default="", help="contestants of the calls, separated by commas")
    parser.add_argument("--modes", default=",".join(MODES), help="pinned (all on one core), unpinned, or both")
    parser.add_argument("--rounds", type=int, help=f"how often everything is measured; default {_FULL.rounds}")
    parser.add_argument("--seconds", type=float, help=f"how long each work of a round takes; default {_FULL.seconds}")
    parser.add_argument("--quick", action="store_true", help=f"{_QUICK.rounds} rounds of {_QUICK.seconds} s")
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


def main(words: Sequence[str]) -> int:
    """Measure what the words ask for, print it, write it to build/bench, and return the exit status."""
    given = _options(words)
    try:
        contestants = chosen(given.who)
    except ValueError as error:
        print(f"cannot run the benchmark: {error}", file=sys.stderr)
        return _USAGE
    size = _QUICK if given.quick else _FULL
    samples, about, begun = Samples(), machine(), time.monotonic()
    works = [work for work in WORKS if not given.only or {work.group, "calls"} & set(given.only)]
    if works:
        measure_calls(
            samples,
            _built(contestants),
            works,
            modes=given.modes,
            rounds=given.rounds or size.rounds,
            seconds=given.seconds or size.seconds,
        )
        print_calls(samples)
    about["took_seconds"] = round(time.monotonic() - begun, 1)
    place = BUILD / "results.json"
    write_json(samples, place, about, [])
    print(f"\nall values: build/bench/{place.name}; {about['took_seconds']:g} s; load at the start {about['load']:.1f}")
    for fault in samples.faults:
        print(f"FAULT: {fault}")
    return 1 if samples.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
