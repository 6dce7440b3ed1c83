"""Own the line at the end of a run that says how many misbehaviours there were and how many the hub survived."""

from collections.abc import Generator

import pytest

__all__: list[str] = []

_OF_ONE_LINE = "test_a_misbehaviour_is_told_to_its_caller_and_harms_nobody"
_verdicts = pytest.StashKey[dict[str, bool]]()


def pytest_configure(config: pytest.Config) -> None:
    """Begin to count."""
    config.stash[_verdicts] = {}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note how each line went: test, leak check and all."""
    report = yield
    if item.name.startswith(_OF_ONE_LINE) and not report.skipped:
        verdicts = item.config.stash[_verdicts]
        verdicts[item.nodeid] = verdicts.get(item.nodeid, True) and report.passed
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say it."""
    if verdicts := config.stash[_verdicts]:
        terminalreporter.write_line(f"{len(verdicts)} misbehaviours, {sum(verdicts.values())} survived")
