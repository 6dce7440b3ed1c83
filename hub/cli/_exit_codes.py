"""Own the exit code of each kind of error: the one table, a contract with scripts; know no messages."""

from collections.abc import Mapping
from typing import Final

__all__ = ["EXIT_CODES", "INTERRUPTED", "OK", "exit_code_of"]

OK: Final = 0
_FUNCTION: Final = 1
_USAGE: Final = 2
_NOT_FOUND: Final = 3
_NOT_ALLOWED: Final = 4
_MODULE: Final = 5
_TIMEOUT: Final = 6
_BUSY: Final = 7
INTERRUPTED: Final = 130

EXIT_CODES: Final[Mapping[str, int]] = {
    # The function answered with an error, or could not do its work for a reason of its own.
    "function_error": _FUNCTION,
    "internal_error": _FUNCTION,
    "invalid_params": _FUNCTION,
    "method_not_found": _FUNCTION,
    "host_call_failed": _FUNCTION,
    "call_cycle": _FUNCTION,
    "call_too_deep": _FUNCTION,
    "context_ended": _FUNCTION,
    "nobody_to_ask": _FUNCTION,
    "store_full": _FUNCTION,
    "credentials_unavailable": _FUNCTION,
    # What was typed or set is wrong; the same command can only fail again.
    "usage": _USAGE,
    "invalid_arguments": _USAGE,
    "bad_settings": _USAGE,
    "frame_too_large": _USAGE,
    # There is no such module or function.
    "not_found": _NOT_FOUND,
    # Nobody has said yes.
    "not_approved": _NOT_ALLOWED,
    "not_permitted": _NOT_ALLOWED,
    # The module could not start, died, or broke the protocol.
    "bad_manifest": _MODULE,
    "bad_interface": _MODULE,
    "bad_license": _MODULE,
    "closed": _MODULE,
    "dependency_failed": _MODULE,
    "disabled": _MODULE,
    "gave_up": _MODULE,
    "handshake_failed": _MODULE,
    "init_failed": _MODULE,
    "invalid_request": _MODULE,
    "invalid_result": _MODULE,
    "module_died": _MODULE,
    "no_common_version": _MODULE,
    "not_running": _MODULE,
    "parse_error": _MODULE,
    "protocol_error": _MODULE,
    "start_failed": _MODULE,
    # The deadline passed.
    "timeout": _TIMEOUT,
    # Not now; the same command may succeed later.
    "backing_off": _BUSY,
    "overloaded": _BUSY,
    "write_blocked": _BUSY,
    # The person, or a signal, ended the command.
    "cancelled": INTERRUPTED,
    "interrupted": INTERRUPTED,
}


def exit_code_of(kind: str, *, may_have_executed: bool = False) -> int:
    """Return the exit code for an error of `kind`, a key of `hub_protocol.errors.ERRORS`."""
    if kind == "frame_too_large" and may_have_executed:
        return _MODULE  # not the arguments were too long, but the answer
    return EXIT_CODES[kind]
