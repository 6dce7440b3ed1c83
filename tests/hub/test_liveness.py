"""Prove when a module is pinged and when it is wedged: never while it speaks, never while a serial one works."""

from hub._liveness import Liveness, PingLimits, Step


def _silent(times: int) -> tuple[Liveness, bool]:
    liveness, wedged = Liveness(PingLimits()), False
    for _ in range(times):
        assert liveness.due(serial_and_busy=False) is Step.PING
        wedged = liveness.missed(serial_and_busy=False)
    return liveness, wedged


def test_three_missed_pings_in_a_row_are_the_end() -> None:
    assert not _silent(2)[1]
    liveness, wedged = _silent(3)
    assert wedged
    assert liveness.due(serial_and_busy=False) is Step.WEDGED


def test_an_answer_between_makes_the_count_begin_again() -> None:
    liveness, _ = _silent(2)
    liveness.due(serial_and_busy=False)
    liveness.answered()
    liveness.due(serial_and_busy=False)
    assert not liveness.missed(serial_and_busy=False)


def test_anything_that_the_module_writes_is_a_sign_of_life() -> None:
    liveness, _ = _silent(2)
    liveness.heard()
    assert liveness.due(serial_and_busy=False) is Step.WAIT
    assert liveness.due(serial_and_busy=False) is Step.PING
    liveness.heard()
    assert not liveness.missed(serial_and_busy=False)


def test_a_serial_module_is_not_asked_and_not_blamed_while_it_works() -> None:
    liveness, _ = _silent(2)
    assert liveness.due(serial_and_busy=True) is Step.WAIT
    assert liveness.due(serial_and_busy=False) is Step.PING
    assert not liveness.missed(serial_and_busy=True)


def test_one_ping_is_under_way_at_a_time() -> None:
    liveness = Liveness(PingLimits())
    assert [liveness.due(serial_and_busy=False) for _ in range(3)] == [Step.PING, Step.WAIT, Step.WAIT]
