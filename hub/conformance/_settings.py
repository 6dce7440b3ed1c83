"""Own what a run can be told: waits, effects, seed; know no checks."""

from dataclasses import dataclass
from typing import Final

from hub_protocol.limits import (
    CAPABILITIES_SECONDS,
    CLEANUP_SECONDS,
    EXIT_AFTER_EOF_SECONDS,
    INIT_SECONDS,
    MODULE_INFO_SECONDS,
)

__all__ = ["Settings"]

# Half a second more than the rule gives: a machine that tests is a machine under load.
_EXIT_GRACE_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a run goes; the waits of the specification are those of the manifest where it says other ones."""

    allow_effects: bool = False
    seed: int = 0
    calls_per_function: int = 40
    """How many generated calls each function gets."""
    function_seconds: float = 1.5
    """How long the generated calls of one function may take together; what shrinks a failing one gets as much again."""
    calls_seconds: float = 30.0
    """How long the generated calls of all functions may take together; a module may have four thousand."""
    call_seconds: float = 0.5
    """After this a generated call is one that takes its time: it is given up, and not held against the function."""
    answer_seconds: float = 5.0
    """What a module answers without having to work."""
    total_seconds: float = 100.0
    """After this the checks that are left are not run, and fail."""
    payload_mib: tuple[int, ...] = (1, 8, 15)
    start_seconds: float = MODULE_INFO_SECONDS
    capabilities_seconds: float = CAPABILITIES_SECONDS
    init_seconds: float = INIT_SECONDS
    cleanup_seconds: float = CLEANUP_SECONDS
    exit_seconds: float = EXIT_AFTER_EOF_SECONDS + _EXIT_GRACE_SECONDS
