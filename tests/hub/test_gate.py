"""Own the proof that nothing is initialised whose exact content nobody approved, and that what changed is named."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hub import ApprovalRequest, Hub, Paths
from hub._approval import Approval, render_grants
from hub._gate import Approve
from hub.errors import HubError, NotApproved
from hub.testing import MemorySpawner, ModuleEnd, Program
from tests.hub.modules import Watcher, approve_everything, asking, echoing, function, hub_of, memory_plugin, serving

_GOOD = serving({"echo": echoing})


def _refuse(_request: ApprovalRequest) -> bool:
    return False


async def _start(plugins: Path, program: Program, **options: Any) -> tuple[HubError | None, Watcher]:
    """Start the module `a` in a hub of its own; return its error, and what happened."""
    async with MemorySpawner({"a": program}) as spawn:
        hub = hub_of(plugins, spawn=spawn, **options)
        watcher = Watcher(hub)
        async with hub:
            try:
                await hub.start("a")
            except HubError as error:
                return error, watcher
    return None, watcher


@pytest.mark.parametrize("approve", [None, _refuse], ids=["nobody", "no"])
async def test_what_nobody_approved_is_introduced_and_never_initialised(
    tmp_path: Path, approve: Callable[[ApprovalRequest], bool] | None
) -> None:
    memory_plugin(tmp_path / "plugins", "a")
    error, watcher = await _start(tmp_path / "plugins", _GOOD, approve=approve)
    assert isinstance(error, NotApproved)
    assert (error.data["module"], error.data["difference"]) == ("a", [])
    assert "hub plugin approve a" in (error.hint or "")
    kinds = [event.kind for event in watcher.events]
    assert "module.introduced" in kinds
    assert not {"module.approved", "module.initialising"} & set(kinds)


async def _fail_later(_request: ApprovalRequest) -> bool:
    raise RuntimeError("no, my mistake")


def _fail(_request: ApprovalRequest) -> bool:
    raise RuntimeError("no, my mistake")


@pytest.mark.parametrize("approve", [_fail, _fail_later], ids=["sync", "async"])
async def test_an_approve_that_fails_is_no_yes_and_ends_no_other_module(tmp_path: Path, approve: Approve) -> None:
    for name in ("a", "b"):
        memory_plugin(tmp_path / "plugins", name)
    async with MemorySpawner({"a": _GOOD, "b": _GOOD}) as spawn:
        async with hub_of(tmp_path / "plugins", spawn=spawn) as hub:
            await hub.start("b")
        async with hub_of(tmp_path / "plugins", spawn=spawn, approve=approve) as hub:
            with pytest.raises(NotApproved, match="RuntimeError: no, my mistake"):
                await hub.start("a")
            assert await hub.call("b.echo", x=1) == {"x": 1}


async def test_what_was_approved_once_is_silent_in_every_hub_after_that(tmp_path: Path) -> None:
    memory_plugin(tmp_path / "plugins", "a")
    assert (await _start(tmp_path / "plugins", _GOOD, approve=approve_everything))[0] is None
    assert (await _start(tmp_path / "plugins", _GOOD, approve=None))[0] is None


async def test_who_is_asked_sees_the_module_and_its_content(tmp_path: Path) -> None:
    asked: list[ApprovalRequest] = []

    async def approve(request: ApprovalRequest) -> bool:
        asked.append(request)
        return True

    memory_plugin(tmp_path / "plugins", "a")
    program = serving({"echo": echoing}, permissions=("store",))
    await _start(tmp_path / "plugins", program, approve=approve)
    request = asked[0]
    assert (request.plugin.name, request.approved, request.difference) == ("a", False, None)
    assert request.introduction.license == "MIT"
    assert set(request.introduction.functions) == {"echo"}
    assert request.introduction.permissions == ("store",)


@pytest.mark.parametrize(
    ("program", "word"),
    [
        (serving({"echo": echoing}, info={"license": "GPL-3.0-only"}), "GPL-3.0-only"),
        (serving({"echo": echoing}, permissions=("store",)), "store"),
        (serving({"echo": echoing, "more": echoing}), "more"),
        (serving({}, functions=[]), "echo"),
        (serving({"echo": echoing}, functions=[function("echo", params={"required": ["x"]})]), "echo"),
        (serving({"echo": echoing}, info={"required_modules": {"other.so": "*"}}), "other.so"),
    ],
    ids=["licence", "permission", "new function", "gone function", "other schema", "requirement"],
)
async def test_other_content_asks_again_and_names_what_changed(tmp_path: Path, program: Program, word: str) -> None:
    memory_plugin(tmp_path / "plugins", "a")
    await _start(tmp_path / "plugins", _GOOD, approve=approve_everything)
    error, watcher = await _start(tmp_path / "plugins", program, approve=None)
    assert isinstance(error, NotApproved)
    assert any(word in line for line in error.data["difference"])
    assert watcher.of("module.initialising") == []
    # What was approved before is still approved.
    assert (await _start(tmp_path / "plugins", _GOOD, approve=None))[0] is None


async def test_another_file_in_its_directory_asks_again(tmp_path: Path) -> None:
    directory = memory_plugin(tmp_path / "plugins", "a")
    await _start(tmp_path / "plugins", _GOOD, approve=approve_everything)
    (directory / "payload").write_text("new")
    error, _ = await _start(tmp_path / "plugins", _GOOD, approve=None)
    assert isinstance(error, NotApproved)
    assert any("payload" in line for line in error.data["difference"])


async def test_a_tree_that_changes_while_the_module_starts_is_not_approved_whatever_anybody_says(tmp_path: Path) -> None:
    directory = memory_plugin(tmp_path / "plugins", "a")

    async def program(module: ModuleEnd) -> int:
        (directory / "plugin.toml").write_text('command = ["./a"]\n# another one\n')
        await module.introduce([])
        return 0

    error, watcher = await _start(tmp_path / "plugins", program, approve=approve_everything)
    assert isinstance(error, NotApproved)
    assert "changed while it was starting" in error.message
    assert watcher.of("module.initialising") == []


async def test_an_approval_that_cannot_be_read_is_never_taken_for_one(tmp_path: Path) -> None:
    memory_plugin(tmp_path / "plugins", "a")
    await _start(tmp_path / "plugins", _GOOD, approve=approve_everything)
    approvals = Paths.from_environment(os.environ).approvals
    [file] = [path for path in approvals.iterdir() if path.name.startswith("a.")]
    file.write_text("{")
    error, watcher = await _start(tmp_path / "plugins", _GOOD, approve=None)
    assert error is not None
    assert error.kind == "bad_settings"
    assert watcher.of("module.initialising") == []


async def test_a_grants_file_approves_on_a_machine_with_nobody_at_it(tmp_path: Path) -> None:
    memory_plugin(tmp_path / "plugins", "a")
    requests: list[ApprovalRequest] = []

    def keep(request: ApprovalRequest) -> bool:
        requests.append(request)
        return False

    await _start(tmp_path / "plugins", _GOOD, approve=keep)
    grants = tmp_path / "grants.json"
    grants.write_text(render_grants([Approval(requests[0].content, "an administrator", "2026-01-01T00:00:00+00:00")]))
    grants.chmod(0o600)
    environ = {**os.environ, "HUB_GRANTS": str(grants)}
    paths = Paths.from_environment(environ, plugins=[tmp_path / "plugins"])
    async with MemorySpawner({"a": _GOOD}) as spawn, Hub(paths=paths, spawn=spawn) as hub:
        assert await hub.call("a.echo", x=1) == {"x": 1}


async def test_permissions_of_an_unapproved_change_are_not_granted(tmp_path: Path) -> None:
    """HUB-HOST-1, HUB-CAPS-8."""
    permissions: list[str] = []

    async def capabilities(module: ModuleEnd, request: dict[str, Any]) -> None:
        if request["method"] == "capabilities":
            await module.answer(request, {"functions": [function("ask"), function("grow")], "permissions": permissions})

    async def grow(module: ModuleEnd, request: dict[str, Any]) -> None:
        permissions.append("store")
        await module.send({"method": "capabilities_changed", "params": {}})
        await module.answer(request, None)

    memory_plugin(tmp_path / "plugins", "a")
    answers = iter([True, False])
    handlers = {"ask": asking, "grow": grow, "*": capabilities}
    async with MemorySpawner({"a": serving(handlers)}) as spawn:
        hub = hub_of(tmp_path / "plugins", spawn=spawn, approve=lambda _request: next(answers))
        watcher = Watcher(hub)
        async with hub:
            await hub.call("a.grow")
            assert (await watcher.wait("capabilities.changed")).data["approved"] is False
            error = await hub.call("a.ask", method="hub.store.list", params={})
            assert (error["code"], error["data"]["kind"]) == (-31012, "not_permitted")
