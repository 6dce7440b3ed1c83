"""Prove that what the specification shows is true: the module in it runs, and its session is what passes over the wire."""

import pytest

from tests.protocol.recorded_session import README, hello_script, recorded_session, shown_session


@pytest.mark.process
def test_the_session_in_the_specification_is_what_passes_over_the_wire() -> None:
    assert shown_session() == recorded_session(), "mend it: python -m tests.protocol.recorded_session"


def test_the_module_in_the_specification_is_shorter_than_40_lines() -> None:
    assert len(hello_script().splitlines()) < 40


def test_the_module_in_the_specification_is_the_plugin_in_the_plugins_folder() -> None:
    assert (README.parents[1] / "plugins" / "hello-sh" / "hello.sh").read_text() == hello_script()
