"""Own the digest of a plugin's whole tree, and whether the tree is still the same; know nothing of who approved it.

The digest is taken over everything in the directory: each file's relative path, x-bit and content, each link's target.
Left out is only the metadata of version control (`.git`, `.hg`, `.svn`), which changes with every fetch and commit while what
runs does not; a command may not lie in there. Build outputs (`target/`, `node_modules/`) and Python's bytecode caches
are included, because they are what runs: a changed .pyc beside an unchanged .py is a changed program. Running a plugin must not
change its own tree, so whoever starts it tells Python to keep its bytecode elsewhere.

Not covered: programs of the machine that the command names (an interpreter), what symbolic links lead to outside the tree
(`TreeDigest.outside` lists these), and files that the program loads from elsewhere.
"""

import errno
import hashlib
import os
import stat
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from hub._command import VCS_DIRECTORIES
from hub._digest_cache import DigestCache, Witness
from hub._names import printable
from hub._registry import Plugin
from hub.errors import BadManifest

__all__ = ["TreeDigest", "digest_plugin", "digest_tree", "still_unchanged"]

# A large node_modules has 40 000 files, a Rust target directory 1 GiB; beyond that something is in the tree that is no plugin.
_MAX_FILES = 100_000
_MAX_BYTES = 4 * 1024 * 1024 * 1024
_CHUNK_BYTES = 256 * 1024
# Somebody is copying the plugin into place, or the plugin writes into its own tree; a third look tells which.
_ATTEMPTS = 3
# A file whose status changed this recently is hashed again next time: its next change could carry the same time stamp, and what
# is written through a memory map moves the stamp only once the kernel has written the page back, after 35 s by default.
_SETTLED_NANOSECONDS = 60 * 1_000_000_000


@dataclass(frozen=True, slots=True)
class TreeDigest:
    """The digest of a tree; `files` has `file <sha256>`, `executable <sha256>` or `link <target>` by relative path."""

    digest: str
    files: Mapping[str, str]
    outside: tuple[str, ...]
    """The symbolic links that lead out of the tree: what is behind them is not covered."""
    root: Path
    seen: Mapping[str, Witness]


class _TreeChangedError(Exception):
    """A file changed while it was read."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def digest_plugin(plugin: Plugin, cache: DigestCache | None = None) -> TreeDigest:
    """Return the digest of all that `plugin` consists of on disk. Reads every file: run it in a thread.

    Raises:
        BadManifest: something in the tree cannot be digested, or the manifest is no longer the one that was read.
    """
    tree = digest_tree(plugin.root, name=plugin.name, cache=cache)
    read = plugin.manifest.sha256
    if read is not None and tree.files.get("plugin.toml", "").partition(" ")[2] != read:
        raise BadManifest(f"cannot use plugin {plugin.name}: its plugin.toml was changed just now", hint="try again")
    return tree


def digest_tree(
    root: Path, *, name: str, cache: DigestCache | None = None, now_nanoseconds: Callable[[], int] = time.time_ns
) -> TreeDigest:
    """Return the digest of the directory (or single file) `root`, which belongs to plugin `name`.

    With a cache a file is read again only if its device, inode, size, mtime or ctime is another. The kernel sets ctime to its
    own clock at every change of content or metadata and offers no call to set it: a changed file cannot be made to look old.

    Raises:
        BadManifest: the tree is too large, has something that is no file, cannot be read, or keeps changing.
    """
    known = cache.load(root) if cache else {}
    changed = ""
    for _ in range(_ATTEMPTS):
        try:
            settled = now_nanoseconds() - _SETTLED_NANOSECONDS
            seen, hashes = _read(root, known)
        except _TreeChangedError as error:
            changed = error.name
            continue
        except _UnfitError as error:
            raise BadManifest(f"cannot digest plugin {name}: {error}", hint=error.hint, data={"plugin": name}) from error
        except OSError as error:
            where = printable(os.fsdecode(error.filename)) if error.filename else printable(str(root))
            why = str(error.strerror).lower()
            hint = "the hub must be able to read everything in the plugin's directory"
            raise BadManifest(f"cannot digest plugin {name}: {where}: {why}", hint=hint, data={"plugin": name}) from error
        if cache:
            cache.save(
                root, {path: (seen[path], value) for path, value in hashes.items() if seen[path].ctime_ns < settled}, known
            )
        return _assemble(root, seen, hashes)
    raise BadManifest(
        f"cannot digest plugin {name}: {printable(changed)} keeps changing",
        hint="wait until the plugin is installed; a plugin keeps what it writes in its data directory, not in its own",
        data={"plugin": name},
    )


def still_unchanged(tree: TreeDigest) -> bool:
    """Return whether nothing in the tree was touched since it was digested; reads no content, so it is cheap."""
    try:
        return _look(tree.root) == tree.seen
    except (OSError, _UnfitError, _TreeChangedError):
        return False


def _read(root: Path, known: Mapping[str, tuple[Witness, str]]) -> tuple[dict[str, Witness], dict[str, str]]:
    """Return what is in the tree and the hash of each file, for which nothing may have changed meanwhile."""
    seen = _look(root)
    hashes = _hashes(root, seen, known)
    after = _look(root)
    if after != seen:
        raise _TreeChangedError(_first_difference(seen, after))
    return seen, hashes


class _UnfitError(Exception):
    """Something in the tree can never be digested."""

    def __init__(self, why: str, hint: str) -> None:
        super().__init__(why)
        self.hint = hint


def _look(root: Path) -> dict[str, Witness]:
    """Return what is in the tree by relative path, without reading any content."""
    top = root.stat()
    if not stat.S_ISDIR(top.st_mode):
        return {root.name: _witness(root.name, top)}
    seen: dict[str, Witness] = {}
    entries = size = 0
    directories = [""]
    while directories:
        relative = directories.pop()
        for entry in _entries(root, relative):
            path = f"{relative}{entry.name}"
            entries += 1
            if entry.name in VCS_DIRECTORIES:
                continue
            if entry.is_dir(follow_symlinks=False):
                directories.append(f"{path}/")
                _refuse_too_large(entries, size)
                continue
            try:
                seen[path] = _witness(path, entry.stat(follow_symlinks=False))
            except FileNotFoundError as error:
                raise _TreeChangedError(path) from error
            size += seen[path].size
            _refuse_too_large(entries, size)
    return seen


def _entries(root: Path, relative: str) -> list["os.DirEntry[str]"]:
    try:
        with os.scandir(root / relative) as listing:
            return [entry for entry, _ in zip(listing, range(_MAX_FILES + 1), strict=False)]
    except (FileNotFoundError, NotADirectoryError) as error:
        raise _TreeChangedError(relative) from error


def _refuse_too_large(files: int, size: int) -> None:
    hint = "keep only what the plugin needs to run in its directory"
    if files > _MAX_FILES:
        raise _UnfitError(f"it has more than {_MAX_FILES} files and directories", hint)
    if size > _MAX_BYTES:
        raise _UnfitError(f"it has more than {_MAX_BYTES} bytes", hint)


def _witness(path: str, found: os.stat_result) -> Witness:
    if stat.S_ISLNK(found.st_mode):
        kind = "link"
    elif stat.S_ISREG(found.st_mode):
        kind = "executable" if found.st_mode & 0o111 else "file"
    else:
        hint = "remove it; a plugin keeps sockets and pipes in its data directory, not in its own"
        raise _UnfitError(f"{printable(path)} is neither a file nor a directory nor a symbolic link", hint)
    return Witness(kind, found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def _hashes(root: Path, seen: Mapping[str, Witness], known: Mapping[str, tuple[Witness, str]]) -> dict[str, str]:
    """Return the hash of each file; links have none."""
    hashes: dict[str, str] = {}
    for path, witness in seen.items():
        if witness.kind == "link":
            continue
        remembered = known.get(path)
        hashes[path] = remembered[1] if remembered and remembered[0] == witness else _hash(_place(root, path), path, witness)
    return hashes


def _place(root: Path, path: str) -> Path:
    return root / path if root.is_dir() else root


def _hash(place: Path, path: str, witness: Witness) -> str:
    try:
        descriptor = os.open(place, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if error.errno in {errno.ENOENT, errno.ELOOP}:  # removed, or replaced by a link, since we looked
            raise _TreeChangedError(path) from error
        raise
    try:
        return _hash_open(descriptor, path, witness)
    finally:
        os.close(descriptor)


def _hash_open(descriptor: int, path: str, witness: Witness) -> str:
    if _witness(path, os.fstat(descriptor)) != witness:
        raise _TreeChangedError(path)
    hasher = hashlib.sha256()
    # A file that grows without end must not be read without end; any other change is seen when the tree is looked at again.
    remaining = witness.size
    while chunk := os.read(descriptor, min(_CHUNK_BYTES, remaining + 1)):
        remaining -= len(chunk)
        if remaining < 0:
            raise _TreeChangedError(path)
        hasher.update(chunk)
    return hasher.hexdigest()


def _assemble(root: Path, seen: Mapping[str, Witness], hashes: Mapping[str, str]) -> TreeDigest:
    """Put the parts together in the order of the paths' bytes, each with its length, so that no two trees read the same."""
    hasher = hashlib.sha256(b"hub tree 1\n")
    files: dict[str, str] = {}
    outside: list[str] = []
    real = os.path.realpath(root)
    for path in sorted(seen, key=os.fsencode):
        kind = seen[path].kind
        if kind == "link":
            value = os.readlink(root / path)  # noqa: PTH115 - the target's exact bytes, not a normalised path
            if not Path(os.path.realpath(root / path)).is_relative_to(real):
                outside.append(path)
        else:
            value = hashes[path]
        files[path] = f"{kind} {value}"
        for part in (kind, path, value):
            encoded = os.fsencode(part)
            hasher.update(b"%d:%b," % (len(encoded), encoded))
    return TreeDigest(
        f"sha256:{hasher.hexdigest()}", MappingProxyType(files), tuple(outside), root, MappingProxyType(dict(seen))
    )


def _first_difference(before: Mapping[str, Witness], after: Mapping[str, Witness]) -> str:
    return next((path for path in sorted(before.keys() | after.keys()) if before.get(path) != after.get(path)), "something")
