"""Own the log that authors write to; know nothing of the protocol's messages.

It writes to `sys.stderr` as it is at that moment, one write for each line, so that lines of several threads do not mix.
"""

import sys
import threading
from typing import Any

from hub_sdk.log._lines import format_line

__all__ = ["Log"]


class Log:
    """Writes lines of JSON to standard error: `log.info("disk nearly full", free=12)`."""

    def __init__(
        self, logger: str | None = None, fields: dict[str, Any] | None = None, lock: "threading.Lock | None" = None
    ) -> None:
        self._logger = logger
        self._fields = fields or {}
        self._lock = lock or threading.Lock()

    def bind(self, logger: str | None = None, **fields: Any) -> "Log":
        """Return a log that adds these fields to each line."""
        return Log(logger or self._logger, self._fields | fields, self._lock)

    def debug(self, message: str, **fields: Any) -> None:
        """Say what only somebody looking for a defect wants to know."""
        self.write("debug", message, fields)

    def info(self, message: str, **fields: Any) -> None:
        """Say what happened."""
        self.write("info", message, fields)

    def warning(self, message: str, **fields: Any) -> None:
        """Say what somebody should look at some day."""
        self.write("warning", message, fields)

    def error(self, message: str, **fields: Any) -> None:
        """Say what somebody should look at now."""
        self.write("error", message, fields)

    def exception(self, message: str, **fields: Any) -> None:
        """Say what went wrong, with the traceback of the exception that is being handled."""
        import traceback

        self.write("error", message, {"traceback": traceback.format_exc(), **fields})

    def write(self, level: str, message: str, fields: dict[str, Any] | None = None) -> None:
        """Write one line; never fail: a log that nobody reads any more is no reason to stop working."""
        own = fields or {}
        # The line's own fields first: where a line is too long, the first ones are kept.
        line = format_line(level, message, logger=self._logger, fields={**own, **self._fields, **own}) + "\n"
        stream = sys.stderr
        try:
            with self._lock:
                stream.write(line)
                stream.flush()
        except (OSError, ValueError, AttributeError):
            return
