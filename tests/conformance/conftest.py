"""Own the table of checks and the modules that break them, shown at the end of a run of all of them; know no other test."""

import pytest

from hub.conformance import CHECKS

_CAUGHT = pytest.StashKey[dict[str, str]]()


@pytest.fixture
def caught(pytestconfig: pytest.Config) -> dict[str, str]:
    """Return where a test notes the verdict of each check on the module that breaks it."""
    return pytestconfig.stash.setdefault(_CAUGHT, {})


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the table: each check, how binding it is, the module that breaks it, and what came of that."""
    found = config.stash.get(_CAUGHT, dict[str, str]())
    if not found:
        return
    width = max(len(check.id) for check in CHECKS)
    ran = [check for check in CHECKS if check.id in found]
    terminalreporter.section(f"{len(ran)} of {len(CHECKS)} checks, each on tests/badplugins/conformance/module.py --break ID")
    for check in ran:
        terminalreporter.write_line(f"{check.id:<{width}}  {check.level:<6}  {found[check.id]}")
