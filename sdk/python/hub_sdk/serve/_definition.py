"""Own what a module consists of once its file is loaded: information, functions, hooks; know nothing of how it is served."""

from collections.abc import Callable
from typing import Any, Literal

import msgspec
from msgspec import UNSET

from hub_protocol.limits import MAX_IN_FLIGHT
from hub_sdk.codec import Information
from hub_sdk.log import Log
from hub_sdk.serve._context import AsyncContext, Context
from hub_sdk.types import Annotations, BadModule, Function, Json, Refused, Shape, signature_of

__all__ = ["CONTEXTS", "Definition", "Hook", "hook_of"]

# Which annotation of a parameter means "give me the context", and for which kind of function.
CONTEXTS: dict[object, Literal["sync", "async"]] = {Context: "sync", AsyncContext: "async"}


class Hook(msgspec.Struct, frozen=True):
    """A function of the author's for init or cleanup: which of the things on offer it takes, by parameter name."""

    handler: Callable[..., Any]
    is_async: bool
    config: Shape | None = None
    takes_config: bool = False
    directory: Callable[[str], Any] | None = None
    context_parameter: str | None = None


class Definition(msgspec.Struct):
    """A module as its author wrote it."""

    information: Information
    log: Log
    permissions: tuple[str, ...] = ()
    implements: tuple[str, ...] = ()
    workers: int = MAX_IN_FLIGHT
    functions: dict[str, Function] = {}
    on_init: Hook | None = None
    on_cleanup: Hook | None = None

    @property
    def needs_loop(self) -> bool:
        """Whether anything of it is async."""
        hooks = (self.on_init, self.on_cleanup)
        return any(function.is_async for function in self.functions.values()) or any(hook and hook.is_async for hook in hooks)

    def capabilities(self) -> dict[str, Json]:
        """Return the result of `capabilities`."""
        shown: dict[str, Json] = {"functions": [function.shown for function in self.functions.values()]}
        for name in ("permissions", "implements"):
            if getattr(self, name):
                shown[name] = list(getattr(self, name))
        return shown


def hook_of(handler: Callable[..., Any], event: Literal["on_init", "on_cleanup"], annotations: Annotations) -> Hook:
    """Return the hook for a handler.

    Raises:
        BadModule: it takes something that this hook has not on offer.
    """
    try:
        return _read_hook(handler, event, annotations)
    except Refused as refused:
        raise BadModule(f"cannot use {handler!r} as {event}: {refused}", hint=refused.mend) from None


def _read_hook(handler: Callable[..., Any], event: Literal["on_init", "on_cleanup"], annotations: Annotations) -> Hook:
    offered = "config, data_directory and a context" if event == "on_init" else "a context"
    signature = signature_of(handler)
    hook = Hook(handler, signature.is_async)
    for parameter in signature.parameters:
        hint = signature.hints.get(parameter, UNSET)
        if isinstance(hint, type) and hint in CONTEXTS:
            _check_context(hint, is_async=signature.is_async)
            hook = msgspec.structs.replace(hook, context_parameter=parameter)
        elif event == "on_init" and parameter == "config":
            config = None if hint is UNSET else annotations.shape(hint)
            hook = msgspec.structs.replace(hook, takes_config=True, config=config)
        elif event == "on_init" and parameter == "data_directory":
            hook = msgspec.structs.replace(hook, directory=_directory(hint))
        else:
            raise Refused(f"it takes {parameter!r}, which {event} has not", f"it may take {offered}")
    return hook


def _check_context(hint: type, *, is_async: bool) -> None:
    wanted = AsyncContext if is_async else Context
    if hint is not wanted:
        raise Refused(
            f"it takes a {hint.__name__}, which is for the other kind of function", f"annotate it with {wanted.__name__}"
        )


def _directory(hint: Any) -> Callable[[str], Any]:
    if hint is UNSET or hint is str:
        return str
    # Only for hooks that take it: pathlib costs 3 ms.
    from pathlib import Path

    if hint is not Path:
        raise Refused("parameter 'data_directory' is neither a Path nor a str", "annotate it with pathlib.Path")
    return Path
