"""Own what a module claims to implement and the first way in which each function breaks it; know no sessions and no checks."""

import dataclasses
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from hub._interface import Interface, InterfaceVersion
from hub._interface_check import broken_promise
from hub._interfaces import Interfaces
from hub._introduction import Function, Introduction
from hub._licence import judge
from hub._subschema import MAX_STEPS, Budget
from hub._validators import why_bad_schema
from hub.conformance._members import members, objects, texts
from hub.conformance._target import Target
from hub.errors import BadInterface

__all__ = ["Promises", "promises_of"]

# Nobody looks at it here; an introduction has one.
_SOME_LICENSE: Final = "MIT"


class Promises(NamedTuple):
    """The claims that can be read (`known` has the interface that each is held to), those that cannot, and what is broken."""

    known: dict[InterfaceVersion, Interface]
    unknown: list[InterfaceVersion]
    unreadable: list[str]
    broken: list[BadInterface]
    brought: BadInterface | None
    """What is wrong with the interfaces in the plugin's own directory."""


def promises_of(target: Target, capabilities: object) -> Promises:
    """Judge what `implements` of the capabilities claims against the hub's interfaces and those that the plugin brings."""
    plugin = target.plugin
    interfaces = Interfaces(lambda: {} if plugin is None else {plugin.name: plugin}, lambda: ())
    found = Promises({}, [], [], [], next(iter(interfaces.problems.values()), None))
    introduction = _introduction(target.name, capabilities)
    budget = Budget(MAX_STEPS)
    for written in texts(members(capabilities).get("implements")):
        try:
            claimed = InterfaceVersion.parse(written)
        except ValueError:
            found.unreadable.append(written)
            continue
        interface = interfaces.known_for(claimed)
        if interface is None:
            found.unknown.append(claimed)
        else:
            found.known[claimed] = interface
            found.broken.extend(_broken(introduction, claimed, interface, budget))
    return found


def _broken(
    introduction: Introduction, claimed: InterfaceVersion, interface: Interface, budget: Budget
) -> Iterable[BadInterface]:
    for name, function in interface.functions.items():
        # One function at a time: a module may break the same promise in several, and another one in each.
        fault = broken_promise(introduction, claimed, dataclasses.replace(interface, functions={name: function}), budget)
        if fault is not None:
            yield fault


def _introduction(name: str, capabilities: object) -> Introduction:
    """Return what can be used of capabilities that may be broken: each broken part has a check of its own."""
    declared = [_usable(one) for one in objects(members(capabilities).get("functions")) if isinstance(one.get("name"), str)]
    functions = {one["name"]: Function(one["name"], one) for one in declared}
    return Introduction({"name": name}, {"functions": declared}, judge(_SOME_LICENSE), functions)


def _usable(declaration: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {"name": declaration["name"], "hints": members(declaration.get("hints"))}
    for name in ("params", "returns"):
        schema = declaration.get(name)
        if isinstance(schema, dict | bool) and why_bad_schema(schema) is None:
            kept[name] = schema
    kept["errors"] = [error for error in objects(declaration.get("errors")) if isinstance(error.get("code"), int)]
    return kept
