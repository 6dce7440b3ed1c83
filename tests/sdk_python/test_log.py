"""Own the tests of the lines that a module writes to its log."""

import io
import json
import logging
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_sdk.log import MAX_LINE_BYTES, Log, format_line
from hub_sdk.log._stdlib import BridgeHandler, install
from tests.sdk_python.children import module_child


def test_a_line_is_json_with_level_message_logger_and_fields(capsys: pytest.CaptureFixture[str]) -> None:
    # HUB-LOG-1
    log = Log().bind("report", trace_id="4b")
    log.debug("a")
    log.info("b", free=12)
    log.warning("c", free=object)
    log.error("d", trace_id="other")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["level"] for line in lines] == ["debug", "info", "warning", "error"]
    assert lines[1] == {"level": "info", "message": "b", "logger": "report", "fields": {"free": 12, "trace_id": "4b"}}
    assert lines[2]["fields"]["free"] == "<class 'object'>"
    assert lines[3]["fields"] == {"trace_id": "other"}


def test_an_exception_is_logged_with_its_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        int("why")
    except ValueError:
        Log().exception("it failed", step=3)
    line = json.loads(capsys.readouterr().err)
    assert (line["level"], line["message"], line["fields"]["step"]) == ("error", "it failed", 3)
    assert line["fields"]["traceback"].endswith("'why'\n")


@given(
    st.text(max_size=20),
    st.dictionaries(st.text(max_size=5), st.text() | st.integers() | st.none(), max_size=3),
    st.integers(0, 9000),
)
def test_any_line_is_one_line_of_json_and_never_too_long(message: str, fields: dict[str, object], repeat: int) -> None:
    line = format_line("info", message * repeat, fields={**fields, "again": message * repeat})
    assert "\n" not in line
    assert len(line.encode()) < MAX_LINE_BYTES
    assert json.loads(line)["level"] == "info"


def test_a_long_line_keeps_its_beginning_and_its_end() -> None:
    line = json.loads(format_line("error", "x", fields={"traceback": "first" + "-" * 20000 + "last"}))
    assert line["fields"]["traceback"].startswith("first")
    assert line["fields"]["traceback"].endswith("last")


def test_a_lone_surrogate_is_replaced() -> None:
    assert json.loads(format_line("info", "a\ud800b", fields={"x": "\udfff"})) == {
        "level": "info",
        "message": "a?b",
        "fields": {"x": "?"},
    }


def test_a_log_that_nobody_reads_is_no_reason_to_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    class Closed(io.StringIO):
        """Standard error after the hub has gone."""

        def write(self, text: str, /) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stderr", Closed())
    Log().info("lost")
    monkeypatch.setattr(sys, "stderr", None)
    Log().info("lost too")


def test_lines_of_several_threads_do_not_mix(capsys: pytest.CaptureFixture[str]) -> None:
    log = Log()
    threads = [threading.Thread(target=lambda: [log.bind("x").info("y" * 1000) for _ in range(50)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 200
    assert all(json.loads(line)["message"] == "y" * 1000 for line in lines)


def test_the_standard_library_s_records_become_lines(capsys: pytest.CaptureFixture[str]) -> None:
    logger = logging.Logger("library")  # noqa: LOG001 - it must not stay in the registry of all loggers
    logger.addHandler(BridgeHandler(Log()))
    logger.warning("%d left", 3)
    logger.critical("gone")
    logger.debug("wrong %d", "x")
    try:
        int("why")
    except ValueError:
        logger.exception("failed")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(line["level"], line["message"]) for line in lines[:2]] == [("warning", "3 left"), ("error", "gone")]
    assert lines[2]["message"] == "wrong %d ('x',)"
    assert "ValueError: invalid" in lines[3]["fields"]["traceback"]


def test_logging_that_the_author_has_set_up_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    root = logging.RootLogger(logging.WARNING)
    monkeypatch.setattr(logging, "getLogger", lambda: root)
    own = logging.NullHandler()
    root.addHandler(own)
    install(Log())
    assert root.handlers == [own]
    root.removeHandler(own)
    install(Log())
    assert isinstance(root.handlers[0], BridgeHandler)
    assert root.level == logging.INFO


@pytest.mark.process
def test_a_module_that_uses_logging_logs_to_the_hub(tmp_path: Path) -> None:
    text = (
        "import logging\nfrom hub_sdk import Module\n"
        "module = Module('m', version='1.0.0', license='MIT', authors=['a'])\n"
        "@module.function\n{} f() -> None:\n    logging.getLogger('mine').info('hello')\n"
    )
    for number, kind in enumerate(("def", "async def")):
        with module_child(tmp_path, f"m{number}.py", text=text.format(kind)) as child:
            child.start()
            child.call("f")
            assert json.loads(child.log().splitlines()[-1]) == {"level": "info", "message": "hello", "logger": "mine"}
