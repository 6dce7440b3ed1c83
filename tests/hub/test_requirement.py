"""Own what holds for version requirements."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hub._requirement import BadVersion, VersionRequirement, parse_version

_NUMBERS = st.integers(0, 12)
_RELEASES = st.builds("{}.{}.{}".format, _NUMBERS, _NUMBERS, _NUMBERS)


@pytest.mark.parametrize(
    ("requirement", "allowed", "refused"),
    [
        ("*", "0.0.0 9.9.9", "1.0.0-rc.1"),
        ("1.2.3", "1.2.3 1.2.3+build", "1.2.4 1.2.3-rc.1"),
        ("=1.2.3", "1.2.3", "1.2.2"),
        ("^1.2", "1.2.0 1.9.0", "1.1.9 2.0.0 2.0.0-rc.1 1.3.0-rc.1"),
        ("^1.2.3", "1.2.3 1.3.0", "1.2.2 2.0.0"),
        ("^1", "1.0.0 1.9.9", "0.9.9 2.0.0"),
        ("^0.2.3", "0.2.3 0.2.9", "0.3.0 0.2.2"),
        ("^0.0.3", "0.0.3", "0.0.4 0.0.2"),
        ("^0.0", "0.0.0 0.0.9", "0.1.0"),
        ("^0", "0.0.0 0.9.9", "1.0.0"),
        ("~1.2.3", "1.2.3 1.2.9", "1.3.0 1.2.2"),
        ("~1.2", "1.2.0 1.2.9", "1.3.0"),
        ("~1", "1.0.0 1.9.9", "2.0.0"),
        (">=1.0,<2", "1.0.0 1.9.9", "2.0.0 0.9.9"),
        (">= 1.0 , < 2", "1.0.0", "2.0.0"),
        (">=1.0 <2", "1.0.0", "2.0.0"),
        (">1.2", "1.3.0", "1.2.0 1.2.9"),
        (">1.2.3", "1.2.4", "1.2.3"),
        ("<=1.2", "1.2.9", "1.3.0"),
        ("<=1.2.3", "1.2.3", "1.2.4"),
        ("<1.2", "1.1.9", "1.2.0"),
        ("1.2.*", "1.2.0 1.2.9", "1.3.0"),
        ("1.*", "1.0.0 1.9.9", "2.0.0"),
        ("1.x.x", "1.5.0", "2.0.0"),
        ("=1.2", "1.2.0 1.2.9", "1.3.0"),
        ("^1.2.3-rc.1", "1.2.3-rc.1 1.2.3-rc.2 1.2.3 1.9.0", "1.2.4-rc.1 1.2.3-beta 2.0.0-rc.1"),
        (">=2.0.0-alpha", "2.0.0-beta 2.0.0 3.0.0", "3.0.0-beta 2.0.1-alpha"),
        ("1.2.3-rc.1", "1.2.3-rc.1", "1.2.3 1.2.3-rc.2"),
    ],
)
def test_a_requirement_allows_these_and_no_others(requirement: str, allowed: str, refused: str) -> None:
    parsed = VersionRequirement.parse(requirement)
    assert [version for version in allowed.split() if not parsed.allows(version)] == []
    assert [version for version in refused.split() if parsed.allows(version)] == []


@pytest.mark.parametrize(
    "text",
    [
        *("", "  ", "latest", "^", ">=", "1.2.3,", ",1.2.3", "1.2.3,,1.2.4", "^*", "1.*.3", "01.2.3", "1.2.3.4", "v1.2.3"),
        *("==1.2.3", "1.2.3 || 2.0.0", ">=1.0<2", "1.٣.0", "^1.2-rc", "1.2.3-", "1" * 300, "!=1.2.3", "^1.2.3+build", "~>1.2"),
    ],
)
def test_what_is_no_requirement_is_refused_with_a_mend(text: str) -> None:
    with pytest.raises(BadVersion, match="is not a version requirement") as caught:
        VersionRequirement.parse(text)
    assert caught.value.hint


def test_a_version_with_parts_missing_is_not_guessed_at() -> None:
    with pytest.raises(BadVersion, match="does not say which versions") as caught:
        VersionRequirement.parse("1.2")
    assert caught.value.hint == "write ^1.2 (compatible), 1.2.* (any that begins so) or =1.2.0 (exactly)"


@pytest.mark.parametrize("text", ["1.2", "1.2.3.4", "v1.0.0", "01.0.0", "", "1.0.٣", "1.0.0-" + "a" * 300, "1.0.0\n"])
def test_what_is_no_version_is_refused(text: str) -> None:
    with pytest.raises(BadVersion, match="is not a version"):
        parse_version(text)


@given(st.one_of(st.text(), st.text("0123456789.*xX^~<>=,-+ abc|", max_size=20)))
@example("9" * 5000)
def test_any_text_is_a_requirement_or_raises_the_one_error(text: str) -> None:
    try:
        parsed = VersionRequirement.parse(text)
    except BadVersion:
        return
    assert VersionRequirement.parse(str(parsed)) == parsed
    assert parsed.allows("1.2.3") in {True, False}


@given(_RELEASES, _RELEASES)
def test_the_operators_agree_with_each_other(one: str, other: str) -> None:
    def allows(requirement: str) -> bool:
        return VersionRequirement.parse(requirement).allows(other)

    assert allows(f">={one}") == (allows(f">{one}") or allows(f"={one}"))
    assert allows(f"<{one}") != allows(f">={one}")
    assert allows(f"<={one}") != allows(f">{one}")
    assert not allows(f"~{one}") or allows(f">={one}")
    assert not allows(f"^{one}") or allows(f">={one}")
    assert one.startswith("0.") or not allows(f"~{one}") or allows(f"^{one}")
