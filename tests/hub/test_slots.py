"""Own the proof that a module gets no more calls than it can take, in the order of arrival, and that no slot is lost."""

import asyncio
import time

import anyio
import pytest

from hub._deadlines import Deadlines
from hub._slots import Slots
from hub.errors import Overloaded


def _slots(in_flight: int, waiting: int) -> Slots:
    return Slots("probe", in_flight, waiting, Deadlines(time.monotonic))


async def _hold(slots: Slots, go_on: anyio.Event, order: list[int], number: int) -> None:
    await slots.acquire()
    try:
        order.append(number)
        await go_on.wait()
    finally:
        slots.release()


async def test_as_many_run_as_there_are_slots_and_the_rest_waits_in_order_of_arrival() -> None:
    slots, order = _slots(3, 10), list[int]()
    go_on = [anyio.Event() for _ in range(8)]
    async with anyio.create_task_group() as tasks:
        for number in range(8):
            tasks.start_soon(_hold, slots, go_on[number], order, number)
            await anyio.wait_all_tasks_blocked()
        assert (order, slots.in_flight, slots.waiting) == ([0, 1, 2], 3, 5)
        for number in (1, 0, 2, 3, 4, 5, 6, 7):
            go_on[number].set()
            await anyio.wait_all_tasks_blocked()
    assert order == list(range(8))
    assert (slots.in_flight, slots.waiting) == (0, 0)


async def test_one_more_than_may_wait_is_refused_at_once() -> None:
    slots, go_on, order = _slots(1, 2), anyio.Event(), list[int]()
    async with anyio.create_task_group() as tasks:
        for number in range(3):
            tasks.start_soon(_hold, slots, go_on, order, number)
        await anyio.wait_all_tasks_blocked()
        with pytest.raises(Overloaded) as refused, anyio.fail_after(0):
            await slots.acquire()
        go_on.set()
        assert refused.value.kind == "overloaded"
        assert refused.value.data == {"module": "probe", "may_have_executed": False}


async def test_nobody_overtakes_those_who_wait() -> None:
    slots, go_on, order = _slots(1, 5), anyio.Event(), list[int]()
    assert slots.try_acquire()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_hold, slots, go_on, order, 1)
        await anyio.wait_all_tasks_blocked()
        slots.release()
        # The slot belongs to the one who waits already, though it has not run yet.
        assert not slots.try_acquire()
        go_on.set()


async def test_who_gives_up_waiting_leaves_the_queue() -> None:
    slots = _slots(1, 1)
    assert slots.try_acquire()
    with anyio.move_on_after(0.01) as gave_up:
        await slots.acquire()
    assert gave_up.cancelled_caught
    assert (slots.in_flight, slots.waiting) == (1, 0)
    slots.release()
    assert slots.in_flight == 0


async def test_a_slot_that_was_handed_to_somebody_who_gave_up_goes_to_the_next() -> None:
    slots, order, go_on = _slots(1, 5), list[int](), anyio.Event()
    assert slots.try_acquire()
    async with anyio.create_task_group() as tasks:
        scope = anyio.CancelScope()

        async def give_up() -> None:
            with scope:
                await _hold(slots, go_on, order, 1)

        tasks.start_soon(give_up)
        await anyio.wait_all_tasks_blocked()
        tasks.start_soon(_hold, slots, go_on, order, 2)
        await anyio.wait_all_tasks_blocked()
        # In one moment, without an await between: it is handed over, and the one who gets it is cancelled.
        slots.release()
        scope.cancel()
        await anyio.wait_all_tasks_blocked()
        assert slots.in_flight == 1
        go_on.set()
    assert order[-1] == 2
    assert (slots.in_flight, slots.waiting) == (0, 0)


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_slot_that_was_handed_to_a_task_which_asyncio_cancels_goes_to_the_next() -> None:
    # Only a cancellation of asyncio itself (a timeout of its own, say) reaches a task whose wait is over already.
    slots = _slots(1, 5)
    assert slots.try_acquire()
    first, second = (asyncio.create_task(slots.acquire()) for _ in range(2))
    await anyio.wait_all_tasks_blocked()
    slots.release()
    first.cancel()
    await second
    assert first.cancelled()
    assert (slots.in_flight, slots.waiting) == (1, 0)


async def test_who_waits_longer_than_allowed_leaves_the_queue_and_has_no_slot() -> None:
    deadlines = Deadlines(time.monotonic)
    slots = Slots("probe", 1, 5, deadlines)
    assert slots.try_acquire()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(deadlines.run)
        assert not await slots.acquire(time.monotonic() + 0.01)
        assert (slots.in_flight, slots.waiting) == (1, 0)
        slots.release()
        assert await slots.acquire(time.monotonic() + 5)
        tasks.cancel_scope.cancel()
