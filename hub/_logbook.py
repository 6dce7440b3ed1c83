"""Own what is remembered of what happened: the newest log records of each module, in memory; know no file and no socket."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from hub.events import Event

__all__ = ["Logbook"]

# A screenful fifty times over; who needs more has the journal of the machine.
_KEPT_RECORDS: Final = 1000
# A thousand of the longest lines would be 8 MiB a module.
_KEPT_CHARACTERS: Final = 1024 * 1024


@dataclass(slots=True)
class _Ring:
    records: deque[Mapping[str, Any]] = field(default_factory=deque[Mapping[str, Any]])
    characters: int = 0


class Logbook:
    """The newest log records of each module, as the events of kind `log` have them, with `event_time` (seconds since 1970)."""

    def __init__(self, kept_records: int = _KEPT_RECORDS, kept_characters: int = _KEPT_CHARACTERS) -> None:
        self._kept_records = kept_records
        self._kept_characters = kept_characters
        self._rings: dict[str, _Ring] = {}

    def add(self, event: Event) -> None:
        """Remember an event if it is a log record; for `Hub.on_event`."""
        if event.kind != "log" or event.module is None:
            return
        ring = self._rings.setdefault(event.module, _Ring())
        record = record_of(event)
        ring.records.append(record)
        ring.characters += _size(record)
        while len(ring.records) > self._kept_records or (ring.characters > self._kept_characters and len(ring.records) > 1):
            ring.characters -= _size(ring.records.popleft())

    def last(self, module: str, count: int) -> list[Mapping[str, Any]]:
        """Return the newest records of a module, oldest first."""
        ring = self._rings.get(module)
        if ring is None or count <= 0:
            return []
        return list(ring.records)[-count:]

    def forget(self, module: str) -> None:
        """Drop what is known of a module that is gone."""
        self._rings.pop(module, None)


def record_of(event: Event) -> Mapping[str, Any]:
    """Return the record that a `log` event is."""
    return {"event_time": round(event.time, 3), **event.data}


def _size(record: Mapping[str, Any]) -> int:
    # Fields are bounded where a record is made; counted by their text they cost too much for a flood.
    return len(str(record.get("message", ""))) + (len(str(record["fields"])) if "fields" in record else 0)
