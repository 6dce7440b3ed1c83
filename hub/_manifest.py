"""Own what plugin.toml may say and reading it into a Manifest; know nothing of other plugins, and run nothing."""

import codecs
import hashlib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal, cast

from hub._manifest_table import FILE_NAME, Source, Table, line_of
from hub._names import printable
from hub._order import names_a_file
from hub._private import read_bounded
from hub._requirement import BadVersion, VersionRequirement, parse_version

__all__ = ["FILE_NAME", "Limits", "Manifest", "Supervision", "parse_manifest", "read_manifest", "why_bad_name"]

Framing = Literal["newline", "content-length"]
RestartPolicy = Literal["on-failure", "always", "never"]

# A manifest is written by hand; this is a hundred times the longest we know.
_MAX_MANIFEST_BYTES = 256 * 1024
_MAX_NAME_CHARACTERS = 64
# More would be a list that nobody approves by reading it.
_MAX_ENTRIES = 256
# A day: a wait that is longer is no deadline.
_MAX_WAIT_SECONDS = 86_400.0
# Stopping a module ends within 10 s whatever it does, so it cannot ask for more.
_MAX_CLEANUP_SECONDS = 10.0
# No runtime starts in less than 1 MiB; a budget below is a mistake in the unit.
_MIN_MEMORY_BYTES = 1024 * 1024
# A module that can really serve more at once is a service, not a plugin.
_MAX_IN_FLIGHT = 1024

_NAME: Final = re.compile(r"[a-z][a-z0-9_-]*", re.ASCII)
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_LINE: Final = re.compile(r"^(?P<why>.*) \(at (?:line (?P<line>\d+), column \d+|end of document)\)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Supervision:
    """`[restart]`: what the supervisor does when the module ends, and when it starts it at all."""

    policy: RestartPolicy = "on-failure"
    critical: bool = False
    lazy: bool = False
    idle_stop_seconds: float | None = None
    restart_with_dependencies: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """`[limits]`: None means the hub's own default."""

    start_seconds: float | None = None
    init_seconds: float | None = None
    cleanup_seconds: float | None = None
    call_seconds: float | None = None
    memory_bytes: int | None = None
    max_in_flight: int | None = None


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a plugin says about itself on disk. `command` is as written; `Plugin.argv` is what to run."""

    name: str
    command: tuple[str, ...]
    version: str | None = None
    framing: Framing = "newline"
    environment: Mapping[str, str] = field(default_factory=_nothing)
    pass_environment: tuple[str, ...] = ()
    required_modules: Mapping[str, str] | None = None
    """None where the manifest does not say; then `module_info` alone does."""
    permissions: tuple[str, ...] = ()
    config: Mapping[str, Any] = field(default_factory=_nothing)
    build_command: tuple[str, ...] | None = None
    supervision: Supervision = Supervision()
    limits: Limits = Limits()
    command_line: int | None = None
    """The line of plugin.toml on which the command stands, for messages."""
    sha256: str | None = None
    """Of plugin.toml as it was read, so that a later change can be told; None for a bare executable."""


def why_bad_name(name: str) -> str | None:
    """Return why `name` cannot be the name of a module, or None when it can."""
    if len(name) > _MAX_NAME_CHARACTERS:
        return f"has {len(name)} characters; at most {_MAX_NAME_CHARACTERS} will do"
    if not _NAME.fullmatch(name):
        return f'is "{printable(name, 80)}"; it must be lower-case letters, digits, "-" and "_", and begin with a letter'
    return None


def read_manifest(directory: Path, *, default_name: str | None = None) -> Manifest:
    """Read `directory`/plugin.toml; `default_name` (by default the directory's) is the module's name where the file gives none.

    Raises:
        BadManifest: it cannot be read or says something that cannot be; names file, line where known, key and mend.
    """
    plugin = default_name or directory.name
    source = Source(plugin, "")
    try:
        # No link is followed: the digest would cover the link, not the manifest behind it.
        content = read_bounded(directory / FILE_NAME, _MAX_MANIFEST_BYTES, follow_symlinks=False)
    except OSError as error:
        # Not Path.is_symlink, which raises where the directory may not be entered.
        link = os.path.islink(directory / FILE_NAME)  # noqa: PTH114
        why = "it is a symbolic link" if link else str(error.strerror).lower()
        hint = f"{FILE_NAME} must be a readable, regular file of at most {_MAX_MANIFEST_BYTES} bytes"
        raise source.error(why, hint) from error
    try:
        # Editors of another system put a byte order mark there, which TOML does not allow and nobody can see.
        text = content.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise source.error("it is not UTF-8", "save the file as UTF-8", line=line) from error
    return replace(parse_manifest(plugin, text), sha256=hashlib.sha256(content).hexdigest())


def parse_manifest(plugin: str, text: str) -> Manifest:
    """Return the manifest that `text` says, for the plugin found under the name `plugin`.

    Raises:
        BadManifest: see `read_manifest`.
    """
    source = Source(plugin, text)
    try:
        top = Table(source, tomllib.loads(text))
    except RecursionError as error:
        raise source.error("it is nested too deeply", "make it flatter") from error
    except ValueError as error:
        found = _LINE.match(str(error))
        why = printable(found["why"] if found else str(error))
        line = int(found["line"]) if found and found["line"] else None
        raise source.error(f"it is not TOML: {why}", "see https://toml.io for the syntax", line=line) from error
    top.refuse_unknown(_READERS)
    values: dict[str, Any] = {}
    for key, read in _READERS.items():
        values.update(read(top, key))
    return Manifest(**values)


def _command(top: Table, key: str) -> dict[str, Any]:
    if key not in top.values:
        hint = f'say how the plugin is run: {key} = "./run" or {key} = ["python3", "main.py"]'
        raise top.source.error("it has no command", hint)
    return {"command": top.words(key, _MAX_ENTRIES), "command_line": line_of(top.source.text, (key,))}


def _name(top: Table, key: str) -> dict[str, Any]:
    given = top.text(key)
    name = top.source.plugin if given is None else given
    why = why_bad_name(name)
    if why is not None and given is None:
        raise top.source.error(f"it gives no name, and the name of the directory {why}", f'give one: {key} = "weather"')
    if why is not None:
        raise top.error(key, why, f'{key} = "weather"')
    return {"name": name}


def _version(top: Table, key: str) -> dict[str, Any]:
    version = top.text(key)
    if version is not None:
        try:
            parse_version(version)
        except BadVersion as error:
            raise top.error(key, f"cannot be read: {error}", error.hint) from error
    return {"version": version}


def _framing(top: Table, key: str) -> dict[str, Any]:
    return {"framing": cast("Framing", top.choice(key, ("newline", "content-length")))}


def _environment(top: Table, key: str) -> dict[str, Any]:
    def check(table: Table, name: str, value: str) -> None:
        _refuse_bad_variable(table, name, name)
        if "\0" in value:
            raise table.error(name, "has a NUL character", "leave it out")

    return {"environment": MappingProxyType(top.texts_by_name(key, _MAX_ENTRIES, check))}


def _pass_environment(top: Table, key: str) -> dict[str, Any]:
    names = top.texts(key, _MAX_ENTRIES)
    for name in names:
        _refuse_bad_variable(top, key, name)
        if name in top.table("environment").values:
            raise top.error(key, f"names {name}, which [environment] sets", "keep one of the two")
    return {"pass_environment": names}


def _refuse_bad_variable(table: Table, key: str, name: str) -> None:
    if not _VARIABLE.fullmatch(name):
        raise table.error(
            key,
            f'has "{printable(name, 60)}", which is not the name of an environment variable',
            "use letters, digits and _; do not begin with a digit",
        )


def _required_modules(top: Table, key: str) -> dict[str, Any]:
    def check(table: Table, name: str, value: str) -> None:
        if names_a_file(name):
            return
        if (why := why_bad_name(name)) is not None:
            hint = f'name a module: store = "{printable(value, 40)}"'
            raise table.error(name, f"is not the name of a module: it {why}", hint)
        try:
            VersionRequirement.parse(value)
        except BadVersion as error:
            raise table.error(name, f"cannot be read: {error}", error.hint) from error

    if key not in top.values:
        return {"required_modules": None}
    return {"required_modules": MappingProxyType(top.texts_by_name(key, _MAX_ENTRIES, check))}


def _permissions(top: Table, key: str) -> dict[str, Any]:
    return {"permissions": top.texts(key, _MAX_ENTRIES)}


def _config(top: Table, key: str) -> dict[str, Any]:
    return {"config": MappingProxyType(top.json(key))}


def _build(top: Table, key: str) -> dict[str, Any]:
    table = top.table(key)
    table.refuse_unknown({"command"})
    return {"build_command": table.words("command", _MAX_ENTRIES) if table.values else None}


def _restart(top: Table, key: str) -> dict[str, Any]:
    table = top.table(key)
    table.refuse_unknown(Supervision.__dataclass_fields__)
    return {
        "supervision": Supervision(
            policy=cast("RestartPolicy", table.choice("policy", ("on-failure", "always", "never"))),
            critical=table.flag("critical", default=False),
            lazy=table.flag("lazy", default=False),
            idle_stop_seconds=table.number("idle_stop_seconds", 1, _MAX_WAIT_SECONDS),
            restart_with_dependencies=table.flag("restart_with_dependencies", default=False),
        )
    }


def _limits(top: Table, key: str) -> dict[str, Any]:
    table = top.table(key)
    table.refuse_unknown(Limits.__dataclass_fields__)
    # Shorter than this a process cannot even start; 0 would mean "never" where people hope for "no limit".
    shortest = 0.01
    return {
        "limits": Limits(
            start_seconds=table.number("start_seconds", shortest, _MAX_WAIT_SECONDS),
            init_seconds=table.number("init_seconds", shortest, _MAX_WAIT_SECONDS),
            cleanup_seconds=table.number("cleanup_seconds", shortest, _MAX_CLEANUP_SECONDS),
            call_seconds=table.number("call_seconds", shortest, _MAX_WAIT_SECONDS),
            memory_bytes=table.integer("memory_bytes", _MIN_MEMORY_BYTES, 2**53 - 1),
            max_in_flight=table.integer("max_in_flight", 1, _MAX_IN_FLIGHT),
        )
    }


_READERS: Final = {
    "command": _command,
    "name": _name,
    "version": _version,
    "framing": _framing,
    "environment": _environment,
    "pass_environment": _pass_environment,
    "required_modules": _required_modules,
    "permissions": _permissions,
    "config": _config,
    "build": _build,
    "restart": _restart,
    "limits": _limits,
}
