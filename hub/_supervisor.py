"""Own what follows when a module's process is gone: verdict, restart or not; know nothing of how processes start and stop.

One for each module. It decides by `_restart.RestartHistory`; the module carries the decision out.
"""

from collections.abc import Callable, Mapping
from typing import Any

from hub._instance import Ending
from hub._restart import Again, Never, RestartHistory, RestartLimits, Verdict
from hub.errors import (
    BadLicense,
    BadManifest,
    BadSettings,
    DependencyFailed,
    GaveUp,
    HandshakeFailed,
    HubError,
    InitFailed,
    ModuleDied,
    NoCommonVersion,
    NotApproved,
    ProtocolError,
    StartFailed,
)
from hub_protocol.lifecycle import State

__all__ = ["Decision", "Supervisor", "decision_json", "verdict_of_end", "verdict_of_start"]

Decision = Again | Never

# Another attempt ends in the same way until a person changes something.
_PERMANENT = (NotApproved, NoCommonVersion, BadLicense, BadManifest, BadSettings)


class Supervisor:
    """Decides for one module. `wanted`: it should be up, for it ran once or `hub up` started it, and nobody stopped it."""

    def __init__(
        self,
        module: str,
        policy: str,
        *,
        clock: Callable[[], float],
        random: Callable[[], float],
        limits: RestartLimits | None = None,
    ) -> None:
        self.wanted = False
        self.gave_up: GaveUp | None = None
        self.retry_at: float | None = None
        self.up_since: float | None = None
        self._module = module
        self._clock = clock
        self._history = RestartHistory(policy, random, limits)  # pyright: ignore[reportArgumentType] - the manifest checked it

    @property
    def restarts(self) -> int:
        """How often it was restarted after a failure."""
        return self._history.total

    @property
    def will_be_back(self) -> bool:
        """Whether the module is about to be started again by itself."""
        return self.retry_at is not None

    def is_up(self) -> None:
        """Note that functions can be called now."""
        self.wanted = True
        self.retry_at = None
        self.up_since = self._clock()

    def reset(self) -> None:
        """Forget all failures: a person said so."""
        self._history.reset()
        self.gave_up = None

    def failed(self, error: HubError, verdict: Verdict, *, do_not_restart: bool = False) -> Decision:
        """Return what follows after a failure, and remember it."""
        now = self._clock()
        up_seconds = 0.0 if self.up_since is None else now - self.up_since
        self.up_since = None
        permanent = do_not_restart or isinstance(error, _PERMANENT) or bool(error.data.get("permanent"))
        if not self.wanted:
            return Never("it never ran, and whoever wanted it was told", gave_up=False)
        decision = self._history.ended(verdict, now, up_seconds=up_seconds, permanent=permanent)
        self.retry_at = now + decision.delay_seconds if isinstance(decision, Again) else None
        if isinstance(decision, Again):
            return decision
        if decision.gave_up:
            self.gave_up = GaveUp(
                f"cannot use {self._module}: it failed too often ({decision.why}); the last time: {error.message}",
                hint=f"see why: hub logs {self._module} --last-crash; then start it again: hub restart {self._module}",
                data={"module": self._module, "cause": error.to_json()},
            )
        return decision


def verdict_of_start(error: HubError, state: State) -> Verdict:
    """Return the verdict on a start that did not succeed, from its error and how far it had come."""
    match error:
        case DependencyFailed():
            return Verdict.NEVER_STARTED
        case StartFailed():
            return Verdict.NEVER_STARTED
        case InitFailed():
            return Verdict.FAILED_IN_INIT
        case HandshakeFailed() | BadLicense() | NotApproved():
            return Verdict.FAILED_IN_HANDSHAKE
        case ModuleDied():
            return Verdict.FAILED_IN_INIT if state is State.INITIALISING else Verdict.FAILED_IN_HANDSHAKE
        case _:
            return Verdict.NEVER_STARTED


def verdict_of_end(ending: Ending) -> Verdict:
    """Return the verdict on the end of a module that ran."""
    if ending.fault is not None:
        named = ending.fault.data.get("verdict")
        if isinstance(named, str):
            return Verdict(named)
        return Verdict.PROTOCOL_ABUSE if isinstance(ending.fault, ProtocolError) else Verdict.RAN_AND_DIED
    return Verdict.RAN_AND_EXITED if ending.status.success else Verdict.RAN_AND_DIED


def decision_json(decision: Decision) -> Mapping[str, Any]:
    """Return a decision for events and reports."""
    if isinstance(decision, Again):
        return {"restart": True, "retry_after_seconds": round(decision.delay_seconds, 3)}
    return {"restart": False, "gave_up": decision.gave_up, "why": decision.why}
