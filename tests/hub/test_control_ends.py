"""Own the proof that a client that has no more to ask gets its answers, and that one that is gone costs nothing any more."""

import socket
from typing import Any

import anyio

from tests.hub.control import Wire, connected, request, serving, until


async def _left(client: Wire) -> list[Any]:
    found: list[Any] = []
    while (message := await client.read()) is not None:
        found.append(message)
    return found


async def test_who_has_no_more_to_ask_gets_its_answers_and_then_the_end() -> None:
    async with serving() as hub, connected(hub.path) as client:
        await client.send(request("wait", 1), [request("wait", 2)], request("echo", 3, value="x"))
        client.socket.shutdown(socket.SHUT_WR)
        await hub.toys.until(lambda: hub.toys.waiting == 2)
        assert (await client.read())["result"] == "x"
        await anyio.wait_all_tasks_blocked()
        assert hub.toys.cancelled == 0
        hub.toys.release.set()
        one, two = sorted(await _left(client), key=lambda answer: isinstance(answer, list))
        assert (one["result"], two[0]["result"]) == ("released", "released")
        await until(lambda: not hub.server.connections)


async def test_who_has_no_more_to_ask_gets_a_long_answer_too() -> None:
    async with serving() as hub, connected(hub.path) as client:
        await client.send(request("big", size=2_000_000))
        client.socket.shutdown(socket.SHUT_WR)
        assert [len(answer["result"]) for answer in await _left(client)] == [2_000_000]


async def test_half_a_line_at_the_end_is_nothing_that_was_asked_and_nothing_that_is_waited_for() -> None:
    async with serving(half_line_seconds=0.0, ended_seconds=0.1) as hub, connected(hub.path) as client:
        await client.send(request("echo", value=1), request("wait", 2), b"x" * 600)
        client.socket.shutdown(socket.SHUT_WR)
        answer, told = await _left(client)
        assert answer["result"] == 1
        assert "line" not in told["error"]["message"]


async def test_who_has_no_more_to_ask_and_then_goes_cancels_what_is_under_way() -> None:
    async with serving() as hub:
        async with connected(hub.path) as client:
            await client.send(request("wait", 1), [request("wait", 2)])
            client.socket.shutdown(socket.SHUT_WR)
            await hub.toys.until(lambda: hub.toys.waiting == 2)
            await anyio.wait_all_tasks_blocked()
            assert hub.toys.cancelled == 0
        await hub.toys.until(lambda: hub.toys.cancelled == 2)
        await until(lambda: not hub.server.connections)


async def test_who_has_no_more_to_ask_is_not_kept_for_ever() -> None:
    async with serving(ended_seconds=0.1) as hub, connected(hub.path) as client:
        await client.send(request("wait", 1))
        client.socket.shutdown(socket.SHUT_WR)
        (told,) = await _left(client)
        assert (told["id"], told["error"]["data"]["kind"]) == (None, "overloaded")
        await hub.toys.until(lambda: hub.toys.cancelled == 1)
