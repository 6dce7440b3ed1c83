"""Own the public names of the library; nothing is defined here.

The names load when they are first used: `hub --help` must not pay for pydantic and an event loop.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hub._approval import Approved, Changed, NeverApproved
    from hub._calls import Progress
    from hub._client import Client
    from hub._client_question import RemoteQuestion
    from hub._config import Config
    from hub._difference import Difference
    from hub._fanout import FanOut, ModuleAnswer
    from hub._gate import ApprovalRequest
    from hub._handle import Module
    from hub._hub import Hub
    from hub._introduction import Claim, Function, Introduction
    from hub._licence import Verdict
    from hub._paths import Paths
    from hub._person import Answer, Question
    from hub._registry import Plugin, Registry
    from hub._settings import Settings
    from hub._up import run_up

    __version__: str
    from hub.errors import HubError
    from hub.events import Event

__all__ = [
    "Answer",
    "ApprovalRequest",
    "Approved",
    "Changed",
    "Claim",
    "Client",
    "Config",
    "Difference",
    "Event",
    "FanOut",
    "Function",
    "Hub",
    "HubError",
    "Introduction",
    "Module",
    "ModuleAnswer",
    "NeverApproved",
    "Paths",
    "Plugin",
    "Progress",
    "Question",
    "Registry",
    "RemoteQuestion",
    "Settings",
    "Verdict",
    "__version__",
    "run_up",
]

_HOME_OF = {
    "Answer": "hub._person",
    "ApprovalRequest": "hub._gate",
    "Approved": "hub._approval",
    "Changed": "hub._approval",
    "Claim": "hub._introduction",
    "Client": "hub._client",
    "Config": "hub._config",
    "Difference": "hub._difference",
    "Event": "hub.events",
    "FanOut": "hub._fanout",
    "Function": "hub._introduction",
    "Hub": "hub._hub",
    "HubError": "hub.errors",
    "Introduction": "hub._introduction",
    "Module": "hub._handle",
    "ModuleAnswer": "hub._fanout",
    "NeverApproved": "hub._approval",
    "Paths": "hub._paths",
    "Plugin": "hub._registry",
    "Progress": "hub._calls",
    "Question": "hub._person",
    "Registry": "hub._registry",
    "RemoteQuestion": "hub._client_question",
    "Settings": "hub._settings",
    "Verdict": "hub._licence",
    "run_up": "hub._up",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return import_module("hub._version").HUB_VERSION
    home = _HOME_OF.get(name)
    if home is None:
        msg = f"module 'hub' has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(home), name)
