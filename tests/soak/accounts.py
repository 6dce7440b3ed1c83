"""Own the accounting of a soak: each call ends once, and what was said of it must agree with what the modules wrote down.

Everything goes to a file at once, so that the accounting is no growth of the process that is measured.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from hub.errors import FunctionError, HubError

__all__ = ["Accounts", "Balance"]


class Accounts:
    """Takes the end of each call."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._out = file.open("w")
        self._begun = 0
        self._ended = 0
        self.kinds: Counter[str] = Counter()

    @property
    def calls(self) -> int:
        """How many ended."""
        return self._ended

    def begin(self) -> int:
        """Return the number of a new call."""
        self._begun += 1
        return self._begun

    def answered(self, number: int, function: str, result: Any) -> None:
        """Note a result."""
        self._end(number, function, "right" if result == number else "wrong", "executed")

    def failed(self, number: int, function: str, error: HubError) -> None:
        """Note an error."""
        answered = isinstance(error, FunctionError)
        executed = "executed" if answered else "maybe" if error.data.get("may_have_executed") else "not"
        self._end(number, function, error.kind, executed)

    def _end(self, number: int, function: str, kind: str, executed: str) -> None:
        self._ended += 1
        self.kinds[kind] += 1
        self._out.write(f"{number} {function} {kind} {executed}\n")

    def close(self, ledgers: Iterable[list[int]]) -> "Balance":
        """Return what the comparison with the ledgers of the modules says."""
        self._out.close()
        executed: Counter[int] = Counter()
        for ledger in ledgers:
            executed.update(ledger)
        return Balance(self._begun, self._lines(), executed)

    def _lines(self) -> Iterator[tuple[int, str, str, str]]:
        with self._file.open() as lines:
            for line in lines:
                number, function, kind, said = line.split()
                yield int(number), function, kind, said


class Balance:
    """Every call exactly once, and executed as often as was said; `faults` says where not."""

    def __init__(self, begun: int, ends: Iterable[tuple[int, str, str, str]], executed: Counter[int]) -> None:
        self.faults: list[str] = []
        ended: Counter[int] = Counter()
        for number, function, kind, said in ends:
            ended[number] += 1
            self._check(number, function, kind, said, executed[number])
        if lost := begun - len(ended):
            self.faults.append(f"{lost} calls never ended")
        self.faults += [f"call {number} ended {times} times" for number, times in ended.items() if times > 1]
        self.faults += [f"call {number} was executed and never made" for number in executed if number > begun]

    def _check(self, number: int, function: str, kind: str, said: str, times: int) -> None:
        # Only what is idempotent may be executed a second time, after a death.
        most = 2 if function == "again" else 1
        allowed = {"executed": range(1, most + 1), "maybe": range(most + 1), "not": range(1)}[said]
        if kind == "wrong":
            self.faults.append(f"call {number} got somebody else's answer")
        if times not in allowed:
            self.faults.append(f"call {number} ({function}, {kind}): said to be {said} executed, and was {times} times")
