"""Own the list of all requirements with the checks of each, or the reason why there is none; run nothing."""

from collections.abc import Mapping
from typing import Final

from hub.conformance._check import Check
from hub.conformance._contract import requirements
from hub.conformance.checks import CHECKS

__all__ = ["WITHOUT_CHECK", "coverage_page"]

# Each of these either binds the hub alone, or cannot be seen from outside.
WITHOUT_CHECK: Final[Mapping[str, str]] = {
    "HUB-FRAME-1": "each way to break it is that of a finer rule: HUB-FRAME-2, 5, 6, HUB-OUT-1 and HUB-OUT-2",
    "HUB-LIFE-7": "binds the hub: it never calls before module_init is answered; the module may do as it likes",
    "HUB-LIFE-8": "an offer to the module, which nobody outside can make it take",
    "HUB-INIT-2": "which config is wrong is known to the module alone",
    "HUB-CANCEL-1": "binds the hub: when it sends $/cancelRequest",
    "HUB-IFACE-6": "binds the hub: what it takes as proof; HUB-IFACE-2 and HUB-IFACE-3 are judged by the same proof",
    "HUB-CRED-3": "when to ask is the module's choice; the calls of HUB-CALL-1 find nothing kept, as after ttl_seconds",
    "HUB-CRED-4": "binds the hub; HUB-HOST-2/survives-a-refusal answers hub.credentials.* with -31046",
    "HUB-HOST-6": "binds the hub: how it counts the time in which a person thinks",
    "HUB-HOST-3": "binds the hub: it counts the chain and finds the circle",
    "HUB-ERR-1": "a promise about the table of codes, kept by tests of hub_protocol",
    "HUB-ERR-2": "its part that binds a module is HUB-CAPS-6 and HUB-CALL-3",
    "HUB-ERR-3": "binds the hub: how it hands a module's code on",
}

_HEAD: Final = """# Requirements and checks

Each requirement of protocol/README.md with the checks of `hub plugin test`, or the reason why it has none.
Written by `hub.conformance._coverage.coverage_page`; a test compares.

| requirement | checks |
|---|---|
"""


def coverage_page() -> str:
    """Return the list as a page of Markdown."""
    rows = [f"| {number} | {_cell(number)} |" for number in requirements()]
    loose = [check for check in CHECKS if check.requirement not in requirements()]
    rows += [f"| no sentence, good sense | {_named(check)} |" for check in loose]
    return _HEAD + "\n".join(rows) + "\n"


def _cell(number: str) -> str:
    checks = [check for check in CHECKS if check.requirement == number]
    if checks:
        return ", ".join(_named(check) for check in checks)
    return f"none: {WITHOUT_CHECK[number]}" if number in WITHOUT_CHECK else "MISSING"


def _named(check: Check) -> str:
    return f"{check.id.partition('/')[2]} ({check.level})"
