"""Own whether a call costs more with 200 modules that run, or 1 000 functions in the module, than with one of each."""

import shutil
from collections.abc import Sequence
from typing import Final

from tests.benchmarks.build import BUILD
from tests.benchmarks.calls import WORKS, measure_calls
from tests.benchmarks.contestants import Contestant, hub_host
from tests.benchmarks.fleet import write_fleet
from tests.benchmarks.samples import Samples

__all__ = ["PART", "TITLES", "measure_crowd"]

PART: Final = "crowd"
TITLES: Final = {"one": "one module", "many": "200 modules", "wide": "1 000 functions"}
_COUNTS: Final = {"one": 1, "many": 200, "wide": 1}
_FUNCTIONS: Final = "1000"


def measure_crowd(samples: Samples, *, modes: Sequence[str], rounds: int, seconds: float) -> None:
    """Add the seconds per call of the same module in each company; it is the one in C, which itself costs least."""
    place = BUILD / "crowd"
    shutil.rmtree(place, ignore_errors=True)
    contestants: list[Contestant] = []
    for key, title in TITLES.items():
        write_fleet(place / key, "C", _COUNTS[key], *([_FUNCTIONS] if key == "wide" else []))
        command = hub_host(f"crowd-{key}", "m000", "uvloop", "all", place / key)
        contestants.append(Contestant(key, title, ("c",), command))
    works = [work for work in WORKS if work.group == "add"][:2]
    measure_calls(samples, contestants, works, modes=modes, rounds=rounds, seconds=seconds, part=PART)
    shutil.rmtree(place, ignore_errors=True)
