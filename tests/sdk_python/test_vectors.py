"""Own the vectors run against the module `vectors`, made with the SDK, sync and async, as a real process; know no case."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.protocol.patterns import Bindings, fill, fits
from tests.protocol.vectors import Case, cases, input_bytes
from tests.sdk_python.children import INFO, MODULES, Child, module_child

pytestmark = pytest.mark.process

SESSIONS = [session for session in cases("sessions") if session["module"] == "vectors"]
TO_MODULE = cases("reject", "to_module")
KINDS = ["vectors_sync.py", "vectors_async.py"]


class Play:
    """The hub's side of one session."""

    def __init__(self, child: Child, data_directory: Path) -> None:
        self.child = child
        self.bound: Bindings = {"data_directory": str(data_directory)}
        self.held: list[Any] = []

    def step(self, step: Case) -> None:
        match step:
            case {"from": "hub", "send": send}:
                self.child.send(fill(send, self.bound))
            case {"from": "hub", "eof": True}:
                self.child.end_input()
            case {"from": "hub", "gives_up": _}:
                pass
            case {"from": "module", "any_order": expected}:
                self._all_of(expected)
            case {"from": "module", "exit": status}:
                assert self.child.rest() == b""
                assert self.child.ended_within(1.0) in ([status] if status != "any" else range(256))
            case _:
                self._one(step)

    def _next(self) -> Any:
        return self.held.pop() if self.held else self.child.read()

    def _one(self, step: Case) -> None:
        message = self._next()
        if fits(step["send"], message, self.bound):
            return
        assert step.get("optional"), (step["send"], message)
        self.held.append(message)

    def _all_of(self, expected: list[Case]) -> None:
        left = list(expected)
        while left:
            message = self._next()
            found = next((step for step in left if fits(step["send"], message, self.bound)), None)
            assert found is not None, message
            left.remove(found)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("session", SESSIONS, ids=lambda session: session["id"])
def test_a_session_goes_as_it_is_told(session: Case, kind: str, tmp_path: Path) -> None:
    with module_child(tmp_path, MODULES / kind) as child:
        play = Play(child, tmp_path)
        for step in session["steps"]:
            play.step(step)
        assert play.held == []


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


def answers_to(child: Child, case: Case) -> list[Any]:
    child.send_raw(input_bytes(case["input"]))
    child.send({"jsonrpc": "2.0", "id": "after", "method": "ping", "params": {}})
    answers: list[Any] = []
    while (answer := child.read())["id"] != "after":
        answers.append(answer)
    return answers


# Functions answer from other threads and tasks, so a ping behind them may be answered first: the case's own answer is awaited.
def check(child: Child, case: Case) -> None:
    answers = answers_to(child, case)
    if case["answer"] is None:
        assert answers == [], case["id"]
        return
    if not answers and not case.get("may_be_silent"):
        answers.append(child.read())
    assert len(answers) <= 1, case["id"]
    assert all(is_allowed(answer, case) for answer in answers), (case["id"], answers)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("limit", sorted({case.get("max_frame_bytes", 16777216) for case in TO_MODULE}))
def test_a_module_answers_each_rejected_frame_once_and_goes_on(limit: int, kind: str, tmp_path: Path) -> None:
    with module_child(tmp_path, MODULES / kind) as child:
        child.call("module_info", **(INFO | {"max_frame_bytes": limit}))
        child.call("capabilities")
        child.call("module_init", config={}, data_directory=str(tmp_path))
        for case in TO_MODULE:
            if case.get("max_frame_bytes", 16777216) == limit:
                check(child, case)
        child.end_input()
        assert child.rest() == b""
        assert child.ended_within(1.0) == 0


def test_there_are_enough_vectors_for_a_module() -> None:
    assert len(SESSIONS) >= 10
    assert len(TO_MODULE) >= 40
    assert all(json.dumps(session) for session in SESSIONS)
