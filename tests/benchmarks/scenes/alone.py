"""Own modules without a hub: spawned and introduced by the least that can do it, which is what a start must cost at least."""

import os
import select
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from tests.benchmarks.processor import cpu_seconds

__all__ = ["introduce_alone"]

# The three requests of a start, each sent when the one before it is answered.
_REQUESTS: Final = (
    (
        b'{"jsonrpc":"2.0","id":1,"method":"module_info","params":{"protocol_versions":[1],"features":["cancel","concurrent",'
        b'"context","host_services","progress"],"max_frame_bytes":16777216,"hub":{"name":"hub","version":"0.1.0"}}}\n'
    ),
    b'{"jsonrpc":"2.0","id":2,"method":"capabilities","params":{}}\n',
    b'{"jsonrpc":"2.0","id":3,"method":"module_init","params":{"config":{},"data_directory":"/"}}\n',
)
_START_SECONDS: Final = 120.0
_END_SECONDS: Final = 10.0
_READ_BYTES: Final = 1024 * 1024


def introduce_alone(plugins: Path, commands: Mapping[str, Sequence[str]]) -> tuple[float, float]:
    """Start all at once, each in its directory; return the seconds until all are initialised, and those of their processors."""
    environ = {"PATH": os.environ.get("PATH", os.defpath), "HOME": os.environ.get("HOME", "/")}
    begun = time.perf_counter()
    modules = [
        subprocess.Popen(words, cwd=plugins / name, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for name, words in commands.items()
    ]
    try:
        _introduce(modules, begun + _START_SECONDS)
        wall = time.perf_counter() - begun
        return wall, cpu_seconds([module.pid for module in modules])
    finally:
        for module in modules:
            _end(module)


def _introduce(modules: Sequence[subprocess.Popen[bytes]], deadline: float) -> None:
    poll = select.poll()
    asked: dict[int, int] = {}
    of_descriptor: dict[int, subprocess.Popen[bytes]] = {}
    for module in modules:
        assert module.stdout is not None
        descriptor = module.stdout.fileno()
        of_descriptor[descriptor], asked[descriptor] = module, 0
        poll.register(descriptor, select.POLLIN)
        _ask(module, 0)
    while asked:
        ready = poll.poll(max(0.0, deadline - time.perf_counter()) * 1000)
        if not ready:
            raise TimeoutError("the modules did not answer in time")
        for descriptor, _ in ready:
            answer = os.read(descriptor, _READ_BYTES)
            if b'"error"' in answer or not answer:
                msg = f"a module did not start: {answer[:200]!r}"
                raise RuntimeError(msg)
            # Each request is answered by one line, and nothing else is written.
            if not answer.endswith(b"\n"):
                continue
            asked[descriptor] += 1
            if asked[descriptor] == len(_REQUESTS):
                del asked[descriptor]
                poll.unregister(descriptor)
            else:
                _ask(of_descriptor[descriptor], asked[descriptor])


def _ask(module: subprocess.Popen[bytes], number: int) -> None:
    assert module.stdin is not None
    os.write(module.stdin.fileno(), _REQUESTS[number])


def _end(module: subprocess.Popen[bytes]) -> None:
    assert module.stdin is not None
    assert module.stdout is not None
    module.stdin.close()
    try:
        module.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        module.kill()
        module.wait()
    module.stdout.close()
