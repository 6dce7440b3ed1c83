"""Own the hub's side of host services, as the runner plays it: store, credentials, ask, call; know no checks and no processes.

A request is judged (live call, permission, shape) and answered; the mode decides whether well, with an error, or later.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple, cast

from hub.conformance._contract import definition_faults, to_hub_definition
from hub.conformance._members import members
from hub.conformance._notes import Notes
from hub.conformance._vault import Vault
from hub_protocol.errors import ERRORS

__all__ = ["CANARY", "AskedHost", "Forward", "HostServices", "Mode", "Reply"]

Mode = Literal["serve", "refuse", "hold"]
Reply = tuple[Literal["result", "error"], Any]
Forward = Callable[[str, Mapping[str, Any]], Reply | None]
"""Calls `module.function` somewhere else; None when nobody there has that module."""

# More in one connection is a flood, of which the first say enough.
_MOST_ASKED: Final = 10_000
# What a person would type into a field for a secret; it must turn up nowhere.
CANARY: Final = "canary-2f1c9e7b40d8"


# A name that is too long is not one of another form: there is no room for it.
_NAMES: Final = (
    ("hub.store.", "key", "HUB-HOST-4/keys-fit"),
    ("hub.credentials.", "name", "HUB-CRED-2/keeps-within-the-limits"),
)


class AskedHost(NamedTuple):
    """A request of the module: its method, and the account of the call in whose context it came; None without a live call."""

    method: str
    account: str | None


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
    vault: Vault = field(default_factory=Vault)
    asked: list[AskedHost] = field(default_factory=list[AskedHost])
    unserved: set[str] = field(default_factory=set[str])

    def answer(  # noqa: PLR0911 - one for each refusal
        self, message: Mapping[str, Any], *, account_of: Callable[[object], str | None], line: bytes, call: bytes
    ) -> Reply | None:
        """Return the answer to a request of the module; None when it is held back.

        `account_of` returns the account of a call under way by its id, None for any other id; `line` is the request as it came,
        `call` what the module was sent that made it ask.
        """
        method = cast("str", message["method"])
        self.notes.seen.add("host")
        self.notes.seen.add(method)
        params: Any = message.get("params", {})
        account = account_of(members(params).get("call_id"))
        if len(self.asked) < _MOST_ASKED:
            self.asked.append(AskedHost(method, account))
        definition = to_hub_definition(method, is_request=True)
        if definition is None:
            return _error("method_not_found")
        faults = definition_faults(definition, params)
        if faults:
            return self._refuse_form(method, params, faults[0], (line, call))
        if account is None:
            self.notes.breach("HUB-HOST-1/asks-inside-a-live-call", "its call_id is that of no call under way", line, call)
            return _error("context_ended")
        if not self._is_permitted(method, params):
            self.notes.breach(
                "HUB-HOST-1/asks-for-what-it-declared", f"{method} needs a permission that it did not declare", line, call
            )
            return _error("not_permitted")
        if self.mode == "hold":
            return None
        if self.mode == "refuse":
            self.notes.seen.add("refused")
            return _error("credentials_unavailable" if method.startswith("hub.credentials.") else "not_found")
        if method.startswith("hub.credentials."):
            return self._serve_credentials(method, params, account, (line, call))
        return self._serve(method, params)

    def _refuse_form(self, method: str, params: Any, fault: tuple[str, str], frames: tuple[bytes, bytes]) -> Reply:
        pointer, why = fault
        check, kind = "HUB-HOST-1/requests-have-their-form", "invalid_params"
        for prefix, member, limit in _NAMES:
            if method.startswith(prefix) and pointer == f"/{member}" and isinstance(params.get(member), str):
                check, kind = limit, "store_full"
        self.notes.breach(check, f"params of {method}: {pointer or 'the object'}: {why}", *frames)
        return _error(kind)

    def _is_permitted(self, method: str, params: Mapping[str, Any]) -> bool:
        if self.permissions is None:
            return True
        if method == "hub.ask":
            return "ask" in self.permissions
        if method.startswith(("hub.store.", "hub.credentials.")):
            return method.split(".")[1] in self.permissions
        address = str(params.get("function"))
        module = address.partition(".")[0]
        return module in self.required or not self.permissions.isdisjoint({"call:*", f"call:{module}", f"call:{address}"})

    def _serve_credentials(self, method: str, params: Mapping[str, Any], account: str, frames: tuple[bytes, bytes]) -> Reply:
        name = cast("str", params["name"])
        match method:
            case "hub.credentials.get":
                return ("result", self.vault.get(account, name))
            case "hub.credentials.delete":
                return ("result", self.vault.delete(account, name))
            case _:
                kept = self.vault.put(account, name, params["value"])
        if kept is None:
            why = f"{name} has more than 64 KiB, or is one more than 64"
            self.notes.breach("HUB-CRED-2/keeps-within-the-limits", why, *frames)
            return _error("store_full")
        return ("result", kept)

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
