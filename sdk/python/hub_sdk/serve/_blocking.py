"""Own the main thread of a module without async functions: read, handle, write, end; know nothing of what a message means."""

import os
import select
import threading
from collections import deque

from hub_protocol.events import Event, RequestReceived
from hub_protocol.methods import MODULE_INIT
from hub_sdk.serve._descriptors import Descriptors
from hub_sdk.serve._ending import DRAIN_SECONDS, Ending
from hub_sdk.serve._session import Session
from hub_sdk.serve._writer import Writer

__all__ = ["READ_BYTES", "end_blocking", "serve_blocking"]

# What a pipe holds.
READ_BYTES = 65536


def serve_blocking(session: Session, descriptors: Descriptors, writer: Writer, ending: Ending) -> deque[Event] | None:
    """Serve until the end of standard input, or SIGTERM, and return None.

    A module with async functions is served up to its module_init: that event and those behind it are returned, for the loop.
    """
    needs_loop = session.definition.needs_loop
    readable = select.poll()
    readable.register(descriptors.input, select.POLLIN)
    readable.register(ending.wake, select.POLLIN)
    while not session.hopeless:
        ready = {descriptor for descriptor, _ in readable.poll()}
        if ending.wake in ready:
            return None
        data = os.read(descriptors.input, READ_BYTES)
        if not data:
            return None
        events = deque(session.exchange.receive(data))
        while events:
            if needs_loop and isinstance(events[0], RequestReceived) and events[0].method == MODULE_INIT:
                writer.flush_without_blocking()
                return events
            session.handle(events.popleft())
        writer.flush_without_blocking()
    return None


def end_blocking(session: Session, ending: Ending) -> None:
    """Give calls that are nearly done a moment, stop the others, and clean up if the hub did not ask for it."""
    ending.begin()
    idle = threading.Event()
    session.exchange.when_idle(idle.set)
    idle.wait(DRAIN_SECONDS)
    session.exchange.cancel_all()
    clean_up = session.abandon()
    if clean_up is None:
        return
    try:
        clean_up()
    except Exception:
        session.definition.log.exception("on_cleanup failed")
