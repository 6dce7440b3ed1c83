"""Own the names of the room: a module's functions behind its standard streams. Re-exports and nothing else."""

from hub_sdk.serve._context import DEFAULT_ACCOUNT, AsyncContext, Context, async_context, context
from hub_sdk.serve._definition import CONTEXTS, Definition, hook_of
from hub_sdk.serve._descriptors import Descriptors, take_descriptors
from hub_sdk.serve._greeting import greeting
from hub_sdk.serve._serve import serve
from hub_sdk.serve._session import Session
from hub_sdk.serve._workers import Workers

__all__ = [
    "CONTEXTS",
    "DEFAULT_ACCOUNT",
    "AsyncContext",
    "Context",
    "Definition",
    "Descriptors",
    "Session",
    "Workers",
    "async_context",
    "context",
    "greeting",
    "hook_of",
    "serve",
    "take_descriptors",
]
