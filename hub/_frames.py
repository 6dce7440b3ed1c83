"""Own the memory of the last frames each way, for the report of a death; know nothing of what they mean."""

from collections import deque
from collections.abc import Callable

from hub._redact import redact

__all__ = ["LastFrames"]

# What a person reads to see what came last; and the beginning of each, for the whole may be 16 MiB.
_FRAMES = 16
_HEAD_BYTES = 512


class LastFrames:
    """The beginnings of the last writes and reads, newest last. Remembering one costs a slice and an append."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._sent: deque[tuple[float, bytes]] = deque(maxlen=_FRAMES)
        self._received: deque[tuple[float, bytes]] = deque(maxlen=_FRAMES)

    def sent(self, data: bytes | memoryview) -> None:
        """Remember what was handed to the module."""
        self._sent.append((self._clock(), bytes(data[:_HEAD_BYTES])))

    def received(self, data: bytes) -> None:
        """Remember what the module wrote."""
        # A copy, also of what is short: the piece itself stands at the beginning of the 64 KiB that it was read into, and each
        # one that is kept there keeps the allocator from using that place for the next read.
        self._received.append((self._clock(), bytes(memoryview(data)[:_HEAD_BYTES])))

    def to_json(self, black_out: Callable[[str], str]) -> dict[str, list[dict[str, object]]]:
        """Return both sides, oldest first, seconds before now, without secrets: by name, and what `black_out` takes out."""
        now = self._clock()
        return {"to_module": _shown(self._sent, now, black_out), "from_module": _shown(self._received, now, black_out)}


def _shown(frames: "deque[tuple[float, bytes]]", now: float, black_out: Callable[[str], str]) -> list[dict[str, object]]:
    return [
        {"seconds_ago": round(now - when, 3), "text": redact(black_out(head.decode("utf-8", "replace").strip("\n\ufffd")))}
        for when, head in frames
    ]
