"""Own one call of a function, from its arguments to its checked result; know nothing of how modules start or who calls."""

from collections.abc import Callable
from typing import Any

import anyio
import anyio.lowlevel
import anyio.to_thread

from hub._calls import Call, Caller, OnProgress
from hub._instance import Instance
from hub._introduction import Function
from hub._module import LoadedModule
from hub._names import did_you_mean
from hub._validators import Mismatch
from hub.errors import BackingOff, CallTimeout, FunctionError, HubError, InvalidArguments, InvalidResult, ModuleDied, NotFound
from hub_protocol.lifecycle import State

__all__ = ["call_function"]


async def call_function(
    module: LoadedModule,
    name: str,
    params: dict[str, Any],
    caller: Caller,
    clock: Callable[[], float],
    default_seconds: float,
    on_progress: OnProgress = None,
) -> Any:
    """Call a function, starting its module first if need be.

    Raises:
        HubError: see `hub.errors`, step "call" and, when the module has to be started, the steps before it.
    """
    begun, kind = clock(), "cancelled"
    if on_progress is not None:
        on_progress = module.secrets.black_out_progress(on_progress)
    try:
        try:
            result = await _call_once(module, name, params, caller, clock, default_seconds, on_progress)
        except ModuleDied as error:
            result = await _call_again(error, module, name, params, caller, clock, default_seconds, on_progress)
        if module.secrets.known:
            module.secrets.refuse_result(module.name, name, result)
    except HubError as error:
        told = module.secrets.without_secrets(module.name, name, error) if module.secrets.known else error
        kind = told.kind
        # Some errors are known without a wait: whoever tries again in a loop must not keep everybody else from running.
        await anyio.lowlevel.checkpoint()
        if told is not error:
            raise told from None
        raise
    else:
        kind = None
        return result
    finally:
        module.last_used = now = clock()
        module.stats.ended(now - begun, kind)


async def _call_again(
    died: ModuleDied,
    module: LoadedModule,
    name: str,
    params: dict[str, Any],
    caller: Caller,
    clock: Callable[[], float],
    default_seconds: float,
    on_progress: OnProgress,
) -> Any:
    # Whether it was executed is unknown; only what may be executed twice is tried again, once, within the same deadline.
    function = module.functions.get(name)
    if function is None or not function.hints.get("idempotent"):
        raise died
    await module.end_decided()
    if not module.supervisor.will_be_back:
        raise died
    try:
        return await _call_once(module, name, params, caller, clock, default_seconds, on_progress)
    except FunctionError:
        raise
    except HubError as error:
        # That this try came to nothing must not hide that the first one may have been executed.
        if died.data["may_have_executed"] and not error.data.get("may_have_executed"):
            raise died from error
        raise


async def _call_once(  # noqa: PLR0912 - every part of it that awaits would be one coroutine more on the way of each call
    module: LoadedModule,
    name: str,
    params: dict[str, Any],
    caller: Caller,
    clock: Callable[[], float],
    default_seconds: float,
    on_progress: OnProgress,
) -> Any:
    call: Call | None = None
    while True:
        instance = module.instance
        if module.state is not State.RUNNING or instance is None or instance.peer.is_closed:
            instance = await _started(module, name, caller, clock)
        function = module.functions.get(name)
        if function is None:
            raise _no_function(module, name)
        if function.params_validator.is_slow:
            await anyio.to_thread.run_sync(_check_arguments, module.name, function, params, abandon_on_cancel=True)
        else:
            _check_arguments(module.name, function, params)
        now = clock()
        call = call or caller.calls(f"{module.name}.{name}", now, function.timeout_seconds or default_seconds)
        if module.slots.try_acquire():
            break
        if not await module.slots.acquire(call.deadline):
            raise _too_late(call.address, call.timeout_seconds, "other calls were still under way")
        now = clock()
        if instance is module.instance and not instance.peer.is_closed:
            break
        # It ended while this call waited for its turn: the next process serves it.
        module.slots.release()
    peer = instance.peer
    context = call.wire_context(now) if instance.wants_context else None
    try:
        # Not `peer.request`: one coroutine less between the answer and who waits for it.
        pending = peer.begin(name, params, call.deadline, call, context, on_progress)
        try:
            await pending.done
        finally:
            if not pending.ended:
                peer.give_up(pending)
    finally:
        module.slots.release()
    result = pending.outcome()
    if function.returns_validator is not None and function.returns_validator.is_slow:
        await anyio.to_thread.run_sync(_check_result, module.name, function, result, abandon_on_cancel=True)
    else:
        _check_result(module.name, function, result)
    return result


async def _started(module: LoadedModule, name: str, caller: Caller, clock: Callable[[], float]) -> Instance:
    retry_at = module.supervisor.retry_at if module.state is State.BACKING_OFF else None
    if retry_at is not None and (retry_at >= caller.deadline or not module.waits_while_backing_off):
        raise _backing_off(module, name, retry_at - clock())
    with module.one_more_waits(f"{module.name}.{name}"), anyio.move_on_after(caller.deadline - clock()):
        return await module.ensure_running()
    raise _too_late(f"{module.name}.{name}", caller.timeout_seconds, "it was still starting")


def _backing_off(module: LoadedModule, name: str, seconds: float) -> BackingOff:
    why = module.last_error.message if module.last_error is not None else "it failed"
    msg = f"cannot call {module.name}.{name}: {module.name} is started again in {max(seconds, 0):.1f} s ({why})"
    data = {"module": module.name, "retry_after_seconds": round(max(seconds, 0), 3), "may_have_executed": False}
    return BackingOff(msg, hint="try again then, or give the call more time", data=data)


def _too_late(address: str, seconds: float | None, why: str) -> CallTimeout:
    within = "in time" if seconds is None else f"within {seconds:g} s"
    msg = f"cannot call {address} {within}: {why}"
    data = {"module": address.partition(".")[0], "may_have_executed": False}
    return CallTimeout(msg, hint="give it more time with --timeout", data=data)


def _no_function(module: LoadedModule, name: str) -> NotFound:
    hint = did_you_mean(name, module.functions) or f"see what it can do: hub functions {module.name}"
    msg = f"cannot call {module.name}.{name}: {module.name} has no function {name}"
    return NotFound(msg, hint=hint, data={"module": module.name, "function": name})


def _check_arguments(module: str, function: Function, params: dict[str, Any]) -> None:
    """Let arguments pass that fit the function's schema.

    Raises:
        InvalidArguments: they do not; `data["errors"]` has the places, each with a JSON pointer.
    """
    validator = function.params_validator
    try:
        if validator.accepts(params):
            return
        found = validator.mismatches(params)
    except (TypeError, ValueError) as error:  # a Python object that is no JSON value
        found = [Mismatch("", f"it is not JSON: {error}")]
    shown = "; ".join(f"{mismatch.pointer or 'the arguments'}: {mismatch.message}" for mismatch in found)
    raise InvalidArguments(
        f"cannot call {module}.{function.name}: {shown}",
        hint=f"see what it takes: hub call {module}.{function.name} --help",
        data={"module": module, "function": function.name, "errors": [mismatch.to_json() for mismatch in found]},
    )


def _check_result(module: str, function: Function, result: Any) -> None:
    """Let a result pass that fits the function's schema.

    Raises:
        InvalidResult: it does not.
    """
    validator = function.returns_validator
    if validator is None or validator.accepts(result):
        return
    found = validator.mismatches(result)
    shown = "; ".join(f"{mismatch.pointer or 'the result'}: {mismatch.message}" for mismatch in found)
    raise InvalidResult(
        f"cannot use the result of {module}.{function.name}: {shown}",
        hint=f"this is a fault of the module: hub plugin test {module}",
        data={
            "module": module,
            "function": function.name,
            "requirement": "HUB-CALL-1",
            "may_have_executed": True,
            "errors": [mismatch.to_json() for mismatch in found],
        },
    )
