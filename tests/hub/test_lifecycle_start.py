"""Own the proof that a module which does not start as it should fails closed, with the reason, soon, and alone."""

import time
from pathlib import Path
from typing import Any

import anyio
import pytest

from hub import Hub, Settings
from hub.errors import HubError
from tests.hub.modules import Watcher, bad_plugin, hub_of

pytestmark = pytest.mark.process

# Long enough for a program to start on a loaded machine, short enough to wait for.
_SHORT = Settings(module_info_seconds=0.4, capabilities_seconds=0.4, init_seconds=0.4)


async def _error_of_start(hub: Hub, name: str = "bad") -> HubError:
    with pytest.raises(HubError) as raised:
        await hub.start(name)
    return raised.value


async def _check_neighbour(hub: Hub) -> None:
    assert await hub.call("good.echo", x=1) == {"x": 1}


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ('"./missing"', "missing"),
        ('"./not-executable"', "not-executable"),
        ('"./bad-shebang"', "missing-interpreter"),
        ('"/usr/bin/false"', "exited"),
        ('"/usr/bin/true"', "exited"),
        ('["/bin/sh", "-c", "kill -SEGV $$"]', "killed"),
        ('["/bin/sh", "-c", "exit 127"]', "exited"),
    ],
)
async def test_a_program_that_does_not_start_is_known_in_less_than_a_second(tmp_path: Path, command: str, reason: str) -> None:
    bad_plugin(tmp_path / "plugins", "good", "neighbour")
    directory = tmp_path / "plugins" / "bad"
    directory.mkdir()
    (directory / "plugin.toml").write_text(f"command = {command}\n")
    (directory / "not-executable").write_text("#!/bin/sh\n")
    (directory / "bad-shebang").write_text("#!/no/such/interpreter\n")
    (directory / "bad-shebang").chmod(0o755)
    async with hub_of(tmp_path / "plugins") as hub:
        begun = time.monotonic()
        error = await _error_of_start(hub)
        assert time.monotonic() - begun < 1
        assert (error.kind, hub.modules["bad"].state) == ("start_failed", "failed")
        assert error.hint
        assert error.message.startswith("cannot start bad: ")
        assert error.data["reason"]
        assert isinstance(error.data["permanent"], bool)
        await _check_neighbour(hub)


@pytest.mark.parametrize("name", ["with space", "ünï", "new\nline", "long" + "g" * 200])
async def test_a_plugin_runs_from_a_directory_with_any_name(tmp_path: Path, name: str) -> None:
    plugins = tmp_path / name / "plugins"
    plugins.parent.mkdir()
    bad_plugin(plugins, "good", "neighbour")
    async with hub_of(plugins) as hub:
        await _check_neighbour(hub)


@pytest.mark.parametrize(
    ("fault", "kind", "requirement"),
    [
        ("exits-0", "start_failed", None),
        ("exits-3", "start_failed", None),
        ("is-killed", "start_failed", None),
        ("dies-when-listing", "start_failed", None),
        ("closes-stdout", "protocol_error", None),
        ("refuses", "handshake_failed", None),
        ("no-object", "handshake_failed", "HUB-INFO-1"),
        ("no-common-version", "no_common_version", "HUB-VER-2"),
        ("picks-version-2", "no_common_version", None),
        ("other-name", "handshake_failed", "HUB-INFO-2"),
        ("other-version", "handshake_failed", "HUB-INFO-2"),
        ("remote-ref", "handshake_failed", "HUB-CAPS-4"),
        ("duplicate-names", "handshake_failed", "HUB-CAPS-2"),
        ("reserved-name", "handshake_failed", "HUB-CAPS-2"),
        ("bad-licence", "bad_license", "HUB-INFO-4"),
        ("oversize-capabilities", "handshake_failed", None),
        ("floods", "protocol_error", "HUB-OUT-1"),
        ("never-answers", "handshake_failed", "HUB-LIFE-3"),
        ("never-lists", "handshake_failed", "HUB-LIFE-3"),
    ],
)
async def test_a_handshake_that_fails_says_why_and_leaves_the_others_alone(
    tmp_path: Path, fault: str, kind: str, requirement: str | None
) -> None:
    bad_plugin(tmp_path / "plugins", "good", "neighbour")
    bad_plugin(tmp_path / "plugins", "bad", "handshake", "--fault", fault, manifest='version = "1.0.0"\n')
    settings = Settings(module_info_seconds=0.4, capabilities_seconds=0.4) if fault.startswith("never") else Settings()
    hub = hub_of(tmp_path / "plugins", settings=settings)
    watcher = Watcher(hub)
    async with hub:
        begun = time.monotonic()
        error = await _error_of_start(hub)
        assert time.monotonic() - begun < 2
        assert (error.kind, error.data.get("requirement")) == (kind, requirement)
        assert f"started with {fault}" in watcher.logged("bad")
        assert "got module_init" not in watcher.logged("bad")
        assert (hub.modules["bad"].state, hub.modules["bad"].pid) == ("failed", None)
        assert [event.data["error"]["kind"] for event in watcher.of("module.failed")] == [kind]
        await _check_neighbour(hub)


@pytest.mark.parametrize("fault", ["unknown-members", "recursive-schema", "banner", "garbage", "answers-twice", "speaks-first"])
async def test_what_is_odd_in_a_handshake_and_does_no_harm_passes(tmp_path: Path, fault: str) -> None:
    """HUB-INFO-1, HUB-OUT-1, HUB-ID-4."""
    bad_plugin(tmp_path / "plugins", "bad", "handshake", "--fault", fault)
    hub = hub_of(tmp_path / "plugins")
    watcher = Watcher(hub)
    async with hub:
        assert await hub.call("bad.greet") == "hello"
    seen = {
        "banner": ("protocol.stray_line", {"text": "Welcome to the plugin!", "size": 22}),
        "answers-twice": ("protocol.unexpected_response", {"id": 1, "late": False}),
    }
    if fault in seen:
        kind, data = seen[fault]
        assert [event.data for event in watcher.of(kind)] == [data]


async def test_a_domain_frame_before_the_handshake_does_nothing(tmp_path: Path) -> None:
    """HUB-LIFE-1."""
    bad_plugin(tmp_path / "plugins", "neighbour", "neighbour")
    bad_plugin(tmp_path / "plugins", "bad", "handshake", "--fault", "speaks-first")
    hub = hub_of(tmp_path / "plugins")
    watcher = Watcher(hub)
    async with hub:
        await hub.start("bad")
        await watcher.wait_for_log("hello before the handshake")
        assert watcher.of("module.starting", "neighbour") == []


async def test_a_start_that_is_refused_shows_the_programs_last_words_in_the_log(tmp_path: Path) -> None:
    bad_plugin(tmp_path / "plugins", "bad", "handshake", "--fault", "exits-3")
    hub = hub_of(tmp_path / "plugins")
    watcher = Watcher(hub)
    async with hub:
        error = await _error_of_start(hub)
    assert "last words" in watcher.logged("bad")
    assert error.data["exit"] == {"text": "exited with status 3", "code": 3}


async def test_exit_status_78_means_that_a_restart_is_of_no_use(tmp_path: Path) -> None:
    """HUB-LIFE-8."""
    bad_plugin(tmp_path / "plugins", "bad", "handshake", "--fault", "exits-78")
    async with hub_of(tmp_path / "plugins") as hub:
        assert (await _error_of_start(hub)).data["permanent"] is True


async def test_other_capabilities_after_a_restart_are_not_approved_by_themselves(tmp_path: Path) -> None:
    """HUB-LIFE-9."""
    started, asked = tmp_path / "started", list[Any]()
    arguments = ("--fault", "differs-after-restart", "--file", str(started))
    bad_plugin(tmp_path / "plugins", "bad", "handshake", *arguments)

    def approve_once(request: Any) -> bool:
        asked.append(request.difference)
        return len(asked) == 1

    async with hub_of(tmp_path / "plugins", approve=approve_once) as hub:
        assert await hub.call("bad.greet") == "hello"
        await hub.stop("bad")
        error = await _error_of_start(hub)
        assert (error.kind, hub.modules["bad"].state) == ("not_approved", "failed")
        assert any("surprise" in line for line in error.data["difference"])
    assert asked[0] is None
    assert started.read_text() == "started\n" * 2


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("refuses", "init_failed"),
        ("bad-config", "init_failed"),
        ("no-object", "init_failed"),
        ("null", "init_failed"),
        ("hangs", "init_failed"),
        ("answers-nonsense", "init_failed"),
        ("exits-0", "init_failed"),
        ("exits-1", "init_failed"),
        ("exits-78", "init_failed"),
        ("crashes", "init_failed"),
    ],
)
async def test_an_init_that_fails_in_any_way_never_runs_the_module(tmp_path: Path, fault: str, kind: str) -> None:
    """HUB-INIT-1."""
    bad_plugin(tmp_path / "plugins", "good", "neighbour")
    bad_plugin(tmp_path / "plugins", "bad", "init", "--fault", fault)
    hub = hub_of(tmp_path / "plugins", settings=_SHORT)
    watcher = Watcher(hub)
    async with hub:
        with pytest.raises(HubError) as raised:
            await hub.call("bad.greet")
        assert raised.value.kind == kind
        assert (hub.modules["bad"].state, hub.modules["bad"].pid) == ("failed", None)
        assert "initialising" in watcher.logged("bad")
        assert "greeted" not in watcher.logged("bad")
        assert watcher.of("module.running", "bad") == []
        await _check_neighbour(hub)


async def test_who_waits_for_an_answer_that_is_never_flushed_is_told_what_it_mostly_is(tmp_path: Path) -> None:
    """HUB-OUT-2."""
    bad_plugin(tmp_path / "plugins", "bad", "handshake", "--fault", "never-answers")
    async with hub_of(tmp_path / "plugins", settings=_SHORT) as hub:
        error = await _error_of_start(hub)
    assert error.message == "cannot introduce bad: it did not answer module_info within 0.4 s"
    assert "flush" in (error.hint or "")
    assert "start_seconds" in (error.hint or "")


async def test_the_cause_of_a_failed_init_is_told_in_the_modules_words(tmp_path: Path) -> None:
    """HUB-INIT-2."""
    bad_plugin(tmp_path / "plugins", "bad", "init", "--fault", "bad-config")
    async with hub_of(tmp_path / "plugins") as hub:
        error = await _error_of_start(hub)
    assert "config.port must be an integer" in error.message
    assert "[config]" in (error.hint or "")


async def test_the_hint_of_a_refused_init_needs_no_running_hub(tmp_path: Path) -> None:
    bad_plugin(tmp_path / "plugins", "bad", "init", "--fault", "refuses")
    async with hub_of(tmp_path / "plugins") as hub:
        error = await _error_of_start(hub)
    assert error.hint == "see how it ended: hub logs bad --last-crash"
    assert hub.reports.last("bad")["fault"]["kind"] == "init_failed"


async def test_an_end_in_init_names_the_status_and_says_that_the_call_was_not_executed(tmp_path: Path) -> None:
    """HUB-INIT-1, HUB-LIFE-8."""
    bad_plugin(tmp_path / "plugins", "bad", "init", "--fault", "exits-78")
    async with hub_of(tmp_path / "plugins") as hub:
        with pytest.raises(HubError) as raised:
            await hub.call("bad.greet")
    error = raised.value
    assert error.message == "cannot initialise bad: it says that its configuration is wrong (exit status 78)"
    assert (error.data["may_have_executed"], error.data["exit"]["code"]) == (False, 78)


async def test_a_module_that_disables_itself_is_stopped_and_not_failed(tmp_path: Path) -> None:
    """HUB-LIFE-10."""
    bad_plugin(tmp_path / "plugins", "bad", "init", "--fault", "disables")
    hub = hub_of(tmp_path / "plugins")
    watcher = Watcher(hub)
    async with hub:
        error = await _error_of_start(hub)
        assert (error.kind, error.data["reason"]) == ("disabled", "there is no such hardware here")
        assert (hub.modules["bad"].state, hub.modules["bad"].pid) == ("stopped", None)
        assert [event.data["reason"] for event in watcher.of("module.disabled")] == ["there is no such hardware here"]
        assert watcher.of("module.failed") == []


async def test_any_number_of_callers_share_one_start(tmp_path: Path) -> None:
    bad_plugin(tmp_path / "plugins", "good", "neighbour")
    hub = hub_of(tmp_path / "plugins")
    watcher = Watcher(hub)
    pids: list[int] = []

    async def call() -> None:
        pids.append(await hub.call("good.pid"))

    async with hub:
        async with anyio.create_task_group() as tasks:
            for _ in range(20):
                tasks.start_soon(call)
        assert (len(pids), set(pids)) == (20, {hub.modules["good"].pid})
    assert len(watcher.of("module.starting")) == 1


async def test_a_caller_that_gives_up_during_the_start_does_not_take_the_module_from_the_others(tmp_path: Path) -> None:
    bad_plugin(tmp_path / "plugins", "good", "neighbour")
    async with hub_of(tmp_path / "plugins") as hub, anyio.create_task_group() as tasks:
        with anyio.CancelScope() as scope:
            tasks.start_soon(_check_neighbour, hub)
            scope.cancel()
            await hub.call("good.echo")


async def test_a_deadline_covers_the_start_of_the_module_too(tmp_path: Path) -> None:
    bad_plugin(tmp_path / "plugins", "bad", "handshake", "--fault", "never-answers")
    async with hub_of(tmp_path / "plugins") as hub:
        with pytest.raises(HubError) as raised:
            await hub.request("bad.greet", {}, timeout_seconds=0.1)
        assert (raised.value.kind, raised.value.data["may_have_executed"]) == ("timeout", False)
        assert hub.modules["bad"].state == "starting"
