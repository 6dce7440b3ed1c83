"""Own what Ctrl-C means while modules run: once, end the work and stop the modules well; twice, kill them. Knows no command."""

import signal
from collections.abc import AsyncIterator, Callable
from typing import Final

import anyio

from hub.errors import HubError

__all__ = ["SIGNALS", "Interrupted", "Interrupts"]

# The terminal's Ctrl-C, `kill`, and the terminal going away: all three must leave no module behind.
SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(HubError):
    """The person interrupted the command."""

    kind = "interrupted"


class Interrupts:
    """Cancels `work`, the scope of what the person waits for, at the first signal; calls `hurry` at each one after that.

    What is done already is not taken back: a signal that comes while the modules are being stopped only hurries that.
    """

    def __init__(self, hurry: Callable[[], None]) -> None:
        self.work = anyio.CancelScope()
        self._hurry = hurry
        self._done = False

    async def watch(self, signals: AsyncIterator[signal.Signals]) -> None:
        """Obey the signals as they come, until cancelled."""
        async for _ in signals:
            if self._done or self.work.cancel_called:
                self._hurry()
            else:
                self.work.cancel()

    def work_is_done(self) -> None:
        """Note that the outcome is there."""
        self._done = True
