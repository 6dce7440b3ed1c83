"""Own who takes part in the calls, hub and peers, and by which command; know no figure."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.benchmarks.build import BUILD, PLUGINS, VENV_PYTHON
from tests.house.tree import ROOT

__all__ = ["CONTESTANTS", "Contestant", "chosen", "hub_host"]


@dataclass(frozen=True, slots=True)
class Contestant:
    """A host with its module: `key` is its name in results, `needs` what must be built for it."""

    key: str
    title: str
    needs: tuple[str, ...]
    command: tuple[str | Path, ...]

    @property
    def is_hub(self) -> bool:
        """Whether it is ours."""
        return self.key.startswith("hub-")


def hub_host(key: str, module: str, loop: str, others: str, *plugins: Path) -> tuple[str | Path, ...]:
    """Return the command of a hub that serves tasks, with `others` "one" or "all"."""
    host = (sys.executable, "-m", "tests.benchmarks.peers.hub.host")
    return (*host, module, loop, others, BUILD / "state" / key, *plugins)


def _hub(key: str, title: str, module: str, step: str, loop: str = "uvloop") -> Contestant:
    return Contestant(key, title, (step,), hub_host(key, module, loop, "one", ROOT / "plugins", PLUGINS))


def _python(key: str, title: str, peer: str, step: str, *words: str) -> Contestant:
    stubs = f"PYTHONPATH={BUILD / 'stubs'}"
    command = ("env", stubs, VENV_PYTHON, "-m", f"tests.benchmarks.peers.{peer}.host", *words)
    return Contestant(key, title, ("venv", step), command)


# `hub up` takes uvloop where it is installed, so the hub is measured on it; so is the peer that runs on it.
CONTESTANTS: Final = (
    _hub("hub-go", "hub + Go", "echo-go", "echo-go"),
    _hub("hub-rust", "hub + Rust", "echo-rust", "echo-rust"),
    _hub("hub-node", "hub + Node", "echo-node", "echo-node"),
    _hub("hub-python", "hub + Python", "echo-python", "echo-python"),
    _hub("hub-c", "hub + C", "echo-c", "c"),
    _hub("hub-go-asyncio", "hub + Go, no uvloop", "echo-go", "echo-go", "asyncio"),
    Contestant("goplugin-grpc", "go-plugin gRPC", ("goplugin",), (BUILD / "goplugin" / "goplugin", "host", "grpc")),
    Contestant("goplugin-netrpc", "go-plugin net/rpc", ("goplugin",), (BUILD / "goplugin" / "goplugin", "host", "netrpc")),
    _python("mcp", "MCP Python SDK", "mcp_sdk", "venv", "uvloop"),
    _python("grpc-aio", "grpc.aio", "grpc_aio", "grpc-aio"),
    Contestant("vscode-jsonrpc", "vscode-jsonrpc", ("vscode-jsonrpc",), ("node", BUILD / "vscode_jsonrpc" / "host.js")),
    Contestant("c", "C against C", ("c",), (BUILD / "c-host", PLUGINS / "echo-c" / "echo-c")),
)


def chosen(keys: Sequence[str]) -> list[Contestant]:
    """Return those with these keys, all where there are none.

    Raises:
        ValueError: a key is not one.
    """
    unknown = sorted(set(keys) - {one.key for one in CONTESTANTS})
    if unknown:
        msg = f"no contestant is called {', '.join(unknown)}; there are {', '.join(one.key for one in CONTESTANTS)}"
        raise ValueError(msg)
    return [one for one in CONTESTANTS if not keys or one.key in keys]
