"""Own the stand-in as tests use it: started, spoken to, ended with nothing left; know nothing of what a cloud answers."""

import contextlib
import json
import select
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.house.tree import ROOT

__all__ = ["StandIn"]

# An interpreter and two dozen imports; a loaded machine may take its time.
_START_SECONDS = 10.0
_END_SECONDS = 5.0
_ANSWER_SECONDS = 15.0


class StandIn:
    """A stand-in that runs: `urls` has the address of each service. Its methods wait for an answer from loopback."""

    def __init__(self, urls: dict[str, str]) -> None:
        self.urls = urls

    @classmethod
    @contextmanager
    def started(cls) -> Generator["StandIn"]:
        """Run a stand-in; at the end it must go by itself, and must have had nothing to complain of."""
        command = [sys.executable, "-m", "tests.clouds.standin", "--port", "0"]
        with tempfile.TemporaryFile() as complaints:
            process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints)
            assert process.stdin
            assert process.stdout
            try:
                ready, _, _ = select.select([process.stdout], [], [], _START_SECONDS)
                line = process.stdout.readline() if ready else b""
                yield cls(json.loads(line or "{}"))
                process.stdin.close()
                process.wait(_END_SECONDS)
            finally:
                process.kill()
                process.wait()
                process.stdout.close()
                with contextlib.suppress(OSError):
                    process.stdin.close()
            complaints.seek(0)
            assert (process.returncode, complaints.read().decode()) == (0, "")

    def control(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Say something to /_control/ and return the answer."""
        address = urlsplit(self.urls["control"])
        connection = HTTPConnection(address.hostname or "", address.port, timeout=_ANSWER_SECONDS)
        try:
            connection.request(method, f"/_control/{path}", json.dumps(body) if body is not None else None)
            answer = connection.getresponse()
            value = json.loads(answer.read())
        finally:
            connection.close()
        assert answer.status == 200, value
        return value

    def reset(self) -> None:
        """Forget everybody, everything and every fault."""
        self.control("POST", "reset")

    def admit(self, service: str, account: str, token: str) -> None:
        """Let a token stand for an account, which is made when it is new; an older token of it is no longer good."""
        self.control("POST", "accounts", {"service": service, "account": account, "token": token})

    def plant(self, service: str, account: str, count: int, **members: Any) -> None:
        """Give an account so many more servers (`name`-0, `name`-1, ...), which run already."""
        self.control("POST", "servers", {"service": service, "account": account, "count": count, **members})

    def fail(
        self, service: str, match: str, times: int = 1, *, skip: int = 0, account: str | None = None, **fault: Any
    ) -> None:
        """Let the next `times` requests like "GET /v2/droplets" fail, after `skip` that do not: see tests/clouds/faults.py."""
        order = {"service": service, "match": match, "times": times, "skip": skip, "account": account, "fault": fault}
        self.control("POST", "faults", order)

    def link_base(self, service: str, base: str) -> None:
        """Let the links in a service's answers begin with another address."""
        self.control("POST", "settings", {"service": service, "link_base": base})

    def requests(self, service: str = "*", match: str = "*", *, ended: str = "*", at_least: int = 0) -> list[dict[str, Any]]:
        """Return the requests that match, once there are `at_least` so many (after 10 s as many as there are).

        Each has service, account, method, path, query, acted (whether the service did it), and ended: "" while it is worked
        on, the status, "cut", or "gone" when the client did not wait.
        """
        query = urlencode({"service": service, "match": match, "ended": ended, "at_least": at_least})
        return self.control("GET", f"requests?{query}")

    def servers(self, service: str, account: str) -> list[str]:
        """Return the names of an account's servers; an account that nobody added has none."""
        return self.control("GET", "servers")[service].get(account, [])
