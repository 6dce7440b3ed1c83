"""Own how a module's log lines and protocol faults become events of the hub; know nothing of how they are read."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from hub._budget import Budget
from hub._logrecord import LogRecord, harmless_text, record_from_object
from hub.events import Event
from hub_protocol import events as protocol

__all__ = ["Reporter"]

# The same as for standard error (HUB-LOG-1): a log that nobody could read is not worth the hub's time.
_LOG_LINES_PER_SECOND = 1000
_LOG_BYTES_PER_SECOND = 1024 * 1024
_LOG_LINE_BYTES = 8 * 1024
# A module that breaks the rules a thousand times a second is told apart from one that does so ten thousand times by the count.
_FAULTS_PER_SECOND = 100
_SHOWN_CHARACTERS = 200


class Reporter:
    """Speaks for one module on the hub's event bus, within bounds. `clock` is the hub's."""

    def __init__(self, module: str, emit: Callable[[Event], None], clock: Callable[[], float]) -> None:
        self._module = module
        self._emit = emit
        self._clock = clock
        self._logs = Budget(_LOG_LINES_PER_SECOND, _LOG_BYTES_PER_SECOND, 1.0)
        self._faults = Budget(_FAULTS_PER_SECOND, _LOG_BYTES_PER_SECOND, 1.0)

    def emit(self, kind: str, /, **data: Any) -> None:
        """Emit an event of this module."""
        self._emit(Event(kind, self._module, data))

    def warn_of_unknown(self, interfaces: Iterable[str]) -> None:
        """Warn of interfaces that the module says it implements and the hub does not know."""
        if shown := ", ".join(interfaces):
            why = f"it says that it implements {shown}, which no file here describes: shown, not served"
            self.emit("module.warning", message=why)

    def log(self, record: LogRecord) -> None:
        """Pass on one line of its log."""
        shown = {"level": record.level, "message": record.message, "source": record.source}
        if record.logger:
            shown["logger"] = record.logger
        if record.time:
            shown["time"] = record.time
        self.emit("log", **shown, **({"fields": dict(record.fields)} if record.fields else {}))

    def log_notification(self, params: dict[str, Any]) -> None:
        """Pass on a `hub.log` notification; one without a message is dropped, one of too many is counted."""
        size = len(msgspec.json.encode(params))
        if not self._logs.spend(size, self._clock()):
            return
        if size > _LOG_LINE_BYTES:
            # A line of any other log is cut there; fields cannot be cut and stay fields.
            params = {**params, "fields": {"omitted_bytes": size}}
        if refused := self._logs.take_refused():
            self.log(LogRecord("warning", f"{refused} lines dropped: it logs too much", source="hub"))
        record = record_from_object(params, source="hub.log", message_characters=_LOG_LINE_BYTES)
        if record is not None:
            self.log(record)

    def fault(self, event: protocol.Event) -> None:
        """Report a frame that broke a rule or that nobody waited for."""
        if not self._faults.spend(0, self._clock()):
            return
        match event:
            case protocol.StrayLine():
                text = _text(event.data)
                self.emit("protocol.stray_line", text=text, size=event.size)
                self.log(LogRecord("warning", f"printed to standard output: {text}", source="stdout"))
            case protocol.FrameRejected():
                self.emit(
                    "protocol.frame_rejected", kind=event.kind, reason=event.reason, text=_text(event.data), size=event.size
                )
                self.log(LogRecord("warning", f"sent a frame that breaks the protocol: {event.reason}", source="stdout"))
            case protocol.UnexpectedResponse():
                self.emit("protocol.unexpected_response", id=event.id, late=event.late)
            case _:
                pass


def _text(data: bytes) -> str:
    # Cut as a text and not as bytes, so that it is seen to be cut: what stands at the end may be half a secret.
    return harmless_text(data[: 4 * _SHOWN_CHARACTERS].decode("utf-8", "replace"), _SHOWN_CHARACTERS)
