"""Own the names of the protocol: reserved methods per direction, and the patterns of module, function and permission names.

Must not know pydantic, connections or what any method does: the SDK and every part of the hub import this file.
"""

import re
from typing import Final

from hub_protocol.limits import MAX_METHOD_CHARS

__all__ = [
    "ADDRESS_PATTERN",
    "CANCEL_REQUEST",
    "CAPABILITIES",
    "CAPABILITIES_CHANGED",
    "FILE_EXTENSIONS",
    "FUNCTION_NAME_PATTERN",
    "HUB_ASK",
    "HUB_CALL",
    "HUB_CREDENTIALS_DELETE",
    "HUB_CREDENTIALS_GET",
    "HUB_CREDENTIALS_PUT",
    "HUB_LOG",
    "HUB_STORE_DELETE",
    "HUB_STORE_GET",
    "HUB_STORE_LIST",
    "HUB_STORE_SET",
    "INTERFACE_NAME_PATTERN",
    "INTERFACE_PATTERN",
    "MODULE_CLEANUP",
    "MODULE_INFO",
    "MODULE_INIT",
    "MODULE_NAME_PATTERN",
    "NOTIFICATIONS_TO_HUB",
    "NOTIFICATIONS_TO_MODULE",
    "PERMISSION_PATTERN",
    "PING",
    "PROGRESS",
    "REQUESTS_TO_HUB",
    "REQUESTS_TO_MODULE",
    "REQUIRED_NAME_PATTERN",
    "REQUIREMENT_PATTERN",
    "RESERVED_NAMES",
    "RESERVED_PREFIXES",
    "SEMVER_PATTERN",
    "is_file_name",
    "is_function_name",
    "is_module_name",
    "is_permission",
    "is_reserved",
    "split_address",
]

# Hub to module.
MODULE_INFO: Final = "module_info"
CAPABILITIES: Final = "capabilities"
MODULE_INIT: Final = "module_init"
MODULE_CLEANUP: Final = "module_cleanup"
PING: Final = "ping"

# Both ways (the module cancels its own requests to the hub).
CANCEL_REQUEST: Final = "$/cancelRequest"

# Module to hub.
PROGRESS: Final = "$/progress"
CAPABILITIES_CHANGED: Final = "capabilities_changed"
HUB_LOG: Final = "hub.log"
HUB_CALL: Final = "hub.call"
HUB_ASK: Final = "hub.ask"
HUB_STORE_GET: Final = "hub.store.get"
HUB_STORE_SET: Final = "hub.store.set"
HUB_STORE_DELETE: Final = "hub.store.delete"
HUB_STORE_LIST: Final = "hub.store.list"
HUB_CREDENTIALS_GET: Final = "hub.credentials.get"
HUB_CREDENTIALS_PUT: Final = "hub.credentials.put"
HUB_CREDENTIALS_DELETE: Final = "hub.credentials.delete"

REQUESTS_TO_MODULE: Final = (MODULE_INFO, CAPABILITIES, MODULE_INIT, MODULE_CLEANUP, PING)
NOTIFICATIONS_TO_MODULE: Final = (CANCEL_REQUEST,)
REQUESTS_TO_HUB: Final = (
    HUB_CALL,
    HUB_ASK,
    HUB_STORE_GET,
    HUB_STORE_SET,
    HUB_STORE_DELETE,
    HUB_STORE_LIST,
    HUB_CREDENTIALS_GET,
    HUB_CREDENTIALS_PUT,
    HUB_CREDENTIALS_DELETE,
)
NOTIFICATIONS_TO_HUB: Final = (CANCEL_REQUEST, PROGRESS, CAPABILITIES_CHANGED, HUB_LOG)

RESERVED_NAMES: Final = frozenset((*REQUESTS_TO_MODULE, CAPABILITIES_CHANGED))
RESERVED_PREFIXES: Final = ("module_", "hub.", "rpc.", "$/")

# The patterns are written for every engine (Python, ECMAScript, RE2, Rust): no look-around, no `\d`, which is Unicode in some.
# In Python use them with `fullmatch`: `$` alone would let a line feed at the end through.
_MODULE: Final = "[a-z][a-z0-9_-]{0,63}"
_FUNCTION: Final = "[A-Za-z][A-Za-z0-9_-]{0,63}"
MODULE_NAME_PATTERN: Final = f"^{_MODULE}$"
FUNCTION_NAME_PATTERN: Final = f"^{_FUNCTION}$"
ADDRESS_PATTERN: Final = rf"^{_MODULE}\.{_FUNCTION}$"
# At least one dot: `cloud.compute.list_servers` can never be the address of a module's function. The version is major.minor.
_INTERFACE: Final = r"[a-z][a-z0-9_-]{0,63}(?:\.[a-z][a-z0-9_-]{0,63}){1,3}"
INTERFACE_NAME_PATTERN: Final = f"^{_INTERFACE}$"
INTERFACE_PATTERN: Final = rf"^{_INTERFACE}/(?:0|[1-9][0-9]{{0,5}})(?:\.(?:0|[1-9][0-9]{{0,5}}))?$"
PERMISSION_PATTERN: Final = rf"^(?:ask|store|credentials|call:(?:\*|{_MODULE}(?:\.{_FUNCTION})?))$"

# Required modules that name a file are skipped with a warning by the hub, so they have to get through the check of the shape.
FILE_EXTENSIONS: Final = (".so", ".dll", ".dylib", ".exe", ".py")
REQUIRED_NAME_PATTERN: Final = rf"^(?:{_MODULE}|[^\n\r]{{1,{MAX_METHOD_CHARS}}}\.(?:so|dll|dylib|exe|py))$"

# SemVer 2.0, rule by rule: no leading zeros, in numbers of the pre-release too.
_NUMBER: Final = "(?:0|[1-9][0-9]*)"
_PRERELEASE_PART: Final = f"(?:{_NUMBER}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
_PRERELEASE: Final = rf"(?:-{_PRERELEASE_PART}(?:\.{_PRERELEASE_PART})*)?"
_BUILD: Final = r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
_VERSION: Final = rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}{_PRERELEASE}"
SEMVER_PATTERN: Final = f"^{_VERSION}{_BUILD}$"

# HUB-INFO-6: a whole version alone or after `=`, whole or shortened after the other operators, wildcards; a comma is "and".
_SHORTENED: Final = rf"(?:{_VERSION}|{_NUMBER}(?:\.{_NUMBER})?)"
_COMPARISON: Final = rf"(?:\*|{_NUMBER}(?:\.{_NUMBER})?\.\*|=? *{_VERSION}|(?:\^|~|>=|<=|>|<) *{_SHORTENED})"
REQUIREMENT_PATTERN: Final = rf"^{_COMPARISON}(?: *, *{_COMPARISON})*$"

_MODULE_RE: Final = re.compile(MODULE_NAME_PATTERN)
_FUNCTION_RE: Final = re.compile(FUNCTION_NAME_PATTERN)
_PERMISSION_RE: Final = re.compile(PERMISSION_PATTERN)


def is_reserved(name: str) -> bool:
    """Return whether no function may be called `name` (HUB-CAPS-2)."""
    return name in RESERVED_NAMES or name.startswith(RESERVED_PREFIXES)


def is_module_name(name: str) -> bool:
    """Return whether `name` can name a module (HUB-INFO-2)."""
    return _MODULE_RE.fullmatch(name) is not None


def is_function_name(name: str) -> bool:
    """Return whether a module may give a function this name: it fits the pattern and is not reserved (HUB-CAPS-2)."""
    return _FUNCTION_RE.fullmatch(name) is not None and not is_reserved(name)


def is_permission(text: str) -> bool:
    """Return whether `text` names a permission (HUB-CAPS-7)."""
    return _PERMISSION_RE.fullmatch(text) is not None


def is_file_name(name: str) -> bool:
    """Return whether a key of `required_modules` names a file instead of a module (HUB-INFO-6)."""
    return name.endswith(FILE_EXTENSIONS)


def split_address(address: str) -> tuple[str, str] | None:
    """Split `module.function` into its two names; None when it is no address of a function that can exist."""
    module, dot, function = address.partition(".")
    if dot and is_module_name(module) and is_function_name(function):
        return module, function
    return None
