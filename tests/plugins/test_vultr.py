"""The module for Vultr, built and run by a hub, against the stand-in of the service."""

import pytest

from tests.clouds.cases import CloudCases, ProtocolCases
from tests.clouds.trial import Cloud

pytestmark = [
    pytest.mark.process,
    pytest.mark.bound(100, "the first test builds the module with its SDK; some of the others wait as they are told to"),
]


class TestVultr(CloudCases, ProtocolCases):
    """What all clouds have to stand."""

    cloud = Cloud(
        service="vultr",
        language="rust",
        path="/v2/instances",
        page_size=500,
        wanted={"region": "ams", "size": "vc2-1c-1gb", "image": "2136"},
        other_region="fra",
        endless={"instances": [], "meta": {"total": 9, "links": {"next": "bmV4dF9fMA==", "prev": ""}}},
    )
