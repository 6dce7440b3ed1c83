"""Own the tests of what one call costs a module, counted in writes and objects and not in time; in memory and over pipes."""

import asyncio
import contextlib
import errno
import gc
import os
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from typing import Annotated, Any

import pytest

from hub_sdk import AsyncContext, Doc, Ge, Le, MaxLength, Module, async_context, testing
from hub_sdk.log import Log
from hub_sdk.serve import Descriptors, Session
from hub_sdk.serve import _calls as calls
from hub_sdk.serve import _session as session_file
from hub_sdk.serve._ending import Ending
from hub_sdk.serve._looping import Loop
from hub_sdk.serve._writer import Writer

_INIT = b'{"jsonrpc":"2.0","id":1,"method":"module_init","params":{"config":{},"data_directory":"/"}}\n'
_ADD = b'{"jsonrpc":"2.0","id":%d,"method":"add","params":{"a":%d,"b":1},"context":{"timeout_ms":5000}}\n'


def made() -> Module:
    module = Module("m", version="1.0.0", license="MIT", authors=["a"])

    @module.function
    async def add(a: int, b: int) -> int:
        return a + b

    @module.function
    async def add_later(a: int, b: int) -> int:
        await asyncio.sleep(0)
        return a + b

    @module.function
    async def add_in_time(a: int, b: int) -> int:
        async with asyncio.timeout(5), asyncio.TaskGroup() as group:
            return a + await group.create_task(_later(b))

    return module


async def _later(value: int) -> int:
    return value


class _Patient(Ending):
    """Ends no process: it is the test's."""

    def begin(self) -> None:
        """Begin nothing."""

    def close(self) -> None:
        for descriptor in (self.wake, vars(self)["_wake_writer"]):
            os.close(descriptor)


class _InLoop:
    loop: Loop

    def start_sync(self, job: Callable[[], None]) -> None:
        raise AssertionError("no function of these is `def`")

    def start_async(self, job: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], object]:
        return self.loop.start_async(job)

    def flush(self) -> None:
        self.loop.flush_soon()


@contextlib.contextmanager
def _pipe() -> Generator[tuple[int, int]]:
    ends = os.pipe()
    try:
        yield ends
    finally:
        for end in ends:
            with contextlib.suppress(OSError):
                os.close(end)


def _writes_of(module: Module, data: bytes) -> list[int]:
    """Serve these bytes from a loop; return how many frames each write had. Each of them must be a result."""
    runner, ending, written = _InLoop(), _Patient(), list[int]()
    session = Session(module.definition, runner, clock=time.monotonic, new_id=lambda: "")

    def take() -> list[bytes]:
        frames = session.exchange.data_to_send()
        written.extend([len(frames)] if frames else [])
        assert all(b'"result":' in frame for frame in frames)
        return frames

    with _pipe() as (input_end, hub_end), _pipe() as (_, output_end):
        os.write(hub_end, data)
        os.close(hub_end)
        runner.loop = Loop(session, Descriptors(input_end, output_end), Writer(output_end, take), ending)
        try:
            runner.loop.run(deque())
        finally:
            gc.unfreeze()
            ending.close()
    return written


def _calls(function: bytes, many: int) -> bytes:
    return b"".join(_ADD.replace(b"add", function) % (number, number) for number in range(2, 2 + many))


def test_what_is_answered_without_waiting_is_one_write() -> None:
    assert _writes_of(made(), _INIT + _calls(b"add", 50)) == [51]


@pytest.mark.parametrize("function", [b"add_later", b"add_in_time"])
def test_what_many_tasks_answer_in_one_turn_is_one_write(function: bytes) -> None:
    assert _writes_of(made(), _INIT + _calls(function, 50)) == [1, 50]


class _OwnLoop(asyncio.SelectorEventLoop):
    """Not the system's."""


@pytest.mark.parametrize("function", [b"add", b"add_later", b"add_in_time"])
def test_an_author_s_own_loop_serves_as_well(function: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asyncio, "new_event_loop", _OwnLoop)  # which is what a policy changes
    assert _writes_of(made(), _INIT + _calls(function, 50)) == [1, 50]


def _turns_of(calls: bytes, monkeypatch: pytest.MonkeyPatch) -> int:
    """Return how often something was put off to a later turn of the loop while these calls were served."""
    put_off: list[object] = []
    call_soon = asyncio.SelectorEventLoop.call_soon

    def counted(self: Any, callback: Any, *arguments: Any, **more: Any) -> Any:
        put_off.append(callback)
        return call_soon(self, callback, *arguments, **more)

    with monkeypatch.context() as patch:
        patch.setattr(asyncio.SelectorEventLoop, "call_soon", counted)
        _writes_of(made(), _INIT + calls)
    return len(put_off)


def test_a_call_that_does_not_wait_needs_no_turn_of_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _turns_of(_calls(b"add", 50), monkeypatch) == _turns_of(_calls(b"add", 1), monkeypatch)
    assert _turns_of(_calls(b"add_later", 50), monkeypatch) >= 50


def test_calls_that_came_early_begin_in_tasks_of_their_own() -> None:
    module, tasks = made(), set[Any]()

    @module.on_init
    async def start() -> None:
        await asyncio.sleep(0)  # its task is at work when they begin

    @module.function
    async def tell(a: int, b: int) -> int:
        tasks.add(asyncio.current_task())
        return a + b

    assert sum(_writes_of(module, _INIT + _calls(b"tell", 50))) == 51
    assert len(tasks) == 50


def test_an_author_s_own_tasks_are_made_by_the_author() -> None:
    module, made_tasks = made(), list[Any]()

    def factory(loop: Any, coroutine: Any, **more: Any) -> Any:
        made_tasks.append(coroutine)
        return asyncio.Task(coroutine, loop=loop, **more)

    @module.on_init
    async def start() -> None:
        asyncio.get_running_loop().set_task_factory(factory)

    _writes_of(module, _INIT + _calls(b"add", 5))
    assert len(made_tasks) >= 5


def test_a_function_is_made_ready_once_for_all_its_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    made_ready: list[str] = []
    make = session_file.work_of

    def work_of(function: Any) -> Any:
        made_ready.append(function.name)
        return make(function)

    monkeypatch.setattr(session_file, "work_of", work_of)
    with testing.running(made()) as running:
        assert [running.call("add", a=n, b=1) for n in range(5)] == [1, 2, 3, 4, 5]
    assert made_ready == ["add"]


def test_what_the_hub_says_of_a_call_is_read_once_and_only_when_the_function_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    module, read, contexts = made(), calls.read_surroundings, list[Any]()

    @module.function
    async def look(ctx: AsyncContext) -> list[Any]:
        assert async_context().chain == ctx.chain
        assert ctx.deadline == ctx.deadline is not None
        return [ctx.chain, ctx.account]

    def counted(context: Any) -> Any:
        contexts.append(context)
        return read(context)

    monkeypatch.setattr(calls, "read_surroundings", counted)
    with testing.running(module) as running:
        assert running.call("add", a=1, b=2) == 3
        assert contexts == []
        assert running.call("look") == [["m.look"], "default"]
        assert len(contexts) == 1


@pytest.mark.parametrize("function", ["tell", "tell_in_thread"])
def test_arguments_and_results_that_need_no_change_are_not_read_or_written(
    function: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = Module("m", version="1.0.0", license="MIT", authors=["a"])

    @module.function
    async def tell(a: Annotated[int, Doc("one")], b: str, c: bool) -> Annotated[str, Doc("all of them")]:
        return f"{a}{b}{c}"

    @module.function
    def tell_in_thread(a: Annotated[int, Doc("one")], b: str, c: bool) -> Annotated[str, Doc("all of them")]:
        return f"{a}{b}{c}"

    for name in ("IntShape.read", "StrShape.read", "StrShape.write", "PlainShape.read"):
        monkeypatch.setattr(f"hub_sdk.types._scalars.{name}", _never)
    members = module.definition.functions[function]
    assert members.params.read({"a": 1, "b": "x", "c": True}) == {"a": 1, "b": "x", "c": True}
    with testing.running(module) as running:
        monkeypatch.setattr("hub_sdk.testing._memory.MemoryHub._wrong_result", _nothing)  # the test's hub reads results
        assert running.call(function, a=1, b="x", c=True) == "1xTrue"


@pytest.mark.parametrize(
    ("arguments", "code"), [({"a": 0}, -32602), ({"b": "xx"}, -32602), ({"a": 10}, -32603), ({"a": True}, -32602), ({}, None)]
)
def test_what_has_bounds_is_looked_at(arguments: dict[str, Any], code: int | None) -> None:
    module = Module("m", version="1.0.0", license="MIT", authors=["a"])

    @module.function
    async def tell(a: Annotated[int, Ge(1)] = 1, b: Annotated[str, MaxLength(1)] = "x") -> Annotated[int, Le(5)]:
        return a if b else 0

    with testing.running(module) as running, contextlib.ExitStack() as stack:
        failed = stack.enter_context(pytest.raises(testing.CallFailed)) if code else None
        assert running.call("tell", **arguments) == 1
    assert failed is None or failed.value.code == code


def test_no_context_is_made_for_a_function_that_does_not_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    module = made()

    @module.function
    def add_in_thread(a: int, b: int) -> int:
        return a + b

    monkeypatch.setattr("hub_sdk.serve._context.BaseContext.__init__", _never)
    with testing.running(module) as running:
        assert [running.call("add", a=1, b=2), running.call("add_in_thread", a=3, b=4)] == [3, 7]


def test_threads_that_ask_for_the_deadline_at_the_same_time_get_the_same_one(monkeypatch: pytest.MonkeyPatch) -> None:
    meeting, read = threading.Barrier(4, timeout=5), calls.read_surroundings

    def slowly(context: Any) -> Any:
        meeting.wait()
        return read(context)

    monkeypatch.setattr(calls, "read_surroundings", slowly)
    call = calls.Call(
        1,
        "f",
        {"timeout_ms": 1000},
        Session(made().definition, _InLoop(), clock=time.monotonic, new_id=str).exchange,
        Log(),
        time.monotonic,
        7.0,
    )
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(call.deadline)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [deadline is found[0] for deadline in found] == [True] * 4
    assert found[0].when == 8.0


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_call_that_has_ended_leaves_nothing_to_the_garbage_collector() -> None:
    module, left = made(), list[weakref.ref[Any]]()

    @module.function
    async def remember(ctx: AsyncContext) -> None:
        left.extend([weakref.ref(asyncio.current_task()), weakref.ref(ctx)])

    async with testing.running_async(module) as running:
        gc.disable()
        try:
            await running.call("remember")
            await asyncio.sleep(0)
            assert [ref() for ref in left] == [None, None]
        finally:
            gc.enable()


def _nothing(*_: Any) -> None:
    """Do nothing."""


def _never(*_: Any, **__: Any) -> Any:
    pytest.fail("it was called")


def _refused(*_: Any) -> int:
    raise OSError(errno.EOPNOTSUPP, "not for pipes")


def _writes_without_waiting() -> bool:
    with _pipe() as (_, write_end):
        try:
            return os.pwritev(write_end, [b"x"], -1, os.RWF_NOWAIT) == 1
        except (AttributeError, OSError, NotImplementedError):
            return False


@pytest.mark.parametrize("size", [100, 40_000])
@pytest.mark.skipif(not _writes_without_waiting(), reason="this kernel has no write to a pipe that does not wait")
def test_the_reader_writes_an_answer_with_one_system_call(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with _pipe() as (read_end, write_end):
        answers = [[b"x" * size, b"\n"], list[bytes]()]
        writer = Writer(write_end, lambda: answers.pop(0))
        for name in ("os.write", "select.poll", "threading.Thread"):
            monkeypatch.setattr(name, _never)
        writer.flush_without_blocking()
        monkeypatch.undo()
        assert os.read(read_end, size + 2) == b"x" * size + b"\n"


def test_a_call_that_ends_in_its_first_step_leaves_nothing_to_the_garbage_collector() -> None:
    module, left = made(), list[weakref.ref[Any]]()

    @module.function
    async def remember(a: int, b: int) -> int:
        left.extend([weakref.ref(asyncio.current_task()), weakref.ref(async_context())])
        return a + b

    gc.disable()
    try:
        assert _writes_of(module, _INIT + _calls(b"remember", 2)) == [3]
        assert [ref() for ref in left] == [None] * 4
    finally:
        gc.enable()


@pytest.mark.parametrize("kernel", ["this one", "one that waits"])
def test_a_nearly_full_pipe_gets_its_answer_whole_and_does_not_hold_the_reader_up(
    kernel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kernel != "this one":
        monkeypatch.setattr(os, "pwritev", _refused)
    with _pipe() as (read_end, write_end):
        os.set_blocking(write_end, False)
        filled = 0
        with contextlib.suppress(BlockingIOError):
            while True:
                filled += os.write(write_end, b"x" * 4096)
        os.set_blocking(write_end, True)
        filled -= len(os.read(read_end, 4096))
        answers = deque([b"a" * 10_000 + b"\n"])
        writer = Writer(write_end, lambda: [answers.popleft()] if answers else [])
        writer.flush_without_blocking()  # would block here
        with os.fdopen(os.dup(read_end), "rb") as reader:
            assert reader.read(filled + 10_001) == b"x" * filled + b"a" * 10_000 + b"\n"
        writer.finish()
