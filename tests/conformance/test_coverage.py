"""Every requirement has a check, or a reason why it has none; the page that says so is the one that is true."""

from hub.conformance import CHECKS, requirements
from hub.conformance._coverage import WITHOUT_CHECK, coverage_page
from tests.house.tree import ROOT

_PAGE = ROOT / "hub" / "conformance" / "coverage.md"


def test_every_requirement_has_a_check_or_a_reason() -> None:
    checked = {check.requirement for check in CHECKS}
    assert set(requirements()) - checked == set(WITHOUT_CHECK)


def test_every_check_is_about_a_requirement_that_there_is() -> None:
    assert {check.requirement for check in CHECKS} - set(requirements()) == {"SENSE"}


def test_a_should_is_not_more_binding_than_the_specification() -> None:
    """A check that fails a module needs a sentence that binds one: MUST, or a plain statement of what is."""
    binding = {check.requirement for check in CHECKS if check.level == "MUST"}
    only_should = {number for number in binding if "SHOULD" in requirements()[number] and "MUST" not in requirements()[number]}
    # Its first half states what is: a code outside.
    assert only_should == {"HUB-CALL-3"}


def test_the_page_is_the_one_that_is_true() -> None:
    hint = "write what hub.conformance._coverage.coverage_page returns to hub/conformance/coverage.md"
    assert _PAGE.read_text(encoding="utf-8") == coverage_page(), hint
