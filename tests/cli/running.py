"""Own a real `hub up` in the background of a test, ended at its end; know nothing of what it runs."""

import json
import signal
import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

from tests.cli.conftest import Hub

__all__ = ["Up", "up"]

_END_SECONDS = 15


class Up:
    """A running `hub up --json`: its events as they come."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self.process = process
        self.events: list[dict[str, Any]] = []

    @property
    def pid(self) -> int:
        """Its process number."""
        return self.process.pid

    def wait(self, kind: str, module: str | None = None) -> dict[str, Any]:
        """Read events until one of this kind comes, and return it."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            event = json.loads(line)
            self.events.append(event)
            if event["kind"] == kind and module in (None, event["module"]):
                return event
        raise AssertionError(f"it ended without {kind}: {self.events}, {self.stderr()}")

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal, read to the end and return the exit code."""
        self.process.send_signal(number)
        return self.ended()

    def ended(self) -> int:
        """Read to the end and return the exit code."""
        assert self.process.stdout is not None
        self.events += [json.loads(line) for line in self.process.stdout]
        return self.process.wait(_END_SECONDS)

    def stderr(self) -> str:
        """Return what it wrote to standard error; only after its end."""
        assert self.process.stderr is not None
        return self.process.stderr.read().decode()


@contextmanager
def up(hub: Hub, *words: str, env: Mapping[str, str] | None = None, ready: bool = True) -> Generator[Up]:
    """Run `hub up`, by default until it has started all that it is to start; kill it at the end if it still runs."""
    with subprocess.Popen(
        hub.argv("up", "--json", *words),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=hub.environment(**(env or {})),
    ) as process:
        running = Up(process)
        try:
            if ready:
                running.wait("hub.running")
            yield running
        finally:
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(_END_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
