"""Own the tests of the threads that run functions and of the writer that all of them share."""

import os
import threading
from collections import deque

import pytest

from hub_sdk.serve._workers import Workers
from hub_sdk.serve._writer import Writer


def test_workers_are_made_when_needed_and_never_more_than_allowed() -> None:
    workers = Workers(2)
    meeting, names, ended = threading.Barrier(2, timeout=5), list[str](), threading.Semaphore(0)

    def meet() -> None:
        names.append(threading.current_thread().name)
        meeting.wait()
        ended.release()

    for _ in range(4):
        workers.submit(meet)
    for _ in range(4):
        assert ended.acquire(timeout=5)
    assert set(names) == {"hub-worker-1", "hub-worker-2"}
    assert workers.close(5)


def test_one_job_after_the_other_needs_one_thread() -> None:
    workers = Workers(64)
    assert workers.idle_within(0)
    for _ in range(20):
        done = threading.Event()
        workers.submit(done.set)
        assert done.wait(5)
        assert workers.idle_within(5)
    assert threading.active_count() == 2
    assert workers.close(5)


def test_workers_say_when_a_job_does_not_end() -> None:
    workers = Workers(1)
    begun, go_on = threading.Event(), threading.Event()

    def job() -> None:
        begun.set()
        go_on.wait(5)

    workers.submit(job)
    assert begun.wait(5)
    assert not workers.idle_within(0.01)
    assert not workers.close(0.01)
    go_on.set()
    assert workers.close(5)


class Queue:
    """What the session has to send."""

    def __init__(self) -> None:
        self.frames: deque[bytes] = deque()

    def take(self) -> list[bytes]:
        taken: list[bytes] = []
        while self.frames:
            taken.append(self.frames.popleft())
        return taken


@pytest.fixture
def pipe() -> list[int]:
    return list(os.pipe())


def test_frames_of_many_threads_are_written_whole_and_all_of_them(pipe: list[int]) -> None:
    queue = Queue()
    writer = Writer(pipe[1], queue.take)

    def send(number: int) -> None:
        for _ in range(100):
            queue.frames.append(b"%d" % number * 3000 + b"\n")
            writer.flush()

    threads = [threading.Thread(target=send, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    with os.fdopen(pipe[0], "rb") as reader:
        lines = [reader.readline() for _ in range(400)]
    for thread in threads:
        thread.join()
    os.close(pipe[1])
    assert sorted(lines) == sorted(b"%d" % number * 3000 + b"\n" for number in range(4) for _ in range(100))


def test_what_is_ready_at_the_same_time_is_one_write(pipe: list[int]) -> None:
    queue = Queue()
    queue.frames.extend([b"a\n", b"b\n", b"c\n"])
    Writer(pipe[1], queue.take).flush_without_blocking()
    assert os.read(pipe[0], 100) == b"a\nb\nc\n"
    for descriptor in pipe:
        os.close(descriptor)


def test_a_full_pipe_does_not_hold_the_reader_up(pipe: list[int]) -> None:
    queue = Queue()
    writer = Writer(pipe[1], queue.take)
    queue.frames.append(b"x" * 1_000_000)
    writer.flush_without_blocking()
    queue.frames.append(b"y")
    writer.flush_without_blocking()  # somebody is writing already, and takes it along
    with os.fdopen(pipe[0], "rb") as reader:
        assert reader.read(1_000_001) == b"x" * 1_000_000 + b"y"
    writer.finish()
    os.close(pipe[1])


def test_finishing_waits_for_whoever_still_writes(pipe: list[int]) -> None:
    queue, received = Queue(), list[bytes]()
    writer = Writer(pipe[1], queue.take)
    queue.frames.append(b"x" * 8_000_000)  # much more than a pipe holds: the end comes while `finish` waits
    writer.flush_without_blocking()
    queue.frames.append(b"y")
    with os.fdopen(pipe[0], "rb") as reader:
        thread = threading.Thread(target=lambda: received.append(reader.read(8_000_001)))
        thread.start()
        writer.finish()
        thread.join()
    assert received == [b"x" * 8_000_000 + b"y"]
    os.close(pipe[1])


def test_a_reader_that_is_gone_is_no_error(pipe: list[int]) -> None:
    queue = Queue()
    writer = Writer(pipe[1], queue.take)
    os.close(pipe[0])
    for _ in range(2):
        queue.frames.append(b"x")
        writer.flush()
    os.close(pipe[1])


def test_a_pipe_that_somebody_made_non_blocking_loses_nothing(pipe: list[int]) -> None:
    os.set_blocking(pipe[1], False)
    queue = Queue()
    writer = Writer(pipe[1], queue.take)
    queue.frames.append(b"x" * 1_000_000)
    thread = threading.Thread(target=writer.flush)
    thread.start()
    with os.fdopen(pipe[0], "rb") as reader:
        assert len(reader.read(1_000_000)) == 1_000_000
    thread.join()
    os.close(pipe[1])
