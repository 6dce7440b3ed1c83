"""Each check is seen to fail: a module that breaks exactly its rule fails it, and fails nothing unrelated."""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from hub.conformance import CHECKS, run, select
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


def test_every_break_is_that_of_a_check() -> None:
    assert set(_breaks()) <= set(_IDS)


def test_there_are_as_many_checks_and_requirements_as_were_promised() -> None:
    assert len(set(_IDS)) == len(_IDS) >= 120
    assert len({check.requirement for check in CHECKS if check.requirement.startswith("HUB-")}) >= 60


@pytest.mark.bound(15, reason="a break of an end or a payload is a wait that the check sits out")
@pytest.mark.parametrize("check", _IDS)
def test_a_broken_module_fails_the_check_that_is_made_for_it(check: str, tmp_path: Path) -> None:
    target = good_module(tmp_path, check, framing=framing_of(check))
    report, _ = run(target, select(CHECKS, [check], []), SHARP)
    assert report.never_started is None
    assert [verdict.status for verdict in report.verdicts] in (["failed"], ["warning"]), report.verdict
    assert report.verdicts[0].why
    assert report.runner_faults == ()


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


@pytest.mark.bound(60, reason="runs all checks")
@pytest.mark.parametrize("breaks", list(_groups()), ids=lambda breaks: breaks[0])
def test_broken_modules_fail_nothing_unrelated(breaks: list[str], tmp_path: Path) -> None:
    target = good_module(tmp_path, *breaks, framing=framing_of(breaks[0]))
    report, _ = run(target, CHECKS, QUICK)
    found = {verdict.check.id: verdict.why for verdict in report.verdicts if verdict.status in _FAULTS}
    assert {name: why for name, why in found.items() if not _allowed(breaks, name)} == {}
    assert report.runner_faults == ()


def test_the_table_of_checks_and_breaks_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    breaks = _breaks()
    width = max(len(name) for name in _IDS)
    table = [
        f"{check.id:<{width}}  {check.level:<6}  {'module.py --break' if check.id in breaks else 'MISSING'}" for check in CHECKS
    ]
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(table) + "\n")
    assert not [row for row in table if row.endswith("MISSING")]
