"""Own the proof that each process is asked once when it was started, and that a number alone is never taken for a process."""

import os

import pytest

from hub import _start_times
from hub._procfs import start_ticks_of
from hub._start_times import StartTimes
from tests.hub.children import python


class _Table:
    """A pretended /proc: the inode and the start of each number; `asked` are the numbers that were read."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, processes: dict[int, tuple[int, int | None]]) -> None:
        self.processes = processes
        self.asked: list[int] = []
        monkeypatch.setattr(_start_times, "process_numbers", self._numbers)
        monkeypatch.setattr(_start_times, "start_ticks_of", self._start)

    def _numbers(self) -> list[tuple[int, int]]:
        return sorted(((pid, inode) for pid, (inode, _) in self.processes.items()), reverse=True)

    def _start(self, pid: int) -> int | None:
        self.asked.append(pid)
        return self.processes[pid][1]


def test_each_process_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    table = _Table(monkeypatch, {1: (10, 100), 7: (70, 700)})
    times = StartTimes()
    assert list(times.look()) == [(7, 700), (1, 100)]
    table.processes[9] = 90, 900
    assert list(times.look()) == [(9, 900), (7, 700), (1, 100)]
    assert table.asked == [7, 1, 9]


def test_a_number_that_was_given_to_another_process_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    table = _Table(monkeypatch, {7: (70, 700)})
    times = StartTimes()
    list(times.look())
    table.processes[7] = 71, 950
    assert list(times.look()) == [(7, 950)]
    # Also if the kernel should give a directory the same inode again: what was seen to be gone is forgotten.
    del table.processes[7]
    assert list(times.look()) == []
    table.processes[7] = 71, 999
    assert list(times.look()) == [(7, 999)]


def test_one_that_ends_while_it_is_asked_has_no_start_and_is_not_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    table = _Table(monkeypatch, {7: (70, None)})
    times = StartTimes()
    assert list(times.look()) == [(7, None)]
    assert list(times.look()) == [(7, None)]
    assert table.asked == [7, 7]


def test_looks_at_the_same_time_do_not_lose_what_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    table = _Table(monkeypatch, {1: (10, 100), 7: (70, 700)})
    times = StartTimes()
    first, second = times.look(), times.look()
    assert [next(first), next(second), next(second), next(first)] == [(7, 700), (7, 700), (1, 100), (1, 100)]
    assert table.asked == [7, 1]


@pytest.mark.process
async def test_it_knows_the_processes_of_this_machine() -> None:
    times = StartTimes()
    mine = start_ticks_of(os.getpid())
    assert dict(times.look())[os.getpid()] == mine
    async with python("input()") as process:
        started = dict(times.look())[process.pid]
        assert started == start_ticks_of(process.pid)
        assert started is not None
        assert mine is not None
        assert started >= mine
    assert process.pid not in dict(times.look())
    assert dict(times.look())[os.getpid()] == mine
