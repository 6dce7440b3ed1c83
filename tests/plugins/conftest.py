"""Own nothing: bring the clouds that are played on loopback to the tests of this folder."""

import pytest

from tests.clouds.fixtures import clouds, standin

__all__ = ["clouds", "standin"]

# Its asserts are those of tests, in a file that is none.
pytest.register_assert_rewrite("tests.clouds.cases")
