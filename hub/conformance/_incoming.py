"""Own what is right in a response: its shape, rule by rule, and that both witnesses read it alike; know no sessions."""

from typing import Any, cast

from hub.conformance._contract import frame_faults
from hub.conformance._members import members
from hub.conformance._notes import Notes
from hub.conformance._witness import other_reading
from hub_protocol import messages

__all__ = ["own_reading", "response_faults"]


def response_faults(message: dict[str, Any]) -> list[tuple[str, str]]:
    """Return which checks a response fails, and why."""
    found: list[tuple[str, str]] = []
    if message.get("jsonrpc") != "2.0" or not isinstance(message.get("jsonrpc"), str):
        found.append(("HUB-MSG-1/writes-jsonrpc-2.0", "its jsonrpc is not the string 2.0"))
    if "result" in message and "error" in message:
        found.append(("HUB-MSG-4/result-or-error", "it has both result and error"))
    elif "result" not in message and "error" not in message:
        found.append(("HUB-MSG-4/result-or-error", "it has neither result nor error"))
    if "id" not in message:
        found.append(("HUB-MSG-4/has-the-id", "it has no id"))
    if "error" in message and "result" not in message:
        found += [("HUB-MSG-5/errors-have-their-form", why) for why in _error_faults(message["error"])]
    if not found and "id" in message and (faults := frame_faults(message)):
        pointer, why = faults[0]
        found.append(("HUB-MSG-4/fits-the-schema", f"{pointer or 'the message'}: {why}"))
    return found


def _error_faults(error: object) -> list[str]:
    if not isinstance(error, dict):
        return ["its error is no object"]
    told = members(cast("object", error))
    if type(told.get("code")) is not int:
        return ["its error has no integer code"]
    return [] if isinstance(told.get("message"), str) else ["its error has no string message"]


def own_reading(message: dict[str, Any], notes: Notes) -> None:
    """Let hub_protocol and jsonrpcclient read a response; where both can and do not agree, the runner is at fault."""
    ours = messages.parse(message)
    theirs = other_reading(message)
    if isinstance(ours, messages.Response):
        expected: tuple[object, ...] = ("result", ours.id, ours.result)
    elif isinstance(ours, messages.ErrorResponse):
        data = message["error"].get("data")
        expected = ("error", ours.id, ours.error.code, ours.error.message, data)
    else:
        return
    if theirs != expected:
        notes.runner_fault(f"hub_protocol and jsonrpcclient read one response differently: {expected} and {theirs}"[:300])
