"""Own the report of a death: what is in it, where it is kept, how many; know nothing of supervision."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import anyio
import anyio.to_thread

from hub._ending import Ending
from hub._instance import Instance
from hub._names import printable
from hub._private import make_private_directory, write_private
from hub._redact import REDACTED, redact
from hub.errors import HubError, NotFound
from hub.events import Event

__all__ = ["Death", "ReportStore", "death_report"]

# A crash loop writes one a second until the hub gives up; the first ones and the last one tell the same story.
_KEPT_REPORTS = 20
_TAIL_CHARACTERS = 64 * 1024
_LINE_CHARACTERS = 1000


@dataclass(frozen=True, slots=True)
class Death:
    """What was known and decided when a process was gone; `error` is why it could not go on, where nothing else says so."""

    ending: Ending
    phase: str
    error: HubError | None
    verdict: str
    decision: Mapping[str, Any]
    up_seconds: float
    restarts: int  # without the one that follows
    memory: Sequence[Mapping[str, Any]]
    time_ns: int = field(default_factory=time.time_ns)  # by the calendar


def death_report(instance: Instance, death: Death) -> dict[str, Any]:
    """Return the report as JSON: what died, how, in which phase, what it said last, what was under way, and what follows."""
    tail = redact(instance.stderr_tail.decode("utf-8", "replace"))[-_TAIL_CHARACTERS:]
    fault = death.ending.fault or death.error
    return {
        "format": 1,
        "module": instance.name,
        "version": instance.introduction.version if instance.introduction is not None else None,
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(death.time_ns // 1_000_000_000)),
        "pid": instance.process.pid,
        "phase": death.phase,
        "exit": death.ending.status.to_json(),
        "verdict": death.verdict,
        "fault": _without_secrets(fault.to_json()) if fault is not None else None,
        "decision": dict(death.decision),
        "restarts": death.restarts,
        "up_seconds": round(death.up_seconds, 3),
        "calls_in_flight": list(death.ending.calls),
        "frames": dict(instance.last_frames),
        "memory": list(death.memory),
        "stderr": [printable(line, _LINE_CHARACTERS) for line in tail.splitlines()],
    }


def _without_secrets(value: Any) -> Any:
    # Value by value: a text cut out of JSON need not be JSON any more.
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, list):
        return [_without_secrets(element) for element in cast("list[Any]", value)]
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value).items()
        return {name: REDACTED if _is_secret(name) else _without_secrets(member) for name, member in members}
    return value


def _is_secret(name: str) -> bool:
    return REDACTED in redact(f"{json.dumps(name)}: 0")


class ReportStore:
    """The reports of all modules below one directory; the newest few of each are kept."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def write(self, report: Mapping[str, Any], time_ns: int) -> Path:
        """Write the report of a death at `time_ns` and return where. Does file I/O: run it in a thread.

        Raises:
            BadSettings: the directory cannot be used.
        """
        directory = self._directory / str(report["module"])
        make_private_directory(directory)
        file = directory / f"{time_ns}.json"
        write_private(file, json.dumps(report, indent=1).encode())
        for old in self._files(str(report["module"]))[:-_KEPT_REPORTS]:
            with suppress(OSError):
                old.unlink()
        return file

    async def keep(self, report: Mapping[str, Any], time_ns: int, emit: Callable[[Event], None]) -> None:
        """Write the report of a death at `time_ns`; when it cannot be written, that is a warning and no failure."""
        try:
            # Shielded: a death is mostly the reason why a hub is closed, and its report must be there after that.
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(self.write, report, time_ns)
        except HubError as error:
            emit(Event("module.warning", str(report["module"]), {"message": error.message}))

    def last(self, module: str) -> dict[str, Any]:
        """Return the newest report of a module.

        Raises:
            NotFound: there is none.
        """
        for file in reversed(self._files(module)):
            with suppress(OSError, ValueError):
                return json.loads(file.read_bytes())
        msg = f"cannot show the last crash of {module}: none is known"
        raise NotFound(msg, hint=f"its log may say more: hub logs {module}", data={"module": module})

    def _files(self, module: str) -> list[Path]:
        try:
            return sorted((self._directory / module).glob("*.json"))
        except OSError:
            return []
