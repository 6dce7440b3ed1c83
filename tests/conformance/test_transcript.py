"""A transcript holds every byte, however large, and can be played again; what differs is shown."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.conformance import CHECKS, read_transcript, replay, run, select
from hub.conformance._transcript import decode_input, encode_input
from tests.conformance.targets import SHARP, good_module


@given(
    st.lists(
        st.one_of(
            st.binary(max_size=20),
            st.tuples(st.binary(min_size=1, max_size=1), st.integers(90, 300)).map(lambda run: run[0] * run[1]),
        )
    )
)
def test_any_bytes_come_back_as_they_were(pieces: list[bytes]) -> None:
    data = b"".join(pieces)
    assert decode_input(json.loads(json.dumps(encode_input(data)))) == data


def test_a_large_payload_is_a_short_line() -> None:
    assert len(json.dumps(encode_input(b'{"x":"' + b"x" * 15_000_000 + b'"}'))) < 200


@pytest.mark.parametrize("text", ["", "{}\n", '{"transcript":1}\nno\n', '{"transcript":1}\n{"event":"send"}\n'])
def test_what_is_no_transcript_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"."):
        read_transcript(path)


@pytest.mark.process
@pytest.mark.bound(20, reason="runs a few checks three times")
def test_the_same_build_answers_as_before_and_another_one_is_told_apart(tmp_path: Path) -> None:
    _, transcript = run(good_module(tmp_path), select(CHECKS, ["envelope", "HUB-CLEAN-3/*"], []), SHARP)
    path = tmp_path / "transcript.jsonl"
    transcript.write(path, {"transcript": 1})
    _, entries = read_transcript(path)
    assert replay(good_module(tmp_path), entries) == []
    differences = replay(good_module(tmp_path, "HUB-LIFE-5/refuses-a-made-up-method"), entries)
    assert [
        (difference.start, '"result":{}' in difference.now, "-32601" in difference.before) for difference in differences
    ] == [(1, True, True)]
