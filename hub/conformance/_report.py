"""Own what came of a run, as data: a verdict for each check and one for the module; print nothing."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Literal

from hub.conformance._check import Check, Failed, Level, NotOffered, NotTested, Outcome
from hub.conformance._contract import requirements

__all__ = ["NeverStarted", "Report", "Status", "Verdict", "known_failures", "verdict_of"]

Status = Literal["passed", "failed", "warning", "not_offered", "not_tested"]
_FAILURES: Final = ("failed", "not_tested")
_SENSE: Final = "No sentence of the specification; good sense."


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one check came out. `known` is a failure that the baseline lists."""

    check: Check
    status: Status
    why: str = ""
    sent: str = ""
    received: str = ""
    call: str = ""
    seconds: float = 0.0
    known: bool = False

    @property
    def fails(self) -> bool:
        """Whether it keeps the module from conforming."""
        return self.status in _FAILURES and not self.known

    @property
    def sentence(self) -> str:
        """The sentence of the specification that the check is about."""
        return requirements().get(self.check.requirement, _SENSE)

    def to_json(self) -> dict[str, Any]:
        """Return the object of `--json`; what is empty is left out."""
        shown: dict[str, Any] = {
            "id": self.check.id,
            "requirement": self.check.requirement,
            "level": self.check.level.value,
            "area": self.check.area,
            "status": self.status,
            "seconds": round(self.seconds, 3),
        }
        if self.status in ("failed", "warning", "not_tested"):
            more = {"why": self.why, "sent": self.sent, "received": self.received, "call": self.call}
            more |= {"right": self.check.right, "mend": self.check.mend, "sentence": self.sentence}
            shown |= {name: text for name, text in more.items() if text}
        elif self.why:
            shown["why"] = self.why
        if self.known:
            shown["known"] = True
        return shown


def verdict_of(check: Check, outcome: Outcome, seconds: float) -> Verdict:
    """Return the verdict that an outcome means at the check's level."""
    should = check.level is Level.SHOULD
    match outcome:
        case Failed(why, sent, received, call):
            return Verdict(check, "warning" if should else "failed", why, sent, received, call, seconds)
        case NotTested(reason):
            return Verdict(check, "warning" if should else "not_tested", f"not tested: {reason}", seconds=seconds)
        case NotOffered(reason):
            return Verdict(check, "not_offered", reason, seconds=seconds)
        case None:
            return Verdict(check, "passed", seconds=seconds)


@dataclass(frozen=True, slots=True)
class NeverStarted:
    """Why the module never answered module_info, what to do about it, and the end of its log."""

    why: str
    hint: str | None
    log: str


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a run; `stale` are known failures that did not fail, `remarks` what a reader should know besides."""

    target: str
    module: str
    version: str
    seed: int
    seconds: float
    starts: int
    verdicts: tuple[Verdict, ...] = ()
    never_started: NeverStarted | None = None
    runner_faults: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    generated_calls: int = 0
    counts: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def conforms(self) -> bool:
        """Whether nothing that is binding failed, and the baseline is true."""
        return self.never_started is None and not self.stale and not any(verdict.fails for verdict in self.verdicts)

    @property
    def verdict(self) -> str:
        """One line."""
        if self.never_started is not None:
            return f"{self.target} never started: {self.never_started.why}"
        found = Counter(verdict.status for verdict in self.verdicts)
        known = sum(verdict.known for verdict in self.verdicts)
        failed = sum(verdict.fails for verdict in self.verdicts)
        numbers = [f"{len(self.verdicts)} checks", f"{found['passed']} passed", f"{failed} failed"]
        numbers += [f"{known} known to fail"] if known else []
        numbers += [f"{found['warning']} warning{'s' * (found['warning'] != 1)}", f"{found['not_offered']} not offered"]
        numbers += [f"{len(self.stale)} stale in the baseline"] if self.stale else []
        who = f"{self.module} {self.version}".strip()
        return f"{who} {'conforms' if self.conforms else 'does not conform'}: {', '.join(numbers)} in {self.seconds:.1f} s"

    def to_json(self) -> dict[str, Any]:
        """Return the object of `--json`: its members are stable, others may be added."""
        shown: dict[str, Any] = {
            "target": self.target,
            "module": self.module,
            "version": self.version,
            "conforms": self.conforms,
            "verdict": self.verdict,
            "seed": self.seed,
            "seconds": round(self.seconds, 2),
            "starts": self.starts,
            "generated_calls": self.generated_calls,
            "counts": dict(Counter(verdict.status for verdict in self.verdicts)),
            "checks": [verdict.to_json() for verdict in self.verdicts],
            "runner_faults": list(self.runner_faults),
            "remarks": list(self.remarks),
            "stale": list(self.stale),
        }
        if self.never_started is not None:
            started = self.never_started
            shown["never_started"] = {"why": started.why, "hint": started.hint, "log": started.log}
        return shown

    def against(self, known: Iterable[str]) -> "Report":
        """Return the report with the failures of a baseline marked, and what in it does not fail any more."""
        listed = list(known)
        verdicts = tuple(
            replace(verdict, known=verdict.check.id in listed and verdict.status in _FAILURES) for verdict in self.verdicts
        )
        ran = {verdict.check.id: verdict for verdict in verdicts}
        stale = tuple(name for name in listed if name in ran and ran[name].status not in (*_FAILURES, "warning"))
        return replace(self, verdicts=verdicts, stale=stale)


def known_failures(path: Path) -> list[str]:
    """Return the ids in a baseline: one a line, `#` begins a comment.

    Raises:
        OSError: it cannot be read.
        UnicodeDecodeError: it is no text.
    """
    lines = (line.partition("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line]
