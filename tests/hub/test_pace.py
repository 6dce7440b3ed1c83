"""Own the proof that a module that floods is read in small pieces, one that answers is not, and that a flood is forgotten."""

from hub._pace import Pace

_WHOLE_BYTES = 64 * 1024


def test_answers_and_a_few_words_are_read_as_they_come() -> None:
    pace = Pace()
    for turn in range(1000):
        pace.heard(10, 100.0 + turn / 100)
        assert pace.read_bytes == _WHOLE_BYTES


def test_a_flood_is_read_in_small_pieces() -> None:
    pace = Pace()
    for turn in range(1000):
        pace.heard(8, 100.0 + turn / 10_000)
    assert pace.read_bytes <= _WHOLE_BYTES / 64


def test_a_flood_is_forgotten_within_a_second_of_its_end() -> None:
    pace = Pace()
    pace.heard(1_000_000, 100.0)
    assert pace.is_flooded
    pace.heard(0, 100.5)
    assert pace.is_flooded
    pace.heard(0, 101.0)
    assert (pace.is_flooded, pace.read_bytes) == (False, _WHOLE_BYTES)
