"""Own a whole run: the checks one after the other, each with a verdict, whatever the module does; print nothing."""

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from fnmatch import fnmatchcase
from typing import Any, Final, cast

from hub._names import nearest
from hub.conformance._bench import Bench, OutOfPatience
from hub.conformance._check import Check, NotTested, Outcome
from hub.conformance._child import CannotSpawn
from hub.conformance._companions import Companions
from hub.conformance._fuzz import MISSING, is_available
from hub.conformance._judging import missed
from hub.conformance._report import NeverStarted, Report, Verdict, verdict_of
from hub.conformance._session import Ended, Silent
from hub.conformance._settings import Settings
from hub.conformance._silence import hint_for_silence
from hub.conformance._target import Target
from hub.conformance._transcript import Transcript
from hub.errors import UsageError

__all__ = ["OnVerdict", "run", "select"]

OnVerdict = Callable[[Verdict], None]
_LOG_BYTES: Final = 2_000
_MOST_NAMED: Final = 20
_WITHHELD: Final = "not declared read-only, or declared destructive or open_world"


def select(checks: Sequence[Check], only: Iterable[str], skip: Iterable[str]) -> list[Check]:
    """Return the checks that `only` names (all, when it names none) and `skip` does not: ids, requirements, areas, patterns.

    Raises:
        UsageError: a name fits no check.
    """
    chosen = list(only)
    kept = [check for check in checks if not chosen or any(_names(name, check) for name in chosen)]
    dropped = list(skip)
    for name in (*chosen, *dropped):
        if not any(_names(name, check) for check in checks):
            known = {word for check in checks for word in (check.id, check.requirement, check.area)}
            guess = nearest(name, known)
            hint = (
                f"did you mean {guess}?" if guess else f"areas are {', '.join(dict.fromkeys(check.area for check in checks))}"
            )
            raise UsageError(f"cannot choose {name}: it is no check, requirement or area", hint=hint)
    return [check for check in kept if not any(_names(name, check) for name in dropped)]


def _names(name: str, check: Check) -> bool:
    return name in (check.requirement, check.area) or fnmatchcase(check.id, name)


def run(
    target: Target,
    checks: Sequence[Check],
    settings: Settings,
    on_verdict: OnVerdict = lambda _verdict: None,
    companions: Sequence[Target] = (),
) -> tuple[Report, Transcript]:
    """Run the checks on a target; return what came of it and all that went over the wire. No module makes it raise."""
    begun = time.monotonic()
    with Companions(companions) as others:
        bench = Bench(target, settings, others.forward)
        try:
            never = _why_never_started(bench)
            verdicts = [] if never is not None else [_judge(bench, check, on_verdict) for check in checks]
            return _report(bench, verdicts, never, begun), bench.transcript
        finally:
            bench.close()


def _why_never_started(bench: Bench) -> NeverStarted | None:
    try:
        bench.session()
    except CannotSpawn as error:
        return NeverStarted(error.diagnosis.why, error.diagnosis.hint, "")
    except (Silent, Ended) as error:
        if bench.first is not None and bench.first.info is not None:
            bench.drop()
            return None
        return _explained(bench, error)
    return None


def _explained(bench: Bench, error: Silent | Ended) -> NeverStarted:
    session = bench.running
    why, hint, log = f"module_info is not answered: {error}", None, ""
    if session is not None:
        session.wire.wait_for_end(0.1)
        if not session.wire.child.has_ended() and not session.wire.is_flooded:
            hint = hint_for_silence(session, bench.target.framing)
        found = session.wire.child.explain_end(bytes(session.wire.stderr))
        if found is not None and hint is None:
            why, hint = found.why, found.hint
        log = bytes(session.wire.stderr[-_LOG_BYTES:]).decode("utf-8", "replace")
    bench.drop()
    return NeverStarted(why, hint, log)


def _judge(bench: Bench, check: Check, on_verdict: OnVerdict) -> Verdict:
    begun = time.monotonic()
    verdict = verdict_of(check, _outcome(bench, check), time.monotonic() - begun)
    on_verdict(verdict)
    return verdict


def _outcome(bench: Bench, check: Check) -> Outcome:
    try:
        bench.hurry()
        return check.run(bench)
    except Silent as error:
        bench.drop(silent=True)
        return missed(str(error), error)
    except Ended as error:
        bench.drop()
        return missed(str(error), error)
    except CannotSpawn as error:
        return NotTested(f"it could not be started again: {error}")
    except OutOfPatience as error:
        return NotTested(str(error))
    except Exception as error:  # noqa: BLE001 - a defect of a check must not look like one of the module, nor end the run
        bench.notes.runner_fault(f"{check.id}: {type(error).__name__}: {error}")
        return NotTested("the check itself failed, which is a defect of the runner")


def _report(bench: Bench, verdicts: list[Verdict], never: NeverStarted | None, begun: float) -> Report:
    info: Any = bench.first.info.result if bench.first is not None and bench.first.info is not None else None
    who = cast("dict[str, Any]", info) if isinstance(info, dict) else {}
    with suppress(AttributeError):
        bench.drop()
    return Report(
        target=bench.target.name,
        module=str(who.get("name", bench.target.name)),
        version=str(who.get("version", "")),
        seed=bench.settings.seed,
        seconds=time.monotonic() - begun,
        starts=bench.transcript.starts,
        verdicts=tuple(verdicts),
        never_started=never,
        runner_faults=tuple(bench.notes.runner_faults),
        remarks=tuple(_remarks(bench)) if never is None else (),
        generated_calls=bench.memory.get("generated calls", 0),
    )


def _remarks(bench: Bench) -> list[str]:
    found: list[str] = []
    untouched = [function.name for function in bench.functions if bench.withholds(function)]
    if untouched:
        more = f" and {len(untouched) - _MOST_NAMED} more" if len(untouched) > _MOST_NAMED else ""
        found.append(f"not called ({_WITHHELD}; --allow-effects calls them): {', '.join(untouched[:_MOST_NAMED])}{more}")
    unserved = bench.memory.get("unserved", set())
    if unserved:
        names = ", ".join(sorted(unserved)[:5])
        found.append(f"hub.call of {names} was answered with not_found: --with DIR starts a plugin that answers it")
    ungenerated = bench.memory.get("not generated", {})
    found += [f"calls of {name} could not be generated to the end: {why}" for name, why in ungenerated.items()]
    if without := bench.memory.get("without generated calls", 0):
        found.append(f"there was no time for generated calls of {without} functions; each was called once")
    if not is_available():
        found.append(MISSING)
    return found
