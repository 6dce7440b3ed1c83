"""Own the life of a module as one table: state, event, next state; know nothing of which side looks at it.

An illegal move is a missing key. The diagram in the specification is drawn from this table.
"""

import enum
from typing import Final

from hub_protocol.errors import LocalProtocolError

__all__ = ["TABLE", "Happening", "State", "advance", "is_alive"]


class State(enum.StrEnum):
    """Where a module is in its life."""

    DISCOVERED = "discovered"
    STARTING = "starting"
    INTRODUCED = "introduced"
    APPROVED = "approved"
    INITIALISING = "initialising"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    BACKING_OFF = "backing-off"
    FAILED = "failed"


class Happening(enum.StrEnum):
    """What moves a module from one state to another."""

    START = "start"
    INTRODUCE = "module_info and capabilities answered"
    APPROVE = "approved"
    INITIALISE = "module_init sent"
    RUN = "module_init answered"
    STOP = "stop"
    END = "process ended"
    RETRY = "will be restarted"
    GIVE_UP = "will not be restarted"


_S, _H = State, Happening

TABLE: Final[dict[tuple[State, Happening], State]] = {
    (_S.DISCOVERED, _H.START): _S.STARTING,
    (_S.STARTING, _H.INTRODUCE): _S.INTRODUCED,
    (_S.INTRODUCED, _H.APPROVE): _S.APPROVED,
    (_S.APPROVED, _H.INITIALISE): _S.INITIALISING,
    (_S.INITIALISING, _H.RUN): _S.RUNNING,
    # A stop is possible at any time that there is a process.
    (_S.STARTING, _H.STOP): _S.STOPPING,
    (_S.INTRODUCED, _H.STOP): _S.STOPPING,
    (_S.APPROVED, _H.STOP): _S.STOPPING,
    (_S.INITIALISING, _H.STOP): _S.STOPPING,
    (_S.RUNNING, _H.STOP): _S.STOPPING,
    (_S.STOPPING, _H.END): _S.STOPPED,
    # A failure is one of two: it will be tried again, or not.
    (_S.STARTING, _H.RETRY): _S.BACKING_OFF,
    (_S.INTRODUCED, _H.RETRY): _S.BACKING_OFF,
    (_S.APPROVED, _H.RETRY): _S.BACKING_OFF,
    (_S.INITIALISING, _H.RETRY): _S.BACKING_OFF,
    (_S.RUNNING, _H.RETRY): _S.BACKING_OFF,
    (_S.BACKING_OFF, _H.RETRY): _S.BACKING_OFF,
    (_S.STARTING, _H.GIVE_UP): _S.FAILED,
    (_S.INTRODUCED, _H.GIVE_UP): _S.FAILED,
    (_S.APPROVED, _H.GIVE_UP): _S.FAILED,
    (_S.INITIALISING, _H.GIVE_UP): _S.FAILED,
    (_S.RUNNING, _H.GIVE_UP): _S.FAILED,
    (_S.BACKING_OFF, _H.GIVE_UP): _S.FAILED,
    # An exit that is no failure, under a policy that does not restart it.
    (_S.RUNNING, _H.END): _S.STOPPED,
    (_S.BACKING_OFF, _H.START): _S.STARTING,
    (_S.BACKING_OFF, _H.STOP): _S.STOPPED,
    (_S.STOPPED, _H.START): _S.STARTING,
    (_S.FAILED, _H.START): _S.STARTING,
    (_S.FAILED, _H.STOP): _S.STOPPED,
}

_ALIVE: Final = frozenset({_S.STARTING, _S.INTRODUCED, _S.APPROVED, _S.INITIALISING, _S.RUNNING, _S.STOPPING})


def advance(state: State, happening: Happening) -> State:
    """Return the state after `happening`.

    Raises:
        LocalProtocolError: that cannot happen in this state.
    """
    try:
        return TABLE[state, happening]
    except KeyError:
        msg = f"a module that is {state} cannot have {happening.name}"
        raise LocalProtocolError(msg) from None


def is_alive(state: State) -> bool:
    """Return whether a module in this state has a process."""
    return state in _ALIVE
