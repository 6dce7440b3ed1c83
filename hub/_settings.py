"""Own the numbers that an operator or application may set for a hub; know nothing of who obeys them."""

from dataclasses import dataclass, field
from typing import Final

from hub._childprocess import StopDeadlines
from hub._liveness import PingLimits
from hub._restart import RestartLimits
from hub_protocol.limits import (
    CALL_SECONDS,
    CAPABILITIES_SECONDS,
    CLEANUP_SECONDS,
    INIT_SECONDS,
    MAX_CHAIN,
    MAX_FRAME_BYTES,
    MAX_IN_FLIGHT,
    MAX_WAITING,
    MODULE_INFO_SECONDS,
    STRAY_BYTES_PER_MINUTE,
    STRAY_LINES_PER_MINUTE,
)

__all__ = ["Settings"]

# What a module has not read of its standard input waits in the hub: one frame of the largest size on its way, one behind.
_WRITE_QUEUE_FRAMES: Final = 2
# Memory, descriptors and processors of each module are looked at so often: a leak of 100 MB/s is seen before it hurts.
_SAMPLE_SECONDS: Final = 2.0
# A module that has not answered an abandoned call by then will not hear a polite word either.
_ABANDONED_SECONDS: Final = 0.05


@dataclass(frozen=True, slots=True)
class Settings:
    """The numbers of one hub; `*_seconds` and `*_bytes` are what their names say. A manifest can set its own module's."""

    call_seconds: float = CALL_SECONDS
    module_info_seconds: float = MODULE_INFO_SECONDS
    capabilities_seconds: float = CAPABILITIES_SECONDS
    init_seconds: float = INIT_SECONDS
    cleanup_seconds: float = CLEANUP_SECONDS
    max_in_flight: int = MAX_IN_FLIGHT
    max_waiting: int = MAX_WAITING
    max_chain: int = MAX_CHAIN
    sample_seconds: float = _SAMPLE_SECONDS
    ping: PingLimits = field(default_factory=PingLimits)
    restart: RestartLimits = field(default_factory=RestartLimits)
    wait_while_backing_off: bool = True
    max_frame_bytes: int = MAX_FRAME_BYTES
    stray_lines_per_minute: int = STRAY_LINES_PER_MINUTE
    stray_bytes_per_minute: int = STRAY_BYTES_PER_MINUTE
    abandoned_seconds: float = _ABANDONED_SECONDS
    stop: StopDeadlines = field(default_factory=StopDeadlines)
    adopt_orphans: bool = False
    """For a program that is nothing but a hub: what loses its parent below it becomes its child, and ends with it (Linux)."""

    @property
    def write_queue_bytes(self) -> int:
        """How much may wait for a module that does not read, before new calls are refused."""
        return _WRITE_QUEUE_FRAMES * self.max_frame_bytes
