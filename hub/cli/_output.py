"""Own standard output and standard error of one command: data to the one, everything else to the other; know no command.

Standard output carries data only. Without a terminal behind it, it is UTF-8 whatever the locale says, so that a script gets the
same bytes everywhere. A reader that goes away (`hub functions | head -1`) is no error; a disk that is full is one.
"""

import io
import os
import shutil
import sys
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager, redirect_stdout
from typing import Any, Final, TextIO

from hub.cli._text import harmless, harmless_json

__all__ = ["CannotWrite", "Output"]

_STANDARD_DESCRIPTORS: Final = (0, 1, 2)
# What a terminal is wide that does not say.
_DEFAULT_WIDTH: Final = 80


class CannotWrite(Exception):
    """Standard output does not take what was written; the argument says why, in words."""


class _Through(io.TextIOBase):
    """Standard output for those who know only that: whole lines become data of `output`."""

    encoding = "utf-8"

    def __init__(self, output: "Output") -> None:
        super().__init__()
        self._output = output
        self._begun = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str, /) -> int:
        *lines, self._begun = (self._begun + text).split("\n")
        if lines:
            self._output.lines(lines)
        return len(text)


class Output:
    """Where one command writes. `doing` says in words what it does, for errors that do not: `call system.processes`."""

    def __init__(self, stdout: TextIO | None, stderr: TextIO | None, *, json: bool, verbose: bool) -> None:
        self._stdout = stdout
        self._stderr = stderr
        self.json = json
        self.verbose = verbose
        self.doing = ""
        self.is_terminal = stdout is not None and stdout.isatty()
        self.stderr_is_terminal = stderr is not None and stderr.isatty()

    @classmethod
    def of_process(cls, argv: Sequence[str]) -> "Output":
        """Return the output of this process. `--json` and `--verbose` count wherever they stand, for errors in usage too."""
        # A descriptor that was closed (`>&-`) would be taken by the next pipe or file: a module would write into it.
        for descriptor in _STANDARD_DESCRIPTORS:
            try:
                os.fstat(descriptor)
            except OSError:
                os.open(os.devnull, os.O_RDWR)
        stdout: Any = sys.stdout
        if stdout is not None:
            if stdout.isatty():
                stdout.reconfigure(errors="backslashreplace")
            else:
                stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
        return cls(stdout, sys.stderr, json="--json" in argv, verbose="--verbose" in argv or "-v" in argv)

    @property
    def width(self) -> int:
        """The width of the terminal, or 80."""
        return shutil.get_terminal_size((_DEFAULT_WIDTH, 24)).columns

    @property
    def speaks_unicode(self) -> bool:
        """Whether every character can be written."""
        return self._stdout is not None and self._stdout.encoding.lower().replace("-", "").startswith("utf")

    def document(self, value: Any, *, indent: int | None = None) -> None:
        """Write a value as one JSON document with a line end."""
        text = harmless_json(value, indent=indent)
        if not self.speaks_unicode:
            text = harmless_json(value, indent=indent, ascii_only=True)
        self.lines([text])

    @property
    def can_ask(self) -> bool:
        """Whether there is a person to ask: standard input and standard error are both terminals."""
        return self.stderr_is_terminal and sys.stdin is not None and sys.stdin.isatty()

    @contextmanager
    def takes_over(self) -> Generator[None]:
        """Let what others write to `sys.stdout`, such as the help that typer makes, go the way of all data."""
        with redirect_stdout(_Through(self)):
            yield

    def lines(self, lines: Iterable[str]) -> None:
        """Write lines of data.

        Raises:
            CannotWrite: standard output is closed, or takes no more (a full disk).
        """
        if self._stdout is None:
            raise CannotWrite("it is closed")
        try:
            for line in lines:
                self._stdout.write(f"{line}\n")
            self._stdout.flush()
        except BrokenPipeError:
            self._abandon()
        except OSError as error:
            self._abandon()
            raise CannotWrite((error.strerror or str(error)).lower()) from error

    def table(self, rows: Sequence[dict[str, Any]], last: str | None = None) -> None:
        """Write rows as a table as wide as the terminal; the column `last` comes behind all others."""
        from hub.cli._table import table_lines  # rich, 40 ms

        self.lines(table_lines(rows, self.width, unicode=self.speaks_unicode, last=last))

    def say(self, line: str) -> None:
        """Write one line of diagnostics, made harmless; standard error that takes nothing is not worth an error."""
        if self._stderr is None:
            return
        try:
            self._stderr.write(f"{harmless(line)}\n")
            self._stderr.flush()
        except OSError:
            self._stderr = None

    def warn(self, error: "dict[str, Any]") -> None:
        """Write a warning, given as `HubError.to_json`: with `--json` as one JSON object on one line, else in words."""
        if self.json:
            self.say(harmless_json({"warning": error}))
            return
        self.say(f"warning: {error['message']}")
        if "hint" in error:
            self.say(f"hint: {error['hint']}")

    def _abandon(self) -> None:
        # Python flushes standard output once more at its end, and may complain then, behind our back, with an exit code of its
        # own (Python documentation, module signal, note on SIGPIPE).
        if self._stdout is not None:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stdout.fileno())
            os.close(nowhere)
            self._stdout = None
