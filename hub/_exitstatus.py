"""Own how an ended process is described; know nothing of how the status was learnt."""

import signal as signals
from dataclasses import dataclass
from typing import Any, Self

__all__ = ["ExitStatus"]


@dataclass(frozen=True, slots=True)
class ExitStatus:
    """How a process ended: a code, or a signal, or neither when somebody else in the host program took the status away."""

    code: int | None = None
    signal: int | None = None
    core_dumped: bool = False

    @classmethod
    def unknown(cls) -> Self:
        """Return the status of a process that is known to have ended, and nothing else."""
        return cls()

    @property
    def known(self) -> bool:
        """Whether code or signal is there."""
        return self.code is not None or self.signal is not None

    @property
    def success(self) -> bool:
        """Whether the process is known to have exited with status 0."""
        return self.code == 0

    @property
    def signal_name(self) -> str | None:
        """The signal as `SIGSEGV`; one without a name (a real-time signal) as `signal 41`."""
        if self.signal is None:
            return None
        try:
            return signals.Signals(self.signal).name
        except ValueError:
            return f"signal {self.signal}"

    def describe(self) -> str:
        """Return the status in words, fit to stand after "it was" or alone: `exited with status 3`, `killed by SIGSEGV`."""
        if self.signal is not None:
            return f"killed by {self.signal_name}" + (" (core dumped)" if self.core_dumped else "")
        if self.code is not None:
            return f"exited with status {self.code}"
        return "ended with unknown status"

    def to_json(self) -> dict[str, Any]:
        """Return the status for reports and `--json`; absent members are unknown."""
        shown: dict[str, Any] = {"text": self.describe()}
        if self.code is not None:
            shown["code"] = self.code
        if self.signal is not None:
            shown |= {"signal": self.signal_name, "core_dumped": self.core_dumped}
        return shown
