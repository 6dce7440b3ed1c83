"""Own the requests that begin a module's life (module_info, capabilities, module_init) and the names of their failures.

Knows a peer that can ask; knows no processes, no approvals and no states.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

from pydantic import ValidationError

from hub._introduction import Introduction, read_capabilities, read_module_info
from hub._settings import Settings
from hub.errors import (
    CallTimeout,
    Disabled,
    FrameTooLarge,
    FunctionError,
    HandshakeFailed,
    HubError,
    InitFailed,
    NoCommonVersion,
    ProtocolError,
)
from hub_protocol.errors import ERRORS
from hub_protocol.methods import CAPABILITIES, MODULE_INFO, MODULE_INIT
from hub_protocol.types import ModuleInitResult, explain
from hub_protocol.version import FEATURES, PROTOCOL_VERSIONS

__all__ = ["Ask", "ask_capabilities", "initialise", "introduce"]

Ask = Callable[[str, dict[str, Any], float], Awaitable[Any]]
"""Asks a method with params, within seconds; raises what `Peer.request` raises."""


async def introduce(
    ask: Ask, *, name: str, version: str | None, settings: Settings, hub_version: str, start_seconds: float | None
) -> Introduction:
    """Ask module_info and capabilities, and return what they say.

    Raises:
        HandshakeFailed, NoCommonVersion, BadLicense: an answer is missing or wrong.
        HubError: the module ended first.
    """
    params = {
        "protocol_versions": list(PROTOCOL_VERSIONS),
        "features": sorted(FEATURES),
        "max_frame_bytes": settings.max_frame_bytes,
        "hub": {"name": "hub", "version": hub_version},
    }
    seconds = start_seconds or settings.module_info_seconds
    answer = await _ask(ask, name, MODULE_INFO, params, seconds)
    info = read_module_info(answer, name=name, version=version)
    return await ask_capabilities(ask, info, start_seconds or settings.capabilities_seconds)


async def ask_capabilities(ask: Ask, info: Mapping[str, Any], seconds: float) -> Introduction:
    """Ask capabilities alone (again, after `capabilities_changed`).

    Raises:
        HandshakeFailed, BadLicense: the answer is missing or wrong.
    """
    return read_capabilities(info, await _ask(ask, info["name"], CAPABILITIES, {}, seconds))


async def _ask(ask: Ask, name: str, method: str, params: dict[str, Any], seconds: float) -> Any:
    try:
        return await ask(method, params, seconds)
    except CallTimeout:
        msg = f"cannot introduce {name}: it did not answer {method} within {seconds:g} s"
        hint = "does it flush each answer (HUB-OUT-2)? if it needs longer to start, set [limits] start_seconds in plugin.toml"
        raise HandshakeFailed(msg, hint=hint, data={"requirement": "HUB-LIFE-3"}) from None
    except FunctionError as error:
        raise _refused(name, method, error) from None
    except (ProtocolError, FrameTooLarge) as error:
        raise HandshakeFailed(f"cannot introduce {name}: {error.message}", hint=error.hint, data=error.data) from None


def _refused(name: str, method: str, error: FunctionError) -> HubError:
    if error.code == ERRORS["no_common_version"].code:
        data = cast("dict[str, Any]", error.error_data) if isinstance(error.error_data, dict) else {}
        ours, theirs = list(PROTOCOL_VERSIONS), data.get("supported", "none that it names")
        msg = f"cannot introduce {name}: no common protocol version: the hub offers {ours}, the module knows {theirs}"
        return NoCommonVersion(msg, hint="update the module or the hub", data={"requirement": "HUB-VER-2"})
    msg = f"cannot introduce {name}: {method} was answered with an error: {error.message} ({error.code})"
    return HandshakeFailed(
        msg, hint=f"this is a fault of the module: hub plugin test {name}", data={"answered": error.to_json()}
    )


async def initialise(ask: Ask, name: str, config: Mapping[str, Any], data_directory: str, seconds: float) -> None:
    """Send module_init and see it answered well.

    Raises:
        InitFailed: an error, no answer in time, or an answer of the wrong shape (HUB-INIT-1): the module never runs.
        Disabled: the module says that it must not run here (HUB-LIFE-10).
        ModuleDied: the module ended first.
    """
    try:
        answer = await ask(MODULE_INIT, {"config": dict(config), "data_directory": data_directory}, seconds)
    except CallTimeout:
        msg = f"cannot initialise {name}: it did not answer module_init within {seconds:g} s"
        raise InitFailed(
            msg, hint="if it needs longer, set [limits] init_seconds in plugin.toml", data={"requirement": "HUB-LIFE-3"}
        ) from None
    except FunctionError as error:
        bad_config = error.code == ERRORS["invalid_params"].code
        hint = "look at [config] in plugin.toml" if bad_config else f"see how it ended: hub logs {name} --last-crash"
        msg = f"cannot initialise {name}: {error.message} ({error.code})"
        raise InitFailed(msg, hint=hint, data={"answered": error.to_json()}) from None
    except (ProtocolError, FrameTooLarge) as error:
        raise InitFailed(f"cannot initialise {name}: {error.message}", hint=error.hint, data=error.data) from None
    try:
        result = ModuleInitResult.model_validate(answer)
    except ValidationError as error:
        problem = explain(error)[0]
        msg = f"cannot initialise {name}: module_init: {problem.pointer or 'the result'} {problem.message}"
        raise InitFailed(msg, hint="answer module_init with {}", data={"requirement": "HUB-INIT-1"}) from None
    if result.disable is not None:
        raise Disabled(
            f"cannot run {name}: it disabled itself: {result.disable}", data={"module": name, "reason": result.disable}
        )
