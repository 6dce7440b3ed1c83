"""The module for DigitalOcean has to stand what the modules of all clouds have to."""

import pytest

from tests.clouds.cases import CloudCases
from tests.clouds.trial import Cloud

pytestmark = [
    pytest.mark.process,
    pytest.mark.bound(100, "the first test builds the module with its SDK; some of the others wait as they are told to"),
]


class TestDigitalOcean(CloudCases):
    """What all clouds have to stand."""

    cloud = Cloud(
        service="digitalocean",
        language="go",
        path="/v2/droplets",
        page_size=200,
        wanted={"region": "ams3", "size": "s-1vcpu-1gb", "image": "debian-12-x64"},
        other_region="fra1",
        endless={
            "droplets": [],
            "links": {"pages": {"next": "https://api.digitalocean.com/v2/droplets?page=2"}},
            "meta": {"total": 9},
        },
    )
