"""Own the lines of the zoo about dying: in calls, unasked, only half, again and again, and not when asked to."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio

from hub._liveness import PingLimits
from hub._restart import RestartLimits
from hub.errors import HubError
from tests.hub.families import witness
from tests.zoo.exhibit import ON_ITS_FEET, Act, Cage, Exhibit, calls, error_of, program

__all__ = ["EXHIBITS"]

_FALLS = "falls"
# A module that does nothing any more is found by ping; one that closed its input, by its deadline.
_PINGED = replace(ON_ITS_FEET, ping=PingLimits(0.1, 3))
_HELD = replace(ON_ITS_FEET, restart=RestartLimits(first_delay_seconds=1000.0, longest_delay_seconds=1000.0))


def _death(name: str, fault: str, *kinds: str, **members: Any) -> Exhibit:
    given: dict[str, Any] = {"act": calls("fall"), "proof": _FALLS, **members}
    features = given.pop("features", "concurrent")
    return Exhibit("Death", name, program("death", "--fault", fault, "--features", features), kinds=kinds, **given)


def _told(name: str) -> Act:
    """Return what checks that the end was told by its name, and that the module is back."""

    async def check(cage: Cage) -> None:
        told = await cage.watcher.wait("module.backing-off", "bad")
        assert name in told.data["exit"]["text"]
        await cage.bad_again()

    return check


async def _with_others_pending(cage: Cage) -> Any:
    """Let it end in one of four calls; return how all of them ended."""
    found: list[tuple[str, bool]] = []

    async def call(function: str) -> None:
        error = await error_of(cage.hub.call(f"bad.{function}"))
        found.append((error.kind, error.data["may_have_executed"]))

    async with anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(call, "wait")
        await cage.watcher.wait_for_log("waits", "bad")
        tasks.start_soon(call, "fall")
    return found


async def _killed_unasked(cage: Cage) -> Any:
    """End it by a signal from outside while nobody calls it; the next call is served by the next process."""
    pid = (await cage.hub.start("bad")).pid
    assert pid is not None
    os.kill(pid, signal.SIGTERM)
    await cage.watcher.wait("module.backing-off", "bad")
    cage.marks.write_text("terminated")
    return await cage.hub.call("bad.echo", x=1)


async def _exits_unasked(cage: Cage) -> Any:
    """Let it exit with status 0; that is no failure, and the next call starts it again."""
    error = await error_of(cage.hub.call("bad.fall"))
    assert error.kind == "module_died"
    ended = await cage.watcher.wait("module.failed", "bad")
    assert ended.data["verdict"] == "ran_and_exited"
    return await cage.hub.call("bad.echo", x=1)


async def _daemon(cage: Cage) -> Any:
    """Let it leave a daemon in a session of its own; return when that has ended too."""
    fifo, ready = cage.directory / "fifo", cage.directory / "fifo.ready"
    for path in (fifo, ready):
        os.mkfifo(path)
    held = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(error_of, cage.hub.call("bad.fall"))
            await anyio.wait_readable(held)
            assert os.read(held, 100) == b"daemon\n"
            os.close(os.open(ready, os.O_WRONLY))  # now its parent ends
        await anyio.wait_readable(held)
        return os.read(held, 100)
    finally:
        os.close(held)


async def _crash_loop(cage: Cage) -> Any:
    """Kill it whenever it is up; return how often it was started and how often it was said to be given up."""
    await cage.hub.start("bad")
    for count in range(1, 7):
        await cage.watcher.wait("module.running", "bad", count=count)
        await error_of(cage.hub.call("bad.fall"))
    await cage.watcher.wait("module.gave-up", "bad")
    error = await error_of(cage.hub.call("bad.echo"))
    assert error.kind == "gave_up"
    return [len(cage.watcher.of(kind, "bad")) for kind in ("module.starting", "module.gave-up")]


async def _crash_while_restarting(cage: Cage) -> Any:
    """Let it die once, then replace it by what dies in its init, until it is given up."""
    await cage.hub.start("bad")
    (cage.directory / "from now on").touch()
    await error_of(cage.hub.call("bad.fall"))
    await cage.watcher.wait("module.gave-up", "bad")
    return [event.data["verdict"] for event in cage.watcher.of("module.backing-off", "bad")]


async def _stop_during_start(cage: Cage) -> Any:
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(error_of, cage.hub.call("bad.greet"))
        await cage.watcher.wait_for_log("initialising", "bad")
        await cage.hub.stop("bad")
    return cage.hub.modules["bad"].state


async def _start_during_stop(cage: Cage) -> Any:
    await cage.hub.start("bad")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(cage.hub.stop, "bad")
        await cage.watcher.wait("module.stopping", "bad")
        return await cage.hub.call("bad.echo", x=1)


async def _stop_during_call(cage: Cage) -> Any:
    found: list[HubError] = []
    async with anyio.create_task_group() as tasks:

        async def call() -> None:
            found.append(await error_of(cage.hub.call("bad.wait")))

        tasks.start_soon(call)
        await cage.watcher.wait_for_log("waits", "bad")
        await cage.hub.stop("bad")
    return [(error.kind, error.data["may_have_executed"]) for error in found], cage.hub.modules["bad"].state


def _stop(name: str, fault: str, mark: str) -> Exhibit:
    async def act(cage: Cage) -> Any:
        await cage.hub.start("bad")
        await cage.hub.stop("bad")
        return cage.hub.modules["bad"].state

    plugin = program("stop", "--fault", fault)
    settings = replace(ON_ITS_FEET, cleanup_seconds=0.3)
    return Exhibit("Death", name, plugin, mark, act=act, answer="stopped", settings=settings, seconds=3.0)


_HUB = """
import sys, anyio
from hub import Hub
async def main():
    async with Hub(sys.argv[1], approve=lambda request: True) as hub:
        await hub.call("bad.fall", path=sys.argv[2])
anyio.run(main)
"""


async def _kill_the_hub(cage: Cage) -> Any:
    """Kill a hub of its own in the middle of a call; return when every process of its module has ended."""
    async with witness() as seen:
        command = [sys.executable, "-c", _HUB, str(cage.directory / "plugins"), seen.path]
        with subprocess.Popen(command, cwd=Path(__file__).parents[2]) as other:
            await seen.arrival("module", "grandchild", "daemon")
            other.kill()
            with anyio.fail_after(2):
                await seen.end("module", "grandchild", "daemon")
    cage.marks.write_text("the hub was killed")


def _then_dies(plugins: Path) -> None:
    """Write a module that runs well once, and dies in its init ever after."""
    program("death", "--fault", "kill", "--dies-in-init-if", "{directory}/from now on")(plugins)


_DEATH = [
    _death("exits inside a call with others pending", "exit-3", act=_with_others_pending, answer=[("module_died", True)] * 4),
    _death("exits 0 unasked", "exit-0", act=_exits_unasked, answer={"x": 1}),
    _death("is ended from outside", "exit-0", act=_killed_unasked, answer={"x": 1}, proof="terminated"),
    _death("SIGSEGV", "segv", "module_died", afterwards=_told("SIGSEGV")),
    _death("SIGABRT", "abrt", "module_died", afterwards=_told("SIGABRT")),
    _death("SIGKILL", "kill", "module_died", afterwards=_told("SIGKILL")),
    _death("closes its output and lives", "closes-stdout", "module_died"),
    _death("closes its input and lives", "closes-stdin", "module_died", settings=_PINGED),
    _death("stops itself", "stops-itself", "module_died", settings=_PINGED),
    _death("a busy loop", "busy-loop", "module_died", settings=_PINGED),
    _death("a busy loop that only a deadline ends", "busy-loop", "timeout", features="", act=calls("fall", seconds=0.3)),
    _death("a grandchild keeps its output open", "grandchild-keeps-stdout", "module_died", seconds=3.0),
    Exhibit(
        "Death",
        "a double-forked daemon",
        program("death", "--fault", "daemon", "--file", "{directory}/fifo"),
        "the daemon runs",
        act=_daemon,
        answer=b"",
        seconds=3.0,
    ),
    _stop("ignores SIGTERM", "ignores-sigterm", "its input ended"),
    _stop("ignores the end of its input", "ignores-end-of-input", "its input ended"),
    _stop("hangs in its cleanup", "hangs-in-cleanup", "got module_cleanup"),
    _stop("crashes in its cleanup", "crashes-in-cleanup", "got module_cleanup"),
    _stop("refuses its cleanup", "refuses-cleanup", "got module_cleanup"),
    _stop("speaks after its cleanup", "speaks-after-cleanup", "got module_cleanup"),
    _stop("ignores everything", "ignores-all", "got module_cleanup"),
    _death("a crash loop", "segv", act=_crash_loop, answer=[6, 1], seconds=5.0),
    Exhibit(
        "Death",
        "crash while restarting",
        _then_dies,
        "dies in its init",
        act=_crash_while_restarting,
        answer=["ran_and_died", *["failed_in_init"] * 4],
        seconds=5.0,
    ),
    Exhibit(
        "Death",
        "stop during its start",
        program("init", "--fault", "hangs"),
        "initialising",
        act=_stop_during_start,
        answer="stopped",
    ),
    Exhibit(
        "Death", "start during its stop", program("neighbour"), "got module_cleanup", act=_start_during_stop, answer={"x": 1}
    ),
    Exhibit(
        "Death",
        "stop during a call",
        program("neighbour", "--features", "cancel,concurrent"),
        "waits",
        act=_stop_during_call,
        answer=([("module_died", True)], "stopped"),
    ),
    Exhibit(
        "Death",
        "the hub is killed in the middle of a call",
        program("death", "--fault", "spreads"),
        "the hub was killed",
        act=_kill_the_hub,
        seconds=4.0,
    ),
]

EXHIBITS = _DEATH
