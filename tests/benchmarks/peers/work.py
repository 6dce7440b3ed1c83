"""Own the benchmark's work for hosts in Python: tasks come in as lines, callers make calls for so long; know no peer.

A host hands in its three calls and prints nothing itself. Only the standard library and anyio: each peer has its own packages.
"""

import gc
import itertools
import json
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

import anyio
import anyio.to_thread

__all__ = ["Calls", "Items", "Task", "Wrong", "items_of", "serve_tasks", "text_of"]

_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_LINE: Final = 80
_MEMORIES: Final = 64
# Of the time of the measuring itself: caches, allocators and branch predictors have seen the work before.
_WARM_UP_SHARE: Final = 0.2

Items = list[dict[str, Any]]


class Wrong(Exception):
    """An answer is not what it must be, so that no figure of this host counts."""


@dataclass(frozen=True, slots=True)
class Task:
    """What to measure: `work` is add, text or items; `size` is the characters of the text or the number of items."""

    work: str
    in_flight: int
    seconds: float
    size: int


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls of one peer, each with its result as its users get it."""

    add: Callable[[int, int], Awaitable[Any]]
    text: Callable[[str], Awaitable[Any]]
    items: Callable[[Items], Awaitable[Any]]


def text_of(size: int, first: str) -> str:
    """Return a text of so many characters, in lines, that begins with `first`."""
    # The letters come back after 64 characters and the line feeds after 80: together after 320.
    period = "".join("\n" if i % _LINE == _LINE - 1 else _LETTERS[i * 7 % len(_LETTERS)] for i in range(4 * _LINE))
    whole = period * (size // len(period) + 1)
    return first + whole[1:size]


def items_of(size: int, first: str) -> Items:
    """Return so many flat objects of five members."""
    return [
        {"id": i, "name": f"server-{i}", "region": first, "memory": i % _MEMORIES, "running": i % 2 == 0} for i in range(size)
    ]


def _call_of(calls: Calls, task: Task) -> Callable[[int], Awaitable[None]]:
    """Return the call number n with its check; every second payload begins differently."""
    if task.work == "add":
        ask = calls.add

        async def add(number: int) -> None:
            if await ask(number, 3 * number + 1) != 4 * number + 1:
                raise Wrong("the sum is wrong")

        return add
    echo: Callable[[Any], Awaitable[Any]] = calls.text if task.work == "text" else calls.items
    make: Callable[[int, str], Any] = text_of if task.work == "text" else items_of
    payloads = [make(task.size, first) for first in "AB"]

    async def same(number: int) -> None:
        wanted = payloads[number % 2]
        if await echo(wanted) != wanted:
            raise Wrong("the echo is wrong")

    return same


async def _run(call: Callable[[int], Awaitable[None]], in_flight: int, seconds: float) -> tuple[int, float]:
    numbers = itertools.count(1)
    begun = time.perf_counter()
    end = begun + seconds

    async def caller() -> None:
        while True:
            await call(next(numbers))
            if time.perf_counter() >= end:
                return

    if in_flight == 1:
        await caller()
    else:
        async with anyio.create_task_group() as callers:
            for _ in range(in_flight):
                callers.start_soon(caller)
    return next(numbers) - 1, time.perf_counter() - begun


async def serve_tasks(calls: Calls) -> None:
    """Do the tasks on standard input, one a line, until it ends; the answers go to standard output.

    Raises:
        Wrong: an answer was wrong.
    """
    # As `hub up` does; for every host in Python alike.
    gc.collect()
    gc.freeze()
    await _run(_call_of(calls, Task("add", 1, 0, 0)), 1, 0)
    _say({"ready": True})
    while line := await anyio.to_thread.run_sync(sys.stdin.readline):
        task = Task(**json.loads(line))
        call = _call_of(calls, task)
        await _run(call, task.in_flight, task.seconds * _WARM_UP_SHARE)
        done, took = await _run(call, task.in_flight, task.seconds)
        _say({"calls": done, "seconds": took})


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
