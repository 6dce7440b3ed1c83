"""`hub plugin`, whole: what there is, who it is, and who may run."""

import os

import pytest

from tests.cli.conftest import Hub, function

pytestmark = pytest.mark.process


def test_without_plugins_the_list_is_empty(hub: Hub) -> None:
    done = hub("plugin", "list", "--json")
    assert (done.code, done.stdout, done.stderr) == (0, "[]\n", "")
    told = hub("plugin", "list")
    assert (told.code, told.stdout.split()) == (0, ["NAME", "VERSION", "STATE", "PATH"])
    assert told.stderr.splitlines()[0] == hub("functions").stderr.splitlines()[0] == f"there is no plugin in {hub.plugins}"


def test_the_list_shows_state_and_reasons_and_runs_nothing(hub: Hub) -> None:
    witness = hub.plugins.parent / "ran"
    hub.add("good", [function("f")], approved=True)
    hub.add("new", [function("f")], f"open({str(witness)!r}, 'w')", manifest='version = "2.0.0"\n')
    changed = hub.add("odd", [function("f")], approved=True)
    (changed / "more").write_text("x")
    broken = hub.plugins / "wrong"
    broken.mkdir()
    (broken / "plugin.toml").write_text("command = 1\n")
    done = hub("plugin", "list")
    assert (done.code, done.stderr) == (0, "")
    lines = [line.split() for line in done.stdout.splitlines() if not line.startswith(" ")]
    assert lines == [
        ["NAME", "VERSION", "STATE", "PATH"],
        ["good", "1.0.0", "approved", str(hub.plugins / "good")],
        ["new", "2.0.0", "not", "approved", str(hub.plugins / "new")],
        ["odd", "1.0.0", "changed", str(changed)],
        ["wrong", "-", "broken", str(broken)],
    ]
    rows = {row["name"]: row for row in hub("plugin", "list", "--json").result}
    assert [rows[name]["state"] for name in ("good", "new", "odd", "wrong")] == [
        "approved",
        "not approved",
        "changed",
        "broken",
    ]
    assert rows["wrong"]["error"]["kind"] == "bad_manifest"
    assert rows["wrong"]["error"]["message"] in done.stdout
    assert not witness.exists()


def test_a_plugins_directory_that_was_named_and_is_not_there_is_an_error(hub: Hub) -> None:
    done = hub("plugin", "list", "--plugins", str(hub.plugins / "nowhere"), "--json")
    assert (done.code, done.stdout, done.error["kind"]) == (2, "", "bad_settings")


def test_approving_needs_a_terminal_or_yes(hub: Hub) -> None:
    hub.add("good", [function("f")])
    done = hub("plugin", "approve", "good", "--json")
    assert (done.code, done.stdout, done.error["kind"]) == (2, "", "usage")
    assert done.error["hint"] == "look at it with `hub plugin info good`, then `hub plugin approve good --yes`"
    assert hub("plugin", "list", "--json").result[0]["state"] == "not approved"


def test_approving_shows_all_that_is_approved(hub: Hub) -> None:
    functions = [{**function("wipe", disk={"type": "string"}), "hints": {"destructive": True}}, function("look")]
    permissions = ["ask", "call:base.read", "store"]
    required = {"base": "^1.0"}
    hub.add(
        "disks",
        functions,
        permissions=permissions,
        license="GPL-3.0-only",
        required_modules=required,
        description=["Of\x1b[2Jdisks."],
    )
    done = hub("plugin", "approve", "disks", "--yes")
    assert (done.code, done.stderr) == (0, "")
    page = done.stdout.splitlines()
    assert page[:2] == ["disks 1.0.0", r"  Of\x1b[2Jdisks."]
    assert page[-1] == "approved disks 1.0.0"
    for line in (
        "authors: Ada <ada@example.org>",
        f"path: {hub.plugins / 'disks'}",
        "requires: base ^1.0",
        "  wipe(disk?: string) -> any  [DESTRUCTIVE]",
        "  look() -> any",
        "  ask: ask you questions at the terminal while it works",
        "  call:base.read: call the function base.read",
        "  call:base: call every function of the module base",
        "  store: keep values of its own between runs",
    ):
        assert line in page
    assert any(line.startswith("licence: GPL-3.0-only (free and open-source software: ") for line in page)
    assert any(line.startswith("digest: sha256:") for line in page)


def test_the_page_says_that_a_required_file_is_skipped_and_grants_nothing_for_it(hub: Hub) -> None:
    hub.add("disks", [function("look")], required_modules={"libdisk.so": "*", "base": "^1.0"})
    page = hub("plugin", "info", "disks").stdout.splitlines()
    assert "requires: base ^1.0" in page
    assert "skipped: libdisk.so: the name of a file, which is no module" in page
    assert [line for line in page if "call:" in line] == ["  call:base: call every function of the module base"]


def test_a_directory_with_a_very_long_name_does_not_make_every_line_long(hub: Hub) -> None:
    hub.add("good", [function("f")])
    directory = hub.plugins / ("n" * 255)
    directory.mkdir()
    (directory / "plugin.toml").write_text('command = "true"\n')
    lines = hub("plugin", "list").stdout.splitlines()
    assert next(line for line in lines if line.startswith("good")).startswith("good" + " " * 62 + "-")
    assert any(line.startswith("n" * 63 + "…  ") for line in lines)


def test_a_licence_that_is_not_free_is_said_in_words(hub: Hub) -> None:
    hub.add("closed", license="LicenseRef-Mine")
    assert "NOT free" in hub("plugin", "info", "closed").stdout
    found = hub("plugin", "info", "closed", "--json").result
    assert (found["license"], found["license_free"]) == ("LicenseRef-Mine", False)


def test_what_is_approved_is_not_approved_again(hub: Hub) -> None:
    hub.add("good", [function("f")], approved=True)
    done = hub("plugin", "approve", "good", "--yes")
    assert (done.code, done.stdout) == (0, "good 1.0.0 is approved already\n")


def test_approving_a_changed_plugin_shows_the_difference(hub: Hub) -> None:
    directory = hub.add("good", [function("f")], approved=True)
    (directory / "secret").write_text("x")
    refused = hub("call", "good.f", "--json")
    assert (refused.code, refused.error["kind"]) == (4, "not_approved")
    found = hub("plugin", "approve", "good", "--yes", "--json").result
    assert (found["state"], bool(found["difference"])) == ("approved", True)
    assert any("secret" in line for line in found["difference"])
    assert hub("call", "good.f").code == 0


def test_revoking_takes_the_approval_back(hub: Hub) -> None:
    hub.add("good", [function("f")], approved=True)
    assert hub("plugin", "revoke", "good", "--json").result == {"name": "good", "revoked": True}
    assert hub("call", "good.f").code == 4
    assert hub("plugin", "revoke", "good").stdout == "good was not approved: nothing to revoke\n"


@pytest.mark.parametrize("command", ["info", "approve", "revoke"])
def test_a_plugin_that_is_not_there_is_not_found(hub: Hub, command: str) -> None:
    done = hub("plugin", command, "nope", "--json")
    assert (done.code, done.stdout, done.error["kind"]) == (3, "", "not_found")


def test_the_info_is_complete_as_json_and_needs_no_approval(hub: Hub) -> None:
    hub.add("good", [function("f")], permissions=["store"], extra_info={"unit": "C"}, homepage="https://example.org")
    found = hub("plugin", "info", "good", "--json").result
    assert found | {"digest": "", "license_reasons": [], "functions": []} == {
        "name": "good",
        "version": "1.0.0",
        "state": "not approved",
        "difference": [],
        "authors": ["Ada <ada@example.org>"],
        "license": "MIT",
        "license_free": True,
        "license_reasons": [],
        "description": [],
        "homepage": "https://example.org",
        "extra_info": {"unit": "C"},
        "required_modules": {},
        "implements": [],
        "permissions": ["store"],
        "protocol_version": 1,
        "features": [],
        "path": str(hub.plugins / "good"),
        "digest": "",
        "functions": [],
    }
    assert [one["address"] for one in found["functions"]] == ["good.f"]


def test_a_module_that_says_nothing_ends_with_5(hub: Hub) -> None:
    hub.add("mute", [], "sys.exit(3)")
    done = hub("plugin", "info", "mute", "--json")
    assert (done.code, done.stdout, done.error["kind"]) == (5, "", "start_failed")


def test_the_approver_is_remembered_by_name(hub: Hub) -> None:
    hub.add("good", [function("f")])
    assert hub("plugin", "approve", "good", "--yes", env={"LOGNAME": "ada"}).code == 0
    approval = (hub.plugins.parent / os.environ["XDG_STATE_HOME"] / "hub" / "approvals" / "good.json").read_text()
    assert '"ada"' in approval
