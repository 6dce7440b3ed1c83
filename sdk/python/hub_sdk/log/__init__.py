"""Own the names of the room: a module's log on standard error. Re-exports and nothing else."""

from hub_sdk.log._lines import MAX_LINE_BYTES, format_line
from hub_sdk.log._logger import Log

__all__ = ["MAX_LINE_BYTES", "Log", "format_line"]
