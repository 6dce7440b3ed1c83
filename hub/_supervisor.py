"""Own what follows when a module's process is gone: verdict, restart or not; know nothing of how processes start and stop.

One for each module. It decides by `_restart.RestartHistory`; the module carries the decision out.
"""

from collections.abc import Callable, Mapping
from typing import Any

from hub._ending import Ending
from hub._restart import Again, Never, RestartHistory, RestartLimits, Verdict
from hub.errors import (
    BadInterface,
    BadLicense,
    BadManifest,
    BadSettings,
    DependencyFailed,
    Disabled,
    GaveUp,
    HandshakeFailed,
    HubError,
    InitFailed,
    ModuleDied,
    NoCommonVersion,
    NotApproved,
    NotRunning,
    ProtocolError,
)
from hub_protocol.lifecycle import State

__all__ = ["Decision", "Supervisor", "decision_json", "verdict_of_end", "verdict_of_start"]

Decision = Again | Never

# Another attempt ends in the same way until a person changes something.
_PERMANENT = (NotApproved, NoCommonVersion, BadInterface, BadLicense, BadManifest, BadSettings)
# The same as the cause of a required module; and one that was given up is brought back by a person.
_PERMANENT_CAUSES = frozenset({*(kind.kind for kind in _PERMANENT), GaveUp.kind, Disabled.kind})


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
        self._held = False
        self._gave_up: tuple[str, HubError] | None = None
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

    @property
    def gave_up(self) -> GaveUp | None:
        """The error for whoever calls a module that failed too often; a new one each time, for raising changes it."""
        if self._gave_up is None:
            return None
        why, last = self._gave_up
        return GaveUp(
            f"cannot use {self._module}: it failed too often ({why}); the last time: {last.message}",
            hint=f"see why: hub logs {self._module} --last-crash; then start it again: hub restart {self._module}",
            data={"module": self._module, "cause": last.to_json(), "may_have_executed": False},
        )

    @property
    def refusal(self) -> HubError | None:
        """Why it must not be started before a person says so, or None; a new error each time."""
        if self._held:
            return NotRunning(
                f"cannot use {self._module}: a person stopped it",
                hint=f"start it again: hub start {self._module}",
                data={"module": self._module, "may_have_executed": False},
            )
        return self.gave_up

    def hold(self) -> None:
        """Keep it stopped until `reset`: a call must not bring back what a person stopped."""
        self._held = True

    def not_wanted(self) -> None:
        """Note that it is stopped on purpose: it is not to come back by itself."""
        self.wanted = False
        self.retry_at = None

    def is_up(self) -> None:
        """Note that functions can be called now."""
        self.wanted = True
        self.retry_at = None
        self.up_since = self._clock()

    def reset(self) -> None:
        """Forget all failures, and that it was stopped: a person said so."""
        self._history.reset()
        self._gave_up = None
        self._held = False

    def failed(self, error: HubError, verdict: Verdict, *, do_not_restart: bool = False) -> Decision:
        """Return what follows after a failure, and remember it."""
        now = self._clock()
        up_since, self.up_since = self.up_since, None
        self.retry_at = None
        if not self.wanted:
            why = "it never ran, and whoever wanted it was told" if up_since is None else "it was about to be stopped"
            return Never(why, gave_up=False)
        up_seconds = 0.0 if up_since is None else now - up_since
        permanent = do_not_restart or _is_permanent(error)
        decision = self._history.ended(verdict, now, up_seconds=up_seconds, permanent=permanent)
        if isinstance(decision, Again):
            self.retry_at = now + decision.delay_seconds
        elif decision.gave_up:
            self._gave_up = decision.why, error
        return decision


def _is_permanent(error: HubError) -> bool:
    if isinstance(error, _PERMANENT) or error.data.get("permanent"):
        return True
    if not isinstance(error, DependencyFailed):
        return False
    # Without a cause nothing was tried: a module is missing, of the wrong version, or in a circle.
    cause = error.data.get("cause")
    return cause is None or cause["kind"] in _PERMANENT_CAUSES or bool(cause["data"].get("permanent"))


def verdict_of_start(error: HubError, state: State) -> Verdict:
    """Return the verdict on a start that did not succeed, from its error and how far it had come."""
    match error:
        case ProtocolError():
            return Verdict.PROTOCOL_ABUSE
        case InitFailed():
            return Verdict.FAILED_IN_INIT
        case HandshakeFailed() | BadLicense() | NotApproved():
            return Verdict.FAILED_IN_HANDSHAKE
        case ModuleDied():
            if error.data.get("cause", {}).get("kind") == ProtocolError.kind:
                return Verdict.PROTOCOL_ABUSE
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
