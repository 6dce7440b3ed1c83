"""The author's side of misbehaviour, case by case as in the other languages: a module survives; real processes."""

from pathlib import Path
from typing import Any

import pytest

from tests.sdk_python.children import MODULES, Child, module_child

pytestmark = pytest.mark.process

_WORD = "hunter2"
_FILES = ["vectors_sync.py", "vectors_async.py"]
files = pytest.mark.parametrize("file", _FILES)


def error_of(child: Child, code: int, request_id: Any) -> Any:
    """Return the error that comes next; it must be for that id."""
    answer = child.read()
    assert (answer["id"], answer["error"]["code"]) == (request_id, code), answer
    return answer["error"]


def lives(child: Child) -> bool:
    return child.call("add", a=40, b=2) == 42


@files
def test_unknown_method_is_refused(file: str, tmp_path: Path) -> None:
    # HUB-LIFE-5
    with module_child(tmp_path, MODULES / file) as child:
        child.start()
        error_of(child, -32601, child.request("no_such_function"))
        assert lives(child)


@files
def test_missing_params_are_refused_by_name(file: str, tmp_path: Path) -> None:
    # HUB-CALL-2
    with module_child(tmp_path, MODULES / file) as child:
        child.start()
        child.send({"jsonrpc": "2.0", "id": "none", "method": "add"})
        assert error_of(child, -32602, "none")["data"]["errors"][0]["pointer"] == "/a"
        assert error_of(child, -32602, child.request("add", a=1))["data"]["errors"][0]["pointer"] == "/b"
        assert lives(child)


@files
def test_malformed_json_is_answered(file: str, tmp_path: Path) -> None:
    # HUB-FRAME-13, HUB-ID-5
    with module_child(tmp_path, MODULES / file) as child:
        child.start()
        child.send_raw(b"hello?\n")
        error_of(child, -32700, None)
        assert lives(child)


@files
def test_recovered_id_of_half_a_frame_is_that_of_its_answer(file: str, tmp_path: Path) -> None:
    # HUB-ID-5
    with module_child(tmp_path, MODULES / file) as child:
        child.start()
        child.send_raw(b'{"jsonrpc":"2.0","id":7007,"method":"add","params":{"a":\n')
        error_of(child, -32700, 7007)
        assert lives(child)


@pytest.mark.parametrize(
    ("case", "printed"),
    [
        pytest.param("language-prints", "from print", id="language-prints"),
        pytest.param("c-prints", "from C", id="c-prints"),
        pytest.param("child-prints", "from a child", id="child-prints"),
    ],
)
def test_what_is_printed_is_log(case: str, printed: str, tmp_path: Path) -> None:
    # HUB-OUT-1; `call` fails on a line that is no frame.
    with module_child(tmp_path, MODULES / "noisy.py") as child:
        child.start()
        assert child.call("noise") == "done", case
        assert child.call("ping") == {}
        child.end_input()
        assert child.rest() == b""
        assert printed in child.log().splitlines()


@files
def test_handler_raises_and_its_words_stay_in_the_log(file: str, tmp_path: Path) -> None:
    # HUB-CALL-4
    with module_child(tmp_path, MODULES / file) as child:
        child.start()
        error = error_of(child, -32603, child.request("raise", secret=_WORD))
        assert _WORD not in str(error)
        assert lives(child)
        child.end_input()
        assert child.ended_within(1.0) == 0
        (line,) = [line for line in child.log().splitlines() if _WORD in line]
        identifier = error["message"].split()[-1]
        assert identifier in line


@files
def test_new_fields_are_ignored(file: str, tmp_path: Path) -> None:
    # HUB-MSG-7
    with module_child(tmp_path, MODULES / file) as child:
        child.start()
        context = {"timeout_ms": "soon", "trace_id": 7, "moon": [1]}
        message = {
            "jsonrpc": "2.0",
            "id": 9,
            "method": "add",
            "params": {"a": 1, "b": 2},
            "context": context,
            "priority": "high",
        }
        child.send(message)
        assert child.read() == {"jsonrpc": "2.0", "id": 9, "result": 3}


@files
def test_concurrent_handlers_overlap_and_a_ping_is_answered_beside_them(file: str, tmp_path: Path) -> None:
    # HUB-PING-1, HUB-CANCEL-2
    with module_child(tmp_path, MODULES / file) as child:
        child.start()
        first, second = child.request("slow"), child.request("slow")
        assert child.call("ping") == {}
        for request_id in (second, first):  # the first is still open when the second ends
            child.send({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": request_id}})
            error_of(child, -31000, request_id)


@files
def test_end_of_input_ends_it_within_a_second(file: str, tmp_path: Path) -> None:
    # HUB-LIFE-4, HUB-CLEAN-3
    with module_child(tmp_path, MODULES / file) as child:
        child.start()
        child.request("slow")
        assert child.call("ping") == {}
        child.end_input()
        assert child.ended_within(1.0) == 0
        assert child.rest() == b""


@files
def test_silent_after_cleanup_whatever_is_asked(file: str, tmp_path: Path) -> None:
    # HUB-CLEAN-2
    with module_child(tmp_path, MODULES / file) as child:
        child.start()
        child.call("module_cleanup")
        child.request("ping")
        child.send_raw(b"garbage\n")
        child.end_input()
        assert child.rest() == b""
        assert child.ended_within(1.0) == 0
