"""Own one connection to the module under test: requests and their answers, and what it does unasked; know no checks.

Our own requests are built twice, by hub_protocol and by jsonrpcclient, and answers are read by both. Every message of either
side is held against schemas/v1.
"""

import json
from collections import deque
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple, cast

from hub.conformance._contract import definition_faults, frame_faults, to_hub_definition
from hub.conformance._endings import Answer, Ended, Silent
from hub.conformance._host import HostServices
from hub.conformance._incoming import own_reading, response_faults
from hub.conformance._line import read_line
from hub.conformance._members import members
from hub.conformance._notes import Notes, shown_bytes
from hub.conformance._strays import Strays
from hub.conformance._vault import DEFAULT_ACCOUNT
from hub.conformance._wire import Received, Wire, WireClosed, WireStuck
from hub.conformance._witness import other_request
from hub_protocol import messages
from hub_protocol.framing import BadHeader, Overlong

__all__ = ["Answer", "Ended", "Session", "Silent", "compact"]

_WRITE_SECONDS: Final = 30.0
# Late answers to what was just sent: long enough for another thread of the module to get its turn.
_SETTLE_SECONDS: Final = 0.01
_MOST_KEPT: Final = 10_000
# Of what a failure shows a few suffice.
_MOST_REMEMBERED: Final = 8


class _Asked(NamedTuple):
    """An open request: as it was written, when, and for which account."""

    data: bytes
    begun: float
    account: str


def compact(value: Any) -> bytes:
    """Return a value as the hub writes it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


class Session:
    """One start of the module, from the first frame to the last."""

    def __init__(self, wire: Wire, notes: Notes, host: HostServices, answer_seconds: float) -> None:
        self.wire = wire
        self.notes = notes
        self.host = host
        self.answer_seconds = answer_seconds
        self.features: frozenset[str] = frozenset()
        self.unasked: deque[tuple[dict[str, Any], bytes]] = deque(maxlen=_MOST_KEPT)
        self.held: list[dict[str, Any]] = []
        self.progress: dict[str, list[float]] = {}
        self.last_progress: dict[str, bytes] = {}
        self.cleaned_up = False
        self._cleanup = ""
        self._replies: list[tuple[str, bytes]] = []
        self._lenient = False
        self.last_sent = b""
        self.last_reply = b""
        self._wrote: deque[bytes] = deque(maxlen=_MOST_REMEMBERED)
        self._next = 0
        self._open: dict[str, _Asked] = {}
        self._strays = Strays()
        self._answers: dict[str, Answer] = {}
        self._answered: set[str] = set()
        self._excused: set[str] = set()
        self._null_excused = False
        self._module_ids: set[str] = set()

    # Asking

    def next_id(self) -> int:
        """Mint an id."""
        self._next += 1
        return self._next

    def build(self, method: str, params: dict[str, Any], request_id: int | str, context: dict[str, Any] | None = None) -> bytes:
        """Return a request as one frame, built by both witnesses."""
        ours = messages.to_json(messages.Request(request_id, method, params, context))
        theirs = other_request(method, params, request_id)
        if {name: value for name, value in ours.items() if name != "context"} != theirs:
            self.notes.runner_fault(f"hub_protocol and jsonrpcclient build different requests: {ours} and {theirs}")
        if faults := frame_faults(ours):
            self.notes.runner_fault(f"a request of ours does not fit schemas/v1: {faults[0]}")
        return self.wire.frame(compact(ours))

    def send(self, method: str, params: dict[str, Any] | None = None, **how: Any) -> int | str:
        """Write a request and return its id; `request_id`, `context` and `account` may be given."""
        request_id = how.get("request_id")
        chosen: int | str = self.next_id() if request_id is None else request_id
        self._cleanup = _key(chosen) if method == "module_cleanup" else self._cleanup
        context: dict[str, Any] | None = how.get("context")
        self.post(self.build(method, params or {}, chosen, context), [chosen], how.get("account", DEFAULT_ACCOUNT))
        return chosen

    def post(self, data: bytes, ids: list[int | str], account: str = DEFAULT_ACCOUNT) -> None:
        """Write bytes that hold good requests with these ids, all for one account."""
        for request_id in ids:
            self._open[_key(request_id)] = _Asked(data, self.wire.clock(), account)
        self._write(data)

    def ask(self, method: str, params: dict[str, Any] | None = None, seconds: float | None = None, **how: Any) -> Answer:
        """Write a request and return its response.

        Raises:
            Silent: there was none in time.
            Ended: the module ended first.
        """
        return self.wait(self.send(method, params, **how), seconds)

    def wait(self, request_id: int | str, seconds: float | None = None) -> Answer:
        """Return the response to an open request. Raises: Silent, Ended."""
        key = _key(request_id)
        patience = self.answer_seconds if seconds is None else seconds
        deadline = self.wire.clock() + patience
        while key not in self._answers:
            self._take_items()
            if key in self._answers:
                break
            sent, begun, _ = self._open.get(key, _Asked(b"", 0.0, ""))
            if self.wire.at_end:
                raise Ended(self.how_it_ended(), sent, self._instead(begun)[1])
            if not self.wire.pump(deadline):
                self._take_items()
                if key not in self._answers:
                    raise Silent(sent, patience, self._instead(begun))
        return self._answers.pop(key)

    def has_answer(self, request_id: int | str) -> bool:
        """Return whether the response to a request has come by now."""
        self._take_items()
        return _key(request_id) in self._answers

    def notify(self, method: str, params: dict[str, Any]) -> None:
        """Write a notification."""
        self._write(self.wire.frame(compact(messages.to_json(messages.Notification(method, params)))))

    def raw(self, data: bytes, ids: tuple[object, ...] = ()) -> None:
        """Write bytes as they are; a response with one of `ids`, or with null, is then no surprise."""
        self._excused.update(_key(request_id) for request_id in ids)
        self._null_excused = True
        self._write(data)

    @contextmanager
    def lenient(self) -> Generator[None]:
        """Hold nothing that it writes against the module: the hub never sends what is sent here."""
        self._lenient = True
        try:
            yield
        finally:
            self._lenient = False

    def barrier(self, seconds: float | None = None) -> list[tuple[dict[str, Any], bytes]]:
        """Ping, and return what came unasked up to the answer and a moment after it. Raises: Silent, Ended."""
        self.ask("ping", seconds=seconds)
        return self.settle()

    def settle(self, seconds: float = _SETTLE_SECONDS) -> list[tuple[dict[str, Any], bytes]]:
        """Wait a moment, and return what came unasked since the last time."""
        self.wire.drain(seconds)
        self._take_items()
        found = list(self.unasked)
        self.unasked.clear()
        return found

    def mark(self) -> None:
        """Let `wrote` begin here."""
        self._take_items()
        self._wrote.clear()

    def wrote(self) -> list[bytes]:
        """Return the last frames that it wrote since `mark`, whatever they are, and the beginning of one that has not ended."""
        self._take_items()
        return [*self._wrote, *([self.wire.half] if self.wire.half else [])]

    def release(self, mode: str = "serve") -> None:
        """Answer the host requests that were held back, from now on in `mode`."""
        self.host.mode = cast("Any", mode)
        held, self.held = self.held, []
        for message in held:
            self._serve(message, b"")
        self._take_items()

    def how_it_ended(self) -> str:
        """Say in words that and how the module has ended."""
        if self.wire.is_flooded:
            return "the module floods its standard output"
        self.wire.wait_for_end(_SETTLE_SECONDS * 20)
        status = self.wire.child.status
        return f"the module {status.describe()}" if status else "the module closed its standard output and lives on"

    # Writing and reading

    def _write(self, data: bytes) -> None:
        # What has come already was not provoked by this.
        while self.wire.items:
            self._take(self.wire.items.popleft())
        self.last_sent = data
        begun = self.wire.clock()
        try:
            self.wire.write(data, min(_WRITE_SECONDS, self.answer_seconds + len(data) / 1e6))
        except WireClosed:
            self._take_items()
            raise Ended(self.how_it_ended(), data, self._instead(begun)[1]) from None
        except WireStuck:
            self._take_items()
            raise Silent(data, self.answer_seconds, self._instead(begun)) from None

    def _instead(self, begun: float) -> tuple[str, bytes]:
        """Return what came since `begun` and answers nothing, in words and as it was; empty where nothing did."""
        found, half = self._strays.since(begun), self.wire.half
        return found if found[1] or not half else (f"it wrote a frame that has not ended: {shown_bytes(half)}", half)

    def _breach(self, check: str, why: str, line: bytes, sent: bytes = b"") -> None:
        # What comes unasked shows what was sent last: that is what a reader would try again.
        self.notes.breach(check, why, line, sent or self.last_sent)

    def _take_items(self) -> None:
        while self.wire.items:
            self._take(self.wire.items.popleft())
        # Only now: while it has not seen an answer, an id of its own is open to the module.
        replies, self._replies = self._replies, []
        for key, data in replies:
            self._module_ids.discard(key)
            self.last_reply = data
            self._write(data)

    def _take(self, item: Received) -> None:
        if isinstance(item, Overlong):
            self._wrote.append(item.head)
            self._breach("HUB-FRAME-4/writes-within-the-limit", f"a frame of {item.size} bytes", item.head)
            return
        if isinstance(item, BadHeader):
            self._wrote.append(item.head)
            self._breach("HUB-FRAME-20/writes-good-headers", item.reason, item.head)
            return
        self._wrote.append(item)
        value, faults = read_line(item)
        for fault in faults if not self._lenient else ():
            self._breach(fault.check, fault.why, item)
        if self.cleaned_up:
            self._breach("HUB-CLEAN-2/silent-after-cleanup", "it wrote after its answer to module_cleanup", item)
        if isinstance(value, dict):
            self._take_message(cast("dict[str, Any]", value), item)
        else:
            self._strays.frame(self.wire.clock(), cast("object", value), faults, item)

    def _take_message(self, message: dict[str, Any], line: bytes) -> None:
        if "method" not in message:
            self._take_response(message, line)
            return
        if "jsonrpc" not in message or message["jsonrpc"] != "2.0":
            self._breach("HUB-MSG-1/writes-jsonrpc-2.0", "its jsonrpc is not the string 2.0", line)
        elif faults := frame_faults(message):
            check = "HUB-ID-1/mints-good-ids" if faults[0][0].startswith("/id") else "HUB-MSG-2/writes-good-requests"
            self._breach(check, f"{faults[0][0]}: {faults[0][1]}", line)
            return
        if "id" in message:
            self._take_request(message, line)
        else:
            self._take_notification(message, line)

    def _take_response(self, message: dict[str, Any], line: bytes) -> None:
        for check, why in response_faults(message) if not self._lenient else ():
            self._breach(check, why, line)
        own_reading(message, self.notes)
        key = self._key_of_response(message, line)
        if key is None:
            return
        sent, begun, _ = self._open.pop(key)
        self._answered.add(key)
        self.cleaned_up = self.cleaned_up or key == self._cleanup
        answer = Answer(message, line, sent, self.wire.clock() - begun)
        self._answers[key] = answer
        if answer.code == -32603:  # noqa: PLR2004 - internal_error, HUB-CALL-4
            self.notes.seen.add("internal_error")

    def _key_of_response(self, message: dict[str, Any], line: bytes) -> str | None:
        request_id = message.get("id")
        key = _key(request_id)
        if key in self._open:
            return key
        loose = next((known for known in self._open if _loosely(known) == _loosely(key)), None)
        if loose is not None and request_id is not None and not self._lenient:
            why = f"the id is {shown_bytes(json.dumps(request_id))}, the request's was {loose}"
            self._breach("HUB-ID-3/echoes-the-very-id", why, line, self._open[loose].data)
            return loose
        if self._lenient:
            pass
        elif key in self._answered:
            self._breach("HUB-ID-4/answers-once", "it answers a request that it has answered already", line)
        elif key not in self._excused and not (request_id is None and self._null_excused):
            self._breach("HUB-ID-4/answers-what-was-asked", "it answers a request that there never was", line)
        self.unasked.append((message, line))
        self._strays.response(self.wire.clock(), message, line)
        return None

    def _take_request(self, message: dict[str, Any], line: bytes) -> None:
        key = _key(message["id"])
        if key in self._module_ids:
            why = "its id is that of a request of its own that is open"
            self._breach("HUB-ID-2/keeps-ids-apart", why, line, self._call_of(message))
        if "host_services" not in self.features:
            why = f"{message['method']} without the feature host_services"
            self._breach("HUB-VER-3/uses-features-in-force", why, line, self._call_of(message))
        self._module_ids.add(key)
        self._serve(message, line)

    def _serve(self, message: dict[str, Any], line: bytes) -> None:
        call = self._call_of(message) or self.last_sent
        reply = self.host.answer(message, account_of=self._account_of, line=line, call=call)
        if reply is None:
            self.held.append(message)
            return
        body = {"jsonrpc": "2.0", "id": message["id"], reply[0]: reply[1]}
        if faults := frame_faults(body):
            self.notes.runner_fault(f"an answer of ours does not fit schemas/v1: {faults[0]}")
        self._replies.append((_key(message["id"]), self.wire.frame(compact(body))))

    def _call_of(self, message: dict[str, Any]) -> bytes:
        """Return the request in whose call the module asks the hub; nothing where there is none."""
        asked = self._open.get(_key(members(message.get("params")).get("call_id")))
        return b"" if asked is None else asked.data

    def _account_of(self, call_id: object) -> str | None:
        """Return the account of a call under way; None for any other."""
        asked = self._open.get(_key(call_id))
        return None if asked is None else asked.account

    def _take_notification(self, message: dict[str, Any], line: bytes) -> None:
        method, params = message["method"], message.get("params", {})
        definition = to_hub_definition(method, is_request=False)
        faults = definition_faults(definition, params) if definition else []
        if method == "$/progress":
            self._take_progress(params, faults, line)
            return
        self.notes.seen.add(method)
        if faults:
            self._breach("HUB-MSG-2/writes-good-notifications", f"{method}: {faults[0][0]}: {faults[0][1]}", line)
        self.unasked.append((message, line))

    def _take_progress(self, params: dict[str, Any], faults: list[tuple[str, str]], line: bytes) -> None:
        self.notes.seen.add("progress")
        if "progress" not in self.features:
            self._breach("HUB-VER-3/uses-features-in-force", "$/progress without the feature progress", line)
        if faults:
            self._breach("HUB-PROG-1/has-its-form", f"{faults[0][0]}: {faults[0][1]}", line)
            return
        key, done = _key(params["id"]), float(params["done"])
        if key not in self._open:
            self._breach("HUB-PROG-1/belongs-to-a-call-under-way", "its id is that of no call under way", line)
            return
        steps = self.progress.setdefault(key, [])
        if steps and done < steps[-1]:
            why = f"done falls from {steps[-1]:g} to {done:g}"
            self._breach("HUB-PROG-1/does-not-fall", why, line, self._open[key].data)
        steps.append(done)
        self.last_progress[key] = line


def _key(request_id: object) -> str:
    """Return an id as JSON text, so that 1, 1.0, true and "1" are four."""
    return json.dumps(request_id)


def _loosely(key: str) -> str:
    return key.strip('"').removesuffix(".0")
