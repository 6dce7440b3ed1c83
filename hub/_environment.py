"""Own which variables of the host's environment a plugin inherits; know nothing of processes.

A plugin never gets the whole environment of the hub: tokens for one service would be readable by the plugin of another.
"""

import sys
from collections.abc import Mapping
from typing import Final

__all__ = ["INHERITED_PREFIXES", "INHERITED_VARIABLES", "plugin_environment"]

_POSIX: Final[Mapping[str, str]] = {
    "PATH": "a shebang such as `#!/usr/bin/env node` and every tool that the plugin runs are found by it",
    "HOME": "runtimes keep caches and configuration below it; Go, npm and git refuse to work without it",
    "USER": "shown in messages; some database clients log in by it",
    "LOGNAME": "the POSIX spelling of USER",
    "SHELL": "programs that open a subshell choose it by this",
    "LANG": "encoding and language; without it Python and Perl fall back to ASCII",
    "LANGUAGE": "the order of preferred languages beside LANG",
    "TZ": "local times agree with the operator's",
    "TMPDIR": "temporary files go where the operator has room for them",
}

_WINDOWS: Final[Mapping[str, str]] = {
    "PATH": "programs and libraries are found by it",
    "PATHEXT": "which endings make a file a program",
    "SYSTEMROOT": "sockets and random numbers of most runtimes do not work without it",
    "SYSTEMDRIVE": "paths in the settings of Windows are relative to it",
    "WINDIR": "the older spelling of SYSTEMROOT",
    "COMSPEC": "batch files are run by it",
    "TEMP": "temporary files",
    "TMP": "temporary files",
    "USERPROFILE": "the home directory",
    "USERNAME": "shown in messages",
    "HOMEDRIVE": "half of the home directory for older programs",
    "HOMEPATH": "the other half",
    "APPDATA": "runtimes keep configuration below it",
    "LOCALAPPDATA": "runtimes keep caches below it",
    "PROCESSOR_ARCHITECTURE": "runtimes choose their native parts by it",
}

# Name to reason. Not here on purpose: TERM (standard error is no terminal), *_PROXY (may hold a password),
# LD_*, DYLD_*, PYTHON*, NODE_* (they change what code runs), XDG_RUNTIME_DIR, DBUS_*, SSH_AUTH_SOCK (doors to other programs).
INHERITED_VARIABLES: Final[Mapping[str, str]] = _WINDOWS if sys.platform == "win32" else _POSIX

# Locale categories: there are a dozen, and new ones appear with the C library.
INHERITED_PREFIXES: Final = ("LC_",)


def plugin_environment(host: Mapping[str, str], extra: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a plugin: what it may inherit from `host`, then `extra` (the manifest's), which wins."""
    inherited = {
        name: value for name, value in host.items() if name in INHERITED_VARIABLES or name.startswith(INHERITED_PREFIXES)
    }
    return inherited | dict(extra)
