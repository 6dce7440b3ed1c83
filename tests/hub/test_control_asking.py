"""Prove that the hub asks the client in whose call it was asked, takes one answer, and takes a question back that is over."""

import json
import os
import select
import socket
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

import anyio
import pytest

from hub import Answer, Client, Question, RemoteQuestion
from hub._control import ControlServer
from hub._control_connection import Conversation
from hub._control_dispatch import Dispatcher
from hub._control_socket import ControlSocket
from hub.errors import CallTimeout, Closed, HubError
from tests.hub.control import Wire, connected, request, until

_QUESTION = Question("ocean", "Who?", {"type": "object"})
_ASKED = {"id": 1, "module": "ocean", "message": "Who?", "schema": {"type": "object"}}


class _Curious:
    """A method that asks, and what it was answered."""

    def __init__(self) -> None:
        self.answers: list[Answer | HubError] = []
        self.cancelled = anyio.Event()
        self.patience = anyio.CancelScope()

    async def ask(self, conversation: Conversation) -> str:
        self.patience = anyio.CancelScope()
        try:
            with self.patience:
                self.answers.append(await conversation.ask(_QUESTION))
                return "answered"
        except HubError as error:
            self.answers.append(error)
            return error.kind
        except anyio.get_cancelled_exc_class():
            self.cancelled.set()
            raise
        return "given up"


@asynccontextmanager
async def _serving() -> AsyncGenerator[tuple[_Curious, Wire]]:
    path = Path(os.environ["XDG_RUNTIME_DIR"]) / "hub" / "control.sock"
    curious = _Curious()
    with ControlSocket(path) as place:
        server = ControlServer(place.listener, Dispatcher({"ask": curious.ask}, lambda _line: None))
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(server.run)
            async with connected(path) as wire:
                yield curious, wire
            tasks.cancel_scope.cancel()


async def test_a_question_comes_as_a_request_and_its_response_is_the_answer() -> None:
    async with _serving() as (curious, wire):
        asked = await wire.ask("ask")
        assert (asked["method"], asked["params"]) == ("hub.ask", _ASKED)
        good = {"jsonrpc": "2.0", "id": asked["id"], "result": {"action": "accept", "content": {"a": 1}}}
        await wire.send({**good, "id": "ask-9"}, {**good, "id": 1}, good, good)
        assert (await wire.read())["result"] == "answered"
    assert curious.answers == [Answer("accept", {"a": 1})]


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        ({"result": {"action": "decline"}}, "answered"),
        ({"result": {"action": "accept"}}, "nobody_to_ask"),
        ({"result": {"action": "accept", "content": [1]}}, "nobody_to_ask"),
        ({"result": "accept"}, "nobody_to_ask"),
        ({"error": {"code": -31043, "message": "nobody"}}, "nobody_to_ask"),
        ({"error": None}, "nobody_to_ask"),
    ],
)
async def test_anything_but_an_answer_is_nobody_to_ask(response: dict[str, Any], kind: str) -> None:
    async with _serving() as (_, wire):
        asked = await wire.ask("ask")
        await wire.send({"jsonrpc": "2.0", "id": asked["id"], **response})
        assert (await wire.read())["result"] == kind


async def test_a_client_that_goes_away_ends_the_call() -> None:
    async with _serving() as (curious, wire):
        await wire.ask("ask")
        wire.socket.shutdown(socket.SHUT_RDWR)
        await curious.cancelled.wait()
    assert curious.answers == []


@pytest.mark.parametrize("asked_before", [True, False])
async def test_a_client_that_has_no_more_to_say_is_nobody_to_ask(asked_before: bool) -> None:
    async with _serving() as (curious, wire):
        await (wire.ask("ask") if asked_before else wire.send(request("ask")))
        wire.socket.shutdown(socket.SHUT_WR)
        last: Any = None
        while (message := await wire.read()) is not None:
            last = message
        assert last["result"] == "nobody_to_ask"
        assert not curious.cancelled.is_set()


async def test_a_question_that_is_over_is_taken_back() -> None:
    async with _serving() as (curious, wire):
        asked = await wire.ask("ask")
        curious.patience.cancel()
        assert await wire.read() == {"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": asked["id"]}}
        assert (await wire.read())["result"] == "given up"


async def test_more_questions_than_a_person_answers_are_refused() -> None:
    async with _serving() as (curious, wire):
        await wire.send(*(request("ask", number) for number in range(17)))
        kinds = [(await wire.read()).get("method") for _ in range(17)]
        assert sorted(kinds, key=str) == [None] + ["hub.ask"] * 16
        await until(lambda: len(curious.answers) == 1)
    assert [answer.kind for answer in curious.answers if isinstance(answer, HubError)] == ["overloaded"]


# The client's side


@contextmanager
def _hub(script: Callable[[socket.socket, Callable[[], Any]], None]) -> Generator[Client]:
    """Connect a client to a server that does what `script` says with the connection and its lines."""
    path = Path(os.environ["XDG_RUNTIME_DIR"]) / "s"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def serve() -> None:
            connection, _ = listener.accept()
            with connection, connection.makefile("rb") as lines, suppress(OSError, ValueError):
                connection.settimeout(4)
                script(connection, lambda: json.loads(lines.readline()))

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            client = Client.connect(path)
            assert client is not None
            with client:
                yield client
        finally:
            thread.join()
            path.unlink()


def _send(connection: socket.socket, *messages: Mapping[str, Any]) -> None:
    connection.sendall(b"".join(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n" for message in messages))


_ASK = {"id": "ask-1", "method": "hub.ask", "params": _ASKED}


def test_a_client_hands_the_question_on_and_sends_the_answer() -> None:
    replies: list[Any] = []

    def script(connection: socket.socket, read: Callable[[], Any]) -> None:
        read()
        for _ in range(2):
            _send(connection, _ASK)
            replies.append(read())
        _send(connection, {"id": 1, "result": "done"})

    answers = iter([{"token": "tökén"}, None])
    seen: list[RemoteQuestion] = []

    def on_question(question: RemoteQuestion) -> Mapping[str, Any] | None:
        seen.append(question)
        assert not question.look()
        return next(answers)

    with _hub(script) as client:
        assert client.request("hub.call", on_question=on_question) == "done"
    assert [reply["result"] for reply in replies] == [
        {"action": "accept", "content": {"token": "tökén"}},
        {"action": "decline"},
    ]
    assert [(one.module, one.message, one.schema) for one in seen] == [("ocean", "Who?", {"type": "object"})] * 2


def test_a_client_with_nobody_at_it_says_so() -> None:
    replies: list[Any] = []

    def script(connection: socket.socket, read: Callable[[], Any]) -> None:
        read()
        _send(connection, _ASK)
        replies.append(read())
        _send(connection, {"id": 1, "result": "done"})

    with _hub(script) as client:
        assert client.request("hub.call") == "done"
    assert replies[0]["error"]["code"] == -31043


@pytest.mark.parametrize("end", ["taken back", "answered", "closed"])
def test_a_question_that_the_hub_needs_no_answer_to_is_seen_to_be_over(end: str) -> None:
    ends: dict[str, list[Mapping[str, Any]]] = {
        "taken back": [{"method": "$/cancelRequest", "params": {"id": "ask-1"}}, {"id": 1, "result": "late"}],
        "answered": [{"id": 1, "result": "late"}],
        "closed": [],
    }
    replies: list[Any] = []
    asked = threading.Event()
    notes: list[str] = []

    def script(connection: socket.socket, read: Callable[[], Any]) -> None:
        read()
        _send(connection, _ASK)
        asked.wait(4)
        _send(connection, {"method": "hub.log", "params": {}}, *ends[end])
        connection.shutdown(socket.SHUT_WR)
        replies.append(connection.recv(1))

    def on_question(question: RemoteQuestion) -> Mapping[str, Any] | None:
        asked.set()
        while not question.look():
            assert select.select([question.descriptor], [], [], 4)[0]
        return {"token": "too late"}

    def call(client: Client) -> object:
        return client.request("hub.call", on_question=on_question, on_notification=lambda method, _: notes.append(method))

    with _hub(script) as client:
        if end == "closed":
            with pytest.raises(Closed):
                call(client)
        else:
            assert call(client) == "late"
    assert replies == [b""], "nothing was answered any more"
    assert notes == ["hub.log"]


def test_the_time_that_a_person_thinks_is_not_the_hubs() -> None:
    def script(connection: socket.socket, read: Callable[[], Any]) -> None:
        read()
        _send(connection, _ASK)
        read()
        _send(connection, {"id": 1, "result": "done"})
        read()
        read()

    thought = threading.Event()
    with _hub(script) as client:

        def on_question(_question: RemoteQuestion) -> Mapping[str, Any]:
            thought.wait(0.4)  # a person who thinks longer than the hub may take
            return {}

        assert client.request("hub.call", timeout_seconds=0.3, on_question=on_question) == "done"
        with pytest.raises(CallTimeout):
            client.request("hub.call", timeout_seconds=0.05)
