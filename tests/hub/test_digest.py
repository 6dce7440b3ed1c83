"""Own what holds for the digest of a plugin's tree."""

import os
import random
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub._digest import TreeDigest, digest_plugin, digest_tree, still_unchanged
from hub._digest_cache import DigestCache
from hub._registry import load_plugin
from hub.errors import BadManifest

_HOUR_NANOSECONDS = 3600 * 1_000_000_000


def _digest(root: Path, cache: DigestCache | None = None) -> TreeDigest:
    return digest_tree(root, name="weather", cache=cache)


def _later(root: Path, cache: DigestCache) -> TreeDigest:
    """Return the digest as taken in an hour, when every file of today is old enough to be remembered."""
    return digest_tree(root, name="weather", cache=cache, now_nanoseconds=lambda: time.time_ns() + _HOUR_NANOSECONDS)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Make a small plugin with a nested file, a program and two links."""
    root = tmp_path / "weather"
    (root / "lib" / "deep").mkdir(parents=True)
    (root / "plugin.toml").write_text('command = "./run"')
    (root / "run").write_text("#!/bin/sh\n")
    (root / "run").chmod(0o755)
    (root / "lib" / "deep" / "a.py").write_text("x = 1\n")
    (root / "current").symlink_to("lib/deep")
    (root / "shared").symlink_to("/usr/share")
    return root


def test_each_file_is_named_with_its_kind_and_links_out_of_the_tree_are_told(tree: Path) -> None:
    found = _digest(tree)
    assert found.digest.startswith("sha256:")
    assert {path: value.partition(" ")[0] for path, value in found.files.items()} == {
        "current": "link",
        "lib/deep/a.py": "file",
        "plugin.toml": "file",
        "run": "executable",
        "shared": "link",
    }
    assert found.files["current"] == "link lib/deep"
    assert found.outside == ("shared",)


_CHANGES: dict[str, Callable[[Path], object]] = {
    "content": lambda root: (root / "lib/deep/a.py").write_text("x = 2\n"),
    "x-bit": lambda root: (root / "lib/deep/a.py").chmod(0o755),
    "new file": lambda root: (root / "lib/b.py").write_text(""),
    "removed file": lambda root: (root / "run").unlink(),
    "renamed file": lambda root: (root / "run").rename(root / "ran"),
    "moved file": lambda root: (root / "run").rename(root / "lib" / "run"),
    "link target": lambda root: ((root / "current").unlink(), (root / "current").symlink_to("lib")),
    "link made a file": lambda root: ((root / "current").unlink(), (root / "current").write_text("lib/deep")),
    "bytecode": lambda root: ((root / "__pycache__").mkdir(), (root / "__pycache__" / "a.pyc").write_bytes(b"")),
    "hidden file": lambda root: (root / ".env").write_text(""),
    "build output": lambda root: ((root / "target").mkdir(), (root / "target" / "x").write_text("")),
}


@pytest.mark.parametrize("change", _CHANGES)
def test_whatever_could_run_changes_the_digest(tree: Path, change: str) -> None:
    before = _digest(tree)
    _CHANGES[change](tree)
    assert _digest(tree).digest != before.digest
    assert not still_unchanged(before)


@pytest.mark.parametrize("folder", [".git", ".hg", ".svn", "lib/.git"])
def test_the_metadata_of_version_control_does_not(tree: Path, folder: str) -> None:
    before = _digest(tree)
    (tree / folder).mkdir()
    (tree / folder / "HEAD").write_text("ref")
    assert _digest(tree).digest == before.digest
    assert still_unchanged(before)


def test_the_place_of_the_tree_and_the_times_of_its_files_do_not_matter(tree: Path) -> None:
    before = _digest(tree)
    os.utime(tree / "run", (1, 1))
    assert _digest(tree.rename(tree.with_name("other"))).digest == before.digest


@given(
    st.dictionaries(st.sampled_from(["a", "b", "a b", "ä", "d/a", "d/e/f", "d-", "d.x", "z\n"]), st.binary(max_size=8)),
    st.randoms(use_true_random=False),
)
def test_the_order_in_which_files_were_made_does_not_matter(files: dict[str, bytes], shuffler: random.Random) -> None:
    digests: set[str] = set()
    for _ in range(2):
        names = list(files)
        shuffler.shuffle(names)
        with tempfile.TemporaryDirectory() as place:
            for name in names:
                file = Path(place, name)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(files[name])
            digests.add(_digest(Path(place)).digest)
    assert len(digests) == 1


def test_the_order_in_which_the_system_lists_them_does_not_matter(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _digest(tree)
    scan = os.scandir

    @contextmanager
    def backwards(path: Path) -> Generator[list[os.DirEntry[str]]]:
        with scan(path) as listing:
            yield list(listing)[::-1]

    monkeypatch.setattr(os, "scandir", backwards)
    assert _digest(tree).digest == before.digest
    assert list(_digest(tree).files) == list(before.files)


def test_names_that_are_not_utf_8_are_digested(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xff\xfe")).write_text("")
    one = _digest(tmp_path).digest
    (tmp_path / os.fsdecode(b"\xff\xfe")).rename(tmp_path / os.fsdecode(b"\xff\xfd"))
    assert _digest(tmp_path).digest != one


def test_the_bounds_of_two_names_and_contents_cannot_be_shifted(tmp_path: Path) -> None:
    for root, name, target in (("one", "ab", "c"), ("other", "a", "bc")):
        (tmp_path / root).mkdir()
        (tmp_path / root / name).symlink_to(target)
    assert _digest(tmp_path / "one").digest != _digest(tmp_path / "other").digest


def test_a_bare_executable_is_digested_alone(tmp_path: Path) -> None:
    (tmp_path / "clock").write_text("#!/bin/sh\n")
    (tmp_path / "clock").chmod(0o755)
    plugin = load_plugin(tmp_path / "clock", search_path="")
    before = digest_plugin(plugin)
    assert list(before.files) == ["clock"]
    (tmp_path / "neighbour").write_text("")
    assert digest_plugin(plugin).digest == before.digest
    assert still_unchanged(before)
    (tmp_path / "clock").write_text("#!/bin/bash\n")
    assert digest_plugin(plugin).digest != before.digest


def test_a_manifest_that_changed_after_it_was_read_is_noticed(tree: Path) -> None:
    plugin = load_plugin(tree, search_path="")
    digest_plugin(plugin)
    (tree / "plugin.toml").write_text('command = "sh -c other"')
    with pytest.raises(BadManifest, match="changed just now"):
        digest_plugin(plugin)


def test_what_is_no_file_is_refused_by_name(tree: Path) -> None:
    os.mkfifo(tree / "lib" / "pipe")
    with pytest.raises(BadManifest, match="cannot digest plugin weather: lib/pipe is neither") as caught:
        _digest(tree)
    assert "data directory" in (caught.value.hint or "")


def test_a_tree_that_is_gone_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadManifest, match="no such file"):
        _digest(tmp_path / "gone")


def test_a_tree_that_is_too_large_is_refused_before_it_is_read(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tree / "huge").open("wb") as file:
        file.truncate(5 * 1024**3)
    with pytest.raises(BadManifest, match="more than 4294967296 bytes"):
        _digest(tree)
    (tree / "huge").unlink()
    monkeypatch.setattr("hub._digest._MAX_FILES", 3)
    with pytest.raises(BadManifest, match="more than 3 files"):
        _digest(tree)


@pytest.mark.parametrize("change", ["content", "new file", "removed file"])
def test_a_tree_that_changed_while_it_was_read_is_read_again(tree: Path, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    before = _digest(tree)
    meddled = _meddle(monkeypatch, lambda count: _CHANGES[change](tree) if count == 1 else None)
    found = _digest(tree)
    assert len(meddled) > 1
    assert found.digest != before.digest
    assert still_unchanged(found)


def test_a_tree_that_keeps_changing_is_refused_and_the_file_named(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _meddle(monkeypatch, lambda count: (tree / "lib" / "log").write_text("x" * count))
    with pytest.raises(BadManifest, match="cannot digest plugin weather: lib/log keeps changing") as caught:
        _digest(tree)
    assert "data directory" in (caught.value.hint or "")


def _meddle(monkeypatch: pytest.MonkeyPatch, change: Callable[[int], object]) -> list[int]:
    """Call `change` with a number from 1 on before each read of a file's content; the numbers so far are returned."""
    counts: list[int] = []
    read = os.read

    def meddling(descriptor: int, size: int) -> bytes:
        counts.append(len(counts) + 1)
        change(counts[-1])
        return read(descriptor, size)

    monkeypatch.setattr(os, "read", meddling)
    return counts


def test_an_unchanged_file_is_not_read_again(tree: Path, tmp_path: Path) -> None:
    cache = DigestCache(tmp_path / "cache")
    before = _later(tree, cache)
    assert _forge(cache, tree, "run") == 1
    assert _later(tree, cache).digest != before.digest, "the forged entry shows that the file was not read"
    assert _later(tree, DigestCache(tmp_path / "other")).digest == before.digest


@pytest.mark.parametrize("change", _CHANGES)
def test_a_changed_file_is_read_again_even_with_its_old_size_and_time(tree: Path, tmp_path: Path, change: str) -> None:
    cache = DigestCache(tmp_path / "cache")
    before = _later(tree, cache)
    times = (tree / "lib/deep/a.py").stat()
    _CHANGES[change](tree)
    if (tree / "lib/deep/a.py").exists():
        os.utime(tree / "lib/deep/a.py", ns=(times.st_atime_ns, times.st_mtime_ns))
    after = _later(tree, cache)
    assert after.digest != before.digest
    assert after.digest == _digest(tree).digest


def test_a_file_touched_a_moment_ago_is_not_remembered(tree: Path, tmp_path: Path) -> None:
    cache = DigestCache(tmp_path / "cache")
    _digest(tree, cache)
    assert cache.load(tree) == {}


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b'{"format": 1, "root": 1, "files": []}', b"[" * 5000])
def test_a_damaged_memory_is_forgotten(tree: Path, tmp_path: Path, content: bytes) -> None:
    cache = DigestCache(tmp_path / "cache")
    before = _later(tree, cache)
    (stored,) = (tmp_path / "cache").glob("*.json")
    stored.write_bytes(content)
    assert _later(tree, cache).digest == before.digest
    assert cache.load(tree)


def test_a_memory_that_others_may_write_to_is_not_believed(tree: Path, tmp_path: Path) -> None:
    cache = DigestCache(tmp_path / "cache")
    _later(tree, cache)
    (stored,) = (tmp_path / "cache").glob("*.json")
    stored.chmod(0o666)
    assert cache.load(tree) == {}


def test_a_memory_that_cannot_be_written_fails_nothing(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("in the way")
    assert _later(tree, DigestCache(tmp_path / "cache")).digest == _digest(tree).digest


def _forge(cache: DigestCache, root: Path, name: str) -> int:
    """Change the remembered hash of one file, and return how many were changed."""
    known = cache.load(root)
    forged = {path: (witness, "0" * 64 if path == name else value) for path, (witness, value) in known.items()}
    cache.save(root, forged, known)
    return sum(forged[path] != known[path] for path in known)
