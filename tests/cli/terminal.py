"""Own a pretended terminal with a command in it: what is typed, what is shown; know nothing of what commands print."""

import os
import pty
import re
import select
import termios
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

__all__ = ["Terminal"]

# Longer than any step of a command takes; the bound of the test ends it before.
_SILENCE_SECONDS = 10.0
_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")


class Terminal:
    """A command with standard input, output and error on a terminal that it owns, so that Ctrl-C is a signal."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str]) -> None:
        self.seen = ""
        self.code: int | None = None
        self._pid, self._descriptor = pty.fork()
        if self._pid == 0:
            os.execvpe(argv[0], list(argv), {"TERM": "xterm-256color", **env})  # noqa: S606 - the program under test

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.code is None:
            os.kill(self._pid, 9)
            os.waitpid(self._pid, 0)
        os.close(self._descriptor)

    @property
    def echoes(self) -> bool:
        """Whether the terminal shows what is typed."""
        return bool(termios.tcgetattr(self._descriptor)[3] & termios.ECHO)

    def expect(self, text: str) -> None:
        """Read until `text` was shown."""
        while text not in self.seen:
            assert self._read(), f"ended without {text!r}: {self.seen!r}"

    def type(self, text: str) -> None:
        """Type `text`; Ctrl-C is the character 3, Ctrl-D 4."""
        os.write(self._descriptor, text.encode())

    def end(self) -> str:
        """Read to the end, and return everything that was shown, as lines without escapes."""
        while self._read():
            pass
        _, status = os.waitpid(self._pid, 0)
        self.code = os.waitstatus_to_exitcode(status)
        return _ESCAPES.sub("", self.seen).replace("\r\n", "\n")

    def _read(self) -> bool:
        ready, _, _ = select.select([self._descriptor], [], [], _SILENCE_SECONDS)
        assert ready, f"silent for {_SILENCE_SECONDS:g} s after {self.seen!r}"
        try:
            data = os.read(self._descriptor, 65536)
        except OSError:  # EIO: nobody has the other side open any more
            return False
        self.seen += data.decode("utf-8", "replace")
        return bool(data)
