"""Own every exception that the hub raises to its users; know nothing of what raises them.

A module goes through these steps, and each step can fail with:

==========  =====================================================================================
find        BadManifest, NotFound, DependencyFailed
start       StartFailed (never ran), ModuleDied
handshake   HandshakeFailed, NoCommonVersion, BadLicense, BadInterface
approve     NotApproved
initialise  InitFailed, Disabled
call        InvalidArguments, FunctionError, InvalidResult, CallTimeout, Cancelled, ModuleDied,
            Overloaded, NotRunning, BackingOff, GaveUp, NotPermitted, CallCycle, ProtocolError
cleanup     (never raises: what went wrong is an event)
==========  =====================================================================================

Words of a message may change; `kind` and `code` may not. `hint` says what to do next, on a line of its own.
"""

from collections.abc import Mapping
from typing import Any

from hub_protocol.errors import ERRORS, KIND_OF_CODE

__all__ = [
    "BackingOff",
    "BadInterface",
    "BadLicense",
    "BadManifest",
    "BadSettings",
    "CallCycle",
    "CallTimeout",
    "CallTooDeep",
    "Cancelled",
    "Closed",
    "ContextEnded",
    "CredentialsUnavailable",
    "DependencyFailed",
    "Disabled",
    "FrameTooLarge",
    "FunctionError",
    "GaveUp",
    "HandshakeFailed",
    "HubError",
    "InitFailed",
    "InvalidArguments",
    "InvalidResult",
    "ModuleDied",
    "NoCommonVersion",
    "NobodyToAsk",
    "NotApproved",
    "NotFound",
    "NotPermitted",
    "NotRunning",
    "Overloaded",
    "ProtocolError",
    "StartFailed",
    "StoreFull",
    "UsageError",
    "WriteBlocked",
    "error_from_answer",
]


class HubError(Exception):
    """Base of all errors of the hub: `kind` and `code` are stable, `message` and `hint` are for people, `data` is JSON."""

    kind: str = "internal_error"

    def __init__(self, message: str, *, hint: str | None = None, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.data: dict[str, Any] = dict(data or {})

    @property
    def code(self) -> int:
        """The stable number of this kind of error (HUB-ERR-1)."""
        return ERRORS[self.kind].code

    def to_json(self) -> dict[str, Any]:
        """Return the object that `--json` prints: kind, code, message, and hint and data where there are any."""
        shown: dict[str, Any] = {"kind": self.kind, "code": self.code, "message": self.message}
        if self.hint:
            shown["hint"] = self.hint
        if self.data:
            shown["data"] = self.data
        return shown


class FunctionError(HubError):
    """The function answered with an error of its own; `code` and `data` are the module's."""

    kind = "function_error"

    def __init__(self, message: str, *, code: int, data: Any = None, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self._code = code
        self.error_data = data

    @property
    def code(self) -> int:
        """The module's own code, as it stood on the wire."""
        return self._code

    def to_json(self) -> dict[str, Any]:
        """Return kind, code, message, and the module's data where it gave any."""
        shown = super().to_json()
        if self.error_data is not None:
            shown["data"] = self.error_data
        return shown


class BadManifest(HubError):
    """A plugin on disk cannot be used; nothing of it was run."""

    kind = "bad_manifest"


class BadLicense(HubError):
    """A licence is not an SPDX expression."""

    kind = "bad_license"


class BadSettings(HubError):
    """An argument or setting of the hub cannot be used."""

    kind = "bad_settings"


class UsageError(HubError):
    """A command line cannot be understood."""

    kind = "usage"


class NotFound(HubError):
    """There is no such module or function."""

    kind = "not_found"


class DependencyFailed(HubError):
    """A required module is missing, of the wrong version, in a cycle, or did not start."""

    kind = "dependency_failed"


class StartFailed(HubError):
    """The program could not be started; the hint says why in words."""

    kind = "start_failed"


class HandshakeFailed(HubError):
    """`module_info` or `capabilities` did not end in a valid answer."""

    kind = "handshake_failed"


class NoCommonVersion(HandshakeFailed):
    """Hub and module share no protocol version."""

    kind = "no_common_version"


class NotApproved(HubError):
    """Nobody has approved this exact content of the plugin."""

    kind = "not_approved"


class BadInterface(HandshakeFailed):
    """An interface cannot be used, or a module does not satisfy one that it claims; `data["pointer"]` says where."""

    kind = "bad_interface"


class InitFailed(HubError):
    """`module_init` did not end in a valid answer."""

    kind = "init_failed"


class Disabled(HubError):
    """The module disabled itself and said why."""

    kind = "disabled"


class InvalidArguments(HubError):
    """The arguments do not fit the function's schema: a fault of the caller.

    `data["errors"]` names each place by JSON pointer.
    """

    kind = "invalid_arguments"


class InvalidResult(HubError):
    """The result does not fit the function's schema: a fault of the module.

    `data["errors"]` names each place by JSON pointer.
    """

    kind = "invalid_result"


class CallTimeout(HubError):
    """The deadline passed before the answer came."""

    kind = "timeout"


class Cancelled(HubError):
    """The call was cancelled by its caller."""

    kind = "cancelled"


class ModuleDied(HubError):
    """The module ended under the call; `data["may_have_executed"]` says whether it may have been executed."""

    kind = "module_died"


class Overloaded(HubError):
    """Too many calls are waiting for this module."""

    kind = "overloaded"


class WriteBlocked(HubError):
    """The module does not read its standard input."""

    kind = "write_blocked"


class FrameTooLarge(HubError):
    """The message is longer than the frame limit and was not sent."""

    kind = "frame_too_large"


class NotRunning(HubError):
    """The module is not running."""

    kind = "not_running"


class BackingOff(HubError):
    """The module is waiting to be restarted; `data["retry_after_seconds"]` says how long."""

    kind = "backing_off"


class GaveUp(HubError):
    """The module failed too often and is not restarted until a person says so."""

    kind = "gave_up"


class NotPermitted(HubError):
    """The module asked for something that it was not granted."""

    kind = "not_permitted"


class ProtocolError(HubError):
    """The module broke a rule of the protocol; `data["requirement"]` names it where one rule fits."""

    kind = "protocol_error"


class CallCycle(HubError):
    """The call would wait for itself; `data["chain"]` is the chain."""

    kind = "call_cycle"


class CallTooDeep(HubError):
    """The chain of calls is longer than the limit; `data["chain"]` is the chain."""

    kind = "call_too_deep"


class ContextEnded(HubError):
    """A module asked for a host service outside a live call."""

    kind = "context_ended"


class NobodyToAsk(HubError):
    """No person can be asked here."""

    kind = "nobody_to_ask"


class StoreFull(HubError):
    """The module's store has no room for this."""

    kind = "store_full"


class CredentialsUnavailable(HubError):
    """What is kept secret can not be read or written here, mostly for want of a keyring that is open (HUB-CRED-4)."""

    kind = "credentials_unavailable"


class Closed(HubError):
    """The hub is closed."""

    kind = "closed"


# What a module may answer that has a kind of its own; every other code that a module answers is its own business, also one out
# of the hub's range: a relayed -31001 must never look as if the hub's own deadline had passed.
_ANSWERED_KINDS = ("method_not_found", "invalid_params", "internal_error", "host_call_failed")


def error_from_answer(code: int, message: str, data: Any = None) -> FunctionError:
    """Return the error for an error object that a module answered a call with (HUB-ERR-3)."""
    error = FunctionError(message, code=code, data=data)
    kind = KIND_OF_CODE.get(code)
    if kind in _ANSWERED_KINDS:
        error.kind = kind
    return error
