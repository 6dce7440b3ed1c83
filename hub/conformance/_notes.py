"""Own what was noticed in passing while checks were at work: broken rules, features seen at work, defects of the runner itself.

Blame is kept apart here: a `Breach` is the module's, a line of `runner_faults` is ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

__all__ = ["Breach", "Notes", "shown_bytes", "shown_frames"]

# A person mends the first few.
_MOST_BREACHES: Final = 20
_SHOWN_BYTES: Final = 300
_MOST_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that the module broke, found in passing: why, what it wrote, and what it had been sent before."""

    why: str
    received: str
    sent: str = ""


@dataclass(slots=True)
class Notes:
    """What was noticed: breaches by the id of the check that reports them; `seen` are features that were really used."""

    breaches: dict[str, list[Breach]] = field(default_factory=dict[str, list[Breach]])
    seen: set[str] = field(default_factory=set[str])
    runner_faults: list[str] = field(default_factory=list[str])

    def breach(self, check: str, why: str, received: bytes | str = "", sent: bytes | str = "") -> None:
        """Note that the module broke the rule which `check` watches."""
        found = self.breaches.setdefault(check, [])
        if len(found) < _MOST_BREACHES:
            found.append(Breach(why, shown_bytes(received), shown_bytes(sent)))

    def runner_fault(self, why: str) -> None:
        """Note a defect of the runner."""
        if why not in self.runner_faults and len(self.runner_faults) < _MOST_BREACHES:
            self.runner_faults.append(why)


def shown_bytes(data: bytes | str) -> str:
    """Return the beginning of what went over the wire, and how long it is where that is not all."""
    if isinstance(data, str):
        return data if len(data) <= _SHOWN_BYTES else f"{data[:_SHOWN_BYTES]}… ({len(data)} characters)"
    text = data[:_SHOWN_BYTES].decode("utf-8", "backslashreplace").rstrip("\n")
    return text if len(data) <= _SHOWN_BYTES else f"{text}… ({len(data)} bytes)"


def shown_frames(frames: Sequence[bytes]) -> str:
    """Return the first of some frames on one line, and how many more there are; `nothing` for none."""
    shown = " ".join(shown_bytes(frame) for frame in frames[:_MOST_SHOWN])
    more = len(frames) - _MOST_SHOWN
    return (shown + (f" (and {more} more)" if more > 0 else "")) or "nothing"
