"""Own the fixtures by which tests get a stand-in: one process for a file, empty for each test; a conftest.py names them."""

from collections.abc import Iterator

import pytest

from tests.clouds.playing import StandIn

__all__ = ["clouds", "standin"]


@pytest.fixture(scope="module")
def standin() -> Iterator[StandIn]:
    """Run the stand-in for the tests of one file."""
    with StandIn.started() as running:
        yield running


@pytest.fixture
def clouds(standin: StandIn) -> StandIn:
    """Return the stand-in with nothing left of the test before."""
    standin.reset()
    return standin
