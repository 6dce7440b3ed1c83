"""Own the names that authors import; importing them changes nothing in the process. Re-exports and nothing else."""

from hub_sdk.module import Module
from hub_sdk.serve import AsyncContext, Context, async_context, context
from hub_sdk.types import (
    BadModule,
    Cancelled,
    Disable,
    Doc,
    Example,
    Ge,
    Gt,
    HubCallError,
    InvalidParams,
    Le,
    Lt,
    MaxLength,
    MinLength,
    ModuleError,
    MultipleOf,
    Pattern,
    Secret,
)

__all__ = [
    "AsyncContext",
    "BadModule",
    "Cancelled",
    "Context",
    "Disable",
    "Doc",
    "Example",
    "Ge",
    "Gt",
    "HubCallError",
    "InvalidParams",
    "Le",
    "Lt",
    "MaxLength",
    "MinLength",
    "Module",
    "ModuleError",
    "MultipleOf",
    "Pattern",
    "Secret",
    "__version__",
    "async_context",
    "context",
]

__version__ = "0.1.0"
