"""Own the bridge from the standard library's logging; imported only when the author's program has imported logging itself."""

import logging

from hub_sdk.log._logger import Log

__all__ = ["BridgeHandler", "install"]


class BridgeHandler(logging.Handler):
    """Writes records of the standard library's loggers as lines of our log."""

    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        if record.levelno >= logging.ERROR:
            level = "error"
        elif record.levelno >= logging.WARNING:
            level = "warning"
        else:
            level = "info" if record.levelno >= logging.INFO else "debug"
        fields: dict[str, object] = {}
        if record.exc_info:
            fields["traceback"] = (self.formatter or logging.Formatter()).formatException(record.exc_info)
        try:
            message = record.getMessage()
        except Exception:  # noqa: BLE001 - wrong arguments of a log call are shown, not raised, as logging itself does
            message = f"{record.msg} {record.args}"
        self._log.bind(record.name).write(level, message, fields)


def install(log: Log) -> None:
    """Send the root logger's records to `log`, from INFO on, unless the author has set logging up."""
    root = logging.getLogger()
    if root.handlers:
        return
    root.addHandler(BridgeHandler(log))
    root.setLevel(logging.INFO)
