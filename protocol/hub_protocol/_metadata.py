"""Own the content of meta.json, the protocol as data for the SDKs; must not read or write files, nor load pydantic."""

from typing import Any, Final

from hub_protocol import limits, methods
from hub_protocol.errors import ERRORS, HUB_CODES, JSONRPC_CODES
from hub_protocol.lifecycle import TABLE
from hub_protocol.version import FEATURES, PROTOCOL_VERSIONS

__all__ = ["ANY", "METHOD_TYPES", "metadata"]

# Stands for a result that may be any JSON value.
ANY: Final = "any"

# Method to the names of the types of its params and, for a request, its result.
METHOD_TYPES: Final[dict[str, tuple[str, str | None]]] = {
    methods.MODULE_INFO: ("ModuleInfoParams", "ModuleInfo"),
    methods.CAPABILITIES: ("NoParams", "CapabilitiesResult"),
    methods.MODULE_INIT: ("ModuleInitParams", "ModuleInitResult"),
    methods.MODULE_CLEANUP: ("NoParams", ANY),
    methods.PING: ("NoParams", ANY),
    methods.HUB_CALL: ("HubCallParams", ANY),
    methods.HUB_ASK: ("HubAskParams", "HubAskResult"),
    methods.HUB_STORE_GET: ("HubStoreGetParams", "HubStoreGetResult"),
    methods.HUB_STORE_SET: ("HubStoreSetParams", "HubStoreSetResult"),
    methods.HUB_STORE_DELETE: ("HubStoreDeleteParams", "HubStoreDeleteResult"),
    methods.HUB_STORE_LIST: ("HubStoreListParams", "HubStoreListResult"),
    methods.HUB_CREDENTIALS_GET: ("HubCredentialsGetParams", "HubCredentialsGetResult"),
    methods.HUB_CREDENTIALS_PUT: ("HubCredentialsPutParams", "HubCredentialsPutResult"),
    methods.HUB_CREDENTIALS_DELETE: ("HubCredentialsDeleteParams", "HubCredentialsDeleteResult"),
    methods.CANCEL_REQUEST: ("CancelParams", None),
    methods.PROGRESS: ("ProgressParams", None),
    methods.CAPABILITIES_CHANGED: ("NoParams", None),
    methods.HUB_LOG: ("LogParams", None),
}


def _request(method: str) -> dict[str, Any]:
    params, result = METHOD_TYPES[method]
    return {"params": params, "result": result}


def _direction(requests: tuple[str, ...], notifications: tuple[str, ...]) -> dict[str, Any]:
    return {
        "requests": {method: _request(method) for method in requests},
        "notifications": {method: {"params": METHOD_TYPES[method][0]} for method in notifications},
    }


def metadata() -> dict[str, Any]:
    """Return what meta.json holds: everything of the protocol that is a table."""
    return {
        "version": PROTOCOL_VERSIONS[-1],
        "features": FEATURES,
        "methods": {
            "to_module": _direction(methods.REQUESTS_TO_MODULE, methods.NOTIFICATIONS_TO_MODULE),
            "to_hub": _direction(methods.REQUESTS_TO_HUB, methods.NOTIFICATIONS_TO_HUB),
        },
        "reserved": {"names": sorted(methods.RESERVED_NAMES), "prefixes": list(methods.RESERVED_PREFIXES)},
        "patterns": {
            "module_name": methods.MODULE_NAME_PATTERN,
            "function_name": methods.FUNCTION_NAME_PATTERN,
            "address": methods.ADDRESS_PATTERN,
            "permission": methods.PERMISSION_PATTERN,
            "semver": methods.SEMVER_PATTERN,
            "requirement": methods.REQUIREMENT_PATTERN,
        },
        "errors": [{"code": spec.code, "kind": kind, "meaning": spec.meaning} for kind, spec in ERRORS.items()],
        "error_ranges": {
            "jsonrpc": {"minimum": JSONRPC_CODES.start, "maximum": JSONRPC_CODES.stop - 1},
            "hub": {"minimum": HUB_CODES.start, "maximum": HUB_CODES.stop - 1},
        },
        "limits": {name.lower(): getattr(limits, name) for name in limits.__all__},
        "lifecycle": [{"from": state, "when": happening, "to": target} for (state, happening), target in TABLE.items()],
    }
