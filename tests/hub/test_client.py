"""Own the proof that the client of a running hub raises what the hub raised, and survives a hub that talks nonsense."""

import json
import os
import socket
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from hub import Client
from hub.errors import (
    BadSettings,
    CallTimeout,
    Closed,
    FunctionError,
    HubError,
    InvalidArguments,
    ModuleDied,
    Overloaded,
    ProtocolError,
)

_BOUND_SECONDS = 4.0


@contextmanager
def _answering(*lines: bytes, close: bool = True) -> Generator[Client]:
    """Connect a client to a server that reads one line, writes these, and closes."""
    path = Path(os.environ["XDG_RUNTIME_DIR"]) / "s"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        done = threading.Event()

        def serve() -> None:
            connection, _ = listener.accept()
            with connection, suppress(BrokenPipeError):
                connection.settimeout(_BOUND_SECONDS)
                connection.recv(65536)
                for line in lines:
                    connection.sendall(line)
                if not close:
                    done.wait(_BOUND_SECONDS)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            client = Client.connect(path)
            assert client is not None
            with client:
                yield client
        finally:
            done.set()
            thread.join()
            path.unlink()


def _error(code: int, **data: object) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": 1, "error": {"code": code, "message": "m", "data": data}}).encode() + b"\n"


def test_there_is_no_client_where_nobody_listens(tmp_path: Path) -> None:
    assert Client.connect(tmp_path / "nothing") is None
    assert Client.connect(tmp_path / "no" / "directory") is None
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(Path(os.environ["XDG_RUNTIME_DIR"]) / "dead"))
    assert Client.connect(Path(os.environ["XDG_RUNTIME_DIR"]) / "dead") is None
    (Path(os.environ["XDG_RUNTIME_DIR"]) / "dead").unlink()


def test_a_hub_of_somebody_else_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 4711)
    with pytest.raises(BadSettings, match="not yours"), _answering(b""):
        pass


@pytest.mark.parametrize(
    ("code", "kind", "raised"),
    [(-31002, "module_died", ModuleDied), (-31003, "invalid_arguments", InvalidArguments), (-31005, "overloaded", Overloaded)],
)
def test_an_error_is_raised_as_the_class_that_the_hub_raised(code: int, kind: str, raised: type[HubError]) -> None:
    with _answering(_error(code, kind=kind, hint="h", data={"x": 1})) as client, pytest.raises(raised) as found:
        client.request("m")
    error = found.value
    assert (type(error), error.code, error.message, error.hint, error.data) == (raised, code, "m", "h", {"x": 1})


def test_the_error_of_a_function_keeps_its_code_and_data() -> None:
    line = _error(-32603, kind="internal_error", from_function=True, data=[1])
    with _answering(line) as client, pytest.raises(FunctionError) as found:
        client.request("m")
    assert (found.value.kind, found.value.code, found.value.error_data) == ("internal_error", -32603, [1])


def test_notifications_before_the_answer_are_handed_on() -> None:
    heard: list[object] = []
    progress = b'{"jsonrpc":"2.0","method":"$/progress","params":{"done":1}}\n'
    with _answering(progress, b'{"jsonrpc":"2.0","id":99,"result":0}\n{"jsonrpc":"2.0","id":1,"res', b'ult":7}\n') as client:
        assert client.request("m", on_notification=lambda method, params: heard.append((method, params))) == 7
    assert heard == [("$/progress", {"done": 1})]


@pytest.mark.parametrize(
    "line", [b"garbage\n", b"[]\n", b'"x"\n', b'{"id":1}\n', b'{"id":1,"error":7}\n', b"[" * 100_000 + b"\n"]
)
def test_nonsense_is_a_protocol_error(line: bytes) -> None:
    with _answering(line) as client, pytest.raises(ProtocolError):
        client.request("m")


def test_a_hub_that_ends_during_a_request_leaves_the_outcome_unknown() -> None:
    with _answering(b'{"half') as client, pytest.raises(Closed) as found:
        client.request("m")
    assert found.value.data == {"may_have_executed": True}


@pytest.mark.parametrize("method", ["hub.ps", "hub.logs", "hub.info"])
def test_a_hub_that_ends_while_it_is_only_looked_at_has_done_nothing(method: str) -> None:
    with _answering(b'{"half') as client, pytest.raises(Closed) as found:
        client.request(method)
    assert found.value.data == {"may_have_executed": False}
    assert found.value.message == f"cannot get the answer to {method}: the hub ended"


def test_a_hub_that_says_nothing_is_not_waited_for_without_an_end() -> None:
    with _answering(close=False) as client, pytest.raises(CallTimeout):
        client.request("m", timeout_seconds=0.1)


@pytest.mark.parametrize("seconds", [1e10, 1e300, float("inf")])
def test_a_deadline_of_centuries_is_one_too(seconds: float) -> None:
    with _answering(b'{"jsonrpc":"2.0","id":1,"result":7}\n') as client:
        assert client.request("m", timeout_seconds=seconds) == 7


def test_a_deadline_is_kept_beyond_what_a_socket_is_asked_to_wait_in_one_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub._client._ONE_WAIT_SECONDS", 0.01)
    begun = time.monotonic()
    with _answering(close=False) as client, pytest.raises(CallTimeout):
        client.request("m", timeout_seconds=0.1)
    assert time.monotonic() - begun >= 0.1


def test_a_refusal_at_the_door_is_the_answer_to_whatever_was_asked() -> None:
    refusal = b'{"jsonrpc":"2.0","id":null,"error":{"code":-31005,"message":"full","data":{"kind":"overloaded"}}}\n'
    with _answering(refusal) as client, pytest.raises(Overloaded):
        client.request("m")
