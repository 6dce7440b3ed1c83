"""Own what a module's loop waits with: the hub's bytes are served where it waits, not a turn later; know nothing of them.

A reader that is registered with the loop is called back in the turn after the wait; that is half of what the loop costs a call.
"""

import math
import select
import selectors
from collections.abc import Callable
from typing import Any, cast

__all__ = ["ServingSelector", "can_serve"]

_Ready = list[tuple[selectors.SelectorKey, int]]


def can_serve() -> bool:
    """Return whether this system's selector is a descriptor itself, so that it can be waited for beside another one."""
    return hasattr(selectors.DefaultSelector, "fileno")


class ServingSelector(selectors.DefaultSelector):
    """The system's selector, which also calls somebody in the middle of a wait."""

    def __init__(self) -> None:
        super().__init__()
        self._served: int | None = None
        self._serve: Callable[[], None] = lambda: None
        self._both = select.poll()
        self._both.register(cast("Any", self).fileno(), select.POLLIN)

    def begin_serving(self, descriptor: int, serve: Callable[[], None]) -> None:
        """Call `serve` whenever `descriptor` has something to read; it may be a regular file, which epoll does not know."""
        self._both.register(descriptor, select.POLLIN)
        self._served, self._serve = descriptor, serve

    def end_serving(self) -> None:
        """Leave the descriptor alone from now on."""
        if self._served is not None:
            self._both.unregister(self._served)
            self._served = None

    def select(self, timeout: float | None = None) -> _Ready:
        """Wait as the system's selector does; return early, with nothing, after having served."""
        others = False
        # Rounded up, as there: a timer that is due in half a millisecond is not waited for in circles.
        for descriptor, _ in self._both.poll(None if timeout is None else math.ceil(max(timeout, 0) * 1000)):
            if descriptor == self._served:
                self._serve()
            else:
                others = True
        return super().select(0) if others else []
