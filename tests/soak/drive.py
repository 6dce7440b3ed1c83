"""Own a soak from its seed to its verdict: `python -m tests.soak.drive --minutes 5`; know nothing of pytest.

A hub with twenty modules is called without a pause while everything that can happen to a module happens to its modules. The
numbers are printed; the exit status is 1 when a call was lost, executed although it was said not to be, or when the hub grew.
"""

import argparse
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from random import Random

import anyio

from hub import Hub, Settings
from hub._liveness import PingLimits
from hub._paths import Paths
from hub._restart import RestartLimits
from hub.errors import HubError
from tests.soak.accounts import Accounts
from tests.soak.chaos import ASKED_FOR, Chaos
from tests.soak.fleet import MODULES, Fleet, Member
from tests.soak.health import Health, descriptors

__all__ = ["main"]

# Each calls one module, so that one that hangs holds up its own callers only.
_CALLERS_OF_A_MODULE = 5
_SAMPLE_SECONDS = 0.5
# Before the measuring begins: every module has run and every path of the program has been taken once.
_WARM_UP_SHARE = 0.15
_SHOWN_FAULTS = 20
# What is down says so at once; a caller with sense does not ask again in the same moment.
_DOWN = frozenset({"gave_up", "backing_off", "start_failed"})
_DOWN_SECONDS = 0.02

# The hub's own numbers, quicker: what takes minutes in a year is to happen every second here.
_SETTINGS = Settings(
    call_seconds=2.0,
    ping=PingLimits(0.3, 3),
    restart=RestartLimits(first_delay_seconds=0.05, longest_delay_seconds=0.5, max_restarts=5, window_seconds=5.0),
    sample_seconds=0.25,
)


class _Soak:
    def __init__(self, directory: Path, seconds: float, seed: int) -> None:
        self._seconds = seconds
        self._random = Random(seed)  # noqa: S311 - to be repeatable is the point
        self._fleet = Fleet(directory)
        self._accounts = Accounts(directory / "accounts")
        self._health = Health(MODULES)
        self._end = 0.0
        given = Paths.from_environment(os.environ, plugins=[self._fleet.plugins])
        self._paths = replace(given, state=directory / "state", data=directory / "data", runtime=directory / "run")

    async def run(self) -> bool:
        """Run it, print what happened, and return whether all is well."""
        _say(f"{len(self._fleet.members)} modules in {', '.join(self._fleet.languages)}")
        held = os.open(self._fleet.held, os.O_RDONLY | os.O_NONBLOCK)
        begun, descriptors_before = time.monotonic(), descriptors()
        self._end = begun + self._seconds
        hub = Hub(paths=self._paths, approve=lambda _request: True, settings=_SETTINGS, random=self._random.random)
        async with hub:
            chaos = Chaos(hub, self._fleet, self._random)
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(chaos.run)
                tasks.start_soon(self._measure, begun)
                async with anyio.create_task_group() as callers:
                    for member in self._fleet.members * _CALLERS_OF_A_MODULE:
                        callers.start_soon(self._call_on, hub, member)
                tasks.cancel_scope.cancel()
            starts = sum(loaded.supervisor.restarts for loaded in hub.loaded.values())
        left = descriptors() - descriptors_before
        nothing_left = _nobody_holds(held)
        os.close(held)
        took = time.monotonic() - begun
        balance = self._accounts.close(member.executed() for member in self._fleet.members)
        faults = [*balance.faults, *self._health.faults()]
        if not nothing_left:
            faults.append("a process of a module outlived the hub")
        if left > 0:
            faults.append(f"the hub left {left} descriptors open")
        _say(f"{self._accounts.calls} calls in {took:.0f} s: {_listed(self._accounts.kinds)}")
        _say(f"faults: {_listed(chaos.done)}, {starts} restarts")
        _say(f"hub: {self._health}")
        _say("\n".join([*faults[:_SHOWN_FAULTS], f"{len(faults)} faults in all"] if faults else ["every call accounted for"]))
        return not faults

    async def _call_on(self, hub: Hub, member: Member) -> None:
        while time.monotonic() < self._end:
            function = self._random.choice(("once", "once", "again"))
            number = self._accounts.begin()
            seconds = self._random.choice((None, 2.0, 1.0, 0.05))
            params = {"n": number, "do": self._what_to_do()}
            try:
                result = await hub.request(f"{member.name}.{function}", params, timeout_seconds=seconds)
            except HubError as error:
                self._accounts.failed(number, function, error)
                if error.kind in _DOWN:
                    await _pass(_DOWN_SECONDS)
            else:
                self._accounts.answered(number, function, result)

    def _what_to_do(self) -> str:
        at = self._random.randrange(1000)
        for what, share in ASKED_FOR.items():
            if at < share:
                return what
            at -= share
        return "answer"

    async def _measure(self, begun: float) -> None:
        while True:
            await _pass(_SAMPLE_SECONDS)
            if time.monotonic() - begun > self._seconds * _WARM_UP_SHARE:
                self._health.sample()


def _nobody_holds(reading_end: int) -> bool:
    try:
        return os.read(reading_end, 1) == b""
    except BlockingIOError:
        return False


async def _pass(seconds: float) -> None:
    with anyio.move_on_after(seconds):
        await anyio.sleep_forever()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _listed(counts: "dict[str, int]") -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items(), key=lambda entry: -entry[1]))


def main(words: list[str], *, stop: Callable[[int], None] = sys.exit) -> None:
    """Run a soak as the command line says."""
    parser = argparse.ArgumentParser(description="Call a hub without a pause while its modules die in every way.")
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--directory", type=Path, default=None, help="an empty one; by default a temporary one")
    given = parser.parse_args(words)
    seed = secrets.randbits(32) if given.seed is None else given.seed
    _say(f"seed {seed}")
    with nullcontext(given.directory) if given.directory else tempfile.TemporaryDirectory(prefix="soak-") as directory:
        well = anyio.run(_Soak(Path(directory), given.minutes * 60, seed).run)
    stop(0 if well else 1)


if __name__ == "__main__":
    main(sys.argv[1:])
