"""Own where the hub keeps and finds things, and every environment variable it reads; make and read no file."""

import dataclasses
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["ENVIRONMENT_VARIABLES", "Paths", "PluginDirectories"]

PluginDirectories = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]

# Every environment variable that the hub itself reads. What a plugin gets to see is another matter: see its manifest.
ENVIRONMENT_VARIABLES: Final[Mapping[str, str]] = {
    "HUB_PLUGINS": f"directories that hold plugins, separated by {os.pathsep!r}; --plugins wins, ./plugins is the default",
    "HUB_CONFIG": "the operator's configuration; by default hub/config.toml below XDG_CONFIG_HOME",
    "HUB_KEEP_CREDENTIALS": "where credentials are kept, `session` or `keyring`; wins over the configuration, --keep over it",
    "HUB_GRANTS": "a grants file: the exact contents that count as approved on a machine with nobody at it",
    "XDG_CONFIG_HOME": "parent of the hub's configuration directory",
    "XDG_STATE_HOME": "parent of the hub's state directory: approvals, digests, reports of crashes",
    "XDG_DATA_HOME": "parent of the hub's data directory: what modules store",
    "XDG_RUNTIME_DIR": "parent of the hub's runtime directory: the control socket of `hub up`",
    "HOME": "where configuration, state and data live when the XDG variables are not set",
    "PATH": "where the program of a manifest's command is looked up when it is not in the plugin's directory",
}

_APPLICATION = "hub"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """Where everything is. All paths are absolute; none is made here (see `make_private_directory`)."""

    plugins: tuple[Path, ...]
    plugins_given: bool
    """Whether a person named the directories: then a missing one is a mistake, whereas a missing ./plugins is none."""
    state: Path
    data: Path
    runtime: Path
    config: Path
    config_given: bool
    """Whether a person named the file: then a missing one is a mistake."""
    grants: Path | None
    search_path: str
    """PATH, for the programs of manifests."""

    @classmethod
    def from_environment(
        cls,
        environ: Mapping[str, str],
        *,
        plugins: Sequence[str | os.PathLike[str]] = (),
        working_directory: Path | None = None,
    ) -> "Paths":
        """Return the paths for an environment; `plugins` are the directories given by `--plugins`, which win.

        An XDG variable that is empty or not absolute counts as not set (XDG Base Directory Specification 0.8).
        """
        here = working_directory or Path.cwd()
        listed = environ.get("HUB_PLUGINS", "").split(os.pathsep)
        named = [os.fspath(entry) for entry in plugins] or [entry for entry in listed if entry]
        state = _user_directory(environ, "XDG_STATE_HOME", (".local", "state"))
        grants, config = environ.get("HUB_GRANTS", ""), environ.get("HUB_CONFIG", "")
        configs = _user_directory(environ, "XDG_CONFIG_HOME", (".config",))
        return cls(
            plugins=tuple(_absolute(here, entry) for entry in named or ["plugins"]),
            plugins_given=bool(named),
            state=state,
            data=_user_directory(environ, "XDG_DATA_HOME", (".local", "share")),
            runtime=_runtime_directory(environ, state),
            config=_absolute(here, config) if config else configs / "config.toml",
            config_given=bool(config),
            grants=_absolute(here, grants) if grants else None,
            search_path=environ.get("PATH", os.defpath),
        )

    @classmethod
    def chosen(cls, plugins: PluginDirectories | None, paths: "Paths | None", environ: Mapping[str, str]) -> "Paths":
        """Return `paths`, by default those of the environment, with `plugins` in place of theirs where given."""
        if plugins is None:
            return paths or cls.from_environment(environ)
        given = [plugins] if isinstance(plugins, str | os.PathLike) else list(plugins)
        if paths is None:
            return cls.from_environment(environ, plugins=given)
        return dataclasses.replace(paths, plugins=tuple(Path(directory).absolute() for directory in given), plugins_given=True)

    @property
    def approvals(self) -> Path:
        """The directory of approvals, one file a module."""
        return self.state / "approvals"

    @property
    def digests(self) -> Path:
        """The directory of remembered file digests; it may be deleted at any time."""
        return self.state / "digests"

    @property
    def reports(self) -> Path:
        """The directory of reports of deaths."""
        return self.state / "reports"

    @property
    def event_log(self) -> Path:
        """The file of what happened in `hub up`, one JSON object a line."""
        return self.state / "log" / "events.jsonl"

    @property
    def credentials(self) -> Path:
        """The directory that lists what is in the system's keyring: names and accounts, never values."""
        return self.state / "credentials"

    @property
    def running(self) -> Path:
        """The directory where each running hub lists its modules, for the hub after one that was killed."""
        return self.state / "running"

    @property
    def stores(self) -> Path:
        """The directory of what modules store."""
        return self.data / "stores"

    @property
    def control_socket(self) -> Path:
        """The socket that `hub up` listens on."""
        return self.runtime / "control.sock"


def _absolute(here: Path, entry: str) -> Path:
    # Not resolve(): the operator's own path is what messages have to show.
    return Path(os.path.normpath(here / entry))


def _xdg(environ: Mapping[str, str], variable: str) -> Path | None:
    given = environ.get(variable, "")
    return Path(given) / _APPLICATION if os.path.isabs(given) else None  # noqa: PTH117 - a string that may be empty


def _user_directory(environ: Mapping[str, str], variable: str, below_home: tuple[str, ...]) -> Path:
    if (given := _xdg(environ, variable)) is not None:
        return given
    home = environ.get("HOME", "")
    if sys.platform == "linux" and os.path.isabs(home):  # noqa: PTH117 - a string that may be empty
        # What platformdirs would answer, without the 15 ms of importing it in each `hub call`.
        return Path(home, *below_home, _APPLICATION)
    from platformdirs import PlatformDirs

    directories = PlatformDirs(_APPLICATION, appauthor=False)
    found = {"XDG_CONFIG_HOME": directories.user_config_path, "XDG_STATE_HOME": directories.user_state_path}
    return found.get(variable, directories.user_data_path)


def _runtime_directory(environ: Mapping[str, str], state: Path) -> Path:
    if (given := _xdg(environ, "XDG_RUNTIME_DIR")) is not None:
        return given
    # A cron job has no XDG_RUNTIME_DIR and still has to find the `hub up` of the same user's login session.
    session = Path(f"/run/user/{os.getuid()}")
    try:
        if session.stat().st_uid == os.getuid():
            return session / _APPLICATION
    except OSError:
        pass
    # Never a name in the shared temporary directory: another user could have made it first.
    return state / "run"
