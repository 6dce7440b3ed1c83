"""What `hub up` tells an operator: each thing once, in words."""

from pathlib import Path

import pytest

from hub.cli._up_lines import Lines
from hub.errors import HubError
from tests.hub.supervised import Lives, Stage, exits, running, stage


def _told(on: Stage) -> list[str]:
    lines = Lines(json=False, verbose=False)
    return [line for event in on.watcher.events for line in lines.of(event)]


async def test_a_module_that_is_given_up_is_said_to_have_failed_once_with_what_to_do(tmp_path: Path) -> None:
    async with stage(tmp_path, {"a": Lives(running(), *[exits(3)] * 6)}) as on:
        await on.hub.start("a")
        on.kill("a")
        await on.watcher.wait("module.gave-up", "a")
        assert on.kinds("a")[-2:] == ["module.failed", "module.gave-up"]
        (failed,) = [line for line in _told(on) if line.startswith("a: failed: ")]
        assert "it failed too often" in failed
        assert sum(line.startswith("a: hint: ") for line in _told(on)) == 1


async def test_a_module_that_is_not_tried_again_is_said_to_have_failed_once_too(tmp_path: Path) -> None:
    async with stage(tmp_path, {"a": exits(3)}) as on:
        with pytest.raises(HubError):
            await on.hub.start("a")
        await on.watcher.wait("module.failed", "a")
        assert sum(line.startswith("a: failed: ") for line in _told(on)) == 1
