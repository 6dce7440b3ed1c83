"""Own how the end of a process is told: to what decides about a restart, and to the callers whose answers will not come."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from hub._exitstatus import ExitStatus
from hub.errors import HubError, ModuleDied
from hub_protocol.limits import EXIT_STATUS_DO_NOT_RESTART

__all__ = ["Ending", "OnEnd", "Sequel", "died_during", "says_do_not_restart"]


@dataclass(frozen=True, slots=True)
class Ending:
    """How a process ended: its status, the fault for which the hub ended it, and whether the end was asked for."""

    status: ExitStatus
    fault: HubError | None
    asked_for: bool
    calls: tuple[str, ...] = ()

    @property
    def in_words(self) -> str:
        """How it ended, to follow its name: "was killed by SIGSEGV"."""
        return _was(self.status)

    @property
    def do_not_restart(self) -> bool:
        """Whether the module said that restarting it is of no use (HUB-LIFE-8)."""
        return says_do_not_restart(self.status)


@dataclass(frozen=True, slots=True)
class Sequel:
    """What follows from an end, for whoever puts the last life of a module in order."""

    next_process: Callable[[], Awaitable[None]]
    """Returns when the next life, if one begins at once, has a process."""
    next_result: Callable[[], Awaitable[None]]
    """Returns when the next life, if one begins at once, runs or has failed."""
    report: Callable[[], None]
    """Writes the report of the death; to be called when nothing is left of the process. Must not block or raise."""


OnEnd = Callable[[Ending], Sequel | None]
"""Decides what follows from an end; must not block or raise. None: nothing does."""


def says_do_not_restart(status: ExitStatus) -> bool:
    """Return whether a process ended with the status that means "restarting me is of no use" (HUB-LIFE-8)."""
    return status.code == EXIT_STATUS_DO_NOT_RESTART


def died_during(
    name: str, function: str, status: ExitStatus, fault: HubError | None, stop_reason: str, *, may_have_executed: bool
) -> ModuleDied:
    """Return the error for the caller of `function`, whose answer will not come.

    `fault` is that for which the hub ended the process, `stop_reason` why it was asked to end; both can be missing.
    """
    outcome = "whether the call was executed is unknown" if may_have_executed else "the call was not executed"
    hint: str | None = f"see how it ended: hub logs {name} --last-crash"
    if fault is not None:
        why = fault.message
    elif stop_reason:
        # Not by itself: of that there is no report.
        why, hint = f"{name} was stopped during the call ({stop_reason})", None
    else:
        why = f"{name} {_was(status)} during the call"
    msg = f"cannot get the answer of {name}.{function}: {why}; {outcome}"
    data = {"module": name, "may_have_executed": may_have_executed, "exit": status.to_json()}
    if fault is not None:
        data["cause"] = fault.to_json()
    return ModuleDied(msg, hint=hint, data=data)


def _was(status: ExitStatus) -> str:
    words = status.describe()
    return f"was {words}" if words.startswith("killed") else words
