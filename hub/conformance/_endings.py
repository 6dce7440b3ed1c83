"""Own how a request to the module ends: with an answer, in silence, or with the module; know no sessions and no checks."""

from dataclasses import dataclass
from typing import Any, cast

__all__ = ["Answer", "Ended", "Silent"]


class Silent(Exception):
    """The module did not answer in time. `sent` is what it was asked, `received` what it wrote instead."""

    def __init__(self, sent: bytes, seconds: float, instead: tuple[str, bytes] = ("", b"")) -> None:
        words, self.received = instead
        super().__init__(f"there was no answer within {seconds:g} s" + (f", but {words}" if words else ""))
        self.sent = sent


class Ended(Exception):
    """The module closed its output or ended while an answer was awaited. `sent` and `received` are those of `Silent`."""

    def __init__(self, why: str, sent: bytes = b"", received: bytes = b"") -> None:
        super().__init__(why)
        self.sent, self.received = sent, received


@dataclass(frozen=True, slots=True)
class Answer:
    """The response to one request: `message` is its JSON object, `line` the frame, `seconds` how long it took."""

    message: dict[str, Any]
    line: bytes
    sent: bytes
    seconds: float

    @property
    def is_result(self) -> bool:
        """Whether it is the good end of the request."""
        return "error" not in self.message

    @property
    def result(self) -> Any:
        """The result; None for an error."""
        return self.message.get("result")

    @property
    def error(self) -> dict[str, Any]:
        """The error object; empty for a result, or where it is none."""
        found = self.message.get("error")
        return cast("dict[str, Any]", found) if isinstance(found, dict) else {}

    @property
    def code(self) -> int | None:
        """The error's code; None for a result."""
        code = self.error.get("code")
        return code if type(code) is int else None
