"""Prove the restart policy: who is restarted, when, and when it is over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub._restart import Again, Never, RestartHistory, RestartLimits, Verdict


def _middle() -> float:
    return 0.5  # no jitter


def _delay_of(decision: Again | Never) -> float:
    assert isinstance(decision, Again)
    return decision.delay_seconds


def test_failures_in_a_row_double_the_delay_up_to_its_limit() -> None:
    history = RestartHistory("on-failure", _middle, RestartLimits(max_restarts=100))
    delays = [_delay_of(history.ended(Verdict.RAN_AND_DIED, now, up_seconds=1)) for now in range(10)]
    assert delays == pytest.approx([0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30, 30])


def test_after_five_restarts_in_a_minute_it_gives_up() -> None:
    history = RestartHistory("on-failure", _middle)
    assert all(isinstance(history.ended(Verdict.RAN_AND_DIED, now, up_seconds=1), Again) for now in range(5))
    verdict = history.ended(Verdict.RAN_AND_DIED, 59.9, up_seconds=1)
    assert isinstance(verdict, Never)
    assert verdict.gave_up


def test_five_restarts_spread_over_more_than_a_minute_are_no_reason_to_give_up() -> None:
    history = RestartHistory("on-failure", _middle)
    assert all(isinstance(history.ended(Verdict.RAN_AND_DIED, now * 12.1, up_seconds=1), Again) for now in range(50))


def test_the_first_failure_after_a_long_healthy_run_restarts_at_once_and_forgets() -> None:
    history = RestartHistory("on-failure", _middle)
    for now in range(5):
        history.ended(Verdict.RAN_AND_DIED, now, up_seconds=1)
    assert history.ended(Verdict.RAN_AND_DIED, 65, up_seconds=60) == Again(0.0)


def test_being_spawned_is_not_being_up() -> None:
    history = RestartHistory("on-failure", _middle)
    for now in range(5):
        history.ended(Verdict.FAILED_IN_INIT, now * 5, up_seconds=0)
    assert isinstance(history.ended(Verdict.FAILED_IN_INIT, 25, up_seconds=0), Never)


@pytest.mark.parametrize(
    ("policy", "verdict", "again"),
    [
        ("always", Verdict.RAN_AND_EXITED, True),
        ("always", Verdict.RAN_AND_DIED, True),
        ("on-failure", Verdict.RAN_AND_EXITED, False),
        ("on-failure", Verdict.WEDGED, True),
        ("never", Verdict.RAN_AND_DIED, False),
        ("never", Verdict.RECYCLED, True),
        ("never", Verdict.DEPENDENCY, True),
    ],
)
def test_the_policy_decides_what_is_restarted(policy: str, verdict: Verdict, again: bool) -> None:
    history = RestartHistory(policy, _middle)  # pyright: ignore[reportArgumentType] - a table of strings
    assert isinstance(history.ended(verdict, 0, up_seconds=1), Again) is again


def test_what_would_only_repeat_is_not_retried_and_is_not_called_giving_up() -> None:
    found = RestartHistory("always", _middle).ended(Verdict.NEVER_STARTED, 0, up_seconds=0, permanent=True)
    assert isinstance(found, Never)
    assert not found.gave_up


def test_a_recycled_module_does_not_come_nearer_to_giving_up() -> None:
    history = RestartHistory("on-failure", _middle)
    assert [history.ended(Verdict.RECYCLED, 0, up_seconds=1) for _ in range(20)] == [Again(0.0)] * 20
    assert history.total == 0


def test_a_person_s_start_resets_the_count() -> None:
    history = RestartHistory("on-failure", _middle)
    for now in range(5):
        history.ended(Verdict.RAN_AND_DIED, now, up_seconds=1)
    assert history.total == 5
    history.reset()
    assert history.total == 0
    assert _delay_of(history.ended(Verdict.RAN_AND_DIED, 6, up_seconds=1)) == pytest.approx(0.2)
    assert history.total == 1


@given(st.floats(0, 1, exclude_max=True), st.integers(1, 40))
def test_jitter_stays_within_a_fifth(random: float, failures: int) -> None:
    plain, shaken = (RestartHistory("always", source, RestartLimits(max_restarts=100)) for source in (_middle, lambda: random))
    for now in range(failures):
        without = _delay_of(plain.ended(Verdict.RAN_AND_DIED, now, up_seconds=0))
        with_jitter = _delay_of(shaken.ended(Verdict.RAN_AND_DIED, now, up_seconds=0))
        assert abs(with_jitter - without) <= 0.2 * without + 1e-9
