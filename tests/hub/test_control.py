"""Own the proof that the control socket speaks JSON-RPC 2.0 in full: requests, batches, errors, cancellation, subscriptions."""

import re

import anyio
import pytest

from tests.hub.control import connected, request, serving


async def test_requests_are_answered_by_name_and_by_position() -> None:
    async with serving() as hub, connected(hub.path) as client:
        await client.send({"jsonrpc": "2.0", "method": "echo", "params": ["a"], "id": "x"})
        assert await client.read() == {"jsonrpc": "2.0", "result": "a", "id": "x"}
        assert await client.ask("echo", value=[1, None]) == {"jsonrpc": "2.0", "result": [1, None], "id": 1}
        await client.send({"jsonrpc": "2.0", "method": "echo", "id": None})
        assert await client.read() == {"jsonrpc": "2.0", "result": None, "id": None}


async def test_a_notification_is_obeyed_and_never_answered() -> None:
    async with serving() as hub, connected(hub.path) as client:
        await client.send({"jsonrpc": "2.0", "method": "echo", "params": [7]})
        await client.send({"jsonrpc": "2.0", "method": "boom"}, {"jsonrpc": "2.0", "method": "none"})
        await hub.toys.until(lambda: hub.toys.heard == [7])
        assert (await client.ask("echo", value="last"))["result"] == "last"


async def test_a_batch_is_answered_as_one_without_its_notifications() -> None:
    batch = [
        request("echo", "1", value=1),
        {"jsonrpc": "2.0", "method": "echo", "params": [2]},
        {"foo": "boo"},
        request("none", "5"),
        request("echo", "9", value=9),
    ]
    async with serving() as hub, connected(hub.path) as client:
        await client.send(batch)
        answers = {answer["id"]: answer for answer in await client.read()}
        assert set(answers) == {"1", None, "5", "9"}
        assert (answers["1"]["result"], answers["9"]["result"]) == (1, 9)
        assert (answers[None]["error"]["code"], answers["5"]["error"]["code"]) == (-32600, -32601)


async def test_the_requests_of_a_batch_are_served_side_by_side() -> None:
    async with serving() as hub, connected(hub.path) as client:
        await client.send([request("wait", 1), request("wait", 2)])
        await hub.toys.until(lambda: hub.toys.waiting == 2)
        hub.toys.release.set()
        assert [answer["result"] for answer in await client.read()] == ["released", "released"]


async def test_a_batch_of_notifications_is_not_answered_and_an_empty_one_is() -> None:
    async with serving() as hub, connected(hub.path) as client:
        await client.send([{"jsonrpc": "2.0", "method": "echo"}] * 2)
        await client.send(b"[]\n")
        assert (await client.read())["error"]["code"] == -32600


async def test_a_response_is_not_answered() -> None:
    async with serving() as hub, connected(hub.path) as client:
        await client.send({"jsonrpc": "2.0", "result": 1, "id": 1}, [{"jsonrpc": "2.0", "result": 1, "id": 1}])
        assert (await client.ask("echo", value="only"))["result"] == "only"


async def test_errors_carry_kind_hint_and_data() -> None:
    async with serving() as hub, connected(hub.path) as client:
        error = (await client.ask("missing"))["error"]
        assert error == {
            "code": -31010,
            "message": "cannot find it",
            "data": {"kind": "not_found", "hint": "look elsewhere", "data": {"module": "m"}},
        }


@pytest.mark.parametrize("params", [{"value": 1, "more": 2}, [1, 2]])
async def test_params_that_do_not_fit_are_refused_in_words_of_our_own(params: object) -> None:
    async with serving() as hub, connected(hub.path) as client:
        await client.send({"jsonrpc": "2.0", "method": "echo", "params": params, "id": 1})
        error = (await client.read())["error"]
        assert (error["code"], error["data"]["kind"]) == (-32602, "invalid_params")
        assert error["data"]["hint"] == "it takes (value?)"


async def test_the_text_of_an_exception_goes_to_the_log_and_never_over_the_wire() -> None:
    logged: list[str] = []
    async with serving(log=logged.append) as hub, connected(hub.path) as client:
        answer = await client.ask("boom")
        assert (answer["error"]["code"], answer["error"]["data"]["kind"]) == (-32603, "internal_error")
        assert "secret" not in str(answer)
        number = answer["error"]["data"]["data"]["correlation_id"]
        assert re.fullmatch(f"boom failed \\({number}\\): RuntimeError: secret", logged[0])


async def test_a_result_that_json_cannot_say_is_an_answer_too() -> None:
    async with serving() as hub, connected(hub.path) as client:
        answer = await client.ask("odd")
        assert (answer["id"], answer["error"]["data"]["kind"]) == (1, "internal_error")


async def test_a_result_beyond_the_limit_is_refused_in_its_answer() -> None:
    async with serving(line_bytes=1000) as hub, connected(hub.path) as client:
        answer = await client.ask("big", size=2000)
        assert (answer["id"], answer["error"]["data"]["kind"]) == (1, "frame_too_large")


async def test_a_request_is_cancelled_by_its_id_and_no_other() -> None:
    async with serving() as hub, connected(hub.path) as client:
        await client.send(request("wait", 1), request("wait", "1"))
        await hub.toys.until(lambda: hub.toys.waiting == 2)
        await client.send({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": "1"}})
        answer = await client.read()
        assert (answer["id"], answer["error"]["data"]["kind"]) == ("1", "cancelled")
        hub.toys.release.set()
        assert await client.read() == {"jsonrpc": "2.0", "result": "released", "id": 1}


@pytest.mark.parametrize("params", [{}, {"id": 99}, {"id": None}, {"id": [1]}, [1], {"id": {"a": 1}}])
async def test_a_cancellation_of_nothing_does_nothing(params: object) -> None:
    async with serving() as hub, connected(hub.path) as client:
        await client.send(request("wait", 1))
        await hub.toys.until(lambda: hub.toys.waiting == 1)
        await client.send({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": params})
        assert (await client.ask("echo", value=1))["result"] == 1
        assert hub.toys.cancelled == 0


async def test_closing_the_connection_cancels_what_is_under_way() -> None:
    async with serving() as hub:
        async with connected(hub.path) as client:
            await client.send(request("wait", 1), [request("wait", 2)])
            await hub.toys.until(lambda: hub.toys.waiting == 2)
        await hub.toys.until(lambda: hub.toys.cancelled == 2)


async def test_progress_comes_before_the_answer_with_the_id_of_the_request() -> None:
    async with serving() as hub, connected(hub.path) as client:
        await client.send(request("progress", "p"))
        assert await client.read() == {"jsonrpc": "2.0", "method": "$/progress", "params": {"id": "p", "done": 1}}
        assert (await client.read())["id"] == "p"


async def test_a_subscription_sends_until_it_ends_and_each_has_its_number() -> None:
    async with serving() as hub, connected(hub.path) as client:
        await client.send(request("count", 1, to=3), request("count", 2, to=1))
        messages = [await client.read() for _ in range(6)]
        counted = [message["params"] for message in messages if "method" in message]
        numbers = {message["id"]: message["result"] for message in messages if "id" in message}
        assert [told["value"] for told in counted if told["subscription"] == numbers[1]] == [0, 1, 2]
        assert [told["value"] for told in counted if told["subscription"] == numbers[2]] == [0]


async def test_more_subscriptions_than_allowed_are_refused() -> None:
    async with serving(subscriptions=2) as hub, connected(hub.path) as client:
        endless = [request("count", number, to=1_000_000_000) for number in range(3)]
        await client.send(*endless)
        while "error" not in (message := await client.read()):
            pass
        assert message["error"]["data"]["kind"] == "overloaded"


async def test_all_that_wait_for_a_client_to_read_go_on_when_it_has_read() -> None:
    async with serving() as hub, connected(hub.path) as client:
        await client.send(*(request("count", number, to=2000) for number in (1, 2, 3)))
        await client.send(request("big", 4, size=1_000_000))
        await anyio.wait_all_tasks_blocked()
        last: set[int] = set()
        while len(last) < 3:
            message = await client.read()
            if message.get("method") == "counted" and message["params"]["value"] == 1999:
                last.add(message["params"]["subscription"])
