"""Own the tests that calls overlap and that the reader stays awake meanwhile; real processes."""

from pathlib import Path

import pytest

from tests.sdk_python.children import MODULES, module_child

pytestmark = pytest.mark.process

FILES = ["stubborn.py", "stubborn_async.py"]


@pytest.mark.parametrize("file", FILES)
def test_two_calls_run_at_the_same_time(file: str, tmp_path: Path) -> None:
    # Each of them waits for the other: one after the other would end in an error.
    with module_child(tmp_path, MODULES / file) as child:
        child.start()
        asked = {child.request("meets"), child.request("meets")}
        answers = [child.read(), child.read()]
        assert {answer["id"] for answer in answers} == asked
        assert [answer.get("result") for answer in answers] == ["met", "met"]


def test_one_worker_means_one_call_at_a_time_in_order(tmp_path: Path) -> None:
    text = (MODULES / "stubborn.py").read_text().replace('authors=["The', 'workers=1, authors=["The')
    text += "\n\ncalls: list[int] = []\n\n\n@module.function\ndef count() -> int:\n    calls.append(1)\n    return len(calls)\n"
    with module_child(tmp_path, "one.py", text=text) as child:
        child.start()
        asked = [child.request("count") for _ in range(5)]
        answers = [child.read() for _ in asked]
        assert [(answer["id"], answer["result"]) for answer in answers] == [(id_, n) for n, id_ in enumerate(asked, 1)]


@pytest.mark.parametrize("function", ["sleeps", "spins", "waits_for_the_hub"])
def test_a_ping_is_answered_while_a_def_function_is_at_work(function: str, tmp_path: Path) -> None:
    # HUB-PING-1
    with module_child(tmp_path, MODULES / "stubborn.py") as child:
        child.start()
        child.request(function)
        if function == "waits_for_the_hub":
            assert child.read()["method"] == "hub.call"
        assert child.call("ping") == {}


@pytest.mark.parametrize("file", ["vectors_sync.py", "vectors_async.py"])
def test_many_calls_in_one_write_are_all_answered(file: str, tmp_path: Path) -> None:
    with module_child(tmp_path, MODULES / file) as child:
        child.start()
        frame = '{{"jsonrpc":"2.0","id":{},"method":"add","params":{{"a":{},"b":1}}}}\n'
        child.send_raw("".join(frame.format(1000 + n, n) for n in range(500)).encode())
        answers = [child.read() for _ in range(500)]
        assert sorted((answer["id"], answer["result"]) for answer in answers) == [(1000 + n, n + 1) for n in range(500)]


@pytest.mark.parametrize("file", ["vectors_sync.py", "vectors_async.py"])
def test_a_frame_may_come_byte_by_byte(file: str, tmp_path: Path) -> None:
    # HUB-FRAME-11, and HUB-OUT-2: the answer is there although nothing follows it.
    with module_child(tmp_path, MODULES / file) as child:
        child.start()
        for byte in b'{"jsonrpc":"2.0","id":77,"method":"add","params":{"a":1,"b":2}}\n':
            child.send_raw(bytes([byte]))
        assert child.read() == {"jsonrpc": "2.0", "id": 77, "result": 3}
