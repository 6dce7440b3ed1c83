"""Own nothing: bring the clouds that are played on loopback to the tests of this folder."""

from tests.clouds.fixtures import clouds, standin

__all__ = ["clouds", "standin"]
