"""Own the proof of when a module holds too much, or leaks, and when it does not; know nothing of how that is measured."""

import random
from collections.abc import Callable

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub._growth import GrowthLimits, GrowthWatch, HardLimit, ResourceLimits, SoftLimit, SteadyLeak, Verdict
from hub._tree import TreeSample

_MIB = 1024 * 1024
_BASE = 60 * _MIB
_LIMITS = GrowthLimits()

_seeds = st.integers(0, 2**32 - 1)


def _sample(memory: float = _BASE, *, fds: int = 10, processes: int = 1, threads: int = 1, cpu: float = 0.0) -> TreeSample:
    return TreeSample(processes, int(memory), fds, threads, cpu)


def _verdicts(memory: Callable[[float], float], seconds: float, *, every: float = 1.0) -> list[tuple[float, Verdict]]:
    """Return what is said, and when, of a module whose memory is `memory(age)`."""
    watch = GrowthWatch(_LIMITS)
    ages = [number * every for number in range(int(seconds / every))]
    found = [(age, watch.add(_sample(memory(age)), 1000 + age)) for age in ages]
    return [(age, verdict) for age, verdict in found if verdict is not None]


def _noise(seed: int, size: float) -> Callable[[], float]:
    chance = random.Random(seed)  # noqa: S311 - noise, not a secret
    return lambda: chance.uniform(0, size)


def _teeth(seed: int, period: float) -> Callable[[float], float]:
    """Return a sawtooth between 0 and 1 whose teeth differ in length, so that samples never meet always the same phase."""
    chance = random.Random(seed)  # noqa: S311 - as above
    begin, end = 0.0, period

    def at(age: float) -> float:
        nonlocal begin, end
        while age >= end:
            begin, end = end, end + period * chance.uniform(0.5, 1.5)
        return (age - begin) / (end - begin)

    return at


# No alarm


@given(_seeds, st.floats(1, 600), st.floats(0, 1), st.floats(1, 200))
def test_a_sawtooth_of_40_mb_is_no_leak_however_slow_it_is(seed: int, period: float, phase: float, base: float) -> None:
    noise = _noise(seed, 2 * _MIB)
    assert _verdicts(lambda age: base * _MIB + 40 * _MIB * ((age / period + phase) % 1) + noise(), 1200, every=2) == []


@given(_seeds, st.floats(5, 60), st.floats(0, 400 * _MIB), st.floats(0, 20 * _MIB))
def test_a_plateau_after_warming_up_is_no_leak(seed: int, warm: float, height: float, size: float) -> None:
    noise = _noise(seed, size)
    assert _verdicts(lambda age: _BASE + height * min(age / warm, 1) + noise(), 900, every=2) == []


@given(_seeds, st.floats(1, 300))
def test_a_heap_that_may_double_before_it_is_collected_is_no_leak(seed: int, period: float) -> None:
    noise = _noise(seed, 5 * _MIB)
    assert _verdicts(lambda age: 200 * _MIB * (1 + (age / period) % 1) + noise(), 900, every=2) == []


@given(_seeds)
def test_noise_alone_is_no_leak(seed: int) -> None:
    noise = _noise(seed, 40 * _MIB)
    assert _verdicts(lambda _age: _BASE + noise(), 1200, every=2) == []


def test_what_falls_back_again_and_again_is_no_leak() -> None:
    def memory(age: float) -> float:
        # After warming up, two floors higher by 60 MB, the third lower by 10 MB, and so on: too few rise in a row.
        floors = max(int((age - 66) // 6), 0)
        return (10 + 60 * (floors - floors // 3) - 10 * (floors // 3)) * _MIB

    found = _verdicts(memory, 180)
    assert not any(isinstance(verdict, SteadyLeak) for _, verdict in found)


def test_a_step_is_no_leak() -> None:
    assert _verdicts(lambda age: _BASE + (100 * _MIB if age > 300 else 0), 900) == []


@given(_seeds, st.floats(1, 400))
def test_a_sawtooth_after_a_step_is_no_leak(seed: int, period: float) -> None:
    noise, teeth = _noise(seed, _MIB), _teeth(seed, period)
    assert _verdicts(lambda age: (250 if age > 200 else 60) * _MIB + 40 * _MIB * teeth(age) + noise(), 700) == []


def test_a_leak_far_from_its_limit_is_not_reported() -> None:
    watch = GrowthWatch(GrowthLimits(memory_bytes=ResourceLimits(hard=25_000 * _MIB)))
    assert all(watch.add(_sample(_BASE + _MIB * age), age) is None for age in range(600))


def test_a_leak_that_takes_days_to_the_limit_is_not_worth_an_interruption_yet() -> None:
    assert _verdicts(lambda age: _BASE + 0.04 * _MIB * age, 1200) == []


# Alarm


@hypothesis.settings(max_examples=25)  # 25 minutes each
@given(_seeds, st.floats(1, 6))
def test_a_leak_of_a_fifth_of_a_megabyte_a_second_is_found_under_a_sawtooth(seed: int, period: float) -> None:
    noise, teeth = _noise(seed, 3 * _MIB), _teeth(seed, period)
    found = _verdicts(lambda age: _BASE + 0.2 * _MIB * age + 40 * _MIB * teeth(age) + noise(), 1500)
    assert found
    assert all(isinstance(verdict, SteadyLeak) for _, verdict in found)


def test_a_leak_says_when_it_will_be_over() -> None:
    age, verdict = _verdicts(lambda age: _BASE + 1.0 * _MIB * age, 400)[0]
    assert isinstance(verdict, SteadyLeak)
    assert age == 360  # ten floors of 30 s after a minute of warming up
    assert verdict.bytes_per_second == pytest.approx(1.0 * _MIB)
    assert verdict.seconds_until_limit == pytest.approx(1024 - 60 - age, rel=0.01)


@given(_seeds)
def test_the_rate_of_a_leak_is_right_under_noise(seed: int) -> None:
    noise = _noise(seed, 4 * _MIB)
    for _, verdict in _verdicts(lambda age: _BASE + 1.0 * _MIB * age + noise(), 440):
        assert isinstance(verdict, SteadyLeak)
        assert verdict.bytes_per_second == pytest.approx(1.0 * _MIB, rel=0.15)


def test_the_rate_of_a_leak_is_right_although_one_floor_is_not() -> None:
    found = _verdicts(lambda age: _BASE + (age - (40 if 210 <= age < 240 else 0)) * _MIB, 420)
    rates = [verdict.bytes_per_second for _, verdict in found if isinstance(verdict, SteadyLeak)]
    assert rates
    assert rates == pytest.approx([_MIB] * len(rates), rel=0.15)


def test_a_leak_is_found_whatever_the_beat_of_the_samples() -> None:
    for every in (0.5, 1.0, 2.0, 5.0):
        assert _verdicts(lambda age: _BASE + 1.0 * _MIB * age, 400, every=every)


def test_after_a_pause_without_samples_the_history_begins_anew() -> None:
    watch = GrowthWatch()
    said = [watch.add(_sample(_BASE + _MIB * age), age) for age in range(130) if age < 100 or age > 112]
    assert said == [None] * len(said)
    assert len(watch.floors) <= 3


# Limits


@pytest.mark.parametrize(
    ("resource", "soft", "hard"),
    [
        ("memory_bytes", _sample(512 * _MIB), _sample(1024 * _MIB)),
        ("fds", _sample(fds=512), _sample(fds=1024)),
        ("processes", _sample(processes=64), _sample(processes=256)),
        ("threads", _sample(threads=512), _sample(threads=2048)),
    ],
)
def test_a_limit_is_judged_by_its_name_and_value(resource: str, soft: TreeSample, hard: TreeSample) -> None:
    watch = GrowthWatch()
    limits: ResourceLimits = getattr(_LIMITS, resource)
    assert limits.soft is not None
    assert limits.hard is not None
    assert watch.add(_sample(), 0) is None
    assert watch.add(soft, 1) == SoftLimit(resource, limits.soft, limits.soft)
    assert watch.add(hard, 2) == HardLimit(resource, limits.hard, limits.hard)


def test_a_warning_is_said_once_and_again_after_relief() -> None:
    watch = GrowthWatch()
    said = [watch.add(_sample(fds=fds), at) for at, fds in enumerate([511, 512, 600, 480, 512, 460, 512, 513])]
    assert [verdict is not None for verdict in said] == [False, True, False, False, False, False, True, False]


def test_a_hard_limit_is_said_at_each_sample_and_before_all_else() -> None:
    watch = GrowthWatch()
    said = [watch.add(_sample(600 * _MIB, fds=5000), at) for at in range(3)]
    assert said == [HardLimit("fds", 5000, 1024)] * 3


def test_without_limits_nothing_is_said() -> None:
    none = ResourceLimits()
    watch = GrowthWatch(GrowthLimits(none, none, none, none, none))
    assert all(watch.add(_sample(age * 100 * _MIB, fds=age, processes=age), age) is None for age in range(1000))


def test_cores_are_averaged_over_a_minute() -> None:
    watch = GrowthWatch(GrowthLimits(cpu_cores=ResourceLimits(soft=1.5)))
    said = [watch.add(_sample(cpu=2.0 * at), at) for at in range(100)]
    assert [at for at, verdict in enumerate(said) if verdict is not None] == [60]
    assert said[60] == SoftLimit("cpu_cores", 2.0, 1.5)
    watch = GrowthWatch(GrowthLimits(cpu_cores=ResourceLimits(soft=1.5)))
    assert all(watch.add(_sample(cpu=1.0 * at), at) is None for at in range(200))


@given(st.lists(st.tuples(st.floats(0, 100), st.integers(0, 2**40)), max_size=300))
def test_whatever_is_measured_the_verdict_is_one(steps: list[tuple[float, int]]) -> None:
    watch = GrowthWatch()
    now = 0.0
    for step, memory in steps:
        now += step
        verdict = watch.add(_sample(memory), now)
        if isinstance(verdict, SteadyLeak):
            assert verdict.bytes_per_second > 0
            assert verdict.seconds_until_limit >= 0
        assert isinstance(verdict, HardLimit) == (memory >= 1024 * _MIB)
