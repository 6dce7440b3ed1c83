"""Own the list of the protocol's models and `explain`; must not be imported by the core or an SDK: it loads pydantic."""

from typing import Final

from pydantic import ValidationError

from hub_protocol.types._calls import CallContext, CancelParams, NoParams, ProgressParams
from hub_protocol.types._envelope import ErrorObject, ErrorResponse, NoCommonVersionData, Notification, Request, Response
from hub_protocol.types._explain import Problem, explain_with
from hub_protocol.types._functions import (
    CapabilitiesResult,
    Deprecated,
    Example,
    Function,
    FunctionErrorSpec,
    FunctionHints,
)
from hub_protocol.types._introduction import HubInfo, ModuleInfo, ModuleInfoParams, ModuleInitParams, ModuleInitResult
from hub_protocol.types._services import (
    HubAskParams,
    HubAskResult,
    HubCallParams,
    HubCredentialsDeleteParams,
    HubCredentialsDeleteResult,
    HubCredentialsGetParams,
    HubCredentialsGetResult,
    HubCredentialsPutParams,
    HubCredentialsPutResult,
    HubStoreDeleteParams,
    HubStoreDeleteResult,
    HubStoreGetParams,
    HubStoreGetResult,
    HubStoreListParams,
    HubStoreListResult,
    HubStoreSetParams,
    HubStoreSetResult,
    LogParams,
)
from hub_protocol.types._shape import Wire

__all__ = [
    "MODELS",
    "CallContext",
    "CancelParams",
    "CapabilitiesResult",
    "Deprecated",
    "ErrorObject",
    "ErrorResponse",
    "Example",
    "Function",
    "FunctionErrorSpec",
    "FunctionHints",
    "HubAskParams",
    "HubAskResult",
    "HubCallParams",
    "HubCredentialsDeleteParams",
    "HubCredentialsDeleteResult",
    "HubCredentialsGetParams",
    "HubCredentialsGetResult",
    "HubCredentialsPutParams",
    "HubCredentialsPutResult",
    "HubInfo",
    "HubStoreDeleteParams",
    "HubStoreDeleteResult",
    "HubStoreGetParams",
    "HubStoreGetResult",
    "HubStoreListParams",
    "HubStoreListResult",
    "HubStoreSetParams",
    "HubStoreSetResult",
    "LogParams",
    "ModuleInfo",
    "ModuleInfoParams",
    "ModuleInitParams",
    "ModuleInitResult",
    "NoCommonVersionData",
    "NoParams",
    "Notification",
    "Problem",
    "ProgressParams",
    "Request",
    "Response",
    "Wire",
    "explain",
]

# In the order of the specification: envelope, introduction, functions, calls, services.
MODELS: Final[dict[str, type[Wire]]] = {
    model.__name__: model
    for model in (
        *(Request, Notification, Response, ErrorResponse, ErrorObject),
        *(ModuleInfoParams, HubInfo, ModuleInfo, NoCommonVersionData),
        *(CapabilitiesResult, Function, FunctionErrorSpec, Example, FunctionHints, Deprecated),
        *(ModuleInitParams, ModuleInitResult, NoParams),
        *(CallContext, CancelParams, ProgressParams),
        *(HubCallParams, HubAskParams, HubAskResult, HubStoreGetParams, HubStoreGetResult, HubStoreSetParams),
        *(HubStoreSetResult, HubStoreDeleteParams, HubStoreDeleteResult, HubStoreListParams, HubStoreListResult),
        *(HubCredentialsGetParams, HubCredentialsGetResult, HubCredentialsPutParams, HubCredentialsPutResult),
        *(HubCredentialsDeleteParams, HubCredentialsDeleteResult, LogParams),
    )
}


def explain(error: ValidationError) -> list[Problem]:
    """Return what is wrong in words for people, each with a JSON pointer and, where there is one, the requirement it breaks."""
    return explain_with(MODELS, error)
