"""Own the proof that each death leaves a report that says how, when and in what, and no secrets; and not too many."""

import json
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import pytest

from hub import Hub
from hub.errors import NotFound
from hub.testing import ModuleEnd
from tests.hub.families import until
from tests.hub.supervised import Lives, Stage, dies_in_init, error_of, exits, refuses_init, running, stage

_SECRET = "hunter2-hunter2"  # noqa: S105 - planted


def _files(hub: Hub, name: str = "a") -> list[Path]:
    return sorted((hub.paths.reports / name).glob("*.json"))


async def _reports(on: Stage, count: int = 1) -> list[dict[str, Any]]:
    await until(lambda: len(_files(on.hub)) == count)
    return [json.loads(file.read_bytes()) for file in _files(on.hub)]


async def test_a_death_leaves_a_report_that_says_it_all(tmp_path: Path) -> None:
    inside = anyio.Event()

    async def work(module: ModuleEnd, _request: dict[str, Any]) -> None:
        await module.log("about to fall")
        inside.set()

    async with stage(tmp_path, {"a": running({"work": work})}) as on, anyio.create_task_group() as tasks:
        pid = (await on.hub.start("a")).pid
        assert await on.hub.call("a.echo", word="before") == {"word": "before"}
        tasks.start_soon(error_of, on.hub, "a.work", {"word": "during"})
        await inside.wait()
        await on.watcher.wait_for_log("about to fall")
        on.kill("a", signal.SIGSEGV)
        (report,) = await _reports(on)
        assert report["module"] == "a"
        assert (report["version"], report["pid"], report["phase"]) == ("1.0.0", pid, "running")
        assert (report["exit"]["signal"], report["verdict"]) == ("SIGSEGV", "ran_and_died")
        assert report["decision"] == {"restart": True, "retry_after_seconds": 0.0}
        assert report["calls_in_flight"] == ["work"]
        assert report["stderr"] == ["about to fall"]
        assert report["restarts"] == 0
        assert 0 <= report["up_seconds"] < 5
        sent = [frame["text"] for frame in report["frames"]["to_module"]]
        received = [frame["text"] for frame in report["frames"]["from_module"]]
        assert any('"during"' in text for text in sent)
        assert any('"before"' in text for text in received)
        assert on.hub.reports.last("a") == report


async def test_a_report_counts_the_restarts_before_the_death_that_it_tells_of(tmp_path: Path) -> None:
    async with stage(tmp_path, {"a": Lives(running(), exits(3), dies_in_init(3), running())}) as on:
        await on.hub.start("a")
        on.kill("a")
        await on.watcher.wait("module.running", "a", count=2)
        on.kill("a")
        assert sorted(report["restarts"] for report in await _reports(on, 4)) == [0, 1, 2, 3]


async def test_the_report_of_the_death_after_which_it_is_given_up_counts_all_restarts(tmp_path: Path) -> None:
    async with stage(tmp_path, {"a": Lives(running(), *[exits(3)] * 5)}) as on:
        await on.hub.start("a")
        on.kill("a")
        await on.watcher.wait("module.gave-up", "a")
        assert sorted(report["restarts"] for report in await _reports(on, 6)) == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("program", "phase", "verdict"),
    [
        (exits(3), "starting", "never_started"),
        (dies_in_init(3), "initialising", "failed_in_init"),
        (refuses_init(), "initialising", "failed_in_init"),
    ],
    ids=["exits", "dies in init", "refuses init"],
)
async def test_a_start_that_fails_leaves_one_too(
    tmp_path: Path, program: Callable[[ModuleEnd], Awaitable[int | None]], phase: str, verdict: str
) -> None:
    async with stage(tmp_path, {"a": program}) as on:
        await error_of(on.hub, "a.echo")
        (report,) = await _reports(on)
        assert (report["phase"], report["verdict"]) == (phase, verdict)
        assert report["decision"]["restart"] is False


@pytest.mark.parametrize("status", [0, 3, 78])
async def test_a_hub_that_is_closed_because_of_a_death_leaves_its_report(tmp_path: Path, status: int) -> None:
    async with stage(tmp_path, {"a": running()}) as on:
        assert (await error_of(on.hub, "a.exit", {"status": status})).kind == "module_died"
    assert on.hub.reports.last("a")["exit"]["code"] == status


async def test_an_end_that_was_asked_for_leaves_none(tmp_path: Path) -> None:
    async with stage(tmp_path, {"a": running()}) as on:
        await on.hub.start("a")
        await on.hub.stop("a")
        assert _files(on.hub) == []
        with pytest.raises(NotFound):
            on.hub.reports.last("a")


async def test_no_secret_reaches_a_report(tmp_path: Path) -> None:
    """In arguments, results, log lines and errors: by the names that secrets go by."""

    async def spill(module: ModuleEnd, request: dict[str, Any]) -> None:
        await module.log(f"connecting with password={_SECRET}")
        await module.log(json.dumps({"level": "info", "message": "headers", "authorization": f"Bearer {_SECRET}"}))
        await module.log(f"Authorization: Bearer {_SECRET}")
        await module.answer(request, {"access_token": _SECRET, "nested": {"api_key": [_SECRET]}})

    refusing = refuses_init(f"cannot log in with api_key={_SECRET}")
    async with stage(tmp_path, {"a": Lives(running({"spill": spill}), refusing)}, config={"a": {"db_password": _SECRET}}) as on:
        await on.hub.call("a.spill", secret=_SECRET, deep={"private_key": _SECRET})
        on.kill("a")
        reports = await _reports(on, 6)
        assert on.hub.modules["a"].state == "failed"
    assert "[redacted]" in json.dumps(reports[0])
    assert "connecting with" in json.dumps(reports[0])
    assert [_SECRET in json.dumps(report) for report in reports] == [False] * 6
    assert "cannot log in with" in json.dumps(reports[-1])


async def test_reports_and_what_is_in_them_are_bounded(tmp_path: Path) -> None:
    async def chatter(module: ModuleEnd, request: dict[str, Any]) -> None:
        for _ in range(40):
            await module.log("x" * 5_000)
            await module.send({"method": "hub.log", "params": {"message": "y" * 5_000}})
        await module.answer(request, None)

    async with stage(tmp_path, {"a": running({"chatter": chatter})}, manifests={"a": '[restart]\npolicy = "never"\n'}) as on:
        for count in range(25):
            await on.hub.call("a.chatter")
            on.kill("a")
            await on.watcher.wait("module.failed", "a", count=count + 1)
            await until(lambda count=count: len(_files(on.hub)) == min(count + 1, 20))
        files = _files(on.hub)
        assert len(files) == 20
        assert max(file.stat().st_size for file in files) < 256 * 1024
        assert all(file.stat().st_mode & 0o077 == 0 for file in [*files, files[0].parent])


async def test_a_report_that_cannot_be_written_is_a_warning(tmp_path: Path) -> None:
    async with stage(tmp_path, {"a": running()}) as on:
        on.hub.paths.reports.parent.mkdir(parents=True, exist_ok=True)
        on.hub.paths.reports.write_text("a file in its place")
        await on.hub.start("a")
        on.kill("a")
        warning = await on.watcher.wait("module.warning", "a")
        assert str(on.hub.paths.reports) in warning.data["message"]
        assert await on.hub.call("a.echo", x=1) == {"x": 1}
