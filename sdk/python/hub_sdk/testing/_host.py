"""Own the host services that a test plays to a module: other modules, the person, what is kept; know no connection."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
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
        credentials: by account, then by name; what the module puts is found in it afterwards. Their time does not pass:
            delete what is to be over.
    """

    def __init__(
        self,
        definition: Definition,
        functions: Mapping[str, Callable[..., Any]],
        answers: Answers | None,
        store: dict[str, Any],
        credentials: dict[str, dict[str, Any]],
    ) -> None:
        self._definition = definition
        self._functions = functions
        self._answers = answers if callable(answers) or answers is None else list(answers)
        self._store = store
        self._credentials = credentials
        self._services: dict[str, Callable[[dict[str, Any]], Any]] = {
            methods.HUB_CALL: self._call,
            methods.HUB_ASK: self._ask,
            methods.HUB_STORE_GET: lambda params: _get(self._store, params["key"]),
            methods.HUB_STORE_SET: lambda params: _set(self._store, params["key"], params["value"]),
            methods.HUB_STORE_DELETE: lambda params: _delete(self._store, params["key"]),
            methods.HUB_STORE_LIST: lambda p: {"keys": [key for key in self._store if key.startswith(p.get("prefix", ""))]},
        }
        self._services_of_account: dict[str, Callable[[dict[str, Any], dict[str, Any]], Any]] = {
            methods.HUB_CREDENTIALS_GET: lambda kept, params: _get(kept, params["name"]),
            methods.HUB_CREDENTIALS_PUT: lambda kept, params: _set(kept, params["name"], params["value"]) | {"kept": "session"},
            methods.HUB_CREDENTIALS_DELETE: lambda kept, params: _delete(kept, params["name"]),
        }

    def answer(self, method: str, params: dict[str, Any], account: str) -> Any:
        """Return the result of one request in a call for that account, or something awaitable that gives it.

        Raises:
            HubCallError: the hub would have refused.
            ModuleError: the called function failed.
        """
        if method in self._services_of_account:
            kept = self._credentials.setdefault(account, {})
            service = partial(self._services_of_account[method], kept)
        else:
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


def _get(kept: dict[str, Any], key: str) -> dict[str, Any]:
    return {"found": True, "value": kept[key]} if key in kept else {"found": False}


def _set(kept: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    # A copy by way of JSON: the test must not see what the module changes afterwards.
    kept[key] = msgspec.json.decode(msgspec.json.encode(value))
    return {}


def _delete(kept: dict[str, Any], key: str) -> dict[str, Any]:
    return {"deleted": kept.pop(key, kept) is not kept}


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
