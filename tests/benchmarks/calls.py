"""Own the calls of hub and peers: the same work for all, interleaved, in rounds, each round in fresh processes."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

from tests.benchmarks.contestants import Contestant
from tests.benchmarks.driver import Driver, HostFailed
from tests.benchmarks.peers.work import Task
from tests.benchmarks.samples import Key, Samples

__all__ = ["PART", "PROCESSOR", "WORKS", "Work", "measure_calls"]

PART: Final = "calls"
PROCESSOR: Final = "processor"
"""The time on a core that a call costs the host and the module, whatever it waited for beside that."""
_KIB: Final = 1024
# 16 MiB is also the limit of a frame: so many characters in lines, with the envelope and the escapes of the line feeds, fit.
_NEARLY_16_MIB: Final = 16 * _KIB * _KIB // 81 * 80 - 4 * _KIB


# Who takes more than a second for one call does that work in half of the rounds only: a run must end.
_SLOW_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Work:
    """What is measured under which name, in which group."""

    name: str
    group: str
    work: str
    in_flight: int
    size: int = 0

    def task(self, seconds: float) -> Task:
        """Return the task of that many seconds."""
        return Task(self.work, self.in_flight, seconds, self.size)


WORKS: Final = (
    Work("add, 1 in flight", "add", "add", 1),
    Work("add, 64 in flight", "add", "add", 64),
    Work("add, 512 in flight", "add", "add", 512),
    Work("echo 1 KiB", "echo", "text", 1, _KIB),
    Work("echo 64 KiB", "echo", "text", 1, 64 * _KIB),
    Work("echo 1 MiB", "echo", "text", 1, _KIB * _KIB),
    Work("echo 16 MiB", "echo", "text", 1, _NEARLY_16_MIB),
    Work("echo 10 000 objects", "echo", "items", 1, 10_000),
)


@dataclass(frozen=True, slots=True)
class _How:
    part: str
    mode: str
    seconds: float
    slow_rounds: int


def measure_calls(
    samples: Samples,
    contestants: Sequence[Contestant],
    works: Sequence[Work],
    *,
    modes: Sequence[str],
    rounds: int,
    seconds: float,
    part: str = PART,
) -> None:
    """Add the seconds per call of every work, contestant and mode, one value a round."""
    failed: set[Contestant] = set()
    for number in range(rounds):
        for mode in modes:
            able = [one for one in contestants if one not in failed]
            # Who comes after whom changes, so that nobody always inherits the caches of the same one.
            turn = number % max(1, len(able))
            _round(samples, [*able[turn:], *able[:turn]], works, _How(part, mode, seconds, rounds // 2), failed)
            print(f"  {part}: round {number + 1} of {rounds}, {mode}", flush=True)


def _round(
    samples: Samples,
    contestants: Sequence[Contestant],
    works: Sequence[Work],
    how: _How,
    failed: set[Contestant],
) -> None:
    with ExitStack() as stack:
        drivers = {one: stack.enter_context(Driver(one.command, how.mode)) for one in contestants}
        for one, driver in drivers.items():
            try:
                driver.wait_ready()
            except HostFailed as error:
                _give_up(samples, failed, one, "its start", error)
        for work in works:
            for one, driver in drivers.items():
                key = Key(how.part, work.name, one.key, how.mode, "s/call")
                if one in failed or _seen_enough(samples, key, how.slow_rounds):
                    continue
                try:
                    measured = driver.ask(work.task(how.seconds))
                except HostFailed as error:
                    _give_up(samples, failed, one, work.name, error)
                else:
                    samples.add(key, measured.seconds_per_call)
                    if how.part == PART and work.group == "add":
                        for side, busy in (("host", measured.host), ("module", measured.module)):
                            spent = key._replace(part=PROCESSOR, who=f"{one.key}/{side}")
                            samples.add(spent, busy * measured.seconds_per_call)


def _seen_enough(samples: Samples, key: Key, slow_rounds: int) -> bool:
    series = samples.find(key.part, key.subject, key.who, key.mode)
    return series is not None and len(series.values) >= slow_rounds and series.median > _SLOW_SECONDS


def _give_up(samples: Samples, failed: set[Contestant], one: Contestant, where: str, error: HostFailed) -> None:
    failed.add(one)
    samples.faults.append(f"{one.title} failed at {where}: {error}")
    print(f"  {samples.faults[-1]}", flush=True)
