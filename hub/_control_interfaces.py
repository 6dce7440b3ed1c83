"""Own what can be asked of interfaces over the control socket: who has which, and calls of all of them; know no socket."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from hub._control_params import is_number, require
from hub._fanout import answers_json

if TYPE_CHECKING:
    from hub._control_connection import Conversation
    from hub._control_dispatch import Method
    from hub._hub import Hub

__all__ = ["InterfaceMethods"]


class InterfaceMethods:
    """The methods about interfaces of one hub."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub

    def table(self) -> Mapping[str, "Method"]:
        """Return the methods by name."""
        return {
            "hub.interfaces": self.interfaces,
            "hub.interface_function": self.interface_function,
            "hub.implementer": self.implementer,
            "hub.call_all": self.call_all,
        }

    async def interfaces(self, _: "Conversation", name: Any = None) -> dict[str, Any]:
        """Return the interfaces, or the versions of one, with who implements them; in `failed` who could not say."""
        require("hub.interfaces", "name", name is None or isinstance(name, str), "a string or null")
        found, failed = await self._hub.implementers.listing(name)
        return {"interfaces": found, "failed": [error.to_json() for error in failed]}

    async def interface_function(self, _: "Conversation", function: Any, version: Any = None) -> dict[str, Any]:
        """Return the declaration of `interface.function`, of the highest version that `version` (a requirement) allows."""
        _require_address("hub.interface_function", function, version)
        target = self._hub.interfaces.find(function, version)
        declared = target.interface.functions[target.function].declaration
        return {"interface": target.name, "version": target.interface.version, "function": dict(declared)}

    async def implementer(
        self,
        _: "Conversation",
        function: Any,
        version: Any = None,
        timeout_seconds: Any = None,
        spent_seconds: Any = 0.0,
    ) -> str:
        """Return the address of `interface.function` at the one module that implements it."""
        _require_address("hub.implementer", function, version)
        _require_seconds("hub.implementer", timeout_seconds, spent_seconds)
        address, _spent = await self._hub.implementers.only(function, version, timeout_seconds, spent_seconds)
        return address

    async def call_all(  # noqa: PLR0913 - each is a param on the wire
        self,
        conversation: "Conversation",
        function: Any,
        params: Any = None,
        *,
        timeout_seconds: Any = None,
        profile: Any = None,
        spent_seconds: Any = 0.0,
        keep: Any = None,
        version: Any = None,
        modules: Any = None,
        can_ask: Any = False,
    ) -> dict[str, Any]:
        """Call `interface.function` on every module that implements it, or on `modules`, for each account or for `profile`.

        In `answers` each has `module`, `account`, and `result` or `error`; in `unclear` are the errors of modules of which it
        cannot be told whether they implement it. Otherwise as `hub.call`.
        """
        arguments: Any = {} if params is None else params
        _require_address("hub.call_all", function, version)
        _require_seconds("hub.call_all", timeout_seconds, spent_seconds)
        require("hub.call_all", "params", isinstance(arguments, dict), "an object")
        require("hub.call_all", "profile", profile is None or isinstance(profile, str), "a string or null")
        require("hub.call_all", "keep", keep is None or isinstance(keep, str), "a string or null")
        require("hub.call_all", "can_ask", isinstance(can_ask, bool), "a boolean")
        require("hub.call_all", "modules", modules is None or _are_strings(modules), "a list of strings or null")
        calls = self._hub.call_all(
            function,
            arguments,
            timeout_seconds=timeout_seconds,
            spent_seconds=spent_seconds,
            account=profile,
            version=version,
            modules=modules,
            ask=conversation.ask if can_ask else None,
            keep=keep,
        )
        async with calls as answers:
            found = answers_json(function, await answers.all())
            return {**found, "unclear": [error.to_json() for error in answers.unclear]}


def _require_address(method: str, function: object, version: object) -> None:
    require(method, "function", isinstance(function, str), "a string")
    require(method, "version", version is None or isinstance(version, str), "a string or null")


def _require_seconds(method: str, timeout_seconds: object, spent_seconds: object) -> None:
    require(method, "timeout_seconds", timeout_seconds is None or is_number(timeout_seconds), "a number or null")
    require(method, "spent_seconds", is_number(spent_seconds), "a number")


def _are_strings(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in cast("list[object]", value))
