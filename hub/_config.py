"""Own the operator's configuration: one TOML file, checked key by key; know no module and nothing of who obeys it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from hub._credentials import KEEPS
from hub._manifest_table import Source, Table, line_of
from hub._names import did_you_mean, printable
from hub._paths import Paths
from hub._private import read_bounded
from hub.errors import BadSettings
from hub_protocol.methods import is_module_name

__all__ = ["Config"]

# A screenful for each of a hundred modules.
_FILE_BYTES: Final = 1024 * 1024
_KEYS: Final = ("keep_credentials", "modules")
_KEEP_VARIABLE: Final = "HUB_KEEP_CREDENTIALS"


@dataclass(frozen=True, slots=True)
class Config:
    """What an operator has set: `modules` overlays the `[config]` of manifests, `keep_credentials` says where they are kept."""

    modules: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    keep_credentials: str = KEEPS[0]

    @classmethod
    def load(cls, paths: Paths, environ: Mapping[str, str]) -> "Config":
        """Return what stands in the file of `paths`, and what `environ` sets, which wins. No file is as good as an empty one.

        Raises:
            BadSettings: the file cannot be read or means nothing; the message names it and the key.
        """
        config = cls()
        try:
            config = _read(str(paths.config), read_bounded(paths.config, _FILE_BYTES))
        except FileNotFoundError as error:
            if paths.config_given:
                raise _unusable(str(paths.config), "HUB_CONFIG names it, and it is not there") from error
        except OSError as error:
            raise _unusable(str(paths.config), (error.strerror or str(error)).lower()) from error
        keep = cls.keep_in(environ)
        return config if keep is None else cls(config.modules, keep)

    @staticmethod
    def keep_in(environ: Mapping[str, str]) -> str | None:
        """Return where `environ` says that credentials are to be kept, or None.

        Raises:
            BadSettings: it says something else.
        """
        keep = environ.get(_KEEP_VARIABLE, "")
        if keep and keep not in KEEPS:
            msg = f"cannot use {_KEEP_VARIABLE}={printable(keep, 80)}: there is no such place"
            raise BadSettings(msg, hint=f"it is {' or '.join(KEEPS)}")
        return keep or None


class _File(Source):
    """The operator's file, for messages."""

    def error(self, why: str, hint: str, *, path: tuple[str, ...] = (), line: int | None = None) -> BadSettings:
        """Return the error for the key `path` (or the given line) of this file."""
        where = line_of(self.text, path) if line is None and path else line
        return _unusable(self.plugin, why, hint, line=where, key=".".join(path))


def _read(name: str, content: bytes) -> Config:
    try:
        text = content.decode()
        told = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _unusable(name, f"it is not TOML: {error}") from error
    except RecursionError as error:
        raise _unusable(name, "it is nested too deep") from error
    top = Table(_File(name, text), told)
    for key in (key for key in told if key not in _KEYS):
        raise top.error(key, "is not a known key", did_you_mean(key, _KEYS) or f"the keys are {' and '.join(_KEYS)}")
    modules = top.json("modules")
    for module, values in modules.items():
        if not is_module_name(module) or not isinstance(values, dict):
            raise top.table("modules").error(module, "must be a table named like a module", f"write [modules.{module}]")
    return Config(MappingProxyType(modules), top.choice("keep_credentials", KEEPS))


def _unusable(file: str, why: str, hint: str | None = None, *, line: int | None = None, key: str = "") -> BadSettings:
    place = printable(file) + ("" if line is None else f" line {line}")
    data: dict[str, Any] = {"file": file, **({} if line is None else {"line": line}), **({"key": key} if key else {})}
    return BadSettings(f"cannot use the configuration {place}: {printable(why, 400)}", hint=hint or "mend it", data=data)
