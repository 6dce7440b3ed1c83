"""Own one call through the running hub: the function's schema, the call, its progress and logs; know no start of modules."""

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from hub.cli import BEGUN_SECONDS
from hub.errors import CallTimeout

if TYPE_CHECKING:
    from hub import Client, RemoteQuestion
    from hub.cli._screen import Screen

OnQuestion = Callable[["RemoteQuestion"], Mapping[str, Any] | None]

__all__ = ["declared_functions", "make_call", "params_schema"]

_TAKES_NOTHING: Final[Mapping[str, Any]] = {"type": "object", "additionalProperties": False}
# The hub ends each call by its own deadline, and says so; who waits this much longer waits for a hub that hangs.
_GRACE_SECONDS: Final = 10.0
# The longest that a manifest may allow a call where nobody says anything.
_LONGEST_SECONDS: Final = 86_400.0
_MEMBERS_OF_OURS: Final = ("module", "address", "signature")


def declared_functions(
    client: "Client", module: str, *, address: str, seconds: float | None, start: bool
) -> dict[str, dict[str, Any]]:
    """Return the declarations of a module's functions by name; with `start`, the module runs afterwards.

    Raises:
        HubError: what the hub answers; CallTimeout when `seconds` from the beginning of the command pass.
    """
    left = _LONGEST_SECONDS if seconds is None else max(0.0, seconds - _spent())
    try:
        answer: dict[str, Any] = client.request("hub.functions", {"name": module, "start": start}, timeout_seconds=left)
    except CallTimeout:
        msg = f"cannot call {address} within {seconds:g} s: it was still starting"
        raise CallTimeout(
            msg, hint="give it more time with --timeout", data={"module": module, "may_have_executed": False}
        ) from None
    return {
        function["name"]: {name: value for name, value in function.items() if name not in _MEMBERS_OF_OURS}
        for function in answer["functions"]
    }


def params_schema(declaration: Mapping[str, Any]) -> Any:
    """Return the schema of a function's params; of one that says nothing, that it takes none."""
    return declaration.get("params") or _TAKES_NOTHING


def make_call(
    client: "Client",
    screen: "Screen",
    address: str,
    params: dict[str, Any],
    seconds: float | None,
    person: Mapping[str, str],
    on_question: "OnQuestion | None",
) -> Any:
    """Call and return the result; what the module logs meanwhile and how far it is are shown.

    `person` says whose call it is (`profile`, `keep`), and `on_question` asks them, where there is somebody.

    Raises:
        HubError: as without a running hub.
    """
    module = address.partition(".")[0]
    client.request("hub.logs", {"name": module, "lines": 0, "follow": True})
    asked: dict[str, Any] = {"function": address, "params": params, "can_ask": on_question is not None, **person}
    if seconds is not None:
        asked |= {"timeout_seconds": seconds, "spent_seconds": _spent()}
    wait = _LONGEST_SECONDS if seconds is None else max(0.0, seconds - _spent())
    try:
        return client.request(
            "hub.call",
            asked,
            timeout_seconds=wait + _GRACE_SECONDS,
            on_notification=lambda method, told: _show(screen, module, method, told),
            on_question=on_question,
        )
    finally:
        screen.clear()


def _show(screen: "Screen", module: str, method: str, told: Mapping[str, Any]) -> None:
    if method == "$/progress":
        from hub import Progress

        screen.on_progress(Progress(told["done"], told.get("total"), told.get("message")))
    elif method == "hub.log" and "level" in told:
        from hub import Event

        data = {name: value for name, value in told.items() if name not in ("subscription", "module", "event_time")}
        screen.on_event(Event("log", module, data))


def _spent() -> float:
    return time.monotonic() - BEGUN_SECONDS
