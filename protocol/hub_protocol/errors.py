"""Own the one table of error codes and the two protocol exceptions; know nothing of I/O, messages or who catches them.

Codes from -32768 to -32000 belong to JSON-RPC 2.0 (section 5.1). Codes from -31999 to -31000 belong to the hub and are
listed here; a retired code is never used again. Every other integer belongs to the modules.
"""

from typing import Final, NamedTuple

__all__ = [
    "ERRORS",
    "HUB_CODES",
    "JSONRPC_CODES",
    "KIND_OF_CODE",
    "ErrorSpec",
    "LocalProtocolError",
    "RemoteProtocolError",
    "is_module_code",
]


class ErrorSpec(NamedTuple):
    """One row of the table: the number on the wire, and one line that says what it means."""

    code: int
    meaning: str


# JSON-RPC 2.0, section 5.1. The implementation-defined range -32099..-32000 is left unused on purpose:
# JSON-RPC libraries raise their own codes there, and a caller could not tell theirs from ours.
JSONRPC_CODES: Final = range(-32768, -31999)
HUB_CODES: Final = range(-31999, -30999)

ERRORS: Final[dict[str, ErrorSpec]] = {
    # JSON-RPC 2.0
    "parse_error": ErrorSpec(-32700, "the frame is not JSON, or breaks a frame rule"),
    "invalid_request": ErrorSpec(-32600, "the JSON is not a JSON-RPC 2.0 message that this protocol allows"),
    "method_not_found": ErrorSpec(-32601, "the peer has no such method"),
    "invalid_params": ErrorSpec(-32602, "the module found the arguments wrong"),
    "internal_error": ErrorSpec(-32603, "the handler failed; its text is in the log under the correlation id"),
    # The end of a call
    "cancelled": ErrorSpec(-31000, "the caller cancelled the call"),
    "timeout": ErrorSpec(-31001, "the deadline passed before the answer came"),
    "module_died": ErrorSpec(-31002, "the module ended while the call was under way"),
    "invalid_arguments": ErrorSpec(-31003, "the arguments do not fit the function's params schema"),
    "invalid_result": ErrorSpec(-31004, "the result does not fit the function's returns schema"),
    "overloaded": ErrorSpec(-31005, "too many calls are waiting"),
    "frame_too_large": ErrorSpec(-31006, "the message is longer than the frame limit"),
    "write_blocked": ErrorSpec(-31007, "the module does not read its standard input"),
    # Finding and being allowed
    "not_found": ErrorSpec(-31010, "no such module or function"),
    "not_approved": ErrorSpec(-31011, "nobody has approved this exact content of the plugin"),
    "not_permitted": ErrorSpec(-31012, "the module was not granted this permission"),
    # The state of the module
    "not_running": ErrorSpec(-31020, "the module is not running"),
    "backing_off": ErrorSpec(-31021, "the module is waiting to be restarted"),
    "gave_up": ErrorSpec(-31022, "the module failed too often and is not restarted any more"),
    "disabled": ErrorSpec(-31023, "the module disabled itself and said why"),
    "dependency_failed": ErrorSpec(-31024, "a required module is missing, unfit, in a cycle or down"),
    "start_failed": ErrorSpec(-31025, "the program could not be started"),
    "handshake_failed": ErrorSpec(-31026, "module_info or capabilities did not end in a valid answer"),
    "no_common_version": ErrorSpec(-31027, "hub and module share no protocol version"),
    "init_failed": ErrorSpec(-31028, "module_init did not end in a valid answer"),
    "protocol_error": ErrorSpec(-31029, "the module broke a rule of the protocol"),
    # Calls from a module through the hub
    "call_cycle": ErrorSpec(-31040, "the call would wait for itself"),
    "call_too_deep": ErrorSpec(-31041, "the chain of calls is too long"),
    "context_ended": ErrorSpec(-31042, "the call in whose context this was asked is over or unknown"),
    "nobody_to_ask": ErrorSpec(-31043, "no person can be asked here"),
    "store_full": ErrorSpec(-31044, "the module's store has no room for this"),
    "host_call_failed": ErrorSpec(
        -31045, "a host service that the function needed answered with an error, which is in data.cause"
    ),
    "credentials_unavailable": ErrorSpec(-31046, "what is kept secret can not be read or written here"),
    # Interfaces
    "bad_interface": ErrorSpec(-31050, "an interface cannot be used, or a module does not satisfy one that it claims"),
    # The operator's own files and words
    "bad_manifest": ErrorSpec(-31060, "plugin.toml or the plugin's directory cannot be used"),
    "bad_license": ErrorSpec(-31061, "the licence is not an SPDX expression"),
    "bad_settings": ErrorSpec(-31062, "an argument, option or setting of the hub cannot be used"),
    "usage": ErrorSpec(-31063, "the command line cannot be understood"),
    "interrupted": ErrorSpec(-31064, "the person interrupted the command"),
    "closed": ErrorSpec(-31065, "the hub is closed"),
}

KIND_OF_CODE: Final[dict[int, str]] = {spec.code: kind for kind, spec in ERRORS.items()}


def is_module_code(code: int) -> bool:
    """Return whether `code` is free for a module's own errors (HUB-ERR-2)."""
    return code not in JSONRPC_CODES and code not in HUB_CODES


class LocalProtocolError(Exception):
    """This side tried something that the protocol forbids: a defect at the call site, nothing was sent."""


class RemoteProtocolError(Exception):
    """The peer broke the protocol in a way that a caller has to hear about.

    `kind` is a key of `ERRORS`.
    """

    def __init__(self, message: str, *, kind: str = "protocol_error") -> None:
        super().__init__(message)
        self.kind = kind
