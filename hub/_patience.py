"""Own how long a call's deadline stands still while a person thinks (HUB-HOST-6); know no question and no call."""

import math
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from hub._deadlines import Deadline

__all__ = ["ASK_SECONDS", "Patience"]

# Of one call, all its questions together: to fetch a token from a web page takes a minute or two; who left is not waited for.
ASK_SECONDS: Final = 300.0


@dataclass(slots=True)
class _Stillness:
    """One deadline: what it was, since when it stands still, for how many questions; and what is left of the patience."""

    when: float
    left: float
    since: float = 0.0
    questions: int = 0


class Patience:
    """The deadlines of one hub that stand still, or did. `clock` is the hub's."""

    def __init__(self, clock: Callable[[], float], ask_seconds: float = ASK_SECONDS) -> None:
        self._clock = clock
        self._ask_seconds = ask_seconds
        self._still: dict[Deadline, _Stillness] = {}

    @contextmanager
    def standing_still(self, deadlines: Iterable[Deadline]) -> Generator[None]:
        """Let these deadlines stand still inside: of a call, and of those that led to it, which wait for it."""
        # Those that are over are not told to anybody; there are never more of them than questions since.
        self._still = {deadline: still for deadline, still in self._still.items() if deadline.is_ahead}
        held = [deadline for deadline in deadlines if deadline.is_ahead and not math.isinf(deadline.when)]
        for deadline in held:
            self._hold(deadline)
        try:
            yield
        finally:
            for deadline in held:
                self._let_go(deadline)

    def _hold(self, deadline: Deadline) -> None:
        still = self._still.setdefault(deadline, _Stillness(deadline.when, self._ask_seconds))
        still.questions += 1
        if still.questions == 1:
            still.when, still.since = deadline.when, self._clock()
            deadline.move(still.when + still.left)

    def _let_go(self, deadline: Deadline) -> None:
        still = self._still.get(deadline)
        if still is None:
            return
        still.questions -= 1
        if not still.questions and deadline.is_ahead:
            spent = min(self._clock() - still.since, still.left)
            still.left -= spent
            deadline.move(still.when + spent)
