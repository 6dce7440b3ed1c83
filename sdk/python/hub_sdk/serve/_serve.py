"""Own the putting together of a module's process: descriptors, threads, session, loop; know nothing of what each does."""

import os
import sys
import time
from collections.abc import Callable, Coroutine
from threading import get_ident
from typing import Any, NoReturn

from hub_sdk.serve._blocking import end_blocking, serve_blocking
from hub_sdk.serve._definition import Definition
from hub_sdk.serve._descriptors import Descriptors
from hub_sdk.serve._ending import Ending, leave
from hub_sdk.serve._session import Session
from hub_sdk.serve._workers import Workers
from hub_sdk.serve._writer import Writer

__all__ = ["serve"]


# How long a thread may take from its answer to its end; most need microseconds.
_RETURN_SECONDS = 0.1


class _ProcessRunner:
    """Where handlers run in a real process."""

    def __init__(self, most: int) -> None:
        self.workers = Workers(most)
        self.writer: Writer | None = None
        self.loop: Any = None
        self._reader = get_ident()

    def start_sync(self, job: Callable[[], None]) -> None:
        """Run `job` in a thread of its own."""
        self.workers.submit(job)

    def start_async(self, job: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
        """Run `job` as a task of the loop."""
        return self.loop.start_async(job)

    def flush(self) -> None:
        """Write what the session has to send: at once in a worker, after this batch or turn in the reader."""
        if get_ident() == self._reader:
            if self.loop is not None:
                self.loop.flush_soon()
        elif self.writer is not None:
            self.writer.flush()


def serve(definition: Definition, descriptors: Descriptors) -> NoReturn:
    """Serve a module on its standard streams until the hub ends it; the process ends with status 0."""
    _bridge_logging(definition)
    ending = Ending()
    ending.listen()
    runner = _ProcessRunner(definition.workers)
    session = Session(definition, runner, clock=time.monotonic, new_id=lambda: os.urandom(6).hex())
    writer = runner.writer = Writer(descriptors.output, session.exchange.data_to_send)
    pending = serve_blocking(session, descriptors, writer, ending)
    if pending is None:
        end_blocking(session, ending)
    else:
        from hub_sdk.serve._looping import Loop

        _bridge_logging(definition)
        runner.loop = Loop(session, descriptors, writer, ending)
        runner.loop.run(pending)
    writer.finish()
    leave(cleanly=runner.workers.idle_within(_RETURN_SECONDS))


def _bridge_logging(definition: Definition) -> None:
    """Send the standard library's log to ours, if the program has one at all (asyncio brings it)."""
    if "logging" in sys.modules:
        from hub_sdk.log._stdlib import install

        install(definition.log)
