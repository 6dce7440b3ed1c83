"""Own what holds for the hub's private files and directories."""

import os
import stat
from pathlib import Path

import pytest

from hub._private import FileTooLarge, exclusive_lock, make_private_directory, read_bounded, read_trusted, write_private
from hub.errors import BadSettings


def test_a_private_directory_is_made_with_its_parents_for_the_owner_alone(tmp_path: Path) -> None:
    made = make_private_directory(tmp_path / "a" / "b")
    assert [stat.S_IMODE(path.stat().st_mode) for path in (made, made.parent)] == [0o700, 0o700]
    made.chmod(0o777)
    assert stat.S_IMODE(make_private_directory(made).stat().st_mode) == 0o700


def test_a_file_in_the_way_of_a_directory_is_said(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    for path in (tmp_path / "state", tmp_path / "state" / "hub"):
        with pytest.raises(BadSettings, match="cannot make the directory") as caught:
            make_private_directory(path)
        assert caught.value.hint


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory to somebody else")
def test_a_directory_of_somebody_else_is_refused(tmp_path: Path) -> None:
    directory = tmp_path / "state"
    directory.mkdir()
    os.chown(directory, 12345, 12345)
    with pytest.raises(BadSettings, match="belongs to another user"):
        make_private_directory(directory)


def test_a_file_is_replaced_as_a_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "approval"
    write_private(file, b"old")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    def disk_is_full(descriptor: int) -> None:
        assert file.read_bytes() == b"old"
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", disk_is_full)
    with pytest.raises(OSError, match="No space left"):
        write_private(file, b"new")
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


def test_reading_never_waits_and_never_reads_more_than_allowed(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "long").write_bytes(b"12345")
    (tmp_path / "link").symlink_to("long")
    for name in ("pipe", "."):
        with pytest.raises(OSError, match=r"it is not a regular file|it is a directory"):
            read_bounded(tmp_path / name, 5)
    assert read_bounded(tmp_path / "link", 5) == b"12345"
    with pytest.raises(FileTooLarge, match="longer than 4 bytes"):
        read_bounded(tmp_path / "long", 4)
    with pytest.raises(OSError, match="symbolic link"):
        read_bounded(tmp_path / "link", 5, follow_symlinks=False)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to somebody else")
def test_a_file_of_somebody_else_is_not_trusted(tmp_path: Path) -> None:
    (tmp_path / "approval").write_bytes(b"")
    os.chown(tmp_path / "approval", 12345, 12345)
    with pytest.raises(PermissionError, match="belongs to another user"):
        read_trusted(tmp_path / "approval", 5)


def test_who_waits_for_a_lock_waits_until_it_is_free_and_no_longer_than_allowed(tmp_path: Path) -> None:
    lock = tmp_path / ".lock"
    times = iter(range(100))
    with (
        exclusive_lock(lock),
        pytest.raises(BadSettings, match="another process keeps it locked"),
        exclusive_lock(lock, wait_seconds=3, clock=lambda: next(times), sleep=lambda _: None),
    ):
        pytest.fail("the lock was given twice")
    assert next(times) < 10
    with exclusive_lock(lock):
        pass
