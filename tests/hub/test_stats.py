"""Own the proof that calls are counted, and that their times are those of the newest ones, within bounds."""

from hub._stats import CallStats


def test_nothing_was_called_yet() -> None:
    assert CallStats().to_json() == {"calls": 0, "errors": {}, "p50_ms": None, "p99_ms": None}


def test_calls_errors_and_times_are_counted() -> None:
    stats = CallStats()
    for number in range(1, 101):
        stats.ended(number / 1000, "timeout" if number > 98 else None)
    assert stats.to_json() == {"calls": 100, "errors": {"timeout": 2}, "p50_ms": 51.0, "p99_ms": 100.0}


def test_only_the_newest_times_are_kept_and_all_calls_are_counted() -> None:
    stats = CallStats()
    for _ in range(5000):
        stats.ended(9.0, None)
    for _ in range(1024):
        stats.ended(0.001, None)
    assert (stats.calls, stats.quantiles(0.0, 1.0)) == (6024, [0.001, 0.001])


def test_kinds_without_an_end_do_not_grow_it() -> None:
    stats = CallStats()
    for number in range(1000):
        stats.ended(0.0, f"kind{number}")
    assert len(stats.errors) == 64
    assert stats.calls == 1000
