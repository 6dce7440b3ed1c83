"""Own the session vectors, played by the core against the module `vectors` or a script; know nothing of processes."""

import json
from typing import Any

import pytest

from hub_protocol import Connection, Role
from hub_protocol.events import (
    CancelReceived,
    ErrorReceived,
    Event,
    FrameRejected,
    NotificationReceived,
    ProgressReceived,
    RequestReceived,
    ResponseReceived,
    StrayLine,
    StreamEnded,
    UnexpectedResponse,
)
from tests.protocol.patterns import Bindings, fill, fits
from tests.protocol.vectors import Case, cases, equal, input_bytes
from tests.protocol.vectors_module import VectorsModule

SESSIONS = cases("sessions")
NAMES: dict[type[Event], str] = {
    CancelReceived: "cancel",
    ErrorReceived: "error",
    FrameRejected: "frame_rejected",
    NotificationReceived: "notification",
    ProgressReceived: "progress",
    RequestReceived: "request",
    ResponseReceived: "response",
    StrayLine: "stray_line",
    StreamEnded: "stream_ended",
}


def name_of(event: Event) -> str:
    if isinstance(event, UnexpectedResponse):
        return "late_response" if event.late else "unexpected_response"
    return NAMES[type(event)]


class Play:
    """One session under way: both ends, what the module has written and nobody looked at yet, the names given to values."""

    def __init__(self, session: Case) -> None:
        self.hub = Connection(Role.HUB)
        self.module = VectorsModule() if session["module"] == "vectors" else None
        # A script has no program; its end of the wire still checks what the hub writes.
        self.listener = Connection(Role.MODULE)
        self.unread: list[Any] = []
        self.bound: Bindings = {"data_directory": "/nonexistent/data"}

    def step(self, step: Case) -> None:
        match step:
            case {"from": "hub", "send": send}:
                self._hub_sends(fill(send, self.bound))
            case {"from": "hub", "gives_up": int(call)}:
                self.hub.forget(call)
            case {"from": "hub", "eof": True}:
                self._to_module(b"", eof=True)
            case {"from": "module", "any_order": _}:
                self._module_sends_all(step["any_order"])
            case {"from": "module", "raw": raw}:
                assert self._hub_receives(input_bytes(raw)) == step["hub_sees"]
            case {"from": "module", "exit": status}:
                self._module_ends(status, step.get("hub_sees"))
            case _:
                self._module_sends(step)

    def _hub_sends(self, message: Any) -> None:
        """Let the hub's core send it, and hold the core to the very message."""
        params = message.get("params")
        if message.get("method") == "$/cancelRequest" and params["id"] in self.hub.outgoing:
            self.hub.cancel(params["id"])
        elif "method" in message and "id" in message:
            self.hub.send_request(message["method"], params, context=message.get("context"))
        elif "method" in message:
            self.hub.send_notification(message["method"], params)
        elif "result" in message:
            self.hub.send_result(message["id"], message["result"])
        else:
            self.hub.send_error(message["id"], **message["error"])
        data = b"".join(self.hub.data_to_send())
        assert equal(json.loads(data), message)
        self._to_module(data)

    def _to_module(self, data: bytes, *, eof: bool = False) -> None:
        self.listener.receive_data(data)
        assert not [event for event in self.listener.events_received() if isinstance(event, FrameRejected)]
        if self.module is None:
            return
        self.module.receive(data)
        if eof:
            self.module.receive_eof()
        self.unread += [json.loads(line) for line in self.module.output().splitlines()]

    def _hub_receives(self, data: bytes) -> list[str]:
        self.hub.receive_data(data)
        return [name_of(event) for event in self.hub.events_received()]

    def _module_sends(self, step: Case) -> None:
        if self.module is None:
            message = step["send"]
        elif not self.unread or not fits(step["send"], self.unread[0], self.bound):
            assert step.get("optional"), (step, self.unread)
            return
        else:
            message = self.unread.pop(0)
        assert self._hub_receives(json.dumps(message).encode() + b"\n") == [step["hub_sees"]]

    def _module_sends_all(self, expected: list[Case]) -> None:
        for _ in expected:
            message = self.unread.pop(0)
            step = next(step for step in expected if fits(step["send"], message, self.bound))
            assert self._hub_receives(json.dumps(message).encode() + b"\n") == [step["hub_sees"]]

    def _module_ends(self, status: Any, seen: str | None) -> None:
        assert self.unread == []
        if self.module is not None:
            assert self.module.exit_status is not None
            assert status in ("any", self.module.exit_status)
        self.hub.receive_eof()
        assert [name_of(event) for event in self.hub.events_received()] == [seen or "stream_ended"]


def test_there_are_at_least_ten_sessions_for_a_module_and_some_for_a_hub_alone() -> None:
    assert sum(session["module"] == "vectors" for session in SESSIONS) >= 10
    assert sum(session["module"] == "script" for session in SESSIONS) >= 5


@pytest.mark.parametrize("session", SESSIONS, ids=lambda session: session["id"])
def test_a_session_goes_as_it_is_told(session: Case) -> None:
    play = Play(session)
    for step in session["steps"]:
        play.step(step)
    assert play.unread == []
