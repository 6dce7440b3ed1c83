"""Own how the events of `hub up` read: a line each for what an operator wants to see, one JSON object each for a program."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from hub.cli._text import cut, harmless, harmless_json

if TYPE_CHECKING:
    from hub import Event

__all__ = ["Lines"]

# What an operator sees who did not ask for more.
_SHOWN_LEVELS: Final = frozenset({"warning", "error", "critical"})
_FIELD_CHARACTERS: Final = 120

Data = Mapping[str, Any]


class Lines:
    """Makes lines of events."""

    def __init__(self, *, json: bool, verbose: bool) -> None:
        self._json = json
        self._verbose = verbose

    def of(self, event: "Event") -> Iterator[str]:
        """Return the lines for an event; none for what is of no interest."""
        if event.kind == "log" and not self._verbose and event.data["level"] not in _SHOWN_LEVELS:
            return
        if self._json:
            told = {"time": round(event.time, 3), "kind": event.kind, "module": event.module, "data": event.data}
            yield harmless_json(told)
            return
        words = _WORDS.get(event.kind)
        if words is None:
            if self._verbose:
                yield harmless(f"{event.module or 'hub'}: {event.kind} {harmless_json(dict(event.data))}")
            return
        for line in words(event.data):
            yield harmless(f"{event.module or 'hub'}: {line}")


def _error(error: Data) -> Iterator[str]:
    yield error["message"]
    if error.get("hint"):
        yield f"hint: {error['hint']}"


def _failed(data: Data) -> Iterator[str]:
    if data.get("gave_up"):
        return  # `module.gave-up` follows, and says this and more
    first, *hints = _error(data["error"])
    yield f"failed: {first}"
    yield from hints


def _log(data: Data) -> Iterator[str]:
    fields: Data = data.get("fields") or {}
    more = "".join(f" {name}={cut(harmless_json(value), _FIELD_CHARACTERS)}" for name, value in fields.items())
    yield f"{data['level']}: {data['message']}{more}"


def _reloaded(data: Data) -> Iterator[str]:
    parts = [f"{len(data[name])} {name}" for name in ("added", "removed", "changed") if data[name]]
    yield f"read the plugins directories anew: {', '.join(parts) or 'nothing changed'}"
    for error in data["broken"]:
        yield from _error(error)


def _one(text: Callable[[Data], str]) -> Callable[[Data], Iterator[str]]:
    return lambda data: iter([text(data)])


_WORDS: Final[Mapping[str, Callable[[Data], Iterator[str]]]] = {
    "hub.starting": _one(lambda data: f"starting (pid {data['pid']}), plugins: {', '.join(data['plugins'])}"),
    "hub.running": _one(lambda data: f"running, control socket: {data['socket']}"),
    "hub.reloaded": _reloaded,
    "hub.stopping": _one(lambda _: "stopping"),
    "hub.warning": _error,
    "hub.defect": _one(lambda data: f"defect, please report it: {data['message']}"),
    "module.running": _one(lambda _: "running"),
    "module.stopping": _one(lambda data: f"stopping: {data['reason']}"),
    "module.stopped": _one(lambda data: f"stopped: {data['exit']['text']}" if "exit" in data else "stopped"),
    "module.backing-off": _one(
        lambda data: f"started again in {data['retry_after_seconds']:.1f} s: {data['error']['message']}"
    ),
    "module.failed": _failed,
    "module.gave-up": _failed,
    "module.disabled": _one(lambda data: f"disabled itself: {data['reason']}"),
    "module.warning": _one(lambda data: f"warning: {data['message']}"),
    "log": _log,
}
