"""Own one module of a cloud under test: what is special about its service, and a hub that runs it; judge nothing."""

import os
import re
import shutil
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hub import Answer, Hub, Plugin, Question
from hub._registry import load_plugin
from tests.clouds.playing import StandIn
from tests.house.tree import ROOT
from tests.plugins.toolchains import build, need

__all__ = ["Cloud", "Trial", "copied", "token_of", "trial"]

_PLUGINS = ROOT / "plugins"


@dataclass(frozen=True, slots=True)
class Cloud:
    """A service and its module, which has its name. `language` is what the module is built with."""

    service: str
    language: str
    path: str
    """Where the API has its servers, such as `/v1/servers`."""
    page_size: int
    """The most servers that the API gives at once."""
    wanted: Mapping[str, Any]
    """Arguments of create_server that the stand-in accepts."""
    other_region: str
    """Another region than that of `wanted`."""
    endless: Mapping[str, Any]
    """An answer to the list of servers that has a next page and brings nothing."""

    def but(self, **members: str) -> dict[str, Any]:
        """Return what is wanted, with other members."""
        return {**self.wanted, **members}


@dataclass(slots=True)
class Trial:
    """A hub that runs the module; tokens that the test gave are answered when the module asks for them."""

    hub: Hub
    cloud: Cloud
    clouds: StandIn
    asked: list[Question] = field(default_factory=list[Question])

    async def call(self, function: str, account: str = "work", *, timeout_seconds: float | None = None, **params: Any) -> Any:
        """Call a function of the module for an account."""
        address = f"{self.cloud.service}.{function}"
        return await self.hub.request(address, params, profile=account, timeout_seconds=timeout_seconds)

    async def authenticate(self, account: str = "work", token: str | None = None) -> Any:
        """Have the module ask for the token of an account, and answer it; without a token it is one that the stand-in knows."""
        if token is None:
            token = token_of(account)
            self.clouds.admit(self.cloud.service, account, token)
        return await self.hub.request(
            f"{self.cloud.service}.authenticate", {}, profile=account, ask=lambda question: self._answer(question, token)
        )

    def _answer(self, question: Question, token: str) -> Answer:
        self.asked.append(question)
        return Answer("accept", {"token": token})

    def requests(self, match: str = "*", **wanted: Any) -> list[dict[str, Any]]:
        """Return what the stand-in was asked, `match` being such as `GET *`."""
        return self.clouds.requests(self.cloud.service, match, **wanted)

    def fail(self, match: str, times: int = 1, **fault: Any) -> None:
        """Let the next requests fail; `match` is a method, followed by the path of the servers where it has no path."""
        self.clouds.fail(self.cloud.service, match if " " in match else f"{match} {self.cloud.path}*", times, **fault)


def token_of(account: str) -> str:
    """Return the token that a test gives for an account."""
    return f"token-of-{account}-0123456789"


@asynccontextmanager
async def trial(cloud: Cloud, clouds: StandIn, plugins: Path = _PLUGINS, **config: Any) -> AsyncGenerator[Trial]:
    """Build the module, and run it with its service's address pointing to the stand-in; `config` overlays that."""
    need(cloud.language)
    given = {"base_url": clouds.urls[cloud.service], **config}
    async with Hub(plugins, approve=lambda _: True, config={cloud.service: given}) as hub:
        if plugins == _PLUGINS:
            _build(hub.registry.get(cloud.service))
        yield Trial(hub, cloud, clouds)


def _build(plugin: Plugin) -> None:
    if plugin.manifest.build_command is not None:
        build(plugin.root, plugin.manifest.build_command)


def copied(cloud: Cloud, directory: Path, *, trusted: Path | None = None, base_url: str | None = None) -> Path:
    """Return a copy of the module, built, below `directory`: one that trusts a certificate, or asks another address."""
    need(cloud.language)
    _build(load_plugin(_PLUGINS / cloud.service, search_path=os.environ["PATH"]))
    copy = shutil.copytree(_PLUGINS / cloud.service, directory / cloud.service)
    manifest = (copy / "plugin.toml").read_text()
    if base_url is not None:
        manifest = re.sub(r'^base_url = ".*"', f'base_url = "{base_url}"', manifest, flags=re.MULTILINE)
    if trusted is not None:
        # The first is how Node is told, the second how Go, OpenSSL and rustls are.
        lines = [f'{name} = "{trusted}"' for name in ("NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE")]
        manifest = "\n".join([manifest, "[environment]", *lines, ""])
    (copy / "plugin.toml").write_text(manifest)
    return copy
