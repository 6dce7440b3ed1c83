"""Prove the life of a module: the table is closed, every state can be reached and left, nothing runs unapproved."""

import pytest

from hub_protocol import LocalProtocolError
from hub_protocol.lifecycle import TABLE, Happening, State, advance, is_alive


def test_every_state_can_be_reached_from_discovered() -> None:
    reached = {State.DISCOVERED}
    while True:
        more = {after for (before, _), after in TABLE.items() if before in reached} - reached
        if not more:
            break
        reached |= more
    assert reached == set(State)


def test_no_state_is_a_trap() -> None:
    assert {before for before, _ in TABLE} == set(State)


def test_running_is_only_entered_through_approved_and_initialising() -> None:
    assert [move for move, after in TABLE.items() if after is State.RUNNING] == [(State.INITIALISING, Happening.RUN)]
    assert [move for move, after in TABLE.items() if after is State.INITIALISING] == [(State.APPROVED, Happening.INITIALISE)]
    assert [move for move, after in TABLE.items() if after is State.APPROVED] == [(State.INTRODUCED, Happening.APPROVE)]


@pytest.mark.parametrize("state", [state for state in State if is_alive(state)])
def test_a_module_with_a_process_can_always_be_stopped_or_fail(state: State) -> None:
    leaving = {happening for before, happening in TABLE if before is state}
    assert leaving & {Happening.STOP, Happening.END}


def test_a_move_that_is_not_in_the_table_is_our_own_fault() -> None:
    with pytest.raises(LocalProtocolError):
        advance(State.DISCOVERED, Happening.RUN)
