"""Own what one line of the zoo is, and the cage it is shown in: a hub, the bad module, a good one beside it; know no faults."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import pytest

from hub import Hub, Settings
from hub._restart import RestartLimits
from hub.errors import HubError
from tests.hub.children import SHORT
from tests.hub.modules import Watcher, bad_plugin, hub_of

__all__ = ["ON_ITS_FEET", "Act", "Cage", "Exhibit", "caged", "calls", "error_of", "frame_fault", "program"]

# A neighbour's answer takes a millisecond; this is not a measure of speed, it tells "answers" from "hangs" on a busy machine.
_SLOWEST_NEIGHBOUR_SECONDS = 3.0

ON_ITS_FEET = Settings(restart=RestartLimits(first_delay_seconds=0.0), stop=SHORT)


class Cage:
    """The hub with the misbehaving module `bad`; what it did is in `marks`, which the hub never touches."""

    def __init__(self, hub: Hub, watcher: Watcher, directory: Path) -> None:
        self.hub = hub
        self.watcher = watcher
        self.directory = directory
        self.marks = directory / "marks"

    def marked(self) -> str:
        """Return what the programs wrote down about themselves."""
        return self.marks.read_text() if self.marks.exists() else ""

    async def bad_again(self) -> None:
        """See that the bad module answers."""
        assert await self.hub.call("bad.echo", x=1) == {"x": 1}


Act = Callable[[Cage], Awaitable[Any]]
Proof = Callable[[Cage], object]


def calls(function: str = "misbehave", *, seconds: float | None = None, **params: Any) -> Act:
    """Return what calls a function of `bad`."""

    async def act(cage: Cage) -> Any:
        return await cage.hub.request(f"bad.{function}", params, timeout_seconds=seconds)

    return act


def program(name: str, *arguments: str, manifest: str = "") -> Callable[[Path], object]:
    """Return what writes the plugin `bad` that runs `tests/badplugins/<name>.py`; it leaves its marks beside the plugins."""

    def write(plugins: Path) -> None:
        given = [argument.replace("{directory}", str(plugins.parent)) for argument in arguments]
        marks = f'[environment]\nHUB_TEST_MARKS = "{plugins.parent / "marks"}"\n'
        bad_plugin(plugins, "bad", name, *given, manifest=manifest + marks)

    return write


@dataclass(frozen=True)
class Exhibit:
    """One misbehaviour.

    `plugin` writes the plugin `bad`. `act` does what brings the misbehaviour about; it returns `answer`, or fails with an error
    whose kind is in `kinds`. `proof` is a text that stands in the marks afterwards, or a function that is true of the cage. All
    that takes at most `seconds`. `afterwards` checks what else has to hold.
    """

    group: str
    name: str
    plugin: Callable[[Path], object]
    proof: str | Proof
    kinds: tuple[str, ...] = ()
    answer: Any = None
    act: Act = field(default_factory=calls)
    seconds: float = 2.0
    settings: Settings = ON_ITS_FEET
    options: Callable[[], Mapping[str, Any]] = dict[str, Any]
    afterwards: Act | None = None

    def __str__(self) -> str:
        return f"{self.group}: {self.name}"


def frame_fault(group: str, name: str, fault: str, **members: Any) -> Exhibit:
    """Return a fault of `tests/badplugins/frames.py`."""
    plugin = program("frames", "--fault", fault, "--features", "cancel,concurrent")
    return Exhibit(group, name, plugin, f"misbehaves: {fault}", **members)


@asynccontextmanager
async def caged(exhibit: Exhibit, directory: Path) -> AsyncGenerator[Cage]:
    """Yield the cage, open; while it is, the neighbour is asked all the time and must answer, in time and with one process."""
    plugins = directory / "plugins"
    plugins.mkdir()
    bad_plugin(plugins, "good", "neighbour")
    exhibit.plugin(plugins)
    hub = hub_of(plugins, settings=exhibit.settings, **exhibit.options())
    cage = Cage(hub, Watcher(hub), directory)
    answers = _Answers()
    async with hub:
        pid = (await hub.start("good")).pid
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(answers.collect, hub)
            yield cage
            await answers.more()
            tasks.cancel_scope.cancel()
        assert await hub.call("good.pid") == pid
    assert answers.slowest < _SLOWEST_NEIGHBOUR_SECONDS


class _Answers:
    """Calls the neighbour, again and again."""

    def __init__(self) -> None:
        self.slowest = 0.0
        self._came = anyio.Event()

    async def collect(self, hub: Hub) -> None:
        number = 0
        while True:
            number += 1
            begun = anyio.current_time()
            assert await hub.call("good.echo", n=number) == {"n": number}
            self.slowest = max(self.slowest, anyio.current_time() - begun)
            self._came.set()
            self._came = anyio.Event()
            with anyio.move_on_after(_PAUSE_SECONDS):
                await anyio.sleep_forever()

    async def more(self) -> None:
        """Return after another answer."""
        await self._came.wait()


# Often enough to notice, seldom enough to leave the machine to the others.
_PAUSE_SECONDS = 0.01


async def error_of(act: Awaitable[Any]) -> HubError:
    """Return the error that something ends with."""
    with pytest.raises(HubError) as raised:
        await act
    return raised.value
