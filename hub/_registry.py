"""Own finding the plugins in the plugins directories; run nothing, and know nothing of approval or order.

What is a plugin, in full: an entry of a plugins directory that is not ignored and is either a directory with an entry named
`plugin.toml`, or a regular file that is executable. A symbolic link counts as what it leads to, under the link's own name: the
operator who put it there chose it (authors link their working copy), and the digest is taken of what it leads to.

Ignored are hidden entries, editors' backups, documents, data and libraries by their ending, files that are not executable, and
directories without plugin.toml (hence `target/`, `node_modules/` and whatever else lies about).
"""

import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from hub._command import BadCommand, resolve_command
from hub._manifest import FILE_NAME, Manifest, read_manifest, why_bad_name
from hub._manifest_table import Source
from hub._names import did_you_mean, printable
from hub.errors import BadManifest, BadSettings, HubError, NotFound

__all__ = ["Plugin", "Registry", "discover", "load_plugin"]

# A directory with more entries than this is not a plugins directory; reading on would only make every command slow.
_MAX_ENTRIES = 10_000

_ANOTHER_HINT: Final = "say where plugins are with --plugins DIR or HUB_PLUGINS"
_BACKUP_ENDINGS: Final = ("~", ".bak", ".orig", ".rej", ".swp", ".swo", ".tmp", ".old")
_DOCUMENT_NAMES: Final = frozenset({"readme", "license", "licence", "copying", "changelog", "makefile"})
# File systems without an x-bit show every file as executable; none of these is a program there either.
_OTHER_ENDINGS: Final = (
    ".md", ".rst", ".txt", ".toml", ".json", ".yaml", ".yml", ".ini", ".lock", ".so", ".dylib", ".dll", ".a", ".o",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """One plugin on disk. `path` is where it was found, `root` the real directory, or the real file of a bare executable."""

    name: str
    path: Path
    root: Path
    manifest: Manifest
    argv: tuple[str, ...]

    @property
    def is_bare(self) -> bool:
        """Whether it is an executable without a manifest."""
        return self.manifest.sha256 is None

    @property
    def working_directory(self) -> Path:
        """The directory in which it runs: its own, or that of the bare executable."""
        return self.root.parent if self.is_bare else self.root


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """What was found: `plugins` and `broken` by name, `problems` with whole directories, and why others were `ignored`."""

    directories: tuple[Path, ...]
    plugins: Mapping[str, Plugin]
    broken: Mapping[str, BadManifest]
    problems: tuple[HubError, ...]
    ignored: Mapping[str, str]

    def get(self, name: str) -> Plugin:
        """Return the plugin called `name`.

        Raises:
            BadManifest: it is there and cannot be used.
            NotFound: it is not there; the hint names the nearest one, or what to do.
        """
        if name in self.plugins:
            return self.plugins[name]
        if name in self.broken:
            raise self.broken[name]
        raise NotFound(f"cannot find the module {printable(name)}: {self._why_missing(name)}", hint=self._what_to_do(name))

    def _why_missing(self, name: str) -> str:
        if name in self.ignored:
            return self.ignored[name]
        if self.problems and not self.plugins:
            return self.problems[0].message
        places = ", ".join(printable(str(directory)) for directory in self.directories) or "no directory"
        return f"there is no such plugin in {places}"

    def _what_to_do(self, name: str) -> str | None:
        if name in self.ignored:
            return f"give it a {FILE_NAME}, or make the file executable: chmod +x"
        if self.problems and not self.plugins:
            return self.problems[0].hint
        guess = did_you_mean(name, [*self.plugins, *self.broken])
        if guess:
            return guess
        if self.plugins:
            return "`hub plugin list` shows what there is"
        return _ANOTHER_HINT


def load_plugin(path: Path, *, search_path: str, default_name: str | None = None) -> Plugin:
    """Return the plugin at `path`: a directory with plugin.toml, or an executable file.

    `search_path` (PATH) is where programs outside the plugin's directory are looked up.

    Raises:
        BadManifest: it cannot be used; the message says which file, where and why, the hint how to mend it.
    """
    root = Path(os.path.realpath(path))
    name = default_name or (path.name or root.name)
    try:
        found = root.stat()
    except OSError as error:
        why = str(error.strerror).lower()
        # Not Path.is_symlink, which raises where the directory may not be entered.
        if isinstance(error, FileNotFoundError) and os.path.islink(path):  # noqa: PTH114
            why = "it is a symbolic link that leads nowhere"
        raise _broken(name, path, why, "remove it, or put back what it needs") from error
    if stat.S_ISDIR(found.st_mode):
        return _from_directory(path, root, name, search_path)
    stem = name if default_name else Path(name).stem
    if not stat.S_ISREG(found.st_mode):
        hint = "give the plugin's directory, or its executable"
        raise _broken(stem, path, "it is neither a directory nor a regular file", hint)
    if not found.st_mode & 0o111:
        raise _broken(stem, path, "it is not executable", f"chmod +x {printable(str(path))}")
    if (why := why_bad_name(stem)) is not None:
        hint = f"rename it, or put it into a directory with a {FILE_NAME} that gives a name"
        raise _broken(stem, path, f"its name {why}", hint)
    return Plugin(name=stem, path=path, root=root, manifest=Manifest(name=stem, command=(str(root),)), argv=(str(root),))


def _from_directory(path: Path, root: Path, name: str, search_path: str) -> Plugin:
    try:
        manifest = read_manifest(root, default_name=name)
    except BadManifest as error:
        error.data["path"] = str(path)
        raise
    try:
        argv = resolve_command(root, manifest.command, manifest.environment.get("PATH", search_path))
    except BadCommand as error:
        raise Source(name, "").error(f"command: {error}", error.hint, line=manifest.command_line) from error
    return Plugin(name=manifest.name, path=path, root=root, manifest=manifest, argv=argv)


def _broken(name: str, path: Path, why: str, hint: str) -> BadManifest:
    shown = printable(str(path))
    data = {"plugin": name, "path": str(path)}
    return BadManifest(f"cannot read plugin {printable(name)}: {shown}: {why}", hint=hint, data=data)


def discover(directories: Iterable[Path], *, search_path: str, missing_ok: bool = False) -> Registry:
    """Return what the plugins directories hold, without running any of it; one bad plugin never hides the others.

    With `missing_ok` a directory that does not exist holds nothing; without, it is one of the `problems`.
    """
    search = _Search(search_path)
    unique = tuple(dict.fromkeys(directories))
    for directory in unique:
        try:
            search.directory(directory)
        except FileNotFoundError:
            if not missing_ok:
                search.problem(directory, "it does not exist", _ANOTHER_HINT)
        except OSError as error:
            search.problem(directory, str(error.strerror).lower(), _ANOTHER_HINT)
    return search.registry(unique)


class _Search:
    """One pass over the plugins directories."""

    def __init__(self, search_path: str) -> None:
        self._search_path = search_path
        self._seen: set[tuple[str, str]] = set()
        self._found: dict[str, list[Plugin]] = {}
        self._broken: dict[str, BadManifest] = {}
        self._problems: list[HubError] = []
        self._ignored: dict[str, str] = {}

    def problem(self, directory: Path, why: str, hint: str) -> None:
        self._problems.append(BadSettings(f"cannot read the plugins directory {printable(str(directory))}: {why}", hint=hint))

    def directory(self, directory: Path) -> None:
        with os.scandir(directory) as listing:
            entries = [entry.name for entry, _ in zip(listing, range(_MAX_ENTRIES + 1), strict=False)]
        if len(entries) > _MAX_ENTRIES:
            hint = "give the directory that holds the plugins, and only them"
            self.problem(directory, f"it has more than {_MAX_ENTRIES} entries", hint)
            return
        if FILE_NAME in entries:
            self.problem(directory, f"it has a {FILE_NAME}, so it is a plugin itself", "give the directory that it is in")
            return
        for name in sorted(entries):
            self._entry(directory / name)

    def _entry(self, path: Path) -> None:
        why = _why_ignored(path)
        if why is not None:
            self._ignored.setdefault(path.name, why)
            self._ignored.setdefault(path.stem, why)
            return
        # Two plugins directories may be one, or lead to the same plugin.
        here = (path.name, os.path.realpath(path))
        if here in self._seen:
            return
        self._seen.add(here)
        try:
            plugin = load_plugin(path, search_path=self._search_path)
        except BadManifest as error:
            name = str(error.data["plugin"])
            self._add_broken(name, error)
        else:
            self._found.setdefault(plugin.name, []).append(plugin)

    def _add_broken(self, name: str, error: BadManifest) -> None:
        number = 1 + sum(known == name or known.startswith(f"{name} (") for known in self._broken)
        self._broken[name if number == 1 else f"{name} ({number})"] = error

    def registry(self, directories: tuple[Path, ...]) -> Registry:
        plugins: dict[str, Plugin] = {}
        for name, found in self._found.items():
            if len(found) == 1:
                plugins[name] = found[0]
            else:
                self._add_broken(name, _duplicate(name, [plugin.path for plugin in found]))
        return Registry(
            directories=directories,
            plugins=MappingProxyType(dict(sorted(plugins.items()))),
            broken=MappingProxyType(dict(sorted(self._broken.items()))),
            problems=tuple(self._problems),
            ignored=MappingProxyType(self._ignored),
        )


def _duplicate(name: str, paths: list[Path]) -> BadManifest:
    listed = " and ".join(printable(str(path)) for path in paths)
    return BadManifest(
        f"cannot read plugin {name}: there is more than one: {listed}",
        hint=f"remove all but one, or give another name in its {FILE_NAME}",
        data={"plugin": name, "paths": [str(path) for path in paths]},
    )


def _why_ignored(path: Path) -> str | None:
    """Return why an entry of a plugins directory is not a plugin, or None when it is one (perhaps a broken one)."""
    if path.name.startswith((".", "#")):
        return "hidden entries are ignored"
    if path.name.lower().endswith(_BACKUP_ENDINGS):
        return f"{printable(path.name)} looks like a backup"
    try:
        found = path.stat()
    except OSError:
        # A link that leads nowhere, or a directory that may not be entered: said, not ignored.
        return None
    return _why_no_plugin_directory(path) if stat.S_ISDIR(found.st_mode) else _why_no_program(path, found.st_mode)


def _why_no_program(path: Path, mode: int) -> str | None:
    if not stat.S_ISREG(mode):
        return f"{printable(path.name)} is neither a directory nor a regular file"
    if path.name.lower().endswith(_OTHER_ENDINGS) or path.stem.lower() in _DOCUMENT_NAMES:
        return f"{printable(path.name)} is not a program by its name"
    return None if mode & 0o111 else f"{printable(path.name)} is not executable"


def _why_no_plugin_directory(path: Path) -> str | None:
    try:
        (path / FILE_NAME).lstat()
    except FileNotFoundError:
        return f"the directory {printable(path.name)} has no {FILE_NAME}"
    except OSError:
        return None
    return None
