"""Own the judgement whether a module satisfies an interface; know nothing of files and of what follows from it."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from hub._interface import Interface, InterfaceVersion
from hub._introduction import Function, Introduction
from hub._subschema import Budget, Doubt, prove
from hub.errors import BadInterface

__all__ = ["broken_promise"]

_MODULE: Final = "the module"
_INTERFACE: Final = "the interface"
# A module must not be less careful than what its callers rely on, nor do damage where they expect none (HUB-IFACE-4).
_KEPT_HINTS: Final = ("read_only", "idempotent")


class _Fault(NamedTuple):
    """A broken requirement, the place in the module's capabilities, and why."""

    requirement: str
    pointer: str
    why: str


def broken_promise(found: Introduction, claimed: InterfaceVersion, interface: Interface, budget: Budget) -> BadInterface | None:
    """Return the first way in which a module breaks an interface that it claims, or None (HUB-IFACE-1 to 6)."""
    positions = {function["name"]: position for position, function in enumerate(found.capabilities["functions"])}
    for name, wanted in interface.functions.items():
        if name not in positions:
            fault = _Fault("HUB-IFACE-1", "/functions", f"it has no function {name}")
        else:
            fault = _fault(found.functions[name], wanted, f"/functions/{positions[name]}", budget)
        if fault is not None:
            return _error(found.name, claimed, interface, name, fault)
    return None


def _fault(function: Function, wanted: Function, pointer: str, budget: Budget) -> _Fault | None:
    return (
        _fault_of_params(function, wanted, pointer, budget)
        or _fault_of_returns(function, wanted, pointer, budget)
        or _fault_of_hints(function.hints, wanted.hints, pointer)
        or _fault_of_errors(function, wanted, pointer)
    )


def _fault_of_params(function: Function, wanted: Function, pointer: str, budget: Budget) -> _Fault | None:
    doubt = prove(function.params, wanted.params, budget)
    if doubt is None:
        return None
    place = _place(function, "params", pointer, doubt.wider)
    return _Fault("HUB-IFACE-2", place, _told(doubt, wider=_MODULE, narrower=_INTERFACE))


def _fault_of_returns(function: Function, wanted: Function, pointer: str, budget: Budget) -> _Fault | None:
    doubt = prove(wanted.returns, function.returns, budget)
    if doubt is None:
        return None
    place = _place(function, "returns", pointer, doubt.narrower)
    return _Fault("HUB-IFACE-3", place, _told(doubt, wider=_INTERFACE, narrower=_MODULE))


def _told(doubt: Doubt, *, wider: str, narrower: str) -> str:
    return doubt.told(wider=wider, narrower=narrower)


def _place(function: Function, member: str, pointer: str, inside: str) -> str:
    """Return the pointer into a member of the function, or to the function where it leaves the member out."""
    return pointer if function.declaration.get(member) is None else f"{pointer}/{member}{inside}"


def _fault_of_hints(own: Mapping[str, Any], wanted: Mapping[str, Any], pointer: str) -> _Fault | None:
    for hint in _KEPT_HINTS:
        if wanted.get(hint) and not own.get(hint):
            place = f"{pointer}/hints/{hint}" if hint in own else f"{pointer}/hints" if own else pointer
            return _Fault("HUB-IFACE-4", place, f"the interface marks it {hint}, the module does not")
    if own.get("destructive") and not wanted.get("destructive"):
        return _Fault("HUB-IFACE-4", f"{pointer}/hints/destructive", "the module marks it destructive, the interface does not")
    return None


def _fault_of_errors(function: Function, wanted: Function, pointer: str) -> _Fault | None:
    own = {error["code"] for error in function.errors}
    for error in wanted.errors:
        if error["code"] not in own:
            place = f"{pointer}/errors" if function.errors else pointer
            return _Fault("HUB-IFACE-5", place, f"it does not declare the error {error['code']} ({error['message']})")
    return None


def _error(module: str, claimed: InterfaceVersion, interface: Interface, function: str, fault: _Fault) -> BadInterface:
    checked = "" if interface.identity == claimed else f" (checked against {interface.version})"
    msg = f"cannot introduce {module}: it does not satisfy {claimed}{checked}: {function}: {fault.why}, at {fault.pointer}"
    data = {
        "module": module,
        "interface": str(claimed),
        "function": function,
        "requirement": fault.requirement,
        "pointer": fault.pointer,
    }
    return BadInterface(
        msg, hint=f"this is a fault of the module: hub interfaces {interface.name} shows what it promises", data=data
    )
