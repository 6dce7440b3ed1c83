"""Own the proof that any bytes on standard error become bounded, harmless records; do no I/O."""

import json
import time
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub._logrecord import LEVELS, LogRecord
from hub._stderrlines import StderrLimits, StderrLines

_SMALL = StderrLimits(line_bytes=40, lines_per_second=4, bytes_per_second=120, tail_bytes=50)


def _read(data: bytes, *, limits: StderrLimits | None = None, cut: int | None = None) -> list[LogRecord]:
    lines = StderrLines(limits)
    pieces = [data] if cut is None else [data[at : at + cut] for at in range(0, len(data), cut)]
    return [record for piece in pieces for record in lines.feed(piece, 0.0)] + lines.end(0.0)


def _one(data: bytes) -> LogRecord:
    records = _read(data + b"\n")
    assert len(records) == 1, records
    assert _read(data + b"\n", cut=1) == records
    assert _read(data + b"\nmore\n")[:1] == records
    return records[0]


@pytest.mark.parametrize(
    ("line", "level", "message"),
    [
        (b"ready", "info", "ready"),
        (b"warning: disk nearly full", "warning", "disk nearly full"),
        (b"WARN: disk", "warning", "disk"),
        (b"[ERROR] broken", "error", "broken"),
        (b"[info ] padded", "info", "padded"),
        (b"  [debug]: indented", "debug", "indented"),
        (b"FATAL: no way", "error", "no way"),
        (b"<3>from syslog", "error", "from syslog"),
        (b"<28>with a facility", "warning", "with a facility"),
        (b"<7> with a space", "debug", "with a space"),
        (b"<192>no priority", "info", "<192>no priority"),
        (b"note: unknown word", "info", "note: unknown word"),
        (b"http://example.org", "info", "http://example.org"),
        (b"error:", "info", "error:"),
        (b"\x1b[31mERROR\x1b[0m: in colour", "error", "in colour"),
        (b"    at main.js:3", "info", "    at main.js:3"),
        (b"windows line\r", "info", "windows line"),
        (b"{not json", "info", "{not json"),
        (b"[1, 2]", "info", "[1, 2]"),
        (b'{"no": "message"}', "info", '{"no": "message"}'),
        (b'{"level": "error", "no": "message"}', "error", '{"level": "error", "no": "message"}'),
        (b"bad \xff\xfe bytes", "info", "bad \ufffd\ufffd bytes"),
    ],
)
def test_a_line_gets_its_level_and_keeps_its_text(line: bytes, level: str, message: str) -> None:
    record = _one(line)
    assert (record.level, record.message, record.source) == (level, message, "stderr")


def test_a_line_of_json_becomes_a_record_with_its_fields() -> None:
    line = b'{"level":"warning","message":"disk nearly full","logger":"disk","time":"12:00","fields":{"free":12},"host":"a"}'
    record = _one(line)
    assert record == LogRecord("warning", "disk nearly full", "disk", "12:00", {"free": 12, "host": "a"})


@pytest.mark.parametrize(
    ("members", "level", "message", "fields"),
    [
        ({"level": 30, "message": "m"}, "info", "m", {"level": 30}),
        ({"level": ["x"], "message": "m"}, "info", "m", {"level": ["x"]}),
        ({"level": "loud", "message": "m"}, "info", "m", {"level": "loud"}),
        ({"level": None, "message": "m"}, "info", "m", {"level": None}),
        ({"level": "error", "message": 12}, "error", "12", {}),
        ({"level": "error", "message": {"a": [1]}}, "error", "{'a': [1]}", {}),
        ({"severity": "ERROR", "msg": "other names"}, "error", "other names", {}),
        ({"message": "m", "fields": 3}, "info", "m", {"fields": 3}),
        ({"message": "m", "big": 2**60, "deep": [[[[[[1]]]]]]}, "info", "m", {"big": hex(2**60), "deep": [[[["…"]]]]}),
        ({"message": "two\nlines\x1b[2J"}, "info", "two\\nlines", {}),
        ({"message": "m", "a\x1bb": "c\x07"}, "info", "m", {"a\\x1bb": "c\\x07"}),
    ],
)
def test_members_of_a_wrong_type_are_kept_and_never_raise(
    members: dict[str, Any], level: str, message: str, fields: dict[str, Any]
) -> None:
    record = _one(json.dumps(members).encode())
    assert (record.level, record.message, record.fields) == (level, message, fields)


def test_a_time_of_a_wrong_type_is_written_as_text() -> None:
    assert _one(b'{"message":"m","time":1.5}').time == "1.5"
    assert _one(b'{"message":"m","time":{"a":1}}').time == "{'a': 1}"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J\x1b[1;1Hwiped", "wiped"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]52;c;cGFzdGU=\x1b\\text", "text"),
        ("\x1b\x1b[m[31mnested", "\\x1b[31mnested"),
        ("back\x08\x08\x7f", "back\\x08\\x08\\x7f"),
        ("forged\rline", "forged\\rline"),
        ("c1 \x9b2J", "c1 \\x9b2J"),
        ("abc\u202ecba", "abc\\u202ecba"),
        ("a\u2028b", "a\\u2028b"),
        ("tab\tkept", "tab    kept"),
        ("grüße 漢字", "grüße 漢字"),
    ],
)
def test_a_line_cannot_drive_the_terminal_of_its_reader(text: str, shown: str) -> None:
    assert _one(text.encode()).message == shown


def test_blank_lines_are_no_records() -> None:
    assert _read(b"\n \n\r\n\t\na\n\n") == [LogRecord("info", "a")]


def test_the_last_line_needs_no_end() -> None:
    assert _read(b"error: half") == [LogRecord("error", "half")]


@pytest.mark.parametrize("over", [-1, 0, 1])
def test_a_line_is_cut_beyond_its_limit_and_not_before(over: int) -> None:
    (record,) = _read(b"error: " + b"x" * (8192 - 7 + over) + b"\n")
    assert record.level == "error"
    assert record.message.endswith(" … cut") == (over > 0)
    assert record.fields == ({"cut_bytes": 1} if over > 0 else {})


@pytest.mark.parametrize(
    "line",
    [
        b"ERROR: " + b"x" * 100_000,
        b'{"level":"error","message":"' + b"x" * 100_000 + b'"}',
        b'{"message":"' + b"x" * 100_000 + b'","level":"error"}',
    ],
)
@pytest.mark.parametrize("cut", [None, 1000, 8191])
def test_a_line_of_any_length_keeps_its_level_when_it_is_cut(line: bytes, cut: int | None) -> None:
    (record, after) = _read(line + b"\nafter\n", cut=cut)
    assert record.level == "error"
    assert record.message.endswith(" … cut")
    assert len(record.message) <= 8200
    assert record.fields["cut_bytes"] == len(line) - 8192
    assert after == LogRecord("info", "after")


def test_a_flood_is_limited_and_the_dropped_lines_are_counted() -> None:
    lines = StderrLines(_SMALL)
    assert [record.message for record in lines.feed(b"1\n2\n3\n4\n5\n6\n", 0.0)] == ["1", "2", "3", "4"]
    assert lines.dropping
    assert lines.feed(b"7\n", 0.2) == []
    note, eight = lines.feed(b"8\n", 1.0)
    assert (note.level, note.source, note.fields) == ("warning", "hub", {"dropped_lines": 3, "dropped_bytes": 5})
    assert note.message.startswith("3 lines dropped")
    assert eight.message == "8"


def test_a_flood_of_bytes_in_few_lines_is_limited_too() -> None:
    lines = StderrLines(_SMALL)
    assert len(lines.feed((b"x" * 39 + b"\n") * 3, 0.0)) == 3
    assert lines.feed(b"x" * 39 + b"\n", 0.0) == []
    assert lines.dropping


def test_the_end_of_a_flood_is_said_without_new_lines() -> None:
    lines = StderrLines(_SMALL)
    lines.feed(b"\n" * 10, 0.0)
    assert lines.tick(0.1) == []
    (note,) = lines.tick(0.6)
    assert note.fields["dropped_lines"] == 6
    assert lines.tick(9.0) == []


def test_the_end_of_the_stream_says_what_was_dropped() -> None:
    records = _read(b"a\n" * 7 + b"without an end", limits=_SMALL)
    assert [record.message for record in records[:4]] == ["a"] * 4
    assert records[4].fields["dropped_lines"] == 4
    assert len(records) == 5


def test_one_dropped_line_is_one_line() -> None:
    assert _read(b"a\n" * 5, limits=_SMALL)[-1].message.startswith("1 line dropped")


def test_a_clock_that_stands_still_or_goes_back_does_no_harm() -> None:
    lines = StderrLines(_SMALL)
    lines.feed(b"a\n" * 9, 5.0)
    assert lines.feed(b"a\n", 4.0) == []
    assert lines.end(3.0)[0].fields["dropped_lines"] == 6


def test_the_tail_is_the_end_of_the_stream_as_it_came() -> None:
    lines = StderrLines(_SMALL)
    stream = bytes(range(256)) * 3
    for at in range(0, len(stream), 7):
        lines.feed(stream[at : at + 7], 0.0)
    assert lines.tail == stream[-50:]


@pytest.mark.parametrize("size", [1, 700, 64 * 1024])
def test_the_tail_is_held_in_few_pieces_and_not_much_more_than_is_kept(size: int) -> None:
    lines = StderrLines()
    for number in range(200_000 // size + 4):
        lines.feed(bytes([number % 251]) * size, 0.0)
    pieces = lines._tail._pieces  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001 - what it holds is the subject
    kept = len(lines.tail)
    assert kept == 64 * 1024
    assert sum(map(len, pieces)) < kept + max(size, 2048)
    assert len(pieces) <= kept // 1024 + 1


def test_ten_megabytes_of_the_shortest_lines_take_no_time_worth_mentioning() -> None:
    lines = StderrLines()
    begun = time.process_time()
    for _ in range(160):
        lines.feed(b"y\n" * 32 * 1024, 0.0)
    assert time.process_time() - begun < 1.0
    assert lines.end(0.0)[-1].fields["dropped_lines"] == 160 * 32 * 1024 - 1000


_ALPHABET = st.sampled_from(
    [b"\n", b"\r\n", b"x", b"error: ", b'{"message":"', b'"level":"warn"', b'"}', b"\x1b[", b"m", b"\xff", b"\xc3", b"<3>"]
)
_STREAM = st.one_of(st.binary(max_size=400), st.lists(_ALPHABET, max_size=80).map(b"".join))


@given(stream=_STREAM, cuts=st.lists(st.integers(0, 400), max_size=12))
def test_any_bytes_cut_anywhere_give_the_same_records_and_never_raise(stream: bytes, cuts: list[int]) -> None:
    whole, cut = StderrLines(_SMALL), StderrLines(_SMALL)
    edges = [0, *sorted(min(at, len(stream)) for at in cuts), len(stream)]
    found = [record for begin, end in pairwise(edges) for record in cut.feed(stream[begin:end], 0.0)]
    records = whole.feed(stream, 0.0) + whole.end(0.0)
    assert found + cut.end(0.0) == records
    assert cut.tail == whole.tail == stream[-50:]
    for record in records:
        assert record.level in LEVELS
        assert record.message.isprintable()
        json.dumps(record.fields, allow_nan=False)


@given(stream=_STREAM, seconds=st.lists(st.floats(0, 5), min_size=1, max_size=12))
def test_every_line_is_either_handed_on_or_counted(stream: bytes, seconds: list[float]) -> None:
    lines = StderrLines(_SMALL)
    size = max(1, len(stream) // len(seconds))
    now, records = 0.0, list[LogRecord]()
    for at in range(0, len(stream), size):
        now += seconds[(at // size) % len(seconds)]
        records += lines.feed(stream[at : at + size], now)
    records += lines.end(now)
    dropped = sum(record.fields["dropped_lines"] for record in records if record.source == "hub")
    handed_on = sum(record.source == "stderr" for record in records)
    written = [line for line in stream.split(b"\n") if line.strip()]
    assert handed_on <= len(written) <= handed_on + dropped
    assert dropped <= stream.count(b"\n") + 1
