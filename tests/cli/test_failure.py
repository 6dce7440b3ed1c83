"""An error is told in two lines to a person, and as one object to a script."""

import pytest

from hub.cli._failure import failure_json, failure_lines
from hub.errors import CallTimeout, FunctionError, HubError, NotFound, NotRunning


@pytest.mark.parametrize(
    ("error", "lines"),
    [
        (NotFound("cannot find x: it is gone", hint="look"), ["error: cannot find x: it is gone", "hint: look"]),
        (CallTimeout("cannot call m.f within 1 s"), ["error: cannot call m.f within 1 s"]),
        (FunctionError("no such droplet", code=404), ["error: cannot call m.f: no such droplet (code 404)"]),
        (FunctionError("cannot say", code=-32603), ["error: cannot call m.f: cannot say (code -32603)"]),
        (FunctionError("", code=1), ["error: cannot call m.f: it gave no reason (code 1)"]),
        (FunctionError("x", code=1, data={"a": [1]}), ["error: cannot call m.f: x (code 1)", 'data: {"a":[1]}']),
        (FunctionError("x", code=1, data="a" * 9999), ["error: cannot call m.f: x (code 1)", f'data: "{"a" * 1998}…']),
    ],
)
def test_a_person_reads_what_failed_why_and_what_to_do(error: HubError, lines: list[str]) -> None:
    assert failure_lines(error, "call m.f") == lines


def test_a_script_reads_kind_code_message_hint_and_data() -> None:
    error = NotFound("cannot find x", hint="look", data={"module": "x"})
    assert failure_json(error, "call m.f") == {
        "error": {"kind": "not_found", "code": -31010, "message": "cannot find x", "hint": "look", "data": {"module": "x"}}
    }


def test_a_script_reads_the_same_sentence_as_a_person() -> None:
    error = NotRunning("no hub is running")
    assert failure_json(error, "show what runs")["error"]["message"] == "cannot show what runs: no hub is running"
    assert failure_lines(error, "show what runs") == ["error: cannot show what runs: no hub is running"]


def test_a_script_reads_what_a_function_said_as_it_said_it() -> None:
    assert failure_json(FunctionError("no such droplet", code=404), "call m.f")["error"]["message"] == "no such droplet"
