"""Own the starting of a module as a real process, and the hub's end of its pipes; know nothing of what is tested with it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

__all__ = ["INFO", "MODULES", "Child", "module_child"]

MODULES = Path(__file__).parent / "modules"
FEATURES = ["cancel", "concurrent", "context", "host_services", "progress"]
INFO = {"protocol_versions": [1], "features": FEATURES, "max_frame_bytes": 16777216, "hub": {"name": "hub", "version": "0.1.0"}}


class Child:
    """A module's process: what the hub writes to it and reads from it. The bound of the test bounds every read."""

    def __init__(self, process: subprocess.Popen[bytes], errors: Path) -> None:
        self.process = process
        self._errors = errors
        self._last_id = 0

    def send(self, message: Any) -> None:
        """Write one frame."""
        self.send_raw(json.dumps(message).encode() + b"\n")

    def send_raw(self, data: bytes) -> None:
        """Write these bytes."""
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def request(self, method: str, **params: Any) -> int:
        """Send a request and return its id."""
        self._last_id += 1
        self.send({"jsonrpc": "2.0", "id": self._last_id, "method": method, "params": params})
        return self._last_id

    def read(self) -> Any:
        """Return the next message; fail on anything that is none."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.endswith(b"\n"), f"half a line, or the end: {line!r}\n{self.log()}"
        return json.loads(line)

    def call(self, method: str, **params: Any) -> Any:
        """Send a request and return the result of the next message, which must be its answer."""
        request_id = self.request(method, **params)
        answer = self.read()
        assert answer["id"] == request_id, answer
        assert "result" in answer, (answer, self.log())
        return answer["result"]

    def start(self, config: dict[str, Any] | None = None) -> None:
        """Bring the module up to running."""
        self.call("module_info", **INFO)
        self.call("capabilities")
        self.call("module_init", config=config or {}, data_directory=str(self._errors.parent))

    def end_input(self) -> None:
        """Close the module's standard input."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    def rest(self) -> bytes:
        """Return what it still writes, up to its end."""
        assert self.process.stdout is not None
        return self.process.stdout.read()

    def ended_within(self, seconds: float) -> int:
        """Return the exit status, or fail when it does not end in time."""
        before = time.monotonic()
        status = self.process.wait(5)
        assert time.monotonic() - before < seconds
        return status

    def log(self) -> str:
        """Return what it has written to standard error so far."""
        return self._errors.read_text(errors="replace")


@contextmanager
def module_child(
    directory: Path, file: Path | str, arguments: Iterable[str] = (), *, plain: bool = False, text: str | None = None
) -> Generator[Child]:
    """Start a module with `python -m hub_sdk`, or `plain` as a script; with `text`, the file is written first."""
    path = directory / file
    if text is not None:
        path.write_text(text)
    command = [sys.executable, *([] if plain else ["-m", "hub_sdk"]), str(path), *arguments]
    errors = directory / "stderr"
    # Unbuffered output is a setting of some machines, and would hide what happens to buffers.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with (
        errors.open("wb") as log,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, env=environment) as process,
    ):
        try:
            yield Child(process, errors)
        finally:
            process.kill()
            if process.stdin is not None and not process.stdin.closed:
                with suppress(BrokenPipeError):
                    process.stdin.close()
