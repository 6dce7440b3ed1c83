"""Own the lines of the zoo about flow and growth: too much of something, or nothing at all."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio

from hub.errors import HubError
from tests.zoo.exhibit import ON_ITS_FEET, Cage, Exhibit, calls, frame_fault, program

__all__ = ["EXHIBITS"]

_FEATURES = ("--features", "cancel,concurrent")


def _flow(name: str, fault: str, *kinds: str, **members: Any) -> Exhibit:
    return Exhibit("Flow", name, program("flow", "--fault", fault), "misbehaves", kinds=kinds, **members)


async def _write_to_the_deaf(cage: Cage) -> Any:
    """Send more than a pipe holds to a module that does not read; both calls say what may have been executed."""
    assert await cage.hub.call("bad.misbehave") == "from now on"
    found: dict[str, Any] = {}

    async def call(name: str) -> None:
        try:
            found[name] = await cage.hub.request("bad.echo", {"text": "x" * 2**20}, timeout_seconds=0.5)
        except HubError as error:
            found[name] = (error.kind, error.data["may_have_executed"])

    async with anyio.create_task_group() as tasks:
        for name in ("begun", "waiting"):
            tasks.start_soon(call, name)
            await anyio.wait_all_tasks_blocked()
    return found


async def _many_large_calls(cage: Cage) -> Any:
    """Make 1 000 calls of 200 kB, 50 at a time; return how they ended."""
    outcomes = Counter[str]()
    text = "x" * 200_000

    async def call(numbers: list[int]) -> None:
        while numbers:
            number = numbers.pop()
            found = await cage.hub.call("bad.echo", n=number, text=text)
            outcomes["right" if found == {"n": number, "text": text} else "wrong"] += 1

    numbers = list(range(1000))
    async with anyio.create_task_group() as tasks:
        for _ in range(50):
            tasks.start_soon(call, numbers)
    cage.marks.write_text(f"{outcomes.total()} calls")
    return dict(outcomes)


async def _ten_thousand_at_once(cage: Cage) -> Any:
    """Make 10 000 calls at once; each ends once: answered, or refused before it was sent."""
    outcomes = Counter[str]()
    await cage.hub.start("bad")

    async def call(number: int) -> None:
        try:
            found = await cage.hub.call("bad.echo", n=number)
            outcomes["right" if found == {"n": number} else "wrong"] += 1
        except HubError as error:
            outcomes[f"{error.kind} {error.data['may_have_executed']}"] += 1

    async with anyio.create_task_group() as tasks:
        for number in range(10_000):
            tasks.start_soon(call, number)
    cage.marks.write_text(f"{outcomes.total()} calls")
    assert outcomes["right"] >= 320  # 64 under way and 256 that wait; more where some had ended before others began
    assert outcomes["right"] + outcomes["overloaded False"] == 10_000
    return sorted(outcomes)


async def _slow_beside_quick(cage: Cage) -> Any:
    """Make 1 000 quick calls while one is not answered; return how many of them were."""
    answered = 0
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(cage.hub.call, "bad.wait")
        await cage.watcher.wait_for_log("waits", "bad")
        for number in range(1000):
            answered += await cage.hub.call("bad.echo", n=number) == {"n": number}
        tasks.cancel_scope.cancel()
    return answered


def _flood_was_cut(cage: Cage) -> bool:
    written = sum(len(line) for line in cage.watcher.logged("bad"))
    return "misbehaves" in cage.marked() and written < 3 * 1024 * 1024


_NEIGHBOURLY = program("neighbour", *_FEATURES)

_FLOW = [
    _flow(
        "never reads while more is written than a pipe holds",
        "never-reads",
        act=_write_to_the_deaf,
        answer={"begun": ("timeout", True), "waiting": ("timeout", False)},
    ),
    _flow(
        "asks and never reads the answers",
        "asks-without-reading",
        "module_died",
        settings=replace(ON_ITS_FEET, max_frame_bytes=2**18),
    ),
    _flow("a million notifications", "million-notifications", answer="done", seconds=25.0),
    _flow("2 000 answers that nobody waits for", "unknown-answers", answer="done"),
    _flow("5 000 changes of its capabilities", "changes-without-end", answer="done"),
    _flow("too many lines that are no frames", "prints-too-much", "module_died"),
    _flow("a line of a megabyte that is no frame", "prints-a-megabyte", "module_died"),
    Exhibit(
        "Flow",
        "standard error at 100 MB/s",
        program("floods", "--fault", "stderr"),
        _flood_was_cut,
        act=calls("flood"),
        seconds=4.0,
    ),
    Exhibit(
        "Flow",
        "log notifications without end",
        program("floods", "--fault", "hub.log"),
        _flood_was_cut,
        act=calls("flood"),
        seconds=6.0,
    ),
    frame_fault("Flow", "a log line with wrong types", "log-of-wrong-types", answer="done"),
    _flow("a result of 100 MB", "result-of-100-mb", "frame_too_large", seconds=6.0),
    Exhibit(
        "Flow", "1 000 calls of 200 kB", _NEIGHBOURLY, "1000 calls", answer={"right": 1000}, act=_many_large_calls, seconds=25.0
    ),
    Exhibit(
        "Flow",
        "10 000 calls at once",
        _NEIGHBOURLY,
        "10000 calls",
        answer=["overloaded False", "right"],
        act=_ten_thousand_at_once,
        seconds=6.0,
    ),
    Exhibit(
        "Flow", "a slow call beside 1 000 quick ones", _NEIGHBOURLY, "waits", answer=1000, act=_slow_beside_quick, seconds=4.0
    ),
]

# Growth

_SAMPLED = replace(ON_ITS_FEET, sample_seconds=0.05)


def _growth(name: str, fault: str, manifest: str = "", **members: Any) -> Exhibit:
    plugin = program("growth", "--fault", fault, manifest=manifest)
    return Exhibit("Growth", name, plugin, f"misbehaves: {fault}", settings=_SAMPLED, **members)


async def _leak(cage: Cage) -> Any:
    """Call until it got a fresh process; return whether every call was answered and it never held more than it may."""
    first = await cage.hub.call("bad.pid")
    held: list[int] = []
    while not cage.watcher.of("module.recycling", "bad") or await cage.hub.call("bad.pid") == first:
        held.append(await cage.hub.call("bad.misbehave"))
    return max(held) < 40


async def _spread(cage: Cage) -> Any:
    """Let it fork; return when it has a fresh process and none of its 300 children is left."""
    assert await cage.hub.call("bad.misbehave") == 300
    first = cage.hub.modules["bad"].pid
    await cage.watcher.wait("module.recycling", "bad")
    await cage.watcher.wait("module.stopped", "bad")
    return not Path(f"/proc/{first}").exists()


async def _open_all(cage: Cage) -> Any:
    """Let it open files; return whether the kernel stopped it."""
    return 900 < await cage.hub.call("bad.misbehave") <= 1024


_GROWTH = [
    _growth("leaks 10 MB a call", "memory", "[limits]\nmemory_bytes = 100000000\n", act=_leak, answer=True, seconds=10.0),
    _growth("opens descriptors without end", "descriptors", act=_open_all, answer=True),
    _growth("forks without end", "processes", act=_spread, answer=True, seconds=10.0),
    _growth("fills its data directory", "data-directory", answer=32 * 1024 * 1024),
]

EXHIBITS = [*_FLOW, *_GROWTH]
