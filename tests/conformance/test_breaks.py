"""Each check is seen to fail: a module that breaks exactly its rule fails it, and fails nothing unrelated."""

import importlib.util
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from hub.conformance import CHECKS, run, select
from tests.conformance.abreast import abreast
from tests.conformance.evidence import untrue
from tests.conformance.targets import HEADERS, QUICK, SHARP, framing_of, good_module
from tests.house.tree import ROOT

pytestmark = pytest.mark.process

_IDS: Final = [check.id for check in CHECKS]
_FAULTS: Final = ("failed", "warning", "not_tested")
_FOLDER: Final = ROOT / "tests" / "badplugins" / "conformance"

# A break that cannot but fail these too, and why.
_ALSO: Final[dict[str, tuple[str, ...]]] = {
    # Without an object there are no members to look at, no name, and no features that could be in force.
    "HUB-INFO-1/answers-with-an-object": ("HUB-INFO-2", "HUB-VER-1", "HUB-CALL-3"),
    # The manifest says what module_info must repeat.
    "HUB-INFO-2/name-fits": ("HUB-INFO-2",),
    "HUB-INFO-3/version-is-semver": ("HUB-INFO-2",),
    # An answer under another id is one that nobody asked for.
    **{
        f"HUB-ID-3/{name}": ("HUB-ID-4",)
        for name in ("echoes-a-string", "echoes-a-long-string", "echoes-a-string-beyond-ascii")
    },
    # Without functions there is nothing that could be called as the capabilities of another start promise.
    "HUB-CAPS-1/answers-with-an-object": ("HUB-CAPS-8",),
    # One kind of garbage answers both questions.
    "HUB-MSG-2/refuses-method-number": ("HUB-ID-5",),
    "HUB-FRAME-13/survives-method-number": ("HUB-ID-5",),
    # Who fails unexpectedly for good arguments is who can be heard quoting them.
    "HUB-CALL-4/keeps-texts-to-itself": ("HUB-CALL-1",),
    # What carries no id, or null, answers nothing that was asked.
    **{f"HUB-MSG-4/{name}": ("HUB-ID-4",) for name in ("result-or-error", "has-the-id", "fits-the-schema")},
    "HUB-MSG-5/errors-have-their-form": ("HUB-ID-4",),
    # An answer that is held back is one that no later question of that start gets past.
    "HUB-OUT-2/flushes-each-frame": ("HUB-", "SENSE"),
    # ping is how every other check learns that the module lives on.
    "HUB-PING-1/answers": ("HUB-", "SENSE"),
    # What a person typed is kept, and comes back as what is kept.
    "HUB-CRED-5/keeps-credentials-to-itself": ("HUB-LOG-2",),
    # A module that dies of a refusal hands no cause on.
    "HUB-HOST-2/survives-a-refusal": ("HUB-HOST-5",),
    # Who does not answer a cancelled call does not answer it at once.
    "HUB-CANCEL-2/still-answers": ("HUB-LIFE-4",),
}


def _breaks() -> dict[str, Any]:
    sys.path.insert(0, str(_FOLDER))
    try:
        spec = importlib.util.spec_from_file_location("breaks", _FOLDER / "breaks.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(_FOLDER))
        for name in [name for name in sys.modules if name == "module" or name.startswith("breaks_")]:
            del sys.modules[name]
    return module.BREAKS


def test_every_check_has_a_break_and_every_break_a_check() -> None:
    assert set(_breaks()) == set(_IDS)


def test_there_are_as_many_checks_and_requirements_as_were_promised() -> None:
    assert len(set(_IDS)) == len(_IDS) >= 120
    assert len({check.requirement for check in CHECKS if check.requirement.startswith("HUB-")}) >= 60


# Most of a run is waiting for what does not come: on two cores this many at once keep both busy.
_AT_ONCE: Final = 6
_AREAS: Final = tuple(dict.fromkeys(check.area for check in CHECKS))


def _unseen(check: str, directory: Path, caught: dict[str, str]) -> str:
    """Run one check on the module that breaks it and note its verdict.

    Return why the break did not show, or what is shown of it that is not true, or nothing.
    """
    directory.mkdir()
    target = good_module(directory, check, framing=framing_of(check))
    report, transcript = run(target, select(CHECKS, [check], []), SHARP)
    caught[check] = ", ".join(verdict.status for verdict in report.verdicts) or "never started"
    failed = [verdict.status for verdict in report.verdicts] in (["failed"], ["warning"]) and report.verdicts[0].why
    if report.runner_faults or not failed:
        return f"{report.runner_faults}" if report.runner_faults else report.verdict
    return untrue(report.verdicts[0], transcript)


@pytest.mark.bound(60, reason="a break of an end or a payload is a wait that the check sits out")
@pytest.mark.parametrize("area", _AREAS)
def test_a_broken_module_fails_the_check_that_is_made_for_it_which_shows_what_was_sent_and_received(
    area: str, tmp_path: Path, caught: dict[str, str]
) -> None:
    ids = [check.id for check in CHECKS if check.area == area]
    jobs = {name: partial(_unseen, name, tmp_path / str(number), caught) for number, name in enumerate(ids)}
    assert {name: why for name, why in abreast(jobs, _AT_ONCE).items() if why} == {}


def _allowed(breaks: list[str], verdict_id: str) -> bool:
    requirement, _, name = verdict_id.partition("/")
    for broken in breaks:
        own, _, own_name = broken.partition("/")
        same_garbage = name.partition("-")[2] == own_name.partition("-")[2] and own_name.startswith(("survives-", "refuses-"))
        if requirement == own or same_garbage or verdict_id.startswith(_ALSO.get(broken, ("no such",))):
            return True
    return False


# What cannot share a module with others: it ends it, silences it, or leaves it without something that others need.
_ALONE: Final = (
    "HUB-INFO-1/answers-with-an-object",
    "HUB-CAPS-1/answers-with-an-object",
    "HUB-CAPS-1/functions-are-listed",
    "HUB-INIT-1/answers-with-an-object",
    "HUB-CALL-2/does-not-end",
    "HUB-CANCEL-2/still-answers",
    "HUB-OUT-2/flushes-each-frame",
    "HUB-PING-1/answers",
)


def _groups() -> Iterator[list[str]]:
    yield from ([name] for name in _ALONE)
    together = [name for name in _IDS if name not in _ALONE and not name.startswith(HEADERS)]
    survives = [name for name in together if name.startswith("HUB-FRAME-13/")]
    others = [name for name in together if name not in survives]
    yield survives
    # More in one module fall silent more often than a run bears.
    count = 8
    yield from (others[place::count] for place in range(count))
    yield [name for name in _IDS if name.startswith(HEADERS)][:1]


# Fewer at once: here nothing may come late that has nothing to do with the break.
_GROUPS_AT_ONCE: Final = 4


def _unrelated(breaks: list[str], directory: Path) -> dict[str, str]:
    """Run all checks on a module with these breaks; return what fails beside the checks that are made for them, and why."""
    directory.mkdir()
    report, _ = run(good_module(directory, *breaks, framing=framing_of(breaks[0])), CHECKS, QUICK)
    found = {verdict.check.id: verdict.why for verdict in report.verdicts if verdict.status in _FAULTS}
    faults = {f"runner {number}": why for number, why in enumerate(report.runner_faults)}
    return {name: why for name, why in found.items() if not _allowed(breaks, name)} | faults


@pytest.mark.bound(100, reason="runs all checks, once for each group")
def test_broken_modules_fail_nothing_unrelated(tmp_path: Path) -> None:
    jobs = {breaks[0]: partial(_unrelated, breaks, tmp_path / str(number)) for number, breaks in enumerate(_groups())}
    assert {name: found for name, found in abreast(jobs, _GROUPS_AT_ONCE).items() if found} == {}
