"""Own a module's process as somebody sees it who writes frames without a hub's limits; know no module and judge nothing."""

import json
import os
import select
import subprocess
import time
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tests.plugins.toolchains import environment

__all__ = ["RawModule"]

_FEATURES: Final = ["cancel", "concurrent", "context"]
# What one read takes, and one write may find room for; a pipe holds less.
_PIECE_BYTES: Final = 1 << 20
# A module ends within a second of its input's end; the machine may be busy.
_END_SECONDS: Final = 10.0

Message = dict[str, Any]


class RawModule:
    """A running module. What is sent goes out while `answers` reads, so neither side's pipe can hold the other up."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin
        assert process.stdout
        self._process = process
        self._to, self._from = process.stdin.fileno(), process.stdout.fileno()
        os.set_blocking(self._to, False)
        os.set_blocking(self._from, False)
        self._poll = select.poll()
        self._waiting = memoryview(b"")
        self._partial: list[bytes] = []
        self._last_id = 0

    @classmethod
    @contextmanager
    def running(cls, command: Sequence[str], directory: Path, data_directory: Path) -> Generator["RawModule"]:
        """Run a module up to the answer to `module_init`; at the end it must go by itself."""
        with subprocess.Popen(
            command,
            cwd=directory,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
        ) as process:
            try:
                module = cls(process)
                module.ask("module_info", {"protocol_versions": [1], "features": _FEATURES, "max_frame_bytes": 1 << 24})
                module.ask("capabilities", {})
                module.ask("module_init", {"config": {}, "data_directory": str(data_directory)})
                yield module
                module.ask("module_cleanup", {})
                assert process.stdin
                process.stdin.close()
                assert process.wait(_END_SECONDS) == 0
            finally:
                process.kill()

    def send_calls(self, function: str, each_params: Iterable[Mapping[str, Any]]) -> list[int]:
        """Put calls in line, and return their ids."""
        first = self._last_id + 1
        frames: list[Message] = []
        for params in each_params:
            self._last_id += 1
            frames.append({"jsonrpc": "2.0", "id": self._last_id, "method": function, "params": params})
        self._send(frames)
        return list(range(first, self._last_id + 1))

    def cancel(self, ids: Iterable[int]) -> None:
        """Put cancellations in line."""
        self._send({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": id_}} for id_ in ids)

    def ask(self, method: str, params: Mapping[str, Any], *, within: float = 30.0) -> Message:
        """Send one request and return its answer, which must be the next."""
        (id_,) = self.send_calls(method, [params])
        (answer,) = self.answers(1, within=within)
        assert answer["id"] == id_
        assert "result" in answer, answer
        return answer

    def answers(self, count: int, *, within: float) -> list[Message]:
        """Send what is in line, and return that many messages, or fewer when the time is over."""
        got: list[Message] = []
        deadline = time.monotonic() + within
        while len(got) < count and (left := deadline - time.monotonic()) > 0:
            self._poll.register(self._from, select.POLLIN)
            if self._waiting:
                self._poll.register(self._to, select.POLLOUT)
            ready = dict(self._poll.poll(left * 1000))
            if self._to in ready:
                self._write()
            if self._from in ready:
                got += self._read()
        return got

    def resident_bytes(self) -> int:
        """Return how much memory the module holds (VmRSS)."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        (line,) = [line for line in status.splitlines() if line.startswith("VmRSS:")]
        return int(line.split()[1]) * 1024

    def _send(self, messages: Iterable[Message]) -> None:
        text = "".join(json.dumps(message, separators=(",", ":")) + "\n" for message in messages)
        self._waiting = memoryview(bytes(self._waiting) + text.encode())

    def _write(self) -> None:
        try:
            self._waiting = self._waiting[os.write(self._to, self._waiting[:_PIECE_BYTES]) :]
        except BlockingIOError:
            return
        if not self._waiting:
            self._poll.unregister(self._to)

    def _read(self) -> list[Message]:
        data = os.read(self._from, _PIECE_BYTES)
        assert data, "the module has ended"
        *lines, rest = data.split(b"\n")
        if lines:
            lines[0] = b"".join((*self._partial, lines[0]))
            self._partial = []
        self._partial.append(rest)
        return [json.loads(line) for line in lines]
