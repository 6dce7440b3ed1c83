"""`hub doctor`, whole: what this machine can run and enforce."""

import pytest

from tests.cli.conftest import Hub, function

pytestmark = pytest.mark.process


def test_a_machine_that_works_ends_with_0_and_says_what_is_and_is_not_enforced(hub: Hub) -> None:
    hub.add("good", [function("f")])
    done = hub("doctor")
    assert (done.code, done.stderr) == (0, "")
    assert done.stdout.endswith("the hub can work here\n")
    checks = {check["name"]: check for check in hub("doctor", "--json").result["checks"]}
    assert checks["wall: process group"]["status"] == "ok"
    assert checks["wall: files, network"]["status"] == "info"
    assert checks["plugins directory"]["detail"] == f"{hub.plugins}: 1 plugins, 0 broken"
    assert {
        "python",
        "platform",
        "state directory",
        "data directory",
        "runtime directory",
        "approvals",
        "tool sh",
    } <= checks.keys()


def test_a_broken_plugin_is_a_warning(hub: Hub) -> None:
    (hub.plugins / "wrong").mkdir()
    (hub.plugins / "wrong" / "plugin.toml").write_text("command = [")
    done = hub("doctor", "--json")
    assert (done.code, done.result["ok"]) == (0, True)
    assert {check["name"]: check["status"] for check in done.result["checks"]}["plugin wrong"] == "warning"


def test_state_that_cannot_be_written_ends_with_1(hub: Hub) -> None:
    (hub.plugins.parent / "file").write_text("")
    done = hub("doctor", "--json", env={"XDG_STATE_HOME": str(hub.plugins.parent / "file")})
    assert (done.code, done.result["ok"]) == (1, False)
    found = next(check for check in done.result["checks"] if check["name"] == "state directory")
    assert (found["status"], found["hint"]) == ("error", "repair it, or set XDG_STATE_HOME")


def test_a_plugins_directory_that_is_not_there_ends_with_1(hub: Hub) -> None:
    assert hub("doctor", "--plugins", str(hub.plugins / "nowhere")).code == 1
