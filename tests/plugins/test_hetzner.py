"""The module for Hetzner Cloud, built and run by a hub, against the stand-in of the service."""

import pytest

from tests.clouds.cases import CloudCases, ProtocolCases
from tests.clouds.trial import Cloud

pytestmark = [
    pytest.mark.process,
    pytest.mark.bound(100, "the first test builds the module with its SDK; some of the others wait as they are told to"),
]


class TestHetzner(CloudCases, ProtocolCases):
    """What all clouds have to stand."""

    cloud = Cloud(
        service="hetzner",
        language="node",
        path="/v1/servers",
        page_size=50,
        wanted={"region": "fsn1", "size": "cx22", "image": "debian-12"},
        other_region="hel1",
        endless={"servers": [], "meta": {"pagination": {"page": 1, "per_page": 50, "next_page": 2}}},
    )
