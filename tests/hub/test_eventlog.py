"""Own the proof that events are written line by line, rotated and bounded, and that no writer waits for a disk or a reader."""

import json
import threading
from pathlib import Path

from hub._eventlog import EventLog
from hub._linewriter import LineWriter
from hub.events import Event


def test_events_become_lines_and_log_records_do_not(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "log" / "events.jsonl")
    log.add(Event("module.running", "a", {"pid": 1}, time=1.25))
    log.add(Event("log", "a", {"message": "no"}))
    log.add(Event("hub.stopping", None, {}, time=2.0))
    log.close()
    lines = (tmp_path / "log" / "events.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == [
        {"time": 1.25, "kind": "module.running", "module": "a", "data": {"pid": 1}},
        {"time": 2.0, "kind": "hub.stopping", "module": None, "data": {}},
    ]
    assert (tmp_path / "log").stat().st_mode & 0o777 == 0o700


def test_full_files_are_rotated_and_the_oldest_goes(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    for number in range(20):
        log = EventLog(file, file_bytes=100, files=3)
        log.add(Event("module.running", f"m{number}", {}, time=0.0))
        log.close()
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["events.jsonl", "events.jsonl.1", "events.jsonl.2"]
    assert all(path.stat().st_size <= 200 for path in tmp_path.iterdir())
    assert json.loads(file.read_text().splitlines()[-1])["module"] == "m19"


def test_a_disk_that_takes_nothing_stops_nobody(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "events.jsonl")
    (tmp_path / "events.jsonl").mkdir()
    for _ in range(10):
        log.add(Event("module.running", "a"))
    log.close()


def test_who_writes_never_waits_and_what_did_not_fit_is_counted() -> None:
    begun, release = threading.Event(), threading.Event()
    written: list[bytes] = []

    def write(data: bytes) -> None:
        begun.set()
        assert release.wait(4)
        written.append(data)

    writer = LineWriter(write, lambda count: b"dropped %d" % count)
    writer.put(b"first")
    assert begun.wait(4)
    for number in range(5000):
        writer.put(b"%d" % number)
    release.set()
    while len(written) < 2:
        begun.wait(0.01)
    writer.put(b"last")
    writer.close()
    lines = b"".join(written).splitlines()
    assert (lines[0], lines[1], lines[-2], lines[-1]) == (b"first", b"0", b"dropped 904", b"last")
    assert len(lines) == 1 + 4096 + 2


def test_a_reader_that_went_away_ends_the_writing_and_nothing_else() -> None:
    def write(data: bytes) -> None:
        raise BrokenPipeError

    writer = LineWriter(write, lambda count: b"")
    for _ in range(10):
        writer.put(b"x")
    writer.close()
