"""Own the proof that what a module logs and breaks becomes events, within bounds, and that none of it can hurt a terminal."""

from typing import Any

import pytest

from hub._reporter import Reporter
from hub.events import Event
from hub_protocol.events import FrameRejected, StrayLine, UnexpectedResponse


class _Heard:
    """A reporter on a clock that tests move, and what it emitted."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.now = 0.0
        self.reporter = Reporter("a", self.events.append, lambda: self.now)

    def logged(self) -> list[str]:
        return [event.data["message"] for event in self.events if event.kind == "log"]


def test_a_log_notification_becomes_an_event() -> None:
    """HUB-LOG-1."""
    heard = _Heard()
    heard.reporter.log_notification({"level": "warning", "message": "m", "logger": "disk", "fields": {"free": 12}})
    assert [(event.kind, event.module, event.data) for event in heard.events] == [
        ("log", "a", {"level": "warning", "message": "m", "source": "hub.log", "logger": "disk", "fields": {"free": 12}})
    ]


@pytest.mark.parametrize(
    "params",
    [{}, {"level": 7}, {"message": None}, {"message": ["a"], "level": {}, "fields": 3}, {"level": "loud", "message": "m"}],
)
def test_a_log_notification_of_wrong_types_never_hurts(params: dict[str, Any]) -> None:
    heard = _Heard()
    heard.reporter.log_notification(params)
    assert all(event.data["level"] in ("debug", "info", "warning", "error") for event in heard.events)
    assert bool(heard.events) is (params.get("message") is not None)


def test_a_log_line_cannot_drive_a_terminal_and_is_cut() -> None:
    heard = _Heard()
    heard.reporter.log_notification({"level": "info", "message": "\x1b[2J\x07wiped\n" + "x" * 20_000})
    [text] = heard.logged()
    assert text.isprintable()
    assert len(text) <= 8 * 1024


def test_more_than_a_thousand_lines_a_second_are_dropped_and_counted() -> None:
    heard = _Heard()
    for number in range(1500):
        heard.reporter.log_notification({"level": "info", "message": str(number)})
    assert heard.logged() == [str(number) for number in range(1000)]
    heard.now = 1.0
    heard.reporter.log_notification({"level": "info", "message": "later"})
    assert heard.logged()[1000:] == ["500 lines dropped: it logs too much", "later"]


def test_fields_of_any_size_are_kept_out() -> None:
    heard = _Heard()
    fields = {f"f{number}": ["x" * 1000] * 60 for number in range(16)}
    heard.reporter.log_notification({"level": "info", "message": "m", "fields": fields})
    assert heard.logged() == ["m"]
    assert len(repr(heard.events)) < 8 * 1024
    assert heard.events[0].data["fields"]["omitted_bytes"] > 900_000


def test_fields_count_for_the_megabyte_a_second_that_a_module_may_log() -> None:
    heard = _Heard()
    for _ in range(3):
        heard.reporter.log_notification({"level": "info", "message": "m", "fields": {"f": "x" * 600_000}})
    assert heard.logged() == ["m"]


def test_each_fault_is_an_event_and_what_a_person_should_see_a_line_of_log() -> None:
    heard = _Heard()
    heard.reporter.fault(StrayLine(b"Starting \xff server...", 20))
    heard.reporter.fault(FrameRejected("parse_error", "a key stands twice in it", b'{"a":1,"a":2}', 13))
    heard.reporter.fault(UnexpectedResponse(7, late=True))
    assert [(event.kind, dict(event.data)) for event in heard.events] == [
        ("protocol.stray_line", {"text": "Starting \ufffd server...", "size": 20}),
        ("log", {"level": "warning", "message": "printed to standard output: Starting \ufffd server...", "source": "stdout"}),
        (
            "protocol.frame_rejected",
            {"kind": "parse_error", "reason": "a key stands twice in it", "text": '{"a":1,"a":2}', "size": 13},
        ),
        (
            "log",
            {
                "level": "warning",
                "message": "sent a frame that breaks the protocol: a key stands twice in it",
                "source": "stdout",
            },
        ),
        ("protocol.unexpected_response", {"id": 7, "late": True}),
    ]


def test_a_long_stray_line_is_shown_by_its_beginning() -> None:
    heard = _Heard()
    heard.reporter.fault(StrayLine(b"\x1b]0;title\x07" + b"x" * 4096, 9999))
    assert len(heard.events[0].data["text"]) <= 200
    assert heard.events[0].data["size"] == 9999
    assert all(line.isprintable() for line in heard.logged())


def test_ten_thousand_faults_a_second_are_told_as_a_hundred() -> None:
    heard = _Heard()
    for _ in range(10_000):
        heard.reporter.fault(UnexpectedResponse(1, late=False))
    assert len(heard.events) == 100
    heard.now = 1.5
    heard.reporter.fault(UnexpectedResponse(1, late=False))
    assert len(heard.events) == 101
