"""The words after `hub call` are sorted into ours and the function's."""

import pytest

from hub.cli._call_line import read_call_line
from hub.errors import HubError


def test_ours_may_stand_before_and_after_the_function() -> None:
    line = read_call_line(["--timeout", "2", "-v", "system.load", "--json", "--plugins=a", "--plugins", "b", "--params", "-"])
    assert (line.address, line.timeout, line.params, line.plugins) == ("system.load", "2", "-", ["a", "b"])
    assert (line.json, line.verbose, line.help, line.words) == (True, True, False, [])


def test_everything_else_after_the_function_is_its_own_and_keeps_its_order() -> None:
    words = ["--limit", "-5", "x", "--flag", "--a=b", "--param:timeout", "3", "--"]
    assert read_call_line(["m.f", *words]).words == words


@pytest.mark.parametrize("word", ["-h", "--help"])
def test_help_is_ours_wherever_it_stands(word: str) -> None:
    assert read_call_line(["m.f", "--limit", "5", word]).help
    assert read_call_line([word]).help


def test_of_two_timeouts_the_last_one_counts() -> None:
    assert read_call_line(["m.f", "--timeout", "1", "--timeout=2"]).timeout == "2"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["m.f", "--timeout"], "--timeout needs a value"),
        (["m.f", "--timeout", "--json"], "--timeout needs a value"),
        (["m.f", "--json=yes"], "--json takes no value"),
        (["m.f", "--params", "{}", "--params", "{}"], "--params was given more than once"),
        (["--limit", "5", "m.f"], "--limit stands before the name of the function"),
    ],
)
def test_our_own_options_are_checked(words: list[str], why: str) -> None:
    with pytest.raises(HubError) as caught:
        read_call_line(words)
    assert (caught.value.kind, caught.value.message) == ("usage", f"cannot call a function: {why}")
