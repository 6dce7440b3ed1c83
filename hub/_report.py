"""Own the report of a death: what is in it, where it is kept, how many; know nothing of supervision."""

import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import anyio
import anyio.to_thread

from hub._instance import Ending, Instance
from hub._names import printable
from hub._private import make_private_directory, write_private
from hub._redact import REDACTED, redact
from hub.errors import HubError, NotFound
from hub.events import Event

__all__ = ["ReportStore", "death_report"]

# A crash loop writes one a second until the hub gives up; the first ones and the last one tell the same story.
_KEPT_REPORTS = 20
_TAIL_CHARACTERS = 64 * 1024
_LINE_CHARACTERS = 1000


def death_report(
    instance: Instance,
    ending: Ending,
    phase: str,
    error: HubError | None,
    verdict: str,
    decision: Mapping[str, Any],
    up_seconds: float,
    restarts: int,
) -> dict[str, Any]:
    """Return the report as JSON: what died, how, in which phase, what it said last, what was under way, and what follows."""
    tail = redact(ending.stderr_tail.decode("utf-8", "replace"))[-_TAIL_CHARACTERS:]
    fault = ending.fault or error
    return {
        "format": 1,
        "module": instance.name,
        "version": instance.introduction.version if instance.introduction is not None else None,
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "pid": instance.process.pid,
        "phase": phase,
        "exit": ending.status.to_json(),
        "verdict": verdict,
        "fault": _without_secrets(fault.to_json()) if fault is not None else None,
        "decision": dict(decision),
        "restarts": restarts,
        "up_seconds": round(up_seconds, 3),
        "calls_in_flight": list(ending.calls),
        "frames": dict(ending.frames),
        "memory": [],
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

    def write(self, report: Mapping[str, Any]) -> Path:
        """Write a report and return where. Does file I/O: run it in a thread.

        Raises:
            BadSettings: the directory cannot be used.
        """
        directory = self._directory / str(report["module"])
        make_private_directory(directory)
        file = directory / f"{time.time_ns()}.json"
        write_private(file, json.dumps(report, indent=1).encode())
        for old in self._files(str(report["module"]))[:-_KEPT_REPORTS]:
            with suppress(OSError):
                old.unlink()
        return file

    async def keep(self, report: Mapping[str, Any], emit: Callable[[Event], None]) -> None:
        """Write a report; when it cannot be written, that is a warning and no failure."""
        try:
            # Shielded: a death is mostly the reason why a hub is closed, and its report must be there after that.
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(self.write, report)
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
