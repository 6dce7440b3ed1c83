"""Own a hub that runs the module for DigitalOcean against a stand-in, and a person who has a token; know no test."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from hub import Answer, Hub, Question
from hub.errors import FunctionError
from tests.clouds.playing import StandIn
from tests.house.tree import ROOT
from tests.plugins.toolchains import build, need

__all__ = ["NEW", "SERVICE", "TOKEN", "refused", "run_hub", "signed_in"]

SERVICE = "digitalocean"
TOKEN = "dop_v1_work_4f1c9e7b40d8"  # noqa: S105 - of a service that is played
NEW = {"name": "web-1", "region": "ams3", "size": "s-1vcpu-1gb", "image": "debian-12-x64"}

_PLUGINS = ROOT / "plugins"


@asynccontextmanager
async def run_hub(clouds: StandIn, token: str | None = None, *, url: str | None = None, **config: Any) -> AsyncGenerator[Hub]:
    """Run a hub with the module for the stand-in at `url`; a person types `token`, and declines without one."""
    need("go")
    settings = {SERVICE: {"base_url": url or clouds.urls[SERVICE], **config}}

    def person(question: Question) -> Answer:
        assert question.schema["properties"]["token"]["writeOnly"] is True
        return Answer("decline") if token is None else Answer("accept", {"token": token})

    async with Hub(_PLUGINS, approve=lambda _: True, ask=person, config=settings) as hub:
        manifest = hub.registry.get(SERVICE).manifest
        assert manifest.build_command
        build(_PLUGINS / SERVICE, manifest.build_command)
        yield hub


@asynccontextmanager
async def signed_in(clouds: StandIn, *, url: str | None = None, **config: Any) -> AsyncGenerator[Hub]:
    """Run it with the token of the account `work` kept for the account `default`."""
    clouds.admit(SERVICE, "work", TOKEN)
    async with run_hub(clouds, TOKEN, url=url, **config) as hub:
        await hub.call("digitalocean.authenticate")
        yield hub


async def refused(hub: Hub, function: str, code: int, /, **params: Any) -> FunctionError:
    """Call, and return the error, which must have that code."""
    with pytest.raises(FunctionError) as raised:
        await hub.request(f"digitalocean.{function}", params)
    assert raised.value.code == code, raised.value
    return raised.value
