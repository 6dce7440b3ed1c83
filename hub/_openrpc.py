"""Own the OpenRPC document (spec.open-rpc.org, 1.3) of what can be called; know nothing of sockets."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

from hub._introduction import Function

__all__ = ["openrpc_document"]

_OPENRPC: Final = "1.3.2"


def openrpc_document(hub_version: str, functions: Iterable[tuple[str, Function]]) -> dict[str, Any]:
    """Return the document; `functions` are pairs of module and function.

    Each method is named by its address, `module.function`, which `hub.call` takes as its param `function`.
    """
    return {
        "openrpc": _OPENRPC,
        "info": {
            "title": "hub",
            "version": hub_version,
            "description": 'Call a method as hub.call {"function": name, "params": {...}}.',
        },
        "methods": [_method(module, function) for module, function in functions],
    }


def _method(module: str, function: Function) -> dict[str, Any]:
    address = f"{module}.{function.name}"
    method: dict[str, Any] = {
        "name": address,
        "tags": [{"name": module}, *({"name": hint} for hint, given in function.hints.items() if given)],
        "paramStructure": "by-name",
        "params": _params(function.params),
        "result": {"name": "result", "schema": function.returns},
    }
    if function.summary:
        method["summary"] = function.summary
    if function.description:
        method["description"] = function.description
    if function.deprecated is not None:
        method["deprecated"] = True
    if function.errors:
        method["errors"] = [
            {"code": error["code"], "message": error["message"], **({"data": error["data"]} if "data" in error else {})}
            for error in function.errors
        ]
    # What a document of single params cannot say: rules across them.
    method["x-params-schema"] = function.params
    return method


def _params(schema: Mapping[str, Any]) -> list[dict[str, Any]]:
    required: list[str] = schema.get("required") or []
    properties: dict[str, Any] = schema.get("properties") or {}
    # A local reference points into the whole schema, which is the parameter's own here.
    definitions = {name: schema[name] for name in ("$defs", "definitions") if name in schema}
    params: list[dict[str, Any]] = []
    for name, found in properties.items():
        param: dict[str, Any] = {"name": name, "required": name in required, "schema": found}
        if isinstance(found, dict):
            own = cast("dict[str, Any]", found)
            param["schema"] = {**own, **definitions}
            if "description" in own:
                param["description"] = own["description"]
        params.append(param)
    return params
