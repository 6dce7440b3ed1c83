"""Own the frame vectors against the framers, the decoder and the whole connection; know nothing of what a message means."""

import json
from typing import Any

import pytest

from hub_protocol import Connection, Role
from hub_protocol._json import RejectedJson, decode
from hub_protocol.events import Event, FrameRejected, NotificationReceived, StrayLine, StreamBroken
from hub_protocol.framing import BadHeader, Framer, Overlong, make_framer
from hub_protocol.limits import MAX_FRAME_BYTES
from tests.protocol.vectors import Case, cases, equal, input_bytes

CASES = cases("frames")
ROLES = [Role.HUB, Role.MODULE]
# Enough to be the beginning of anything; it has no line feed, so it completes nothing.
MORE = b'{"jsonrpc":"2.0","method":"mor'


class Outcome:
    """What came of a stream: the values of good frames, how many were rejected, whether the connection is over."""

    def __init__(self) -> None:
        self.accepted: list[Any] = []
        self.rejected = 0
        self.broken = False

    def add(self, framer: Framer, data: bytes) -> None:
        for item in framer.receive_data(data):
            if isinstance(item, BadHeader):
                self.broken = True
            elif isinstance(item, Overlong):
                self.rejected += 1
            else:
                self._add_frame(item)

    def _add_frame(self, frame: bytes | bytearray) -> None:
        try:
            value = decode(frame)
        except RejectedJson:
            self.rejected += 1
            return
        if isinstance(value, dict):
            self.accepted.append(value)
        else:
            self.rejected += 1

    def fits(self, expected: Case) -> bool:
        if self.rejected != expected["rejected"] or self.broken != expected.get("broken", False):
            return False
        if "accepted_count" in expected:
            return len(self.accepted) == expected["accepted_count"]
        values = expected.get("accepted") or [json.loads(text) for text in expected.get("accepted_texts", [])]
        return equal(self.accepted, values)


def framer_of(case: Case) -> Framer:
    return make_framer(case.get("framing", "newline"), case.get("max_frame_bytes", MAX_FRAME_BYTES))


def verdicts(case: Case, role: Role) -> list[Case]:
    allowed = [case["expected"], case.get("either"), case.get("module_may") if role is Role.MODULE else None]
    return [verdict for verdict in allowed if verdict is not None]


def run(case: Case, pieces: list[bytes]) -> Outcome:
    framer, outcome = framer_of(case), Outcome()
    for piece in pieces:
        outcome.add(framer, piece)
    framer.receive_eof()
    return outcome


def test_there_are_at_least_sixty_cases_of_all_three_letters() -> None:
    assert len(CASES) >= 60
    assert {case["id"][:2] for case in CASES} == {"y_", "n_", "i_"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_stream_that_arrives_whole_gives_the_expected_frames(case: Case) -> None:
    outcome = run(case, [input_bytes(case["input"])])
    assert any(outcome.fits(verdict) for verdict in verdicts(case, Role.HUB)), (outcome.accepted, outcome.rejected)


# A hundred thousand reads of one byte prove nothing that ten thousand do not.
SHORT = [case for case in CASES if len(input_bytes(case["input"])) <= 10_500]


@pytest.mark.parametrize("case", SHORT, ids=lambda case: case["id"])
def test_a_stream_that_arrives_byte_by_byte_gives_the_same_frames(case: Case) -> None:
    data = input_bytes(case["input"])
    outcome, whole = run(case, [data[at : at + 1] for at in range(len(data))]), run(case, [data])
    assert (outcome.accepted, outcome.rejected, outcome.broken) == (whole.accepted, whole.rejected, whole.broken)


LONG = [case for case in CASES if case not in SHORT]


@pytest.mark.parametrize("case", LONG, ids=lambda case: case["id"])
def test_a_long_stream_that_arrives_in_odd_pieces_gives_the_same_frames(case: Case) -> None:
    data = input_bytes(case["input"])
    outcome, whole = run(case, [data[at : at + 997] for at in range(0, len(data), 997)]), run(case, [data])
    assert (outcome.accepted, outcome.rejected, outcome.broken) == (whole.accepted, whole.rejected, whole.broken)


# Behind a line that never ended, more data would only make that line longer.
ENDED = [case for case in CASES if case.get("framing") is None and input_bytes(case["input"]).endswith(b"\n")]


@pytest.mark.parametrize("case", ENDED, ids=lambda case: case["id"])
def test_a_stream_with_more_data_behind_gives_the_same_frames(case: Case) -> None:
    data = input_bytes(case["input"])
    outcome, whole = run(case, [data + MORE]), run(case, [data])
    assert (outcome.accepted, outcome.rejected) == (whole.accepted, whole.rejected)


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.value)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_connection_receives_the_expected_frames(case: Case, role: Role) -> None:
    connection = Connection(
        role, framing=case.get("framing", "newline"), max_frame_bytes=case.get("max_frame_bytes", MAX_FRAME_BYTES)
    )
    connection.receive_data(input_bytes(case["input"]))
    connection.receive_eof()
    events = connection.events_received()
    assert any(counts(events) == counts_of(verdict) for verdict in verdicts(case, role)), events


def counts(events: list[Event]) -> tuple[int, int, bool]:
    accepted = sum(isinstance(event, NotificationReceived) for event in events)
    rejected = sum(isinstance(event, FrameRejected | StrayLine) for event in events)
    return accepted, rejected, any(isinstance(event, StreamBroken) for event in events)


def counts_of(verdict: Case) -> tuple[int, int, bool]:
    values: list[Any] = verdict.get("accepted") or verdict.get("accepted_texts") or []
    return verdict.get("accepted_count", len(values)), verdict["rejected"], verdict.get("broken", False)
