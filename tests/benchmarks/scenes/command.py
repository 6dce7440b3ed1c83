"""Own what the command line costs, {"repeats": ...}: `hub call` with and without a running hub, and the control socket."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Final

from hub import Client
from tests.benchmarks.fleet import write_fleet
from tests.benchmarks.peers.work import text_of
from tests.benchmarks.scenes.alone import introduce_alone
from tests.benchmarks.scenes.stage import Figure, directory, play

__all__ = ["scene"]

_HUB: Final = str(Path(sys.executable).parent / "hub")
_COMMAND_SECONDS: Final = 60.0
_SOCKET_SECONDS: Final = 0.3
_MIB: Final = 1024 * 1024
_MILLISECONDS: Final = 1000


def _run(words: Sequence[str], environ: Mapping[str, str]) -> tuple[float, bytes]:
    """Return the seconds that a command takes, and what it prints."""
    begun = time.perf_counter()
    done = subprocess.run(words, env=dict(environ), stdout=subprocess.PIPE, timeout=_COMMAND_SECONDS, check=True)
    return time.perf_counter() - begun, done.stdout


def _commands(environ: Mapping[str, str], repeats: int, who: str, commands: Mapping[str, Sequence[str]]) -> list[Figure]:
    """Return the milliseconds of each command, interleaved; the first round reads everything from disk and does not count."""
    figures: list[Figure] = []
    for number in range(repeats + 1):
        for subject, words in commands.items():
            seconds, printed = _run(words, environ)
            if words[1] == "call" and "--a" in words and printed.strip() != b"5":
                msg = f"{' '.join(words)} printed {printed!r}"
                raise RuntimeError(msg)
            if number:
                figures.append(Figure(subject, who, "ms", seconds * _MILLISECONDS))
    return figures


def _socket(place: Path) -> list[Figure]:
    """Return the cost of calls on one connection to the hub that runs, one at a time."""
    client = Client.connect(place / "run" / "hub" / "control.sock")
    if client is None:
        raise RuntimeError("no hub listens")
    figures: list[Figure] = []
    value = text_of(_MIB, "A")
    works: dict[str, tuple[dict[str, Any], Any]] = {
        "add": ({"function": "m000.add", "params": {"a": 2, "b": 3}}, 5),
        "echo 1 MiB": ({"function": "m000.echo", "params": {"value": value}}, value),
    }
    with client:
        for name, (asked, wanted) in works.items():
            begun, count = time.perf_counter(), 0
            while time.perf_counter() < begun + _SOCKET_SECONDS:
                if client.request("hub.call", asked) != wanted:
                    raise RuntimeError("the answer is wrong")
                count += 1
            figures.append(
                Figure(f"control socket: {name}", "hub", "ms", (time.perf_counter() - begun) / count * _MILLISECONDS)
            )
    return figures


def _wait_for(output: IO[bytes] | None, word: bytes) -> None:
    assert output is not None
    for line in output:
        if word in line:
            return
    raise RuntimeError("hub up ended")


async def scene(options: Mapping[str, Any]) -> list[Figure]:
    """Approve a module, then call it in every way that a person or program can."""
    repeats: int = options["repeats"]
    with directory() as place:
        modules = write_fleet(place / "plugins", "C", 1)
        python = write_fleet(place / "python", "Python", 1)
        own = {"XDG_STATE_HOME": f"{place}/state", "XDG_DATA_HOME": f"{place}/data", "XDG_RUNTIME_DIR": f"{place}/run"}
        environ = {**os.environ, **own, "HUB_PLUGINS": f"{place}/plugins"}
        (place / "run").mkdir(mode=0o700)
        _run([_HUB, "plugin", "approve", *modules, "--yes"], environ)
        call = [_HUB, "call", "m000.add", "--a", "2", "--b", "3"]
        figures = _commands(
            environ,
            repeats,
            "process",
            {
                "python -c pass": [sys.executable, "-c", "pass"],
                "python -c 'import asyncio, json'": [sys.executable, "-c", "import asyncio, json"],
                "hub --help": [_HUB, "--help"],
                "hub call --help": [_HUB, "call", "--help"],
                "hub call, without hub up": call,
            },
        )
        figures += [
            Figure("introduce a Python module", "alone", "ms", introduce_alone(place / "python", python)[0] * _MILLISECONDS)
            for _ in range(repeats)
        ]
        with subprocess.Popen([_HUB, "up"], env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as up:
            try:
                _wait_for(up.stdout, b"running, control socket")
                figures += _commands(environ, repeats, "process", {"hub call, with hub up": call})
                figures += _socket(place)
            finally:
                up.terminate()
                up.communicate(timeout=_COMMAND_SECONDS)
    return figures


if __name__ == "__main__":
    play(scene)
