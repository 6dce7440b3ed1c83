"""Own the faults that a soak injects from outside and those it asks the modules for; know nothing of accounting."""

import os
import signal
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import Final

import anyio

from hub import Hub
from tests.soak.fleet import Fleet, Member

__all__ = ["ASKED_FOR", "Chaos"]

# What a call asks its module to do once it has written the call down, and how often out of 1 000 calls.
ASKED_FOR: Final = {"die": 2, "garbage": 4, "nap": 4, "grow": 6, "silence": 1}

# Between two faults from outside, for all modules together.
_PAUSE_SECONDS: Final = (0.05, 0.4)
# A module that cannot start is repaired before long; a person starts it again.
_BROKEN_SECONDS: Final = 1.5
_STOPPED_SECONDS: Final = 0.3


class Chaos:
    """Breaks one thing after the other, as its random source says."""

    def __init__(self, hub: Hub, fleet: Fleet, random: Random) -> None:
        self.done: Counter[str] = Counter()
        self._hub = hub
        self._fleet = fleet
        self._random = random
        self._faults: dict[str, Callable[[Member], None]] = {
            "SIGKILL": lambda member: self._signal(member, signal.SIGKILL),
            "SIGTERM": lambda member: self._signal(member, signal.SIGTERM),
            "SIGSTOP": lambda member: self._signal(member, signal.SIGSTOP),
            "SIGSTOP for a moment": self._pause,
            "crash loop": self._break,
            "replaced executable": self._replace,
        }

    async def run(self) -> None:
        """Go on until cancelled."""
        async with anyio.create_task_group() as tasks:
            self._tasks = tasks
            while True:
                await _pass(self._random.uniform(*_PAUSE_SECONDS))
                name = self._random.choice(list(self._faults))
                self._faults[name](self._random.choice(self._fleet.members))
                self.done[name] += 1
                self._start_what_was_given_up()

    def _signal(self, member: Member, number: signal.Signals) -> None:
        instance = self._hub.loaded[member.name].instance
        # One that has ended may have given its number to a stranger.
        if instance is not None and instance.process.exit_status is None:
            with suppress(ProcessLookupError):
                os.kill(instance.process.pid, number)

    def _pause(self, member: Member) -> None:
        self._signal(member, signal.SIGSTOP)
        self._tasks.start_soon(self._later, _STOPPED_SECONDS, lambda: self._signal(member, signal.SIGCONT))

    def _break(self, member: Member) -> None:
        member.broken.touch()
        self._signal(member, signal.SIGKILL)
        self._tasks.start_soon(self._later, _BROKEN_SECONDS, lambda: member.broken.unlink(missing_ok=True))

    def _replace(self, member: Member) -> None:
        """Put another file in its place, as an update does; whatever reads it next sees new content, which is approved anew."""
        file = next(path for path in sorted(member.plugin.iterdir()) if path.name.startswith(("ledger", "with_sdk")))
        comment = b"//" if file.suffix == ".mjs" else b"#"
        # A compiled program ignores what stands behind it.
        fresh = file.with_name("fresh")
        fresh.write_bytes(file.read_bytes() + b"\n" + comment + b" %d\n" % self._random.getrandbits(32))
        fresh.chmod(file.stat().st_mode)
        fresh.rename(file)
        self._signal(member, signal.SIGKILL)

    def _start_what_was_given_up(self) -> None:
        for member in self._fleet.members:
            if self._hub.modules[member.name].state == "failed" and not member.broken.exists():
                self._hub.loaded[member.name].start_by_hand()
                self.done["started by hand"] += 1

    async def _later(self, seconds: float, work: Callable[[], None]) -> None:
        await _pass(seconds)
        work()


async def _pass(seconds: float) -> None:
    with anyio.move_on_after(seconds):
        await anyio.sleep_forever()
