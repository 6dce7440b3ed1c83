"""Own how a module ends: what may make it end, how long that may take, and that it does; know nothing of frames."""

import os
import select
import signal
import sys
import threading
from typing import Final, NoReturn

from hub_protocol.limits import EXIT_AFTER_EOF_SECONDS

__all__ = ["DRAIN_SECONDS", "Ending", "leave"]

# Calls that are nearly done may still answer, which is what makes `printf ... | python -m hub_sdk file.py` useful.
DRAIN_SECONDS: Final = 0.2
# All of the end together, on_cleanup's half second included; the rest of the second is for a machine that is busy.
_ENDING_SECONDS: Final = EXIT_AFTER_EOF_SECONDS - 0.3


class Ending:
    """Wakes the reader when the module is to end, and ends the process when it has not ended by itself in time."""

    def __init__(self) -> None:
        self.wake, self._wake_writer = os.pipe()
        self._lock = threading.Lock()
        self._begun = False

    def listen(self) -> None:
        """Take SIGTERM for a wish to end, and leave SIGINT to the hub, whose terminal it comes from."""
        signal.signal(signal.SIGTERM, lambda _signal, _frame: self._terminate())
        # A handler that does nothing, not SIG_IGN: children would inherit that.
        signal.signal(signal.SIGINT, lambda _signal, _frame: None)

    def _terminate(self) -> None:
        self.begin()
        os.write(self._wake_writer, b"x")

    def begin(self) -> None:
        """Start the last second: whatever handlers and hooks do, the process ends after it."""
        with self._lock:
            if self._begun:
                return
            self._begun = True
        threading.Thread(target=_end_later, name="hub-ending", daemon=True).start()

    def watch(self, descriptor: int) -> None:
        """Begin the end when the hub closes its side of `descriptor`, even if the reader is kept from reading it."""
        threading.Thread(target=self._watch, args=(descriptor,), name="hub-watch", daemon=True).start()

    def _watch(self, descriptor: int) -> None:
        closed = select.poll()
        closed.register(descriptor, 0)  # nothing asked for leaves what is always told: that the other side is closed
        if closed.poll():
            self.begin()


def _end_later() -> None:
    threading.Event().wait(_ENDING_SECONDS)
    os._exit(0)


def leave(*, cleanly: bool) -> NoReturn:
    """End the process with status 0. Cleanly: with everything that Python does at exit, which a busy thread could upset."""
    if cleanly:
        sys.exit(0)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            try:
                stream.flush()
            except (OSError, ValueError):
                continue
    os._exit(0)
