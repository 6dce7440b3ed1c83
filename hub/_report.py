"""Own the report of a death: what is in it, where it is kept, how many; know nothing of supervision."""

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from hub._names import printable
from hub._private import make_private_directory, write_private
from hub._redact import redact
from hub.errors import NotFound

__all__ = ["ReportStore", "death_report"]

# A crash loop writes one a second until the hub gives up; the first ones and the last one tell the same story.
_KEPT_REPORTS = 20
_TAIL_CHARACTERS = 64 * 1024


def death_report(  # noqa: PLR0913 - what a report holds, member for member
    *,
    module: str,
    version: str | None,
    pid: int,
    phase: str,
    exit_status: Mapping[str, Any],
    verdict: str,
    decision: Mapping[str, Any],
    fault: Mapping[str, Any] | None,
    up_seconds: float,
    frames: Mapping[str, Any],
    stderr_tail: bytes,
    calls: list[str],
    samples: list[Mapping[str, Any]],
    restarts: int,
) -> dict[str, Any]:
    """Return the report as JSON: what died, how, in which phase, what it said last, what was under way, and what follows."""
    tail = redact(stderr_tail.decode("utf-8", "replace"))[-_TAIL_CHARACTERS:]
    return {
        "format": 1,
        "module": module,
        "version": version,
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "pid": pid,
        "phase": phase,
        "exit": dict(exit_status),
        "verdict": verdict,
        "fault": fault,
        "decision": dict(decision),
        "restarts": restarts,
        "up_seconds": round(up_seconds, 3),
        "calls_in_flight": calls,
        "frames": dict(frames),
        "memory": [dict(sample) for sample in samples],
        "stderr": [printable(line, 1000) for line in tail.splitlines()],
    }


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
