"""Own a proxy that holds requests and answers to an OpenAPI description: installed, started, ended; know no service.

The description is no part of this repository: `HUB_OPENAPI` names it, or it lies in a folder beside the clone. Where it is
missing, a test is left out and says so.
"""

import os
import re
import select
import shutil
import socket
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.house.tree import ROOT
from tests.plugins.toolchains import need

__all__ = ["INSTALL_SECONDS", "START_SECONDS", "Proxy", "description"]

_PACKAGE = ROOT / "tests" / "clouds" / "prism" / "package.json"
_INSTALLED = ROOT / "build" / "prism"

# 185 packages of 90 MB in all, once for a clone; `build/` keeps them.
INSTALL_SECONDS = 60.0

# It reads and links 3 MB of YAML with 659 operations: 4 s on an idle machine, several times that on a busy one.
START_SECONDS = 60.0
_END_SECONDS = 5.0
_MAX_LINE_BYTES = 1 << 16


def description() -> Path:
    """Return the OpenAPI description of DigitalOcean, or leave the test out with its reason."""
    path = Path(os.environ.get("HUB_OPENAPI") or ROOT.parent / "shared" / "data" / "digitalocean-openapi.yaml")
    if not path.is_file():
        pytest.skip("left out: no OpenAPI description of DigitalOcean; HUB_OPENAPI names one")
    return path


class Proxy:
    """A proxy that runs: `url` is its address; whatever breaks the description is answered with an error of its own."""

    def __init__(self, url: str) -> None:
        self.url = url

    @classmethod
    @contextmanager
    def before(cls, upstream: str) -> Generator["Proxy"]:
        """Run the proxy between a client and `upstream`."""
        document, program = description(), _installed()
        port = _free_port()
        command = [program, "proxy", document, upstream, "--errors", "--host", "127.0.0.1", "--port", str(port)]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            assert process.stdout
            _wait_until_it_listens(process.stdout.fileno())
            yield cls(f"http://127.0.0.1:{port}")
        finally:
            process.terminate()
            try:
                process.wait(_END_SECONDS)
            finally:
                process.kill()
                process.wait()
                if process.stdout:
                    process.stdout.close()


def _installed() -> Path:
    """Return the program, installed where it is not yet, or is another version."""
    need("node")
    program, stamp = _INSTALLED / "node_modules" / ".bin" / "prism", _INSTALLED / "installed.json"
    wanted = _PACKAGE.read_text()
    if not (program.exists() and stamp.exists() and stamp.read_text() == wanted):
        _INSTALLED.mkdir(parents=True, exist_ok=True)
        shutil.copy(_PACKAGE, _INSTALLED)
        command = ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--no-update-notifier"]
        done = subprocess.run(
            command,
            cwd=_INSTALLED,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=INSTALL_SECONDS,
        )
        if done.returncode != 0:
            reason = f"left out: cannot install the validating proxy: {done.stderr.strip()[-500:]}"
            if os.environ.get("CI") == "true":
                pytest.fail(reason, pytrace=False)
            pytest.skip(reason)
        stamp.write_text(wanted)
    return program


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_until_it_listens(descriptor: int) -> None:
    """Read what it prints until it says so; it prints a line for each of its operations first."""
    deadline, seen = time.monotonic() + START_SECONDS, b""
    while not re.search(rb"Prism is listening", seen):
        ready, _, _ = select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))
        text = os.read(descriptor, _MAX_LINE_BYTES) if ready else b""
        assert text, f"the proxy does not start: {seen[-2000:].decode(errors='replace')}"
        seen = seen[-_MAX_LINE_BYTES:] + text
