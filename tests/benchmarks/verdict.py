"""Own what the figures must show, bar by bar, and by how much each is met or missed; know nothing of how they were measured."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

from tests.benchmarks.calls import PART as CALLS
from tests.benchmarks.crowd import PART as CROWD
from tests.benchmarks.driver import MODES
from tests.benchmarks.fleet import LANGUAGES
from tests.benchmarks.samples import Samples

__all__ = ["Verdict", "verdicts"]

_ONE, _MANY, _LARGEST = "add, 1 in flight", "add, 64 in flight", "echo 16 MiB"
# "Nothing" and "not slower", as far as two medians of the same thing agree.
_NOISE: Final = 1.05


@dataclass(frozen=True, slots=True)
class Verdict:
    """A bar, what was measured, and whether that is `at least` or `at most` the bound."""

    bar: str
    measured: float
    side: Literal["at least", "at most"]
    bound: float
    unit: str = "×"

    @property
    def is_met(self) -> bool:
        """Whether it is on the right side."""
        return self.measured >= self.bound if self.side == "at least" else self.measured <= self.bound

    @property
    def short_by(self) -> float:
        """How far it is on the wrong side, in percent of the bound; 0 when it is met."""
        return 0.0 if self.is_met else abs(self.measured - self.bound) / self.bound * 100

    def to_json(self) -> dict[str, Any]:
        """Return everything."""
        return {**asdict(self), "met": self.is_met, "short_by_percent": round(self.short_by, 1)}


def verdicts(samples: Samples) -> list[Verdict]:
    """Return the verdict on each bar whose figures there are."""
    return [*_calls(samples), *_big(samples), *_crowd(samples), *_neighbour(samples), *_life(samples)]


def _ratio(samples: Samples, part: str, subject: str, above: str, below: str, mode: str = "") -> Iterator[float]:
    """Yield one median divided by the other, or nothing where one is missing."""
    over, under = samples.median(part, subject, above, mode), samples.median(part, subject, below, mode)
    if over is not None and under:
        yield over / under


def _calls(samples: Samples) -> Iterator[Verdict]:
    faster = (
        (_ONE, "hub-go", "goplugin-grpc", 1.0, "hub + Go is so many times as fast as go-plugin gRPC"),
        (_ONE, "hub-python", "mcp", 20.0, "hub + Python is so many times as fast as MCP's SDK"),
        (_MANY, "hub-go", "goplugin-grpc", 1.3, "hub + Go is so many times as fast as go-plugin gRPC"),
        (_MANY, "hub-go", "goplugin-netrpc", 1.0, "hub + Go is so many times as fast as go-plugin net/rpc"),
        (_MANY, "hub-python", "mcp", 40.0, "hub + Python is so many times as fast as MCP's SDK"),
    )
    for subject, hub, peer, bound, words in faster:
        for mode in MODES:
            for times in _ratio(samples, CALLS, subject, peer, hub, mode):
                yield Verdict(f"{subject}, {mode}: {words}", times, "at least", bound)
    for times in _ratio(samples, CALLS, _ONE, "hub-c", "c", "pinned"):
        yield Verdict(f"{_ONE}, pinned: hub + C takes so many times as long as C against C", times, "at most", 12.0)
    for mode in MODES:
        for times in _ratio(samples, CALLS, _LARGEST, "hub-c", "c", mode):
            yield Verdict(f"{_LARGEST}, {mode}: hub + C takes so many times as long as C against C", times, "at most", 3.0)


def _big(samples: Samples) -> Iterator[Verdict]:
    peak = samples.median("big", "peak memory of a 16 MiB echo, in payloads", "hub")
    if peak is not None:
        yield Verdict("16 MiB echo: peak memory beside the caller's argument, in payloads", peak, "at most", 4.0)
    small, large = (samples.median("big", f"echo {size} MiB, limit raised", "hub") for size in (16, 64))
    if small and large:
        yield Verdict("echo of 64 MiB takes so many times as long as of 16 MiB", large / small, "at most", 4.4)


def _crowd(samples: Samples) -> Iterator[Verdict]:
    for subject in (_ONE, _MANY):
        for mode in MODES:
            for times in _ratio(samples, CROWD, subject, "many", "one", mode):
                yield Verdict(f"{subject}, {mode}: with 200 modules against with one", times, "at most", 1.1)
            for times in _ratio(samples, CROWD, subject, "wide", "one", mode):
                yield Verdict(f"{subject}, {mode}: in a module of 1 000 functions against of four", times, "at most", _NOISE)


def _neighbour(samples: Samples) -> Iterator[Verdict]:
    words = {
        "log": "floods with hub.log",
        "stderr": "floods standard error",
        "stall": "stalls with 200 large calls waiting",
        "calls": "is called by 64 callers",
    }
    for how, what in words.items():
        for times in _ratio(samples, "neighbour", "p99 of a call beside another module", how, "peace"):
            yield Verdict(f"p99 of a call while another module {what}, against peace", times, "at most", 2.0)


def _life(samples: Samples) -> Iterator[Verdict]:
    for language in LANGUAGES:
        for times in _ratio(samples, "start", f"start 200 × {language}: cpu of all", "hub", "alone"):
            yield Verdict(f"start 200 × {language}: cpu of all against that of the processes alone", times, "at most", 1.5)
    memory = samples.median("idle", "100 idle modules: memory of the hub for each", "hub")
    if memory is not None:
        yield Verdict("100 idle modules: resident memory of the hub for each", memory, "at most", 300.0, "KiB")
    processor = samples.median("idle", "100 idle modules: processor of the hub", "hub")
    if processor is not None:
        yield Verdict("100 idle modules: processor of the hub", processor, "at most", 1.0, "% of a core")
    detection = samples.median("death", "from SIGKILL to the caller's error", "p99")
    if detection is not None:
        yield Verdict("from SIGKILL of a module to the caller's error, p99", detection, "at most", 20.0, "ms")
    for language in LANGUAGES:
        again = samples.median("death", f"{language}: from SIGKILL until it runs again", "hub")
        for who, words in (("alone", "start without a hub"), ("hub", "start in the hub")):
            start = samples.median("death", f"{language}: its start", who)
            if again is not None and start:
                yield Verdict(f"{language}: from death to running again, against its {words}", again / start, "at most", 1.2)
