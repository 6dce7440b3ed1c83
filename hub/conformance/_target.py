"""Own what is tested: a plugin's directory, an executable or a command line becomes a program to start; run nothing."""

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from hub._environment import plugin_environment
from hub._registry import Plugin, load_plugin
from hub.conformance._wire import Framing
from hub.errors import BadManifest, UsageError

__all__ = ["Target", "target_of_command", "target_of_path"]

# As the hub does: a module in Python must not write beside its own source.
_PYTHON: Final = {"PYTHONDONTWRITEBYTECODE": "1"}


@dataclass(frozen=True, slots=True)
class Target:
    """A program to test, and what its manifest says where it has one."""

    name: str
    argv: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str]
    framing: Framing = "newline"
    manifest_name: str | None = None
    manifest_version: str | None = None
    config: Mapping[str, Any] = field(default_factory=dict[str, Any])
    permissions: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    start_seconds: float | None = None
    init_seconds: float | None = None
    cleanup_seconds: float | None = None
    directory: Path | None = None
    plugin: Plugin | None = None


def target_of_path(path: Path, environ: Mapping[str, str]) -> Target:
    """Return the target at `path`: a directory with plugin.toml, or an executable file.

    Raises:
        BadManifest: it cannot be used; the message says why.
        UsageError: there is nothing at `path`.
    """
    if not path.exists():
        raise UsageError(
            f"cannot test {path}: there is no such file or directory",
            hint="give a plugin's directory, an executable, or a command line after `--`",
        )
    if path.is_file():
        return _of_executable(path, environ)
    plugin = load_plugin(path, search_path=environ.get("PATH", os.defpath), default_name=path.resolve().name)
    manifest = plugin.manifest
    passed = {name: environ[name] for name in manifest.pass_environment if name in environ}
    return Target(
        name=plugin.name,
        argv=plugin.argv,
        cwd=plugin.working_directory,
        env=plugin_environment(environ, {**_PYTHON, **passed, **manifest.environment}),
        framing=manifest.framing,
        manifest_name=_given_name(path, plugin.name),
        manifest_version=manifest.version,
        config=dict(manifest.config),
        permissions=manifest.permissions,
        required=tuple(manifest.required_modules or ()),
        start_seconds=manifest.limits.start_seconds,
        init_seconds=manifest.limits.init_seconds,
        cleanup_seconds=manifest.limits.cleanup_seconds,
        directory=plugin.working_directory,
        plugin=plugin,
    )


def _given_name(path: Path, name: str) -> str | None:
    """Return the name that module_info must repeat: that of the manifest, by default that of the directory."""
    return name if path.is_dir() else None


def _of_executable(path: Path, environ: Mapping[str, str]) -> Target:
    real = path.resolve()
    if not os.access(real, os.X_OK):
        raise BadManifest(f"cannot test {path}: it is not executable", hint=f"chmod +x {path}")
    env = plugin_environment(environ, _PYTHON)
    return Target(name=path.stem, argv=(str(real),), cwd=real.parent, env=env)


def target_of_command(argv: Sequence[str], environ: Mapping[str, str]) -> Target:
    """Return the target that a command line runs, in the directory where it was typed.

    Raises:
        UsageError: there is no such program.
    """
    if not argv:
        raise UsageError("cannot test a command line without words", hint="hub plugin test -- python3 module.py")
    found = shutil.which(argv[0], path=environ.get("PATH", os.defpath))
    if found is None:
        raise UsageError(f"cannot test {argv[0]}: there is no such program", hint="give its path, or put it on the PATH")
    name = Path(argv[0]).stem
    env = plugin_environment(environ, _PYTHON)
    return Target(name=name, argv=(str(Path.cwd() / found), *argv[1:]), cwd=Path.cwd(), env=env)
