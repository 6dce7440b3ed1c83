"""Own the hub's side of host services, as the runner plays it: store, ask, call, log; know no checks and no processes.

A request is judged (live call, permission, shape) and answered; the mode decides whether well, with an error, or later.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, cast

from hub.conformance._contract import definition_faults, to_hub_definition
from hub.conformance._notes import Notes
from hub_protocol.errors import ERRORS

__all__ = ["CANARY", "Forward", "HostServices", "Mode", "Reply"]

Mode = Literal["serve", "refuse", "hold"]
Reply = tuple[Literal["result", "error"], Any]
Forward = Callable[[str, Mapping[str, Any]], Reply | None]
"""Calls `module.function` somewhere else; None when nobody there has that module."""

# What a person would type into a field for a secret; it must turn up nowhere.
CANARY: Final = "canary-2f1c9e7b40d8"


def _error(kind: str, **data: Any) -> Reply:
    code, meaning = ERRORS[kind]
    return ("error", {"code": code, "message": meaning, **({"data": {"kind": kind, **data}} if data else {})})


@dataclass
class HostServices:
    """One store and one way to forward calls; `permissions` is None until the module has said which it asks for."""

    notes: Notes
    forward: Forward = lambda _function, _params: None
    permissions: frozenset[str] | None = None
    required: frozenset[str] = frozenset()
    mode: Mode = "serve"
    store: dict[str, Any] = field(default_factory=dict[str, Any])
    unserved: set[str] = field(default_factory=set[str])

    def answer(  # noqa: PLR0911 - one for each refusal
        self, message: Mapping[str, Any], *, is_live: Callable[[object], bool], line: bytes
    ) -> Reply | None:
        """Return the answer to a request of the module; None when it is held back."""
        method = cast("str", message["method"])
        self.notes.seen.add("host")
        self.notes.seen.add(method)
        definition = to_hub_definition(method, is_request=True)
        if definition is None:
            if method.startswith("hub.credentials"):
                self.notes.breach("HUB-HOST-6/leaves-credentials-alone", f"it asked {method}, which is reserved", line)
            return _error("method_not_found")
        params: Any = message.get("params", {})
        faults = definition_faults(definition, params)
        if faults:
            pointer, why = faults[0]
            key = method.startswith("hub.store") and pointer == "/key" and isinstance(params.get("key"), str)
            check = "HUB-HOST-4/keys-fit" if key else "HUB-HOST-1/requests-have-their-form"
            self.notes.breach(check, f"params of {method}: {pointer or 'the object'}: {why}", line)
            return _error("store_full" if key else "invalid_params")
        if not is_live(params.get("call_id")):
            self.notes.breach("HUB-HOST-1/asks-inside-a-live-call", "its call_id is that of no call under way", line)
            return _error("context_ended")
        if not self._is_permitted(method, params):
            self.notes.breach(
                "HUB-HOST-1/asks-for-what-it-declared", f"{method} needs a permission that it did not declare", line
            )
            return _error("not_permitted")
        if self.mode == "hold":
            return None
        if self.mode == "refuse":
            self.notes.seen.add("refused")
            return _error("not_found")
        return self._serve(method, params)

    def _is_permitted(self, method: str, params: Mapping[str, Any]) -> bool:
        if self.permissions is None:
            return True
        if method == "hub.ask":
            return "ask" in self.permissions
        if method.startswith("hub.store."):
            return "store" in self.permissions
        address = str(params.get("function"))
        module = address.partition(".")[0]
        return module in self.required or not self.permissions.isdisjoint({"call:*", f"call:{module}", f"call:{address}"})

    def _serve(self, method: str, params: Mapping[str, Any]) -> Reply:
        key = cast("str", params.get("key", ""))
        match method:
            case "hub.store.get":
                return ("result", {"found": True, "value": self.store[key]} if key in self.store else {"found": False})
            case "hub.store.set":
                self.store[key] = params.get("value")
                return ("result", {})
            case "hub.store.delete":
                return ("result", {"deleted": self.store.pop(key, self) is not self})
            case "hub.store.list":
                return ("result", {"keys": sorted(name for name in self.store if name.startswith(params.get("prefix", "")))})
            case "hub.ask":
                return ("result", {"action": "accept", "content": self._filled(params.get("schema", {}))})
            case _:
                address = str(params.get("function"))
                reply = self.forward(address, params.get("params", {}))
                if reply is None:
                    self.unserved.add(address)
                return reply or _error("not_found", chain=[address])

    def _filled(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """Return a form filled in, with the canary in each field for a secret."""
        filled: dict[str, Any] = {}
        for name, member in cast("dict[str, dict[str, Any]]", schema.get("properties", {})).items():
            plain = {"string": "x" * max(1, member.get("minLength", 1)), "integer": member.get("minimum", 1)}
            plain |= {"number": member.get("minimum", 1), "boolean": True}
            filled[name] = next(iter(member.get("enum", [])), member.get("default", plain.get(str(member.get("type")))))
            if member.get("writeOnly") and member.get("type") == "string":
                self.notes.seen.add("secret")
                filled[name] = CANARY
        return filled
