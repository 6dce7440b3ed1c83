"""Prove how versions and features are agreed: unknown is no, garbage is nothing (HUB-VER-1 to 3)."""

import pytest

from hub_protocol import RemoteProtocolError
from hub_protocol.version import FEATURES, agree_features, check_picked_version, pick_version


@pytest.mark.parametrize("offered", [[1], [1, 2], [99, 1], [1.5, 1], ["1", 1]])
def test_the_version_that_both_know_is_picked(offered: object) -> None:
    assert pick_version(offered) == 1


@pytest.mark.parametrize("offered", [[], [2], ["1"], [True], [1.0], None, 1, "one", {"1": 1}])
def test_no_common_version_is_an_error_with_its_own_kind(offered: object) -> None:
    with pytest.raises(RemoteProtocolError) as refused:
        pick_version(offered)
    assert refused.value.kind == "no_common_version"


def test_a_version_that_was_not_offered_is_refused() -> None:
    assert check_picked_version(1) == 1
    with pytest.raises(RemoteProtocolError) as refused:
        check_picked_version(2)
    assert refused.value.kind == "no_common_version"


def test_only_features_that_both_know_are_in_force() -> None:
    assert agree_features(frozenset(FEATURES), ["cancel", "teleport", "cancel"]) == {"cancel"}
    assert agree_features(frozenset({"context"}), ["cancel"]) == frozenset()
