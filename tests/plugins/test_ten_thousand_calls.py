"""Ten thousand calls at once: each echo module answers each of them once, cancelled or not, and keeps nothing of them.

They are written straight to the module, because a hub has 64 of them under way at a time and refuses what waits too long.
"""

import time
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.house.tree import ROOT
from tests.plugins.raw_module import RawModule
from tests.plugins.toolchains import build, need

pytestmark = [
    pytest.mark.process,
    pytest.mark.bound(100, "the first test of a language builds its module; ten thousand calls take some seconds, twice"),
]

_CALLS = 10_000
_FOREVER_SECONDS = 3600
# What a busy machine may need for any part of it.
_PATIENCE_SECONDS = 40.0
_CANCELLED = -31000
_GROWTH = 1.2
# Go and Node free memory when they have used more, not when there is less to keep: they are given that work. In Rust and Python
# it is freed with the last call, and their allocators keep what they took from the system for the next calls. So what is
# compared is not a fresh process, but the same one after as many calls before.
_WORK: dict[str, Sequence[int]] = {"go": [1_000_000] * 20, "node": [8_000_000] * 10, "python": [], "rust": []}
_MOST_CLEANINGS = 5


def flood(module: RawModule, seconds: Sequence[float]) -> tuple[list[int], list[dict[str, Any]], float]:
    """Call `slow` that often at once; return the ids, what was answered before the module had read them all, and that time."""
    begun = time.monotonic()
    ids = module.send_calls("slow", ({"seconds": each, "steps": 1} for each in seconds))
    (ping,) = module.send_calls("ping", [{}])
    early: list[dict[str, Any]] = []
    while True:
        (answer,) = module.answers(1, within=_PATIENCE_SECONDS)
        if answer["id"] == ping:
            return ids, early, time.monotonic() - begun
        early.append(answer)


def outcomes(answers: Sequence[dict[str, Any]]) -> dict[int, Any]:
    """Return the result or the code of the error of each call; each has one."""
    found = {answer["id"]: answer["error"]["code"] if "error" in answer else answer["result"] for answer in answers}
    assert len(found) == len(answers), "a call was answered twice"
    return found


def cancel_every_second_one(module: RawModule, sleeps: float) -> None:
    """Call at once what sleeps so long, and as many that never end, and cancel these; each is answered as it ended, once."""
    ids, early, _ = flood(module, [_FOREVER_SECONDS, sleeps] * (_CALLS // 2))
    cancelled, others = ids[::2], ids[1::2]
    module.cancel(cancelled)
    answers = early + module.answers(_CALLS - len(early), within=sleeps + _PATIENCE_SECONDS)
    assert outcomes(answers) == dict.fromkeys(cancelled, _CANCELLED) | {id_: {"slept": sleeps} for id_ in others}
    module.ask("ping", {})  # its answer is the next message, so nothing came twice


def settled_bytes(module: RawModule, language: str) -> int:
    """Return the memory that the module holds when nothing is to be done, and its language has cleaned up."""
    for size in _WORK[language]:
        module.ask("big", {"bytes": size})
    return module.resident_bytes()


@pytest.mark.parametrize("language", ["go", "node", "python", "rust"])
def test_ten_thousand_calls_are_answered_once_each_and_leave_no_memory_behind(language: str, tmp_path: Path) -> None:
    # HUB-ID-4, HUB-CANCEL-2, HUB-PING-1
    need(language)
    directory = ROOT / "plugins" / f"echo-{language}"
    manifest = tomllib.loads((directory / "plugin.toml").read_text())
    if "build" in manifest:
        build(directory, tuple(manifest["build"]["command"]))
    with RawModule.running(manifest["command"], directory, tmp_path) as module:
        # All are open at once, since none of them ends by itself, and all are cancelled.
        ids, early, took = flood(module, [_FOREVER_SECONDS] * _CALLS)
        assert early == []
        module.cancel(ids)
        assert outcomes(module.answers(_CALLS, within=_PATIENCE_SECONDS)) == dict.fromkeys(ids, _CANCELLED)

        # A reader as slow as that sees all begin before one ends. The first time of the two is the warm-up of the other.
        cancel_every_second_one(module, sleeps=max(1.0, 2 * took))
        warm = settled_bytes(module, language)
        cancel_every_second_one(module, sleeps=max(1.0, 2 * took))
        levels = (settled_bytes(module, language) for _ in range(_MOST_CLEANINGS))
        assert any(level <= _GROWTH * warm for level in levels)
