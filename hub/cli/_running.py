"""Own finding the running hub and deciding whether a command goes through it; know no noun and no output but the one note."""

import os
import signal
from collections.abc import Awaitable, Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from hub import Client, Paths
from hub.errors import BadSettings, NotRunning

if TYPE_CHECKING:
    from hub import Hub
    from hub.cli._output import Output
    from hub.cli._screen import Screen

__all__ = ["LONG_SECONDS", "running_hub", "serving_hub", "through_hub"]

_T = TypeVar("_T")
# The hub answers at once who it is; one that does not is stopped, or very busy.
_INFO_SECONDS: Final = 10.0
# A start with all that is required, or a stop of all that requires it: each has deadlines of its own in the hub.
LONG_SECONDS: Final = 300.0
# Beside Ctrl-C: what ends a command must cancel what it asked for, and say so.
_ENDING_SIGNALS: Final = (signal.SIGTERM, signal.SIGHUP)


@contextmanager
def running_hub(plugins: Sequence[str]) -> Generator[Client]:
    """Connect to the running hub, for a command that is about it.

    Raises:
        NotRunning: there is none.
        BadSettings: plugins directories were named, and it serves others.
    """
    paths = Paths.from_environment(os.environ, plugins=plugins)
    client = Client.connect(paths.control_socket)
    if client is None:
        raise NotRunning("no hub is running", hint="`hub up` starts one")
    with client, _signals_interrupt():
        theirs = _served_by(client)
        if paths.plugins_given and not _same(paths.plugins, theirs):
            msg = f"cannot use the running hub (pid {client.pid}): it serves {_listed(theirs)}, not {_listed(paths.plugins)}"
            raise BadSettings(msg, hint="leave out --plugins and HUB_PLUGINS, or end that hub: hub down")
        yield client


def serving_hub(output: "Output", plugins: Sequence[str]) -> Client | None:
    """Return the running hub if it serves the plugins that the command is about, else None; say so when it serves others."""
    paths = Paths.from_environment(os.environ, plugins=plugins)
    client = Client.connect(paths.control_socket)
    if client is None:
        return None
    try:
        theirs = _served_by(client)
        nothing_here = not paths.plugins_given and not any(path.is_dir() for path in paths.plugins)
        if nothing_here or _same(paths.plugins, theirs):
            return client
    except BaseException:
        client.close()
        raise
    client.close()
    if not output.json:
        output.say(f"note: the running hub (pid {client.pid}) serves {_listed(theirs)}; this command runs without it")
    return None


def through_hub(
    output: "Output", plugins: Sequence[str], ask: Callable[[Client], _T], work: "Callable[[Hub, Screen], Awaitable[_T]]"
) -> _T:
    """Return what `ask` finds in the running hub where it serves these plugins, else what `work` finds with one of our own."""
    client = serving_hub(output, plugins)
    if client is None:
        from hub.cli._session import run_with_hub  # an event loop, and all that runs modules

        return run_with_hub(output, plugins, work)
    with client, _signals_interrupt():
        return ask(client)


def _served_by(client: Client) -> list[Path]:
    info: Any = client.request("hub.info", timeout_seconds=_INFO_SECONDS)
    return [Path(path) for path in info["plugins"]]


def _same(ours: Iterable[Path], theirs: Iterable[Path]) -> bool:
    return {os.path.realpath(path) for path in ours} == {os.path.realpath(path) for path in theirs}


def _listed(paths: Iterable[Path]) -> str:
    return ", ".join(map(str, paths))


@contextmanager
def _signals_interrupt() -> Generator[None]:
    before = {number: signal.signal(number, signal.default_int_handler) for number in _ENDING_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
