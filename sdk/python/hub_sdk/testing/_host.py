"""Own the host services that a test plays to a module: other modules, the person, the store; know nothing of connections."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import msgspec

from hub_protocol import methods
from hub_sdk.serve import Definition
from hub_sdk.types import HubCallError, ModuleError, plain

__all__ = ["Answers", "Host"]

Answers = Sequence[Mapping[str, Any] | None] | Callable[[str, dict[str, Any]], Mapping[str, Any] | None]


class Host:
    """Answers what a module asks, by the rules of the real hub: what was not declared is not permitted.

    Args:
        functions: what `hub.call` finds, by "module.function".
        answers: what the person says, one after the other (None declines), or a function of message and schema.
        store: the module's store; what the module sets is found in it afterwards.
    """

    def __init__(
        self,
        definition: Definition,
        functions: Mapping[str, Callable[..., Any]],
        answers: Answers | None,
        store: dict[str, Any],
    ) -> None:
        self._definition = definition
        self._functions = functions
        self._answers = answers if callable(answers) or answers is None else list(answers)
        self._store = store
        self._services: dict[str, Callable[[dict[str, Any]], Any]] = {
            methods.HUB_CALL: self._call,
            methods.HUB_ASK: self._ask,
            methods.HUB_STORE_GET: self._get,
            methods.HUB_STORE_SET: self._set,
            methods.HUB_STORE_DELETE: lambda params: {"deleted": self._store.pop(params["key"], self) is not self},
            methods.HUB_STORE_LIST: lambda p: {"keys": [key for key in self._store if key.startswith(p.get("prefix", ""))]},
        }

    def answer(self, method: str, params: dict[str, Any]) -> Any:
        """Return the result of one request of the module's, or something awaitable that gives it.

        Raises:
            HubCallError: the hub would have refused.
            ModuleError: the called function failed.
        """
        service = self._services.get(method)
        if service is None:
            raise HubCallError.of_kind("method_not_found", f"the hub has no method {method}")
        permission = method.split(".")[1]
        if permission != "call" and permission not in self._definition.permissions:
            raise HubCallError.of_kind("not_permitted", f'the module has not declared the permission "{permission}"')
        return service(params)

    def _call(self, params: dict[str, Any]) -> Any:
        function: str = params["function"]
        module = function.partition(".")[0]
        allowed = {f"call:{function}", f"call:{module}", "call:*"}
        if module not in self._definition.information.required_modules and not allowed & set(self._definition.permissions):
            raise HubCallError.of_kind("not_permitted", f'the module has not declared the permission "call:{function}"')
        fake = self._functions.get(function)
        if fake is None:
            raise HubCallError.of_kind(
                "not_found", f'there is no function {function}: give the test one, host={{"{function}": ...}}'
            )
        return fake(**params.get("params", {}))

    def _ask(self, params: dict[str, Any]) -> Any:
        if callable(self._answers):
            content = self._answers(params["message"], params["schema"])
        elif self._answers:
            content = self._answers.pop(0)
        else:
            raise HubCallError.of_kind("nobody_to_ask", "no person can be asked here: give the test answers=[...]")
        return {"action": "decline"} if content is None else {"action": "accept", "content": plain(content)}

    def _get(self, params: dict[str, Any]) -> Any:
        found = self._store.get(params["key"], self)
        return {"found": False} if found is self else {"found": True, "value": found}

    def _set(self, params: dict[str, Any]) -> Any:
        # A copy by way of JSON: the test must not see what the module changes afterwards.
        self._store[params["key"]] = msgspec.json.decode(msgspec.json.encode(params["value"]))
        return {}


def error_object(error: Exception) -> tuple[int, str, dict[str, Any]]:
    """Return code, message and data with which the hub answers what `answer` raised (HUB-HOST-2)."""
    if isinstance(error, HubCallError):
        data = cast("dict[str, Any]", error.data) if isinstance(error.data, dict) else {}
        return error.code, error.message, {"kind": error.kind, **data}
    if isinstance(error, ModuleError):
        return (
            error.code,
            error.message,
            {"kind": "function_error", **({"data": plain(error.data)} if error.has_data else {})},
        )
    raise error
