"""Own the proof that an end is told in words that are true; start no processes."""

import pytest

from hub._exitstatus import ExitStatus


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (ExitStatus(code=0), "exited with status 0"),
        (ExitStatus(code=3), "exited with status 3"),
        (ExitStatus(signal=11), "killed by SIGSEGV"),
        (ExitStatus(signal=6, core_dumped=True), "killed by SIGABRT (core dumped)"),
        (ExitStatus(signal=41), "killed by signal 41"),
        (ExitStatus.unknown(), "ended with unknown status"),
    ],
)
def test_an_end_has_words(status: ExitStatus, words: str) -> None:
    assert status.describe() == words
    assert status.to_json()["text"] == words


def test_an_unknown_end_is_no_success() -> None:
    assert ExitStatus(code=0).success
    assert not ExitStatus.unknown().success
    assert not ExitStatus.unknown().known


def test_what_is_unknown_is_absent_from_json() -> None:
    assert ExitStatus.unknown().to_json() == {"text": "ended with unknown status"}
    assert ExitStatus(code=3).to_json() == {"text": "exited with status 3", "code": 3}
    assert ExitStatus(signal=9).to_json() == {"text": "killed by SIGKILL", "signal": "SIGKILL", "core_dumped": False}
