"""Own the reject vectors against a module and against the hub's side of a connection; know nothing of processes."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from hub_protocol import ERRORS, Connection, Role
from hub_protocol.events import (
    ErrorReceived,
    Event,
    FrameRejected,
    RequestBroken,
    RequestReceived,
    ResponseReceived,
    StrayLine,
    UnexpectedResponse,
)
from hub_protocol.limits import MAX_FRAME_BYTES, STORE_VALUE_BYTES
from hub_protocol.messages import is_id
from hub_protocol.types import (
    HubAskParams,
    HubCallParams,
    HubCredentialsDeleteParams,
    HubCredentialsGetParams,
    HubCredentialsPutParams,
    HubStoreDeleteParams,
    HubStoreGetParams,
    HubStoreListParams,
    HubStoreSetParams,
)
from tests.protocol.patterns import fits
from tests.protocol.vectors import Case, cases, input_bytes
from tests.protocol.vectors_module import VectorsModule

TO_MODULE = cases("reject", "to_module")
TO_HUB = cases("reject", "to_hub")


def frames(output: bytes) -> list[Any]:
    return [json.loads(line) for line in output.splitlines()]


def test_there_are_at_least_eighty_cases_and_forty_for_each_side() -> None:
    assert len(TO_MODULE) + len(TO_HUB) >= 80
    assert min(len(TO_MODULE), len(TO_HUB)) >= 40


def is_allowed(answer: Any, case: Case) -> bool:
    """Return whether `answer` is the one that the case wants, or another that it allows."""
    expected = case["answer"]
    if case.get("may_succeed") and "result" in answer:
        return True
    if not any(answer["id"] == id_ and type(answer["id"]) is type(id_) for id_ in expected["ids"]):
        return False
    if "result" in expected:
        return "result" in answer and fits(expected["result"], answer["result"], {})
    data_fits = "data" not in expected or fits(expected["data"], answer["error"].get("data"), {})
    return answer["error"]["code"] in expected["codes"] and data_fits


@pytest.mark.parametrize("case", TO_MODULE, ids=lambda case: case["id"])
def test_a_module_answers_once_as_the_case_says_and_a_ping_behind_it(case: Case) -> None:
    module = VectorsModule(max_frame_bytes=case.get("max_frame_bytes", MAX_FRAME_BYTES))
    module.receive(input_bytes(case["input"]))
    answers = frames(module.output())
    if case["answer"] is None:
        assert answers == []
    else:
        assert len(answers) == 1 or (answers == [] and case.get("may_be_silent"))
        assert all(is_allowed(answer, case) for answer in answers)
    module.receive(b'{"jsonrpc":"2.0","id":1000,"method":"ping","params":{}}\n')
    assert [answer["id"] for answer in frames(module.output()) if "result" in answer] == [1000]


SERVICES = {
    "hub.call": HubCallParams,
    "hub.ask": HubAskParams,
    "hub.store.get": HubStoreGetParams,
    "hub.store.set": HubStoreSetParams,
    "hub.store.delete": HubStoreDeleteParams,
    "hub.store.list": HubStoreListParams,
    "hub.credentials.get": HubCredentialsGetParams,
    "hub.credentials.put": HubCredentialsPutParams,
    "hub.credentials.delete": HubCredentialsDeleteParams,
}
GRANTED = {"store", "call:other"}


def refusal_of(request: RequestReceived, open_calls: set[int]) -> str:
    """Return the kind of the error with which a hub refuses; the smallest responder that tells the kinds apart."""
    model = SERVICES.get(request.method)
    if model is None:
        return "method_not_found"
    call_id = request.params.get("call_id")
    if not is_id(call_id) or type(call_id) is not int or call_id not in open_calls:
        return "context_ended"
    try:
        params = model.model_validate(request.params)
    except ValidationError:
        return "invalid_params"
    if isinstance(params, HubStoreSetParams):
        return "store_full" if len(json.dumps(params.value)) > STORE_VALUE_BYTES else "none"
    needed = f"call:{params.function.partition('.')[0]}" if isinstance(params, HubCallParams) else request.method.split(".")[1]
    return "none" if needed in GRANTED else "not_permitted"


class HubSide:
    """The hub's end of a connection with calls open, and what came of a case."""

    def __init__(self, case: Case) -> None:
        self.connection = Connection(Role.HUB, max_frame_bytes=case.get("max_frame_bytes", MAX_FRAME_BYTES))
        self.open: set[int] = set()
        for id_ in case["open_calls"]:
            assert self.connection.send_request("echo", {"value": 1}) == id_
            self.open.add(id_)
        for id_ in case.get("cancelled", []):
            self.connection.cancel(id_)
            self.open.discard(id_)
        self.connection.data_to_send()
        self.noted: list[str] = []
        self.ended: list[Case] = []

    def receive(self, data: bytes) -> None:
        self.connection.receive_data(data)
        for event in self.connection.events_received():
            self._take(event)

    def _take(self, event: Event) -> None:
        match event:
            case StrayLine():
                self.noted.append("stray_line")
            case FrameRejected():
                self.noted.append("frame_rejected")
            case UnexpectedResponse(late=late):
                self.noted.append("late_response" if late else "unexpected_response")
            case RequestReceived(id=id_):
                self.connection.send_error(id_, ERRORS[refusal_of(event, self.open)].code, "refused")
            case ResponseReceived(id=int(id_), result=result):
                self._end(id_, outcome="result", result=result)
            case ErrorReceived(id=int(id_), code=code):
                self._end(id_, outcome="error", code=code)
            case RequestBroken(id=int(id_), kind=kind):
                self._end(id_, outcome="broken", kind=kind)
            case _:
                pass

    def _end(self, id_: int, **how: Any) -> None:
        self.open.discard(id_)
        self.ended.append({"id": id_, **how})


@pytest.mark.parametrize("case", TO_HUB, ids=lambda case: case["id"])
def test_a_hub_answers_ends_and_notes_what_the_case_says_and_goes_on(case: Case) -> None:
    hub = HubSide(case)
    hub.receive(input_bytes(case["input"]))
    answers = frames(b"".join(hub.connection.data_to_send()))
    assert hub.ended == case["ended"]
    assert hub.noted == case["noted"]
    assert len(answers) == len(case["answers"])
    assert all(is_allowed(answer, {"answer": expected}) for answer, expected in zip(answers, case["answers"], strict=True))
    assert set(hub.connection.outgoing.ids()) == hub.open
    after = hub.connection.send_request("echo", {"value": 2})
    hub.receive(json.dumps({"jsonrpc": "2.0", "id": after, "result": 2}).encode() + b"\n")
    assert hub.ended[-1] == {"id": after, "outcome": "result", "result": 2}
