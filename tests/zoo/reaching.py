"""Own the lines of the zoo about reaching further than allowed: into the hub, into each other, into what nobody approved."""

import json
import os
import shlex
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio

from hub import ApprovalRequest
from hub._childprocess import ChildProcess, SpawnSpec
from hub._process import spawn
from tests.hub.families import until
from tests.hub.modules import BAD_PLUGINS, bad_plugin
from tests.zoo.exhibit import ON_ITS_FEET, Act, Cage, Exhibit, error_of, program

__all__ = ["EXHIBITS"]


def _asking(fault: str = "asks-when-told", *others: str) -> Callable[[Path], object]:
    """Return what writes `bad`, which asks the hub, and modules like it of other names."""

    def write(plugins: Path) -> None:
        arguments = ("--fault", fault, "--features", "host_services")
        program("reentry", *arguments)(plugins)
        for name in others:
            bad_plugin(plugins, name, "reentry", *arguments)

    return write


def _call(address: str, params: Mapping[str, Any] | None = None, **members: Any) -> dict[str, Any]:
    """Return what makes a module call another one."""
    return {"method": "hub.call", "params": {"function": address, "params": dict(params or {}), **members}}


def _asks(params: dict[str, Any]) -> Act:
    """Return what has `bad` ask, and returns the kind of error that it was answered with, or the result."""

    async def act(cage: Cage) -> Any:
        return _innermost(await cage.hub.call("bad.ask", **params))

    return act


def _innermost(answer: Any) -> Any:
    """Return the kind of error, or the result, that the last one in a chain was answered with."""
    while isinstance(answer, dict) and "result" in answer:
        answer = answer["result"]  # pyright: ignore[reportUnknownVariableType] - what a module answered
    return answer["data"]["kind"] if isinstance(answer, dict) and "code" in answer else answer  # pyright: ignore[reportUnknownVariableType]


def _reentry(name: str, params: dict[str, Any], answer: Any, *others: str, **members: Any) -> Exhibit:
    given: dict[str, Any] = {"act": _asks(params), "proof": "misbehaves: asks hub.call", **members}
    return Exhibit("Re-entrancy", name, _asking("asks-when-told", *others), answer=answer, **given)


async def _after_its_context(cage: Cage) -> Any:
    """Have it ask in the name of a call that is over."""
    assert await cage.hub.call("bad.echo", x=1) == {"x": 1}
    return _innermost(await cage.hub.call("bad.ask", stale=True, **_call("good.echo", {"x": 1})))


async def _in_its_init(cage: Cage) -> Any:
    await cage.hub.start("bad")
    await cage.watcher.wait_for_log("answered", "bad")
    return await cage.hub.call("bad.echo", x=1)


async def _each_waits_for_the_other(cage: Cage) -> Any:
    """Have two modules with one worker each call each other from inside a call; return whether the younger one was refused."""
    meeting = cage.directory / "meeting"
    meeting.mkdir()
    found: list[Any] = []

    async def work(name: str, other: str) -> None:
        found.append(_innermost(await cage.hub.call(f"{name}.ask", meet=str(meeting), **_call(f"{other}.echo", {"x": 1}))))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(work, "bad", "worse")
        tasks.start_soon(work, "worse", "bad")
    return sorted(found, key=str)


_REENTRY = [
    _reentry("calls back during a call", _call("good.echo", {"x": 1}), {"x": 1}),
    Exhibit(
        "Re-entrancy",
        "calls back during its init",
        _asking("asks-in-init"),
        "misbehaves: asks hub.call good.echo",
        answer={"x": 1},
        act=_in_its_init,
    ),
    _reentry("calls back after its context ended", {}, "context_ended", act=_after_its_context),
    _reentry("calls itself", _call("bad.echo"), "call_cycle"),
    _reentry("A calls B calls A", _call("worse.ask", _call("bad.echo")), "call_cycle", "worse"),
    _reentry(
        "two modules each waiting for the other's only worker",
        {},
        ["call_cycle", {"x": 1}],
        "worse",
        act=_each_waits_for_the_other,
    ),
]

# Policy

# What only the hub has in its environment.
_PRIVATE = ("HUB_TOKEN", "AWS_SECRET_ACCESS_KEY")
_SECRET = "hunter2-hunter2"  # noqa: S105 - planted


def _script(plugins: Path, program: str = "neighbour", *arguments: str) -> Path:
    """Write the plugin `bad` whose own file runs a program; return that file."""
    directory = plugins / "bad"
    directory.mkdir(exist_ok=True)
    (directory / "plugin.toml").write_text('command = "./run"\n')
    command = [sys.executable, "-S", "-E", str(BAD_PLUGINS / f"{program}.py"), "--name", "bad", *arguments]
    file = directory / "run"
    _write_script(file, command, plugins.parent / "marks", "approved")
    return file


def _write_script(file: Path, command: list[str], marks: Path, mark: str) -> None:
    # In place of the old one, and not into it: a program that runs cannot be written to.
    fresh = file.with_name("fresh")
    fresh.write_text(f"#!/bin/sh\necho {mark} >> {shlex.quote(str(marks))}\nexec {shlex.join(command)}\n")
    fresh.chmod(0o755)
    fresh.rename(file)


def _replace_by_another(directory: Path) -> None:
    command = [sys.executable, "-S", "-E", str(BAD_PLUGINS / "neighbour.py"), "--name", "bad"]
    _write_script(directory / "plugins" / "bad" / "run", command, directory / "marks", "not approved")


def _only_once() -> Callable[[ApprovalRequest], bool]:
    seen: set[str] = set()

    def approve(request: ApprovalRequest) -> bool:
        known = request.plugin.name in seen
        seen.add(request.plugin.name)
        return not known

    return approve


def _only_the_good_one(request: ApprovalRequest) -> bool:
    return request.plugin.name == "good"


async def _replaced_while_running(cage: Cage) -> Any:
    """Replace its program while it runs, then end it; it must not come back as something else."""
    await cage.hub.start("bad")
    _replace_by_another(cage.directory)
    assert await cage.hub.call("bad.echo", x=1) == {"x": 1}
    cage.hub.loaded["bad"].kill()
    failed = await cage.watcher.wait("module.failed", "bad")
    assert failed.data["error"]["kind"] == "not_approved"
    return await cage.hub.call("bad.echo", x=1)


class _ReplacingSpawner:
    """Replaces the program of `bad` when it was read and before it is started."""

    def __init__(self) -> None:
        self.armed = True

    def __call__(self, spec: SpawnSpec) -> ChildProcess:
        if spec.name == "bad" and self.armed:
            self.armed = False
            _replace_by_another(spec.cwd.parents[1])
        return spawn(spec)


def _link(plugins: Path) -> None:
    directory = plugins / "bad"
    directory.mkdir()
    (directory / "plugin.toml").write_text('command = "./run"\n')
    (directory / "run").symlink_to("/bin/true")


def _above(plugins: Path) -> None:
    directory = plugins / "bad"
    directory.mkdir()
    (directory / "plugin.toml").write_text('command = "../good/run"\n')


async def _read_environment(cage: Cage) -> Any:
    seen = await cage.hub.call("bad.environment")
    assert "PATH" in seen
    return sorted(name for name, value in seen.items() if name in _PRIVATE or _SECRET in value)


async def _spill(cage: Cage) -> Any:
    """Have it write the secret everywhere and die; return whether any report that was kept holds it."""
    await cage.hub.start("bad")
    await error_of(cage.hub.call("bad.spill", password=_SECRET))
    await cage.watcher.wait("module.backing-off", "bad")
    reports = cage.hub.paths.reports / "bad"
    await until(lambda: any(reports.glob("*.json")))
    found = [json.loads(file.read_text()) for file in reports.glob("*.json")]
    assert "[redacted]" in json.dumps(found)
    return _SECRET in json.dumps(found)


def _policy(name: str, plugin: Callable[[Path], object], proof: Any, *kinds: str, **members: Any) -> Exhibit:
    return Exhibit("Policy", name, plugin, proof, kinds=kinds, **members)


def _is_a_link(cage: Cage) -> bool:
    return (cage.directory / "plugins" / "bad" / "run").is_symlink()


def _points_above(cage: Cage) -> bool:
    return ".." in (cage.directory / "plugins" / "bad" / "plugin.toml").read_text()


async def _echo(cage: Cage) -> Any:
    return await cage.hub.call("bad.echo", x=1)


async def _was_never_initialised(cage: Cage) -> None:
    assert "got module_init" not in cage.marked()


_POLICY = [
    _policy(
        "not approved",
        program("neighbour"),
        "started",
        "not_approved",
        act=_echo,
        options=lambda: {"approve": _only_the_good_one},
        afterwards=_was_never_initialised,
    ),
    _policy(
        "replaced on disk while running",
        _script,
        "approved",
        "not_approved",
        act=_replaced_while_running,
        options=lambda: {"approve": _only_once()},
    ),
    _policy(
        "replaced between check and start",
        _script,
        "not approved",
        "not_approved",
        act=_echo,
        options=lambda: {"approve": _only_once(), "spawn": _ReplacingSpawner()},
    ),
    _policy("a link for its command", _link, _is_a_link, "bad_manifest", act=_echo),
    _policy("`..` in its command", _above, _points_above, "bad_manifest", act=_echo),
    _policy(
        "reads the environment of the hub",
        program("policy"),
        "misbehaves: reads its environment",
        answer=[],
        act=_read_environment,
        options=lambda: {"environ": {**os.environ, **dict.fromkeys(_PRIVATE, _SECRET)}},
    ),
    _policy(
        "secrets in its log, its trace and its errors",
        program("policy"),
        "misbehaves: spills",
        answer=False,
        act=_spill,
        settings=replace(ON_ITS_FEET, call_seconds=5.0),
    ),
    _policy(
        "asks for a host service that it was not granted",
        _asking("asks-without-permission"),
        "misbehaves: asks hub.store.set",
        answer="not_permitted",
        act=_asks({"method": "hub.store.set", "params": {"key": "a", "value": 1}}),
    ),
    _policy(
        "calls a module that it was not granted",
        _asking("asks-without-permission"),
        "misbehaves: asks hub.call good.echo",
        answer="not_permitted",
        act=_asks(_call("good.echo")),
    ),
]

EXHIBITS = [*_REENTRY, *_POLICY]
