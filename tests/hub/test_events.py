"""Own the proof that each listener gets each event in order, and that one who does not listen costs the hub nothing."""

import ast
import gc
import re
import weakref
from pathlib import Path

import anyio

import hub
from hub.events import EVENT_KINDS, Event, EventBus

_BUFFERED = 4096


async def test_every_listener_gets_every_event_from_then_on_in_order() -> None:
    bus, called = EventBus(), list[str]()
    bus.emit(Event("log", "before"))
    early = bus.listen()
    bus.add_callback(lambda event: called.append(event.module or ""))
    bus.emit(Event("log", "1"))
    late = bus.listen()
    bus.emit(Event("log", "2"))
    bus.close()
    assert [event.module async for event in early] == ["1", "2"]
    assert [event.module async for event in late] == ["2"]
    assert called == ["1", "2"]


async def test_a_listener_that_waits_is_woken() -> None:
    bus, seen = EventBus(), list[str]()

    async def listen() -> None:
        async for event in bus.listen():
            seen.append(event.kind)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(listen)
        await anyio.wait_all_tasks_blocked()
        bus.emit(Event("module.running"))
        await anyio.wait_all_tasks_blocked()
        assert seen == ["module.running"]
        bus.close()


async def test_a_slow_listener_loses_its_oldest_events_and_is_told_how_many() -> None:
    bus = EventBus()
    slow, quick = bus.listen(), list[Event]()
    bus.add_callback(quick.append)
    for number in range(_BUFFERED + 10):
        bus.emit(Event("log", str(number)))
    bus.close()
    got = [event async for event in slow]
    assert (got[0].kind, got[0].data) == ("events.dropped", {"count": 10})
    assert [event.module for event in got[1:]] == [str(number) for number in range(10, _BUFFERED + 10)]
    assert len(quick) == _BUFFERED + 10


async def test_what_is_lost_while_it_reads_is_told_too() -> None:
    bus = EventBus()
    listener = bus.listen()
    bus.emit(Event("log", "first"))
    assert (await anext(listener)).module == "first"
    for number in range(_BUFFERED + 1):
        bus.emit(Event("log", str(number)))
    assert (await anext(listener)).data == {"count": 1}
    assert (await anext(listener)).module == "1"
    bus.close()


async def test_a_listener_that_is_dropped_is_forgotten_whether_it_began_or_not() -> None:
    bus = EventBus()
    begun, never_begun = bus.listen(), bus.listen()
    bus.emit(Event("log", "first"))
    await anext(begun)
    kept = [weakref.ref(begun), weakref.ref(never_begun)]
    del begun, never_begun
    gc.collect()
    assert [found() for found in kept] == [None, None]
    bus.emit(Event("log", "second"))


async def test_listening_to_a_closed_hub_ends_at_once() -> None:
    bus = EventBus()
    bus.close()
    assert [event async for event in bus.listen()] == []


def _kinds_in_source() -> set[str]:
    """Return every literal first argument of a call in the host that looks like the kind of an event."""
    found: set[str] = set()
    for path in Path(hub.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                texts = [arg.value for arg in node.args[:2] if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
                found.update(text for text in texts if re.fullmatch(r"(module|protocol|capabilities|events)\.[a-z_-]+", text))
    return found


def test_the_kinds_that_are_emitted_are_those_that_are_documented() -> None:
    emitted = _kinds_in_source()
    assert emitted >= {"module.running", "protocol.stray_line"}
    assert emitted - set(EVENT_KINDS) == set()


def test_a_listener_that_raises_is_dropped_and_the_others_are_told_why() -> None:
    bus = EventBus()
    seen: list[str] = []

    def fails(_event: Event) -> None:
        raise RuntimeError

    bus.add_callback(fails)
    bus.add_callback(lambda event: seen.append(event.kind))
    bus.emit(Event("log"))
    bus.emit(Event("log"))
    assert seen == ["hub.warning", "log", "log"]
