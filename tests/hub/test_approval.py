"""Own what holds for approvals: what they pin, how they are kept, what changed."""

import json
import os
import stat
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hub._approval import ApprovalStore, Approved, Changed, GrantsFile, NeverApproved, check_all, render_grants
from hub._difference import ApprovalContent, content_of, difference_between
from hub.errors import BadSettings

_WHEN = datetime(2026, 11, 20, 12, tzinfo=UTC)
_STATUS: dict[str, Any] = {"name": "status", "summary": "Say how it is", "returns": {"type": "string"}}


def _content(**changes: Any) -> ApprovalContent:
    given: dict[str, Any] = {
        "name": "weather",
        "version": "1.0.0",
        "digest": "sha256:1",
        "files": {"plugin.toml": "file 1", "run.sh": "executable 2", "gone.py": "file 3"},
        "license": "MIT",
        "functions": [_STATUS],
        "permissions": ["store"],
        "required_modules": {"system": "^1"},
        "license_free": True,
    }
    return content_of(**(given | changes))


def _lines(**changes: Any) -> tuple[str, ...]:
    return difference_between(_content(), _content(**changes)).lines


@pytest.fixture
def store(tmp_path: Path) -> ApprovalStore:
    """Make an empty store."""
    return ApprovalStore(tmp_path / "state" / "approvals")


def _approved(store: ApprovalStore, **changes: Any) -> None:
    store.approve(_content(**changes), "operator", _WHEN)


def test_what_nobody_approved_is_not_approved(store: ApprovalStore) -> None:
    assert store.check(_content()) == NeverApproved()
    assert store.names() == ()


def test_the_exact_content_that_was_approved_is_approved_and_silent(store: ApprovalStore) -> None:
    _approved(store)
    standing = store.check(_content())
    assert isinstance(standing, Approved)
    assert standing.approval.content == _content()
    assert (standing.approval.by, standing.approval.when) == ("operator", "2026-11-20T12:00:00+00:00")
    assert store.names() == ("weather",)


_REBOOT = {
    "name": "reboot",
    "params": {"properties": {"force": {"type": "boolean"}}, "required": ["force"]},
    "returns": {"type": "null"},
}
_FILES = {"plugin.toml": "file 1", "run.sh": "executable 2", "gone.py": "file 3"}


_CHANGES: list[tuple[dict[str, Any], list[str]]] = [
    ({"version": "1.1.0"}, ["version 1.0.0 -> 1.1.0"]),
    ({"license": "LicenseRef-Acme"}, ["licence MIT -> LicenseRef-Acme"]),
    ({"permissions": ["store", "call"]}, ["permission call added"]),
    ({"permissions": []}, ["permission store removed"]),
    ({"functions": [_STATUS, _REBOOT]}, ["function reboot added: reboot(force: boolean) -> null"]),
    ({"functions": []}, ["function status removed"]),
    (
        {"functions": [_STATUS | {"returns": {"type": "object"}}]},
        ["function status changed: status() -> object (was status() -> string)"],
    ),
    ({"functions": [_STATUS | {"hints": {"destructive": True}}]}, ["function status changed: its hints"]),
    ({"functions": [_STATUS | {"returns": {"type": "string", "minLength": 1}}]}, ["function status changed: its returns"]),
    ({"functions": [_STATUS | {"errors": [{"code": 1}]}]}, ["function status changed: its errors"]),
    ({"required_modules": {"system": "^2"}}, ["required module system changed: ^2 (was ^1)"]),
    ({"required_modules": {}}, ["required module system removed"]),
    ({"digest": "sha256:2", "files": _FILES | {"run.sh": "executable 9"}}, ["file run.sh changed"]),
    ({"digest": "sha256:2", "files": _FILES | {"run.sh": "file 2"}}, ["file run.sh is no longer executable"]),
    ({"digest": "sha256:2", "files": _FILES | {"plugin.toml": "executable 1"}}, ["file plugin.toml became executable"]),
    ({"digest": "sha256:2", "files": _FILES | {"run.sh": "link /bin/sh"}}, ["file run.sh is now a link to /bin/sh"]),
    ({"digest": "sha256:2", "files": _FILES | {"a\n\x1b[2J": "file 1"}}, [r"file a\n\x1b[2J added"]),
    ({"digest": "sha256:2", "files": {"plugin.toml": "file 1", "run.sh": "executable 2"}}, ["file gone.py removed"]),
    ({"digest": "sha256:2"}, ["the plugin's files changed"]),
]


@pytest.mark.parametrize(("changes", "lines"), _CHANGES)
def test_each_change_is_said_in_a_line_and_is_no_longer_approved(
    store: ApprovalStore, changes: dict[str, Any], lines: list[str]
) -> None:
    _approved(store)
    standing = store.check(_content(**changes))
    assert isinstance(standing, Changed)
    assert list(standing.difference.lines) == lines
    assert str(standing.difference) == "\n".join(lines)


_NO_CHANGES: list[dict[str, Any]] = [
    {"functions": [_STATUS | {"summary": "Tell", "description": "More", "examples": [{}], "deprecated": None}]},
    {"functions": [{"returns": {"type": "string"}, "name": "status"}]},
    {"permissions": ["store", "store"]},
    {"license_free": None},
]


@pytest.mark.parametrize("changes", _NO_CHANGES)
def test_prose_order_and_the_remembered_verdict_are_no_change(changes: dict[str, Any]) -> None:
    assert _lines(**changes) == ()


def test_a_new_build_is_told_in_few_lines() -> None:
    lines = _lines(digest="sha256:2", files={f"f{number:04}": "file 1" for number in range(5000)})
    assert len(lines) == 21
    assert lines[-1] == "and 4983 more files"


def test_a_new_approval_takes_the_place_of_the_old_one_and_a_revoked_one_is_gone(store: ApprovalStore) -> None:
    _approved(store)
    _approved(store, digest="sha256:2")
    assert isinstance(store.check(_content()), Changed)
    assert store.revoke("weather")
    assert not store.revoke("weather")
    assert store.check(_content()) == NeverApproved()


def test_approvals_are_readable_by_their_owner_alone_and_leave_no_temporary_file(store: ApprovalStore, tmp_path: Path) -> None:
    _approved(store)
    directory = tmp_path / "state" / "approvals"
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert {file.name: stat.S_IMODE(file.stat().st_mode) for file in directory.iterdir()} == {
        ".lock": 0o600,
        "weather.json": 0o600,
    }


def _stored(tmp_path: Path) -> Path:
    return tmp_path / "state" / "approvals" / "weather.json"


_DROPPED = object()
_DAMAGES: dict[str, tuple[str, Any]] = {
    **{f"no {name}": (name, _DROPPED) for name in ("format", "name", "version", "digest", "license", "by", "when")},
    **{f"no {name}": (name, _DROPPED) for name in ("functions", "permissions", "required_modules")},
    "another format": ("format", 2),
    "another module": ("name", "other"),
    "a list of functions": ("functions", []),
    "a function without its parts": ("functions", {"status": {"signature": "status() -> string"}}),
    "a function that is none": ("functions", {"status": None}),
    "a permission that is a number": ("permissions", [1]),
    "a file that is a number": ("files", {"a": 1}),
}


@pytest.mark.parametrize("damage", _DAMAGES)
def test_a_damaged_approval_is_an_error_with_a_mend_and_never_an_approval(
    store: ApprovalStore, tmp_path: Path, damage: str
) -> None:
    _approved(store)
    member, value = _DAMAGES[damage]
    stored = json.loads(_stored(tmp_path).read_text()) | {member: value}
    stored = {name: kept for name, kept in stored.items() if kept is not _DROPPED}
    _stored(tmp_path).write_text(json.dumps(stored))
    _refused(store)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000])
def test_an_approval_that_is_no_json_is_an_error(store: ApprovalStore, tmp_path: Path, content: bytes) -> None:
    _approved(store)
    _stored(tmp_path).write_bytes(content)
    _refused(store)


def test_an_approval_that_others_could_have_written_is_an_error(store: ApprovalStore, tmp_path: Path) -> None:
    _approved(store)
    _stored(tmp_path).chmod(0o666)
    assert "others may write to it" in _refused(store).message


def test_an_approval_that_is_a_directory_or_a_pipe_is_an_error(store: ApprovalStore, tmp_path: Path) -> None:
    _approved(store)
    _stored(tmp_path).unlink()
    os.mkfifo(_stored(tmp_path))
    assert "not a regular file" in _refused(store).message


def _refused(store: ApprovalStore) -> BadSettings:
    with pytest.raises(BadSettings, match="cannot read the approval of weather in ") as caught:
        store.check(_content())
    assert "hub plugin revoke weather" in (caught.value.hint or "")
    assert store.names() == ("weather",)
    return caught.value


def test_a_damaged_approval_can_be_revoked_and_given_again(store: ApprovalStore, tmp_path: Path) -> None:
    _approved(store)
    _stored(tmp_path).write_text("{")
    assert store.revoke("weather")
    _approved(store)
    assert isinstance(store.check(_content()), Approved)


@pytest.mark.parametrize("name", ["../weather", "a/b", "", ".lock", "Weather", "a" * 65])
def test_a_name_that_is_no_name_never_becomes_a_path(store: ApprovalStore, name: str) -> None:
    for refused in (store.get, store.revoke):
        with pytest.raises(BadSettings, match="cannot look up an approval"):
            refused(name)


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("in the way")
    with pytest.raises(BadSettings) as caught:
        _approved(ApprovalStore(tmp_path / "state" / "approvals"))
    assert caught.value.hint


def test_two_who_approve_at_once_both_succeed(store: ApprovalStore) -> None:
    gate = threading.Barrier(8, timeout=5)

    def approve(number: int) -> None:
        gate.wait()
        _approved(store, name=f"m{number % 4}", digest=f"sha256:{number}")

    threads = [threading.Thread(target=approve, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.names() == ("m0", "m1", "m2", "m3")
    assert all(store.get(name) for name in store.names())


@pytest.fixture
def grants(store: ApprovalStore, tmp_path: Path) -> Path:
    """Write a grants file for the usual content."""
    file = tmp_path / "grants.json"
    file.write_text(render_grants([store.approve(_content(), "operator", _WHEN)]))
    file.chmod(0o644)
    return file


def test_a_grants_file_approves_the_same_exact_content_and_nothing_else(grants: Path) -> None:
    assert isinstance(GrantsFile(grants).check(_content()), Approved)
    changed = GrantsFile(grants).check(_content(digest="sha256:2", permissions=["store", "call"]))
    assert isinstance(changed, Changed)
    assert changed.difference.lines == ("permission call added", "the plugin's files changed")
    assert GrantsFile(grants).check(_content(name="other")) == NeverApproved()


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('"name": "weather"', '"name": "*"', "each grant is for one module"),
        ('"grants"', '"grant"', 'no list "grants"'),
        ('"digest"', '"digests"', 'no string "digest"'),
        ('"grants": [', '"grants": [7,', "a grant is not an object"),
        ('"format": 1', '"format": 2', '"format": 1'),
        ("{", "[", "it is not JSON"),
    ],
)
def test_a_grants_file_that_is_not_exact_is_refused(grants: Path, old: str, new: str, why: str) -> None:
    text = grants.read_text()
    assert old in text
    grants.write_text(text.replace(old, new, 1))
    assert why in _refused_grants(grants).message


def test_two_grants_for_one_module_are_refused(store: ApprovalStore, grants: Path) -> None:
    approval = store.get("weather")
    assert approval
    grants.write_text(render_grants([approval, approval]))
    assert "more than one grant for weather" in _refused_grants(grants).message


def _refused_grants(file: Path) -> BadSettings:
    with pytest.raises(BadSettings, match="cannot read the grants file") as caught:
        GrantsFile(file).check(_content())
    assert caught.value.hint
    return caught.value


def test_a_grants_file_that_is_missing_or_that_others_may_write_to_is_refused(grants: Path, tmp_path: Path) -> None:
    grants.chmod(0o646)
    for file in (grants, tmp_path / "gone"):
        _refused_grants(file)


def test_either_source_may_approve_and_the_first_one_that_knows_the_module_tells_the_difference(
    store: ApprovalStore, grants: Path
) -> None:
    _approved(store, digest="sha256:old")
    assert isinstance(check_all(_content(), store, GrantsFile(grants)), Approved)
    changed = check_all(_content(version="9.0.0", digest="sha256:old"), store, GrantsFile(grants))
    assert isinstance(changed, Changed)
    assert changed.difference.lines == ("version 1.0.0 -> 9.0.0",)
    assert check_all(_content()) == NeverApproved()


def test_every_member_of_what_is_approved_is_compared() -> None:
    other: dict[str, Any] = {
        "version": "2.0.0",
        "digest": "sha256:2",
        "license": "ISC",
        "functions": {},
        "permissions": (),
        "required_modules": {},
    }
    exempt = {"name", "files", "license_free", "implements"}
    assert set(other) | exempt == set(ApprovalContent.__dataclass_fields__), "a new member needs a line in the difference"
    for member, value in other.items():
        assert difference_between(_content(), replace(_content(), **{member: value})), member
