"""Own the proof that the peer moves frames both ways, bounds every wait and buffer, and tells what may have been executed."""

import math
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

from hub._calls import Progress
from hub._childprocess import SpawnSpec
from hub._deadlines import Deadlines
from hub._peer import Peer
from hub.errors import (
    CallTimeout,
    FrameTooLarge,
    FunctionError,
    HubError,
    InvalidArguments,
    ModuleDied,
    ProtocolError,
    WriteBlocked,
)
from hub.testing import MemoryProcess, MemorySpawner, ModuleEnd, Program
from hub_protocol import Connection, Role
from hub_protocol.events import Event, FrameRejected, StrayLine, UnexpectedResponse

_SPEC = SpawnSpec("probe", ["probe"], Path("/"), {})
_FRAME_BYTES = 1024 * 1024
# More than any pipe takes at once.
_BIG = "x" * (900 * 1024)


class _Rig:
    """A peer, the process at its other end, and what the peer told."""

    def __init__(self, process: MemoryProcess, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.deadlines = Deadlines(clock)
        self.events: list[Event] = []
        self.overflows: list[int] = []
        self.peer = Peer(
            "probe",
            process,
            Connection(Role.HUB, max_frame_bytes=_FRAME_BYTES),
            deadlines=self.deadlines,
            clock=clock,
            on_event=self.events.append,
            on_overflow=self.overflows.append,
            write_queue_bytes=2 * _FRAME_BYTES,
        )

    async def ask(self, method: str, params: dict[str, Any] | None = None, *, seconds: float = math.inf, **more: Any) -> Any:
        return await self.peer.request(method, params or {}, deadline=self.clock() + seconds, **more)

    def sent(self) -> list[str]:
        frames: list[dict[str, Any]] = self.peer.frames.to_json(lambda text: text)["to_module"]
        return [frame["text"] for frame in frames]

    async def error_of(self, method: str, params: dict[str, Any] | None = None, seconds: float = math.inf) -> HubError:
        with pytest.raises(HubError) as raised:
            await self.ask(method, params, seconds=seconds)
        return raised.value


@asynccontextmanager
async def _rig(program: Program, *, clock: Callable[[], float] = time.monotonic, reads: bool = True) -> AsyncGenerator[_Rig]:
    async with MemorySpawner({"probe": program}) as spawn:
        process = spawn(_SPEC)
        rig = _Rig(process, clock)
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(rig.deadlines.run)
                tasks.start_soon(rig.peer.run_writer)
                if reads:
                    tasks.start_soon(rig.peer.run_reader)
                yield rig
                tasks.cancel_scope.cancel()
        finally:
            await process.aclose()


async def _echo(module: ModuleEnd) -> None:
    while (request := await module.receive()) is not None:
        await module.answer(request, request["params"])


async def test_answers_in_any_order_reach_who_asked() -> None:
    async def backwards(module: ModuleEnd) -> None:
        requests = [await module.receive() for _ in range(3)]
        for request in reversed(requests):
            assert request is not None
            await module.answer(request, request["params"]["n"])

    found: dict[int, int] = {}
    async with _rig(backwards) as rig, anyio.create_task_group() as tasks:

        async def ask(number: int) -> None:
            found[number] = await rig.ask("f", {"n": number})

        for number in range(3):
            tasks.start_soon(ask, number)
    assert found == {0: 0, 1: 1, 2: 2}


async def test_a_request_larger_than_the_pipe_arrives_whole_and_so_does_its_answer() -> None:
    async with _rig(_echo) as rig:
        assert await rig.ask("f", {"text": _BIG}) == {"text": _BIG}
        assert rig.events == []


@pytest.mark.parametrize(
    ("params", "kind"), [({"text": "x" * _FRAME_BYTES}, FrameTooLarge), ({"x": object()}, InvalidArguments)]
)
async def test_what_cannot_be_sent_is_not_sent_and_the_next_request_is(params: dict[str, Any], kind: type[HubError]) -> None:
    async with _rig(_echo) as rig:
        error = await rig.error_of("f", params)
        assert (type(error), error.data["may_have_executed"]) == (kind, False)
        assert await rig.ask("g", {"a": 1}) == {"a": 1}


async def test_an_error_is_the_modules_own_whatever_its_code_and_null_data_is_data() -> None:
    """HUB-ERR-3."""

    async def refuse(module: ModuleEnd) -> None:
        for code in (7, -31001, -32601):
            if request := await module.receive():
                error = {"code": code, "message": "no", "data": {"code": code}}
                await module.send({"id": request["id"], "error": error})

    async with _rig(refuse) as rig:
        errors = [await rig.error_of("f") for _ in range(3)]
    assert [type(error) for error in errors] == [FunctionError] * 3
    assert [(error.code, error.kind) for error in errors] == [
        (7, "function_error"), (-31001, "function_error"), (-32601, "method_not_found"),
    ]  # fmt: skip
    assert [error.error_data for error in errors if isinstance(error, FunctionError)] == [
        {"code": 7}, {"code": -31001}, {"code": -32601},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b'{"jsonrpc":"2.0","id":1,"result":1,"error":{"code":1,"message":"m"}}', ProtocolError),
        (b'{"jsonrpc":"2.0","id":1}', ProtocolError),
        (b'{"jsonrpc":"2.0","id":1,"error":"no"}', ProtocolError),
        (b'{"jsonrpc":"2.0","id":1,"result":NaN}', ProtocolError),
        (b'{"id":1,"result":1}', ProtocolError),
        (b'{"jsonrpc":"2.0","id":1,"result":"' + b"x" * _FRAME_BYTES + b'"}', FrameTooLarge),
    ],
    ids=["both", "neither", "no error object", "NaN", "no jsonrpc", "too large"],
)
async def test_an_answer_that_cannot_be_used_ends_its_request_and_not_the_connection(
    answer: bytes, kind: type[HubError]
) -> None:
    async def broken(module: ModuleEnd) -> None:
        await module.receive()
        await module.write(answer + b"\n")
        await _echo(module)

    async with _rig(broken) as rig:
        error = await rig.error_of("f")
        assert (type(error), error.data["may_have_executed"]) == (kind, True)
        assert [type(event) for event in rig.events] == [FrameRejected]
        assert await rig.ask("g", {"a": 1}) == {"a": 1}


async def test_an_answer_behind_what_ended_the_module_is_dropped_in_silence() -> None:
    async def program(module: ModuleEnd) -> None:
        request = await module.receive()
        assert request is not None
        frame = b'{"jsonrpc":"2.0","id":%d,"result":1}\n' % request["id"]
        progress = b'{"jsonrpc":"2.0","method":"$/progress","params":{"id":%d,"done":1}}\n' % request["id"]
        await module.write(b"stray\n" + progress + frame)
        await anyio.sleep_forever()

    async with _rig(program) as rig:

        def end(event: Event) -> None:
            if isinstance(event, StrayLine):
                rig.peer.end_all(lambda _pending: ModuleDied("ended"))

        rig.peer._on_event = end  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001 - the driver's own hook
        assert isinstance(await rig.error_of("f"), ModuleDied)
        assert isinstance(await rig.error_of("g"), ModuleDied)


async def test_an_answer_that_was_readable_while_the_hub_was_busy_is_no_timeout() -> None:
    now, answered = [100.0], anyio.Event()

    async def program(module: ModuleEnd) -> None:
        if request := await module.receive():
            await module.answer(request, "in time")
        answered.set()
        await anyio.sleep_forever()

    # Nobody reads, as if the event loop were held up; the answer lies in the pipe when the deadline passes.
    found: list[Any] = []
    async with _rig(program, clock=lambda: now[0], reads=False) as rig, anyio.create_task_group() as tasks:

        async def ask() -> None:
            found.append(await rig.ask("f", seconds=5))

        tasks.start_soon(ask)
        await answered.wait()
        now[0] = 200.0
        rig.deadlines.add(101.0, lambda: None)  # wakes the keeper of the time
    assert found == ["in time"]


@pytest.mark.parametrize("can_cancel", [False, True])
async def test_a_deadline_ends_the_request_cancels_it_where_that_was_offered_and_knows_the_late_answer(
    can_cancel: bool,
) -> None:
    """HUB-CANCEL-1."""
    received: list[dict[str, Any]] = []

    async def late(module: ModuleEnd) -> None:
        while (message := await module.receive()) is not None:
            received.append(message)
            if message["method"] == "go on":
                await module.answer(received[0], "late")
                await module.answer(received[0], "twice")
                await module.answer(message, "in time")

    async with _rig(late) as rig:
        rig.peer.can_cancel = can_cancel
        error = await rig.error_of("f", seconds=0.02)
        assert (type(error), error.data["may_have_executed"]) == (CallTimeout, True)
        assert await rig.ask("go on") == "in time"
        assert rig.events == [UnexpectedResponse(1, late=True), UnexpectedResponse(1, late=False)]
        assert rig.peer.abandoned == {}
    cancels = [message["params"] for message in received if message["method"] == "$/cancelRequest"]
    assert cancels == ([{"id": 1}] if can_cancel else [])


async def test_a_caller_that_gives_up_cancels_the_request() -> None:
    received: list[dict[str, Any]] = []

    async def program(module: ModuleEnd) -> None:
        while (message := await module.receive()) is not None:
            received.append(message)
            if message["method"] == "g":
                await module.answer(message, len(received))

    async with _rig(program) as rig:
        rig.peer.can_cancel = True
        with anyio.move_on_after(0.01) as scope:
            await rig.ask("f")
        assert scope.cancelled_caught
        assert await rig.ask("g") == 3
    assert [message["method"] for message in received] == ["f", "$/cancelRequest", "g"]
    assert received[1] == {"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": 1}}


async def test_a_request_that_never_left_the_hub_is_taken_back_and_one_that_did_is_not() -> None:
    go_on, received = anyio.Event(), list[str]()

    async def reads_later(module: ModuleEnd) -> None:
        await go_on.wait()
        while (message := await module.receive()) is not None:
            received.append(message["method"])
            if message["method"] == "last":
                await module.answer(message, "here")

    async with _rig(reads_later) as rig:
        rig.peer.can_cancel = True
        begun = await rig.error_of("begun", {"text": _BIG}, seconds=0.02)
        waiting = await rig.error_of("waiting", {"text": _BIG}, seconds=0.02)
        assert [type(error) for error in (begun, waiting)] == [CallTimeout, CallTimeout]
        # Of the first a part is in the pipe: its rest must follow, and then it is executed after all.
        assert [error.data["may_have_executed"] for error in (begun, waiting)] == [True, False]
        go_on.set()
        assert await rig.ask("last") == "here"
    assert received == ["begun", "$/cancelRequest", "last"]


async def test_a_request_that_was_begun_while_it_waited_is_not_taken_back() -> None:
    start, go_on, received = anyio.Event(), anyio.Event(), list[str]()
    errors: list[HubError] = []

    async def reads_one(module: ModuleEnd) -> None:
        await start.wait()
        await module.receive()
        await go_on.wait()
        while (message := await module.receive()) is not None:
            received.append(message["method"])
            await module.answer(message, None)

    async with _rig(reads_one) as rig:

        async def second() -> None:
            errors.append(await rig.error_of("second", {"text": _BIG}, seconds=0.3))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(rig.error_of, "first", {"text": _BIG}, 0.2)
            await anyio.wait_all_tasks_blocked()
            tasks.start_soon(second)
            await anyio.wait_all_tasks_blocked()
            # The pipe is full of the first one; when that is read, a part of the second one follows it into the pipe.
            start.set()
        assert [(error.kind, error.data["may_have_executed"]) for error in errors] == [("timeout", True)]
        go_on.set()
        await rig.ask("third")
    assert received == ["second", "third"]


async def test_a_cancelled_caller_takes_its_waiting_request_back_too() -> None:
    go_on, received = anyio.Event(), list[str]()

    async def reads_later(module: ModuleEnd) -> None:
        await go_on.wait()
        while (message := await module.receive()) is not None:
            received.append(message["method"])
            await module.answer(message, None)

    async with _rig(reads_later) as rig, anyio.create_task_group() as tasks:
        tasks.start_soon(rig.ask, "first", {"text": _BIG})
        await anyio.wait_all_tasks_blocked()
        with anyio.move_on_after(0.01):
            await rig.ask("second")
        go_on.set()
        await rig.ask("third")
    assert received == ["first", "third"]


async def test_frames_that_went_out_behind_a_half_written_one_are_among_the_last_ones_in_their_order() -> None:
    go_on = anyio.Event()

    async def reads_later(module: ModuleEnd) -> None:
        await go_on.wait()
        while (message := await module.receive()) is not None:
            await module.answer(message, None)

    async with _rig(reads_later) as rig:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(rig.ask, "first", {"text": _BIG})
            await anyio.wait_all_tasks_blocked()  # the pipe is full
            for method in ("second", "third", "fourth"):
                tasks.start_soon(rig.ask, method)
                await anyio.wait_all_tasks_blocked()
            assert [_method_of(frame) for frame in rig.sent()] == ["first"]
            go_on.set()
        assert [_method_of(frame) for frame in rig.sent()] == ["first", "second", "third", "fourth"]


def _method_of(frame: str) -> str:
    return frame.partition('"method":"')[2].partition('"')[0]


async def test_calls_for_a_module_that_does_not_read_are_refused_when_enough_wait() -> None:
    async with _rig(lambda _module: anyio.sleep_forever()) as rig, anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(rig.ask, "f", {"text": _BIG})
        await anyio.wait_all_tasks_blocked()
        error = await rig.error_of("g")
        assert (type(error), error.data["may_have_executed"]) == (WriteBlocked, False)
        tasks.cancel_scope.cancel()


async def test_a_module_that_asks_and_never_reads_the_answers_is_told_of_before_the_hub_grows() -> None:
    async def asks(module: ModuleEnd) -> None:
        for number in range(40):
            await module.send({"id": number, "method": "hub.nothing"})
            await module.log("asked")
        await anyio.sleep_forever()

    async with _rig(asks) as rig:

        def answer(event: Event) -> None:
            if not rig.overflows:
                rig.peer.connection.send_result(getattr(event, "id"), _BIG)  # noqa: B009 - whatever asks has one

        rig.peer._on_event = answer  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001 - the driver's own hook
        while not rig.overflows:
            await anyio.lowlevel.checkpoint()
    assert 4 * _FRAME_BYTES < rig.overflows[0] < 6 * _FRAME_BYTES


async def test_the_end_of_the_module_tells_apart_what_was_sent_and_what_was_not() -> None:
    async with _rig(lambda _module: anyio.sleep_forever()) as rig, anyio.create_task_group() as tasks:
        errors: dict[str, HubError] = {}

        async def ask(method: str, params: dict[str, Any]) -> None:
            errors[method] = await rig.error_of(method, params)

        for method, params in (("small", {}), ("big", {"text": _BIG}), ("behind", {})):
            tasks.start_soon(ask, method, params)
            await anyio.wait_all_tasks_blocked()
        rig.peer.end_all(lambda pending: ModuleDied("died", data={"sent": rig.peer.was_sent(pending)}))
        await anyio.wait_all_tasks_blocked()
        assert {method: error.data["sent"] for method, error in errors.items()} == {
            "small": True,
            "big": False,
            "behind": False,
        }
        assert isinstance(await rig.error_of("later"), ModuleDied)
        assert rig.peer.pending == {}


async def test_a_module_that_closed_its_input_has_executed_nothing() -> None:
    closed = anyio.Event()

    async def program(module: ModuleEnd) -> None:
        module.close_input()
        closed.set()
        await anyio.sleep_forever()

    async with _rig(program) as rig:
        await closed.wait()
        error = await rig.error_of("f", seconds=0.02)
        assert (type(error), error.data["may_have_executed"]) == (CallTimeout, False)


async def test_progress_reaches_the_call_it_belongs_to_and_none_after_its_end() -> None:
    """HUB-PROG-1."""

    async def program(module: ModuleEnd) -> None:
        while (request := await module.receive()) is not None:
            number = request["id"]
            for params in (
                {"id": number, "done": 1, "total": 2, "message": "half"},
                {"id": number, "done": "much"},
                {"id": number + 100, "done": 1},
                {"id": number - 1, "done": 9},
                {"id": number, "done": 2.5},
            ):
                await module.send({"method": "$/progress", "params": params})
            await module.answer(request, None)

    async with _rig(program) as rig:
        for _ in range(2):
            told: list[Progress] = []
            await rig.ask("f", on_progress=told.append)
            assert told == [Progress(1, 2, "half"), Progress(2.5)]
        await rig.ask("f")


async def test_what_on_progress_raises_ends_its_own_call_and_no_other() -> None:
    """HUB-CANCEL-1."""
    cancelled: list[Any] = []
    came = anyio.Event()

    async def program(module: ModuleEnd) -> None:
        first = await module.receive() or {}
        came.set()
        second = await module.receive() or {}
        await module.send({"method": "$/progress", "params": {"id": first["id"], "done": 1}})
        cancelled.append(await module.receive())
        await module.answer(second, "well")

    def fail(_progress: Progress) -> None:
        raise RuntimeError("my mistake")

    async with _rig(program) as rig, anyio.create_task_group() as tasks:
        rig.peer.can_cancel = True

        async def ask_first() -> None:
            with pytest.raises(RuntimeError, match="my mistake"):
                await rig.ask("f", on_progress=fail)

        tasks.start_soon(ask_first)
        await came.wait()
        assert await rig.ask("g") == "well"
    assert [(told["method"], told["params"]) for told in cancelled] == [("$/cancelRequest", {"id": 1})]


async def test_a_module_that_answers_nothing_that_was_given_up_does_not_make_the_hub_grow() -> None:
    async with _rig(lambda _module: anyio.sleep_forever()) as rig:
        for _ in range(1100):
            with anyio.CancelScope() as scope:
                scope.cancel()
                await rig.ask("f")
        assert len(rig.peer.abandoned) <= 1024
        assert rig.peer.pending == {}
