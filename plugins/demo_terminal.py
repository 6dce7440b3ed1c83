"""Own a pretended terminal with a hub command in it, and the person who types there; know no command in particular.

On a terminal, because that is where a person is asked, and where a result is a table. What is shown goes to our own output as
it comes; where that is no terminal, without colours.
"""

import fcntl
import os
import pty
import re
import select
import shutil
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

__all__ = ["HUB", "Terminal"]

HUB: Final = Path(sys.executable).parent / "hub"
# Wide enough for the table of all servers, where our own output has no width.
_COLUMNS: Final = 200
_ROWS: Final = 50
_ESCAPES: Final = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
# What the hub writes before it waits for a line.
_PROMPT: Final = re.compile(r": $")


class Terminal:
    """A hub command that runs on a terminal of its own; `show` says whether our reader sees it too."""

    def __init__(self, environ: Mapping[str, str], *words: str, show: bool = True) -> None:
        self.text = ""
        self._show = show
        self._words = "hub " + " ".join(words)
        self._say(f"$ {self._words}\n")
        columns = shutil.get_terminal_size((_COLUMNS, _ROWS)).columns if sys.stdout.isatty() else _COLUMNS
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, columns, 0, 0))
        plain = {name: value for name, value in environ.items() if name not in ("COLUMNS", "NO_COLOR")}
        self._process = subprocess.Popen(
            [HUB, *words],
            env={**plain, "TERM": "xterm-256color"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self._ours = ours

    def answer(self, answers: Sequence[str], seconds: float) -> None:
        """Type the answers, each when it is asked for. What the terminal echoes is shown, as it would be."""
        until = time.monotonic() + seconds
        for answer in answers:
            asked = len(self.text)
            while not _PROMPT.search(_ESCAPES.sub("", self.text[asked:])):
                if not self._read(until):
                    return
            os.write(self._ours, answer.encode() + b"\n")

    def end(self, seconds: float, expect: int = 0) -> str:
        """Wait for the command, and return what it showed; anything but the exit code `expect` ends the demo."""
        until = time.monotonic() + seconds
        try:
            while self._read(until):
                pass
            code = self._process.wait(max(0.1, until - time.monotonic()))
        except (TimeoutError, subprocess.TimeoutExpired):
            sys.exit(f"demo: {self._words} did not end within {seconds:g} s")
        finally:
            self._process.kill()
            self._process.wait()
            os.close(self._ours)
        if code != expect:
            sys.exit(f"demo: {self._words} exited with {code}, not {expect}:\n{self.text}")
        if expect:
            self._say(f"(exit code {expect}, as it should be)\n")
        return _ESCAPES.sub("", self.text).replace("\r\n", "\n")

    def _read(self, until: float) -> bool:
        """Take what is shown next; return False at the end. Raises: TimeoutError."""
        ready, _, _ = select.select([self._ours], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            raise TimeoutError
        try:
            data = os.read(self._ours, 65536)
        except OSError:  # nobody has the other side open any more
            return False
        text = data.decode(errors="replace")
        self.text += text
        self._say(text)
        return bool(data)

    def _say(self, text: str) -> None:
        if self._show:
            sys.stdout.write(text if sys.stdout.isatty() else _ESCAPES.sub("", text).replace("\r\n", "\n"))
            sys.stdout.flush()
