"""Own what is shown on standard error while a call runs: the modules' logs, and how far it is; know no call and no result.

With `--json`, standard error is for one JSON object in case of an error: logs are shown only when asked for, as JSON.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hub.cli._output import Output
from hub.cli._text import cut, harmless, harmless_json

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from hub import Event, Progress

__all__ = ["Screen"]

# What a person sees who did not ask for more.
_SHOWN_LEVELS: Final = frozenset({"warning", "error", "critical"})
# Faster than the eye reads, and each drawing costs a millisecond.
_REDRAW_SECONDS: Final = 0.1
_MESSAGE_CHARACTERS: Final = 40
# Of each field of a record: stacks of calls are for those who ask for all.
_FIELD_CHARACTERS: Final = 120


class Screen:
    """Standard error of one command. The bar is there from the first progress until `clear`, on a terminal only."""

    def __init__(self, output: Output, clock: Callable[[], float] = time.monotonic) -> None:
        self._output = output
        self._clock = clock
        self._bar: Bar | None = None
        self._task: TaskID | None = None
        self._drawn = -_REDRAW_SECONDS

    def on_event(self, event: "Event") -> None:
        """Show an event of the hub where it is one for the person."""
        module = event.module or "hub"
        if event.kind == "log":
            self._log(module, event.data)
        elif event.kind == "module.warning":
            self._log(module, {"level": "warning", "message": event.data["message"], "source": "hub"})
        elif event.kind == "module.backing-off":
            again = f"started again in {event.data['retry_after_seconds']:.1g} s: {event.data['error']['message']}"
            self._log(module, {"level": "warning", "message": again, "source": "hub"})

    def _log(self, module: str, record: Mapping[str, Any]) -> None:
        if self._output.json:
            if self._output.verbose:
                self.line(harmless_json({"log": {"module": module, **record}}))
        elif self._output.verbose or record["level"] in _SHOWN_LEVELS:
            fields: Mapping[str, Any] = record.get("fields") or {}
            limit = _FIELD_CHARACTERS if not self._output.verbose else None
            more = "".join(f" {name}={cut(harmless_json(value), limit)}" for name, value in fields.items())
            self.line(f"{module}: {record['level']}: {record['message']}{more}")

    def line(self, line: str) -> None:
        """Write a line, above the bar where there is one."""
        if self._bar is None:
            self._output.say(line)
        else:
            self._bar.console.print(harmless(line), markup=False, highlight=False, emoji=False, soft_wrap=True)

    def nothing_in(self, directories: "Sequence[Path]") -> None:
        """Say that there is no plugin, to a person who would look at an empty page."""
        if not self._output.json:
            self.line(f"there is no plugin in {', '.join(map(str, directories))}")
            self.line("hint: say where plugins are with --plugins DIR or HUB_PLUGINS")

    def on_progress(self, progress: "Progress") -> None:
        """Show how far a call is."""
        if not self._output.stderr_is_terminal:
            return
        now = self._clock()
        if self._bar is not None and now - self._drawn < _REDRAW_SECONDS:
            return
        self._drawn = now
        bar = self._bar or self._start()
        if self._task is None:
            self._task = bar.add_task("", total=progress.total)
        message = cut(harmless(progress.message or ""), _MESSAGE_CHARACTERS)
        bar.update(self._task, completed=progress.done, total=progress.total, description=message)
        bar.refresh()

    def _start(self) -> "Bar":
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

        columns = (BarColumn(), TaskProgressColumn(), TimeElapsedColumn(), TextColumn("{task.description}", markup=False))
        # Drawn by us and not by a thread, and without taking standard output and error away from the rest of the program.
        self._bar = Progress(
            *columns,
            console=Console(stderr=True),
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._bar.start()
        return self._bar

    def clear(self) -> None:
        """Take the bar away."""
        bar, self._bar, self._task = self._bar, None, None
        if bar is not None:
            bar.stop()
