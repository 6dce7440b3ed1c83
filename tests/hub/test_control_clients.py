"""Own the proof that no client of the control socket can disturb another one, whatever it does; each is seen to misbehave."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from tests.hub.control import Wire, connect, connected, request, serving, until

_NOBODY = 65534


async def _is_served(path: Path) -> bool:
    async with connected(path) as good:
        return (await good.ask("echo", value="good"))["result"] == "good"


async def _read_until_closed(client: Wire) -> Any:
    last: Any = None
    while (message := await client.read()) is not None:
        last = message
    return last


def _kind(message: Any) -> str:
    return message["error"]["data"]["kind"]


async def test_garbage_is_answered_line_by_line_and_the_connection_lives_on() -> None:
    async with serving() as hub, connected(hub.path) as bad:
        await bad.send(b"\x00\xff{{{\n\n   \nGET / HTTP/1.1\r\n")
        assert [_kind(await bad.read()) for _ in range(2)] == ["parse_error"] * 2
        assert (await bad.ask("echo", value=1))["result"] == 1


async def test_a_flood_of_garbage_that_reads_no_answer_is_not_listened_to_any_more() -> None:
    async with serving(unread_bytes=4_000_000) as hub, connected(hub.path) as bad:
        await bad.ask("echo", value=1)
        sent = 0
        with anyio.move_on_after(1):
            while sent < 64 * 1024 * 1024:
                await bad.send(b"garbage\n" * 1024)
                sent += 8192
        assert sent < 64 * 1024 * 1024, "it was listened to without an end"
        assert await _is_served(hub.path)
        # What it has not read was bounded before it was too much: it is still there, and alone.
        await until(lambda: hub.server.connections == 1)


async def test_a_line_beyond_the_limit_is_skipped_and_said_once() -> None:
    async with serving(line_bytes=1000) as hub, connected(hub.path) as bad:
        await bad.send(b"x" * 500_000, b"x" * 500_000 + b"\n")
        assert _kind(await bad.read()) == "frame_too_large"
        assert (await bad.ask("echo", value=1))["result"] == 1


async def test_a_line_of_exactly_the_limit_is_read_however_it_is_cut() -> None:
    asked = b'{"jsonrpc":"2.0","method":"echo","id":1,"params":["' + b"y" * 400 + b'"]}'
    async with serving(line_bytes=len(asked)) as hub, connected(hub.path) as client:
        await client.send(asked + b"\n")
        assert (await client.read())["id"] == 1
        for byte in asked:
            await client.send(bytes([byte]))
            await anyio.lowlevel.checkpoint()
        await client.send(b"\n")
        assert (await client.read())["id"] == 1


async def test_half_a_line_is_closed_after_its_time_with_the_reason() -> None:
    async with serving(half_line_seconds=0.1) as hub, connected(hub.path) as bad:
        await bad.send(b'{"jsonrpc":')
        assert await _is_served(hub.path)
        assert _kind(await _read_until_closed(bad)) == "overloaded"


async def test_a_line_that_drips_is_closed_after_its_time_too() -> None:
    async with serving(half_line_seconds=0.1) as hub, connected(hub.path) as bad:
        last = None

        async def drip() -> None:
            nonlocal last
            last = await _read_until_closed(bad)
            tasks.cancel_scope.cancel()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(drip)
            while True:
                await bad.send(b"x")
                await anyio.lowlevel.checkpoint()
        assert last is None or _kind(last) == "overloaded"


async def test_who_never_asks_is_closed_after_its_time() -> None:
    async with serving(silent_seconds=0.1) as hub, connected(hub.path) as silent:
        assert _kind(await _read_until_closed(silent)) == "overloaded"


async def test_half_lines_of_all_together_are_bounded() -> None:
    async with serving(held_bytes=300_000, line_bytes=1_000_000) as hub:
        async with connected(hub.path) as first, connected(hub.path) as second:
            await first.send(b"x" * 200_000)
            # All of it is held before the second comes: read in turns, both could reach the bound.
            await until(lambda: vars(hub.server)["_held"].left_bytes == 100_000)
            await second.send(b"x" * 200_000)
            assert _kind(await second.read()) == "overloaded"
            assert await _is_served(hub.path)
            await first.send(b"\n")
            assert _kind(await first.read()) == "parse_error"
        # What was held is given back: the same can be held again.
        async with connected(hub.path) as third:
            await third.send(b"x" * 200_000 + b"\n")
            assert _kind(await third.read()) == "parse_error"
        for _ in range(3):
            async with connected(hub.path) as gone:
                await gone.send(b"x" * 200_000)
                # Before it leaves: else the server could meet it only after it is waited for to be gone.
                await until(lambda: bool(hub.server.connections))
            await until(lambda: not hub.server.connections)
        assert await _is_served(hub.path)
        async with connected(hub.path) as last:
            await last.send(b"x" * 200_000 + b"\n")
            assert _kind(await last.read()) == "parse_error"


async def test_who_does_not_read_large_answers_loses_the_connection() -> None:
    async with serving(unread_bytes=2_000_000) as hub, connected(hub.path) as bad:
        await bad.ask("echo", value=1)
        await bad.send(*(request("big", number, size=900_000) for number in range(8)))
        await until(lambda: not hub.server.connections)
        assert await _is_served(hub.path)


async def test_who_reads_nothing_for_its_time_loses_the_connection() -> None:
    async with serving(unread_seconds=0.1) as hub, connected(hub.path) as bad:
        await bad.ask("echo", value=1)
        await bad.send(request("big", 1, size=1_000_000))
        await until(lambda: not hub.server.connections)


async def test_more_requests_than_allowed_are_refused_one_by_one() -> None:
    async with serving(requests=3) as hub, connected(hub.path) as greedy:
        await greedy.send(*(request("wait", number) for number in range(5)))
        refused = [await greedy.read() for _ in range(2)]
        assert [(answer["id"], _kind(answer)) for answer in refused] == [(3, "overloaded"), (4, "overloaded")]
        assert await _is_served(hub.path)
        hub.toys.release.set()
        assert [(await greedy.read())["result"] for _ in range(3)] == ["released"] * 3
        assert (await greedy.ask("echo", value=1))["result"] == 1


async def test_clients_beyond_the_limit_are_refused_with_a_reason() -> None:
    async with serving(connections=2) as hub, connected(hub.path) as one, connected(hub.path) as two:
        assert (await one.ask("echo", value=1))["result"] == 1
        assert (await two.ask("echo", value=2))["result"] == 2
        async with connected(hub.path) as three:
            assert _kind(await three.read()) == "overloaded"
            assert await three.read() is None
        assert (await one.ask("echo", value=1))["result"] == 1


async def test_the_client_that_never_asked_makes_room_for_one_that_will() -> None:
    async with serving(connections=2, yields_after_seconds=0) as hub, connected(hub.path) as busy:
        assert (await busy.ask("echo", value=1))["result"] == 1
        async with connected(hub.path) as silent:
            await until(lambda: hub.server.connections == 2)
            assert await _is_served(hub.path)
            assert _kind(await _read_until_closed(silent)) == "overloaded"
        assert (await busy.ask("echo", value=2))["result"] == 2


@pytest.mark.bound(30, reason="ten thousand connections")
async def test_ten_thousand_connections_do_not_disturb_one_that_is_served() -> None:
    async with serving() as hub, connected(hub.path) as good:
        assert (await good.ask("echo", value=0))["result"] == 0
        refused = kept = 0
        held: list[socket.socket] = []
        try:
            for number in range(10_000):
                sock = socket.socket(socket.AF_UNIX)
                sock.setblocking(False)
                held.append(sock)
                await connect(sock, hub.path)
                if len(held) == 500:
                    assert (await good.ask("echo", value=number))["result"] == number
                    assert hub.server.connections <= 128
                    for one in held:
                        refused, kept = _count(one, refused, kept)
                        one.close()
                    held.clear()
        finally:
            for one in held:
                one.close()
        assert refused + kept == 10_000
        assert refused > 5000, "they were refused, not only forgotten"
        assert (await good.ask("echo", value="still"))["result"] == "still"


def _count(sock: socket.socket, refused: int, kept: int) -> tuple[int, int]:
    try:
        data = sock.recv(4096)
    except BlockingIOError:
        return refused, kept + 1
    return (refused + 1, kept) if b'"overloaded"' in data else (refused, kept)


async def test_a_client_that_connects_and_goes_at_once_is_nobodys_business() -> None:
    async with serving() as hub:
        for _ in range(200):
            async with connected(hub.path):
                pass
        assert await _is_served(hub.path)


async def test_a_lack_of_descriptors_delays_a_client_and_ends_nobody() -> None:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    async with serving() as hub, connected(hub.path) as good:
        assert (await good.ask("echo", value=1))["result"] == 1
        waiting = socket.socket(socket.AF_UNIX)
        waiting.setblocking(False)
        probe = os.open(os.devnull, os.O_RDONLY)
        os.close(probe)
        resource.setrlimit(resource.RLIMIT_NOFILE, (probe, hard))
        try:
            with pytest.raises(OSError, match="Too many open files"):
                os.open(os.devnull, os.O_RDONLY)
            waiting.connect(str(hub.path))
            assert (await good.ask("echo", value=2))["result"] == 2
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        with waiting:
            assert (await Wire(waiting).ask("echo", value=3))["result"] == 3


async def test_another_user_is_refused_with_a_reason() -> None:
    async with serving(uid=os.geteuid() + 1) as hub, connected(hub.path) as other:
        assert _kind(await other.read()) == "not_permitted"
        assert await other.read() is None


@pytest.mark.process
async def test_a_real_other_user_is_kept_out_by_the_directory_and_by_the_kernels_word() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can run a program as another user")
    become = f"import os, socket, sys; os.setgroups([]); os.setresgid(*[{_NOBODY}] * 3); os.setresuid(*[{_NOBODY}] * 3)"
    program = f"{become}; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); print(s.recv(4096).decode())"
    async with serving() as hub:

        async def attempt() -> tuple[int, bytes]:
            argv = [sys.executable, "-ISc", program, str(hub.path)]
            process = await anyio.run_process(argv, check=False, stderr=subprocess.DEVNULL)
            return process.returncode, process.stdout

        assert await attempt() == (1, b"")
        opened = [hub.path, *(parent for parent in hub.path.parents if parent.stat().st_uid == 0 and str(parent) > "/tmp")]  # noqa: S108
        modes = {path: path.stat().st_mode for path in opened}
        try:
            for path in opened:
                path.chmod(0o777)
            code, said = await attempt()
        finally:
            for path, mode in modes.items():
                path.chmod(mode)
        assert code == 0
        assert b'"not_permitted"' in said
        assert await _is_served(hub.path)
