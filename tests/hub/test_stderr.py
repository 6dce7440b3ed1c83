"""Own the proof that standard error is drained to its end, whatever is written and whoever holds it; know nothing of levels."""

import os
import time
from collections.abc import Generator
from contextlib import contextmanager

import anyio
import pytest

from hub._logrecord import LogRecord
from hub._stderr import StderrPump
from hub._stderrlines import StderrLimits
from tests.hub.children import python, shell, watched


@contextmanager
def _pipe() -> Generator[tuple[int, int]]:
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    try:
        yield reader, writer
    finally:
        for descriptor in (reader, writer):
            try:
                os.close(descriptor)
            except OSError:
                continue  # the test closed it


class _Log:
    """Collects records, and lets a test wait for the next one."""

    def __init__(self) -> None:
        self.records: list[LogRecord] = []
        self._news = anyio.Event()

    def take(self, record: LogRecord) -> None:
        self.records.append(record)
        self._news.set()
        self._news = anyio.Event()

    async def holds(self, count: int) -> None:
        while len(self.records) < count:
            await self._news.wait()

    @property
    def messages(self) -> list[str]:
        return [record.message for record in self.records]


async def test_lines_are_handed_on_as_they_come_until_the_end_of_the_stream() -> None:
    log = _Log()
    with _pipe() as (reader, writer):
        pump = StderrPump(lambda: reader, anyio.sleep_forever, log.take)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(pump.run)
            os.write(writer, b"one\nerror: two\nthr")
            await log.holds(2)
            assert log.messages == ["one", "two"]
            os.write(writer, b"ee")
            os.close(writer)
    assert log.messages == ["one", "two", "three"]
    assert pump.tail == b"one\nerror: two\nthree"


async def test_the_pump_ends_a_second_after_the_process_although_somebody_holds_the_pipe() -> None:
    log, exited, begun = _Log(), anyio.Event(), 0.0
    with _pipe() as (reader, writer):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(StderrPump(lambda: reader, exited.wait, log.take).run)
            os.write(writer, b"before\n")
            await log.holds(1)
            begun = time.monotonic()
            exited.set()
            os.write(writer, b"after")
    assert 0.9 < time.monotonic() - begun < 3
    assert log.messages == ["before", "after"]


async def test_a_cancelled_pump_hands_on_what_is_in_the_pipe() -> None:
    log = _Log()
    with _pipe() as (reader, writer):
        pump = StderrPump(lambda: reader, anyio.sleep_forever, log.take)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(pump.run)
            await anyio.wait_all_tasks_blocked()
            os.write(writer, b"last words\nof it")
            tasks.cancel_scope.cancel()
    assert log.messages == ["last words", "of it"]


async def test_the_owner_may_close_the_descriptor_at_any_time() -> None:
    log = _Log()
    async with shell("echo hello >&2; read line") as process:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(StderrPump(lambda: process.stderr_fd, process.wait, log.take).run)
            await log.holds(1)
            process.close_stderr()
        assert process.exit_status is None
    assert log.messages == ["hello"]


async def test_the_end_of_a_flood_is_said_although_nothing_more_comes() -> None:
    log = _Log()
    with _pipe() as (reader, writer):
        limits = StderrLimits(lines_per_second=2)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(StderrPump(lambda: reader, anyio.sleep_forever, log.take, limits=limits).run)
            os.write(writer, b"a\n" * 5)
            await log.holds(3)
            tasks.cancel_scope.cancel()
    assert log.messages[:2] == ["a", "a"]
    assert log.messages[2].startswith("3 lines dropped")


@pytest.mark.process
async def test_the_last_words_of_a_process_are_known_when_its_pump_has_ended() -> None:
    log = _Log()
    async with shell("echo 'error: no token' >&2; exit 3") as process:
        await StderrPump(lambda: process.stderr_fd, process.wait, log.take).run()
        assert log.records == [LogRecord("error", "no token")]
        assert (await process.wait()).code == 3


@pytest.mark.process
@pytest.mark.parametrize("line", ["y\\n", "x" * 199 + "\\n", "x"], ids=["short-lines", "long-lines", "no-lines"])
async def test_a_flood_is_drained_while_the_event_loop_keeps_its_time(line: str) -> None:
    # Sixteen megabytes: far more than any pipe or buffer between the two holds.
    count = 16_000_000 // len(line.replace("\\n", "n"))
    script = f"import os\nfor _ in range(100): os.write(2, b'{line}' * {count // 100})\nprint(1)"
    log, gaps = _Log(), list[float]()

    async def keep_time() -> None:
        while True:
            begun = time.monotonic()
            with anyio.move_on_after(0.01):
                await anyio.sleep_forever()
            gaps.append(time.monotonic() - begun)

    async with python(script) as process:
        pump = StderrPump(lambda: process.stderr_fd, process.wait, log.take)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(keep_time)
            await pump.run()
            tasks.cancel_scope.cancel()
    assert process.exit_status is not None
    assert process.exit_status.success, "it wrote all of it, so it was never blocked for good"
    assert len(pump.tail) == 64 * 1024
    assert len(log.records) < 8_000
    handed_on = sum(record.source == "stderr" for record in log.records)
    dropped = sum(record.fields["dropped_lines"] for record in log.records if record.source == "hub")
    assert handed_on + dropped == (count // 100 * 100 if "\\n" in line else 1)
    assert sorted(gaps)[len(gaps) // 2] < 0.1


@pytest.mark.process
async def test_a_grandchild_in_its_own_session_cannot_keep_the_pump() -> None:
    grandchild = "os.setsid(); os.write(2, b'%d\\n' % os.getpid()); time.sleep(60)"
    script = f"import os, time\nif os.fork() == 0:\n {grandchild}\nos.read(0, 1)"
    log, begun = _Log(), 0.0
    async with python(script) as process:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(StderrPump(lambda: process.stderr_fd, process.wait, log.take).run)
            await log.holds(1)
            begun = time.monotonic()
            process.close_stdin()
        assert time.monotonic() - begun < 3
        pid = int(log.messages[0])
        with watched(pid) as gone:  # so it was alive, and held the pipe
            os.kill(pid, 9)
            await gone()
