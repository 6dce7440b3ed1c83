"""Own the bytes between the runner and one module: writing, reading, cutting into frames; know no messages.

Every wait has a deadline, and every byte is recorded. Standard error is drained whatever else happens.
"""

import os
import select
import signal
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Literal

from hub.conformance._child import Child
from hub.conformance._transcript import Transcript
from hub_protocol.framing import BadHeader, Item, Overlong, make_framer
from hub_protocol.limits import MAX_FRAME_BYTES

__all__ = ["LONGEST_LINE_BYTES", "Framing", "Received", "Wire", "WireClosed", "WireStuck"]

Framing = Literal["newline", "content-length"]
Received = bytes | Overlong | BadHeader

_READ_BYTES: Final = 64 * 1024
# Of standard error: the hub cuts what is longer (HUB-LOG-1).
LONGEST_LINE_BYTES: Final = 8 * 1024
# A descendant can hold the pipe of a dead module; what the module itself wrote is there by now.
_AFTER_EXIT_SECONDS: Final = 0.2
_SHOWN_BYTES: Final = 64 * 1024
_STDERR_KEPT_BYTES: Final = 256 * 1024
# A module that writes more than this in one session is not answering, it is flooding.
_FLOOD_BYTES: Final = 256 * 1024 * 1024
_FLOOD_ITEMS: Final = 200_000


class WireClosed(Exception):
    """The module has closed its standard output, or has ended."""


class WireStuck(Exception):
    """The module does not read its standard input."""


class Wire:
    """One start of the module. `items` are what it wrote and nobody has looked at yet."""

    def __init__(
        self, child: Child, transcript: Transcript, framing: Framing, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.child = child
        self.items: deque[Received] = deque()
        self.stderr = bytearray()
        self.stderr_bytes = self.stderr_lines = self.longest_stderr_line = 0
        self.stdout_bytes = 0
        self.at_end = self.is_flooded = False
        self.partial_bytes = 0
        self._half = bytearray()
        self._ends_with_line_feed = framing == "newline"
        self.clock = clock
        self._framer = make_framer(framing, MAX_FRAME_BYTES)
        self._transcript = transcript
        self.number = transcript.start()
        self._stderr_open = True
        self._line_bytes = 0
        self._poll = select.poll()
        for descriptor in (child.stdout, child.stderr):
            self._poll.register(descriptor, select.POLLIN)

    def frame(self, body: bytes) -> bytes:
        """Return `body` as it goes onto the stream."""
        return self._framer.frame(body + b"\n")

    def write(self, data: bytes, seconds: float) -> None:
        """Write bytes as they are, reading what comes meanwhile.

        Raises:
            WireClosed: the module closed its input.
            WireStuck: it did not take them in time.
        """
        self._transcript.note(self.number, "send", data)
        deadline = self.clock() + seconds
        rest = memoryview(data)
        while rest:
            if self.child.stdin < 0:
                raise WireClosed
            try:
                rest = rest[os.write(self.child.stdin, rest) :]
            except BlockingIOError:
                if self.clock() > deadline:
                    raise WireStuck from None
                self._wait(deadline, writing=True)
            except OSError:
                self._drain_after_end()
                raise WireClosed from None

    def close_input(self) -> None:
        """Close the module's standard input."""
        self._transcript.note(self.number, "close")
        self.child.close_stdin()

    def written(self) -> bytes:
        """Return the beginning of all that this start wrote to standard output, as far as it is kept."""
        return (self._transcript.received(self.number) + self._half)[:_SHOWN_BYTES]

    @property
    def half(self) -> bytes:
        """The beginning of a frame whose end has not come, as far as it is kept."""
        return bytes(self._half)

    def terminate(self) -> None:
        """Send SIGTERM to the module's group."""
        self._transcript.note(self.number, "signal", text="SIGTERM")
        self.child.send_signal(signal.SIGTERM)

    def note_exit(self) -> None:
        """Record how the process ended."""
        status = self.child.status
        self._transcript.note(self.number, "exit", text=status.describe() if status else "still running")

    def pump(self, deadline: float) -> bool:
        """Wait for something to read; return whether there may be more to come before `deadline`."""
        if self.at_end and not self._stderr_open:
            return False
        return self._wait(deadline, writing=False)

    def drain(self, seconds: float) -> None:
        """Read whatever comes within `seconds`, or until the module's output has ended."""
        deadline = self.clock() + seconds
        while not self.at_end and self.pump(deadline):
            pass

    def wait_for_end(self, seconds: float) -> bool:
        """Wait until the process has ended; return whether it did."""
        deadline = self.clock() + seconds
        while not self.child.has_ended():
            if self.clock() >= deadline:
                return False
            if self.at_end:
                # Nothing to poll for: the end of the process has no descriptor on every system.
                time.sleep(min(0.005, max(0.0, deadline - self.clock())))
                self._drain_stderr()
            else:
                self.pump(min(deadline, self.clock() + 0.02))
        self._drain_after_end()
        return True

    def _wait(self, deadline: float, *, writing: bool) -> bool:
        left = deadline - self.clock()
        if left <= 0:
            return False
        # Woken now and then, for the end of a process whose pipes somebody else holds.
        if writing and self.child.stdin >= 0:
            self._poll.register(self.child.stdin, select.POLLOUT)
        try:
            ready = self._poll.poll(min(left, 0.1) * 1000)
        finally:
            if writing and self.child.stdin >= 0:
                self._poll.unregister(self.child.stdin)
        for descriptor, _ in ready:
            if descriptor == self.child.stdout:
                self._read_stdout()
            elif descriptor == self.child.stderr:
                self._read_stderr()
        if not ready and self.child.has_ended() and self.clock() - (self.child.ended_at or 0) > _AFTER_EXIT_SECONDS:
            self.end_output()
        return True

    def _read_stdout(self) -> None:
        try:
            data = os.read(self.child.stdout, _READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.end_output()
            return
        self.stdout_bytes += len(data)
        items = [_as_bytes(item) for item in self._framer.receive_data(data)]
        for item in items:
            self._transcript.note(self.number, "receive", _bytes_of(item))
            self.items.append(item)
        self._keep_half(data, any_frame=bool(items))
        if self.stdout_bytes > _FLOOD_BYTES or len(self.items) > _FLOOD_ITEMS:
            # Nothing that is written after this is an answer to anything.
            self.is_flooded = True
            self.end_output()

    def _keep_half(self, data: bytes, *, any_frame: bool) -> None:
        if self._ends_with_line_feed and b"\n" in data:
            self._half.clear()
            data = data[data.rindex(b"\n") + 1 :]
        elif any_frame:
            # Where it begins behind the last body, only the framer knows.
            self._half.clear()
            return
        self._half += data[: max(0, _SHOWN_BYTES - len(self._half))]

    def end_output(self) -> None:
        """Read nothing more, and record what was written of a frame that never ended."""
        if not self.at_end:
            self.at_end = True
            self.partial_bytes = self._framer.receive_eof()
            if self._half:
                self._transcript.note(self.number, "half", self.half)
            with suppress(KeyError):
                self._poll.unregister(self.child.stdout)

    def _read_stderr(self) -> bool:
        try:
            data = os.read(self.child.stderr, _READ_BYTES)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if not data:
            self._stderr_open = False
            with suppress(KeyError):
                self._poll.unregister(self.child.stderr)
            return False
        self.stderr_bytes += len(data)
        self._measure_lines(data)
        self._transcript.note(self.number, "stderr", data)
        self.stderr += data
        del self.stderr[:-_STDERR_KEPT_BYTES]
        return True

    def _measure_lines(self, data: bytes) -> None:
        # By leaps of one allowed line: a flood of short lines must not cost the runner more than the module.
        self.stderr_lines += data.count(b"\n")
        at = data.find(b"\n")
        self.longest_stderr_line = max(self.longest_stderr_line, self._line_bytes + (at if at >= 0 else len(data)))
        while at >= 0:
            following = data.rfind(b"\n", at + 1, at + LONGEST_LINE_BYTES + 2)
            if following < 0:
                following = data.find(b"\n", at + 1)
                rest = (following if following >= 0 else len(data)) - at - 1
                self.longest_stderr_line = max(self.longest_stderr_line, rest)
            at = following
        last = data.rfind(b"\n")
        self._line_bytes = len(data) - last - 1 + (self._line_bytes if last < 0 else 0)

    def _drain_stderr(self) -> None:
        deadline = self.clock() + _AFTER_EXIT_SECONDS
        while self._stderr_open and self.clock() < deadline and self._read_stderr():
            pass

    def _drain_after_end(self) -> None:
        deadline = self.clock() + _AFTER_EXIT_SECONDS
        while not self.at_end and self.clock() < deadline:
            self._wait(deadline, writing=False)
        self.end_output()
        self._drain_stderr()


def _as_bytes(item: Item) -> Received:
    """Return a long frame as bytes too, which is what the checks look into."""
    return bytes(item) if isinstance(item, bytearray) else item


def _bytes_of(item: Received) -> bytes:
    return item if isinstance(item, bytes) else item.head
