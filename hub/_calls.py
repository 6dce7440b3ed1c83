"""Own what a call knows of its surroundings, and the rules for calls inside calls (HUB-HOST-3); know no I/O and no clock."""

import math
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from hub._person import Behind
from hub.errors import BadSettings, CallCycle, CallTooDeep

__all__ = ["Call", "Caller", "OnProgress", "Progress", "WaitGraph", "first_caller", "new_trace_id"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a call is: `done` of `total`, where the module knows it."""

    done: float
    total: float | None = None
    message: str | None = None


OnProgress = Callable[[Progress], None] | None
"""Who is told of the progress of a call."""


class Caller(msgspec.Struct, frozen=True, gc=False):
    """Who calls: the addresses that led here, the deadline they set (hub's clock, infinite for none) and the trace."""

    trace_id: str
    chain: tuple[str, ...] = ()
    deadline: float = math.inf
    timeout_seconds: float | None = None
    profile: str | None = None
    behind: Behind | None = None

    def calls(self, address: str, now: float, default_seconds: float) -> "Call":
        """Return the call that this caller makes; `default_seconds` is how long it may take where the caller set nothing."""
        chain = (*self.chain, address)
        if self.timeout_seconds is not None:
            return Call(chain, self.deadline, self.trace_id, self.profile, self.timeout_seconds, self.behind)
        deadline = min(self.deadline, now + default_seconds)
        return Call(chain, deadline, self.trace_id, self.profile, default_seconds, self.behind)


class Call(msgspec.Struct, frozen=True, gc=False):
    """One call of a function: the addresses that led here (this one last), its deadline (hub's clock) and its trace."""

    chain: tuple[str, ...]
    deadline: float
    trace_id: str
    profile: str | None = None
    timeout_seconds: float = 0.0
    behind: Behind | None = None

    @property
    def address(self) -> str:
        """The function that is called."""
        return self.chain[-1]

    def wire_context(self, now: float) -> dict[str, Any]:
        """Return the member `context` of the request (HUB-CALL-6)."""
        left = self.deadline - now
        if not 0 < left < _LONGEST_TOLD_SECONDS:
            left = 0 if left <= 0 else _LONGEST_TOLD_SECONDS
        context: dict[str, Any] = {
            "timeout_ms": round(left * 1000),
            "trace_id": self.trace_id,
            "chain": list(self.chain),
        }
        if self.profile is not None:
            context["profile"] = self.profile
        return context


# Ten years: endless for a call, and every language can add it to the present without overflowing nanoseconds.
_LONGEST_TOLD_SECONDS = 10 * 365 * 86400

# Not the random numbers of `secrets`: an id is only to be unlikely to come twice, and a system call each is a tenth of a call.
_RANDOM_BITS = random.Random().getrandbits  # noqa: S311 - see above


def new_trace_id() -> str:
    """Return a fresh trace id: 16 hexadecimal digits."""
    return f"{_RANDOM_BITS(64):016x}"


def first_caller(
    address: str, now: float, timeout_seconds: float | None, spent_seconds: float, profile: str | None, behind: Behind | None
) -> Caller:
    """Return who calls `address` from outside of all modules; `spent_seconds` of the timeout have passed already.

    Raises:
        BadSettings: the timeout is none.
    """
    deadline = math.inf
    if timeout_seconds is not None:
        if not isinstance(timeout_seconds, int | float) or not timeout_seconds >= 0:  # pyright: ignore[reportUnnecessaryIsInstance] - it comes from applications
            msg = f"cannot call {address}: the timeout must be a number of seconds from 0 upward, not {timeout_seconds!r}"
            raise BadSettings(msg)
        deadline = now + timeout_seconds - spent_seconds
    return Caller(new_trace_id(), (), deadline, timeout_seconds, profile, behind)


def _module_of(address: str) -> str:
    return address.partition(".")[0]


class WaitGraph:
    """Which module waits for which: enough to see that one more call would never be answered.

    A module that offered `concurrent` can take a call while it waits for another; a serial one cannot, and a circle of serial
    modules that wait for each other waits for ever.
    """

    def __init__(self, max_chain: int) -> None:
        self._max_chain = max_chain
        self._waits: dict[str, Counter[str]] = {}

    def enter(self, caller: Call, target: str, *, is_serial: "dict[str, bool]") -> None:
        """Note that the module of `caller` waits for `target` ("module.function") until `leave`.

        Raises:
            CallCycle: the target already stands in the chain, or the circle of serial modules would close.
            CallTooDeep: the chain would be longer than the limit.
        """
        chain = (*caller.chain, target)
        module, target_module = _module_of(caller.address), _module_of(target)
        shown = " -> ".join(chain)
        if target_module in {_module_of(address) for address in caller.chain}:
            msg = f"cannot call {target}: {target_module} is already waiting in this chain of calls: {shown}"
            raise CallCycle(
                msg, hint="a module cannot be called, even indirectly, by a call it is serving", data={"chain": list(chain)}
            )
        if len(chain) > self._max_chain:
            msg = f"cannot call {target}: the chain of calls is longer than {self._max_chain}: {shown}"
            raise CallTooDeep(msg, data={"chain": list(chain)})
        circle = self._circle(module, target_module, is_serial)
        if circle:
            waiting = " -> ".join(circle)
            msg = f"cannot call {target}: each of these modules would wait for the other's only worker: {waiting}"
            raise CallCycle(
                msg, hint="offer the feature `concurrent` in one of them", data={"chain": list(chain), "circle": circle}
            )
        self._waits.setdefault(module, Counter())[target_module] += 1

    def leave(self, caller: Call, target: str) -> None:
        """Note that the wait that `enter` noted is over."""
        module, target_module = _module_of(caller.address), _module_of(target)
        waits = self._waits[module]
        waits[target_module] -= 1
        if not waits[target_module]:
            del waits[target_module]
        if not waits:
            del self._waits[module]

    def _circle(self, module: str, target: str, is_serial: dict[str, bool]) -> list[str]:
        """Return the circle of serial modules that an edge from `module` to `target` would close, or nothing."""
        if not is_serial.get(module, False):
            return []
        trail: list[tuple[str, list[str]]] = [(target, [module, target])]
        seen: set[str] = set()
        while trail:
            at, path = trail.pop()
            if at == module:
                return path
            if at in seen or not is_serial.get(at, False):
                continue
            seen.add(at)
            trail.extend((after, [*path, after]) for after in self._waits.get(at, ()))
        return []
