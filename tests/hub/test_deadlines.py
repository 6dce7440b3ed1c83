"""Own the proof that one task keeps all deadlines of a hub, in order and without waking up for nothing."""

import gc
import math
import time

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub import _deadlines
from hub._deadlines import Deadlines, whole_milliseconds


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = 100.0
        self.reads = 0

    def __call__(self) -> float:
        self.reads += 1
        return self.now


async def _run_until_blocked(deadlines: Deadlines) -> None:
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(deadlines.run)
        await anyio.wait_all_tasks_blocked()
        tasks.cancel_scope.cancel()


async def test_deadlines_expire_in_their_order_and_not_in_that_of_their_making() -> None:
    clock = Clock()
    deadlines, told = Deadlines(clock), list[str]()
    for name, when in (("third", 103), ("first", 101), ("second", 102), ("first too", 101), ("later", 105)):
        deadlines.add(when, lambda name=name: told.append(name))
    clock.now = 104
    await _run_until_blocked(deadlines)
    assert told == ["first", "first too", "second", "third"]


async def test_a_deadline_that_was_given_up_is_never_told() -> None:
    clock = Clock()
    deadlines, told = Deadlines(clock), list[str]()
    given_up = deadlines.add(101, lambda: told.append("given up"))
    deadlines.add(101, lambda: told.append("kept"))
    given_up.cancel()
    given_up.cancel()
    clock.now = 102
    await _run_until_blocked(deadlines)
    assert told == ["kept"]


async def test_a_deadline_is_told_once_and_giving_it_up_afterwards_changes_nothing() -> None:
    clock = Clock()
    deadlines, told = Deadlines(clock), list[str]()
    deadline = deadlines.add(100, lambda: told.append("it"))
    await _run_until_blocked(deadlines)
    deadline.cancel()
    await _run_until_blocked(deadlines)
    assert told == ["it"]


_MOVING = {"later": 101, "sooner": 110, "back": 105}


async def test_a_deadline_that_moves_is_told_at_its_new_time_once_however_often_it_moved() -> None:
    """HUB-HOST-6."""
    clock = Clock()
    deadlines, told = Deadlines(clock), list[str]()
    later, sooner, back = (deadlines.add(when, lambda name=name: told.append(name)) for name, when in _MOVING.items())
    later.move(110)
    sooner.move(101)
    for when in (120, 105, 120, 105):
        back.move(when)
    for now, expected in ((102, ["sooner"]), (106, ["sooner", "back"]), (111, ["sooner", "back", "later"])):
        clock.now = now
        await _run_until_blocked(deadlines)
        assert told == expected
    later.move(112)
    assert not later.is_ahead
    clock.now = 200
    await _run_until_blocked(deadlines)
    assert len(told) == 3


async def test_a_deadline_that_moves_nearer_wakes_the_task_that_sleeps() -> None:
    deadlines, passed = Deadlines(time.monotonic), anyio.Event()
    deadline = deadlines.add(time.monotonic() + 1000, passed.set)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(deadlines.run)
        await anyio.wait_all_tasks_blocked()
        deadline.move(time.monotonic())
        await passed.wait()
        tasks.cancel_scope.cancel()


@pytest.mark.parametrize("live", [0, 10, 3000])
def test_slots_of_what_was_given_up_or_moved_are_swept_when_they_outnumber_the_rest(live: int) -> None:
    deadlines = Deadlines(Clock())
    kept = [deadlines.add(50_000 + number, lambda: None) for number in range(live)]
    moving = deadlines.add(101, lambda: None)
    for when in range(102, 102 + 10_000):
        moving.move(when)
        deadlines.add(when + 0.5, lambda: None).cancel()
    swept_slots: int = _deadlines._SWEPT_SLOTS  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001 - the bound is the subject
    slots = deadlines._slots  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001 - what it holds is the subject
    assert len(slots) == len(deadlines._numbers) <= max(swept_slots, 2 * (live + 1)) + 1  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001 - the same
    assert sum(map(len, slots.values())) == live + 1
    assert all(deadline.is_ahead for deadline in kept)


async def test_what_is_given_up_in_the_slot_of_the_present_is_forgotten_with_it() -> None:
    clock = Clock()
    deadlines, told = Deadlines(clock), list[str]()
    deadlines.add(clock.now, lambda: told.append("opens the slot"))
    await _run_until_blocked(deadlines)
    for _ in range(1000):
        deadlines.add(clock.now + 0.01, lambda: told.append("given up")).cancel()
    clock.now += 0.02
    await _run_until_blocked(deadlines)
    assert told == ["opens the slot"]
    assert not deadlines._open  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001 - what it holds is the subject


async def test_a_real_deadline_passes_at_its_time() -> None:
    deadlines, passed = Deadlines(time.monotonic), anyio.Event()
    begun = time.monotonic()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(deadlines.run)
        deadlines.add(begun + 0.05, passed.set)
        await passed.wait()
        tasks.cancel_scope.cancel()
    assert 0.05 <= time.monotonic() - begun < 1


async def test_a_nearer_deadline_wakes_the_sleeping_task() -> None:
    deadlines, passed = Deadlines(time.monotonic), anyio.Event()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(deadlines.run)
        deadlines.add(time.monotonic() + 3600, lambda: None)
        await anyio.wait_all_tasks_blocked()
        deadlines.add(time.monotonic() + 0.01, passed.set)
        await passed.wait()
        tasks.cancel_scope.cancel()


async def test_nothing_wakes_the_task_while_there_is_nothing_to_do() -> None:
    clock = Clock()
    deadlines = Deadlines(clock)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(deadlines.run)
        await anyio.wait_all_tasks_blocked()
        before = clock.reads
        # Neither an endless one, nor one that is later than the next, nor giving them up is a reason to wake up.
        near = deadlines.add(clock.now + 3600, lambda: None)
        await anyio.wait_all_tasks_blocked()
        woken_for_the_first = clock.reads
        for when in (math.inf, clock.now + 7200, clock.now + 3601):
            deadlines.add(when, lambda: None).cancel()
        near.cancel()
        await anyio.wait_all_tasks_blocked()
        assert (before > 0, clock.reads) == (True, woken_for_the_first)
        tasks.cancel_scope.cancel()


async def test_ten_thousand_deadlines_need_one_task() -> None:
    deadlines = Deadlines(time.monotonic)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(deadlines.run)
        await anyio.wait_all_tasks_blocked()
        before = len(anyio.get_running_tasks())
        for number in range(10_000):
            deadlines.add(time.monotonic() + 3600 + number, lambda: None)
        await anyio.wait_all_tasks_blocked()
        assert len(anyio.get_running_tasks()) == before
        tasks.cancel_scope.cancel()


@pytest.mark.parametrize("when", [1e13, 1e308, math.inf])
async def test_a_deadline_that_nobody_lives_to_see_is_none(when: float) -> None:
    deadlines = Deadlines(Clock())
    deadline = deadlines.add(when, lambda: None)
    await _run_until_blocked(deadlines)
    deadline.move(when / 2)
    await _run_until_blocked(deadlines)
    assert deadline.is_ahead


@pytest.mark.parametrize("when", [1000.0, math.inf])
def test_what_was_given_up_is_not_kept(when: float) -> None:
    deadlines = Deadlines(Clock())
    kept = [deadlines.add(1000 + number, lambda: None) for number in range(10)]
    for _ in range(20_000):
        deadlines.add(when, lambda: None).cancel()
    gc.collect()
    entries = sum(isinstance(found, _deadlines.Deadline) and found._owner is deadlines for found in gc.get_objects())  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001 - who holds them is the subject
    assert entries == len(kept)


async def test_deadlines_that_outlive_a_sweep_are_still_told_in_order() -> None:
    clock = Clock()
    deadlines, told = Deadlines(clock), list[int]()
    for number in range(500):
        place = number * 7 % 500
        deadlines.add(101 + place, lambda place=place: told.append(place))
    for number in range(5000):
        deadlines.add(101 + number, lambda: told.append(-1)).cancel()
    clock.now = 1000
    await _run_until_blocked(deadlines)
    assert told == list(range(500))


async def test_a_deadline_that_is_added_while_others_expire_is_kept_too() -> None:
    clock = Clock()
    deadlines, told = Deadlines(clock), list[str]()

    def again() -> None:
        told.append("first")
        deadlines.add(100.5, lambda: told.append("second"))

    deadlines.add(100, again)
    clock.now = 101
    await _run_until_blocked(deadlines)
    assert told == ["first", "second"]


@given(now_ms=st.integers(0, 10**10), seconds=st.floats(1e-6, 1e6))
def test_a_wait_ends_in_the_first_whole_millisecond_after_its_time(now_ms: int, seconds: float) -> None:
    """A loop that counts whole milliseconds and wakes a moment too early turns without a pause until the next one."""
    waited = whole_milliseconds(seconds)
    assert seconds - 0.0002 < waited < seconds + 0.001
    deadline = now_ms / 1000 + waited
    woken_at = (now_ms + round(waited * 1000)) / 1000
    assert woken_at >= deadline


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("inf")])
def test_a_wait_that_is_none_or_has_no_end_stays_what_it_is(seconds: float) -> None:
    assert whole_milliseconds(seconds) == seconds
