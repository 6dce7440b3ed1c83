"""Own nothing: bring the stand-in to the tests of this folder."""

from tests.clouds.fixtures import clouds, standin

__all__ = ["clouds", "standin"]
