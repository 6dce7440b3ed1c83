"""Own what holds for every test of the hub: a failure of the hub's own, which it survives, fails the test all the same."""

from collections.abc import Iterator

import pytest

import hub._hub
from hub.events import Event, defect_event


@pytest.fixture(autouse=True)
def defects(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Event]]:
    """Collect defects of the hub; a test that makes one on purpose takes it out."""
    found: list[Event] = []

    def noted(error: Exception) -> Event:
        found.append(defect_event(error))
        return found[-1]

    monkeypatch.setattr(hub._hub, "defect_event", noted)  # noqa: SLF001 - where it is used
    yield found
    assert not found
