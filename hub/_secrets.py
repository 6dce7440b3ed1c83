"""Own what a hub knows to be secret, by value, and how it is found and blacked out; know nothing of who keeps or says it.

Known are strings (HUB-CRED-5), and the forms in which programs write them: JSON, base64 at any offset, percent-encoding. Where
nothing is known, `known` is False and nothing here needs to be called.
"""

import base64
import json
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final, cast
from urllib.parse import quote, quote_plus

import msgspec

from hub._calls import Progress
from hub._logrecord import harmless_text
from hub._redact import REDACTED
from hub.errors import FunctionError, HubError, InvalidResult
from hub.events import Event

__all__ = ["Secrets"]

# HUB-CRED-5: what is shorter stands in every text by chance.
_SHORTEST_CHARACTERS: Final = 8
# Lines of a key in PEM are logged one by one; shorter lines of a text are words that others use too.
_SHORTEST_LINE_CHARACTERS: Final = 16
# The beginning or end of a secret at which a text was cut; less than this says nothing of it.
_SHORTEST_PART_CHARACTERS: Final = 4
# Of one module, the newest: a few for each account. More cost every line of log a search, and are no honest module's.
_KNOWN_PER_MODULE: Final = 256
# What a text that was cut ends in, with a word after it at most.
_ELLIPSIS: Final = "…"
_MARK_CHARACTERS: Final = 8
# What becomes of one character in a log, at most: \U0010ffff.
_HARMLESS_CHARACTERS: Final = 10
_FENCE: Final = "-----"  # -----BEGIN PRIVATE KEY----- is the same in every key, and in none a secret
# How Go writes what could end a script in HTML.
_AS_GO_WRITES: Final = str.maketrans({"<": r"\u003c", ">": r"\u003e", "&": r"\u0026"})


class Secrets:
    """The strings that one hub knows to be secret."""

    def __init__(self) -> None:
        self.known = False
        self._of_module: dict[str, OrderedDict[str, None]] = {}
        self._needles: tuple[str, ...] = ()
        self._bytes: tuple[bytes, ...] = ()

    def learn(self, module: str, value: object) -> None:
        """Know every string of at least 8 characters in a JSON value from now on; the newest of a module are kept."""
        mine = self._of_module.setdefault(module, OrderedDict())
        new = False
        for text in _secret_strings(value):
            new = new or text not in mine
            mine[text] = None
            mine.move_to_end(text)
        while len(mine) > _KNOWN_PER_MODULE:
            mine.popitem(last=False)
        if new:
            forms = {form for texts in self._of_module.values() for text in texts for form in _forms(text)}
            # The longest first: a short one may be a part of it, and would leave the rest.
            self._needles = tuple(sorted(forms, key=len, reverse=True))
            # As they stand in JSON, where each is found whatever else is escaped in it.
            self._bytes = tuple({msgspec.json.encode(form)[1:-1] for form in forms})
            self.known = bool(forms)

    # Finding

    def is_in(self, value: object) -> bool:
        """Return whether a JSON value holds a secret anywhere, in names of members too."""
        if not self.known:
            return False
        data = msgspec.json.encode(value, enc_hook=str)
        return any(needle in data for needle in self._bytes)

    # Blacking out

    def black_out(self, text: str) -> str:
        """Return `text` without secrets; one that was cut, which an ellipsis tells, also without the beginning of one."""
        for needle in self._needles:
            if needle in text:
                text = text.replace(needle, REDACTED)
        if self.known and _ELLIPSIS in text[-_MARK_CHARACTERS:]:
            before, mark, after = text.rpartition(_ELLIPSIS)
            kept = before.rstrip(" ")
            return self._without_beginning(kept) + before[len(kept) :] + mark + after
        return text

    def black_out_piece(self, text: str) -> str:
        """Return a piece out of a longer text without secrets, and without the parts of one where it was cut."""
        if len(text) >= _SHORTEST_CHARACTERS and any(text in needle for needle in self._needles):
            return REDACTED
        return self._without_end(self._without_beginning(self.black_out(text)))

    def _without_beginning(self, text: str) -> str:
        for needle in self._needles:
            at = text.find(needle[:_SHORTEST_PART_CHARACTERS], max(0, len(text) - len(needle) + 1))
            while at >= 0:
                if needle.startswith(text[at:]):
                    return text[:at] + REDACTED
                at = text.find(needle[:_SHORTEST_PART_CHARACTERS], at + 1)
        return text

    def _without_end(self, text: str) -> str:
        for needle in self._needles:
            end = needle[-_SHORTEST_PART_CHARACTERS:]
            at = text.rfind(end, 0, len(needle) - 1)
            while at >= 0:
                if needle.endswith(text[: at + len(end)]):
                    return REDACTED + text[at + len(end) :]
                at = text.rfind(end, 0, at + len(end) - 1)
        return text

    def black_out_value(self, value: Any) -> Any:
        """Return a JSON value without secrets, in names of members neither."""
        if isinstance(value, str):
            return self.black_out(value)
        if isinstance(value, list | tuple):
            return [self.black_out_value(element) for element in cast("list[Any]", value)]
        if isinstance(value, dict):
            members = cast("dict[Any, Any]", value).items()
            return {self.black_out_value(name): self.black_out_value(member) for name, member in members}
        return value

    def black_out_event(self, event: Event) -> Event:
        """Return an event without secrets."""
        return replace(event, data=self.black_out_value(dict(event.data))) if self.known else event

    def black_out_progress(self, told: Callable[[Progress], None] | None) -> Callable[[Progress], None] | None:
        """Return what is told of progress without secrets in its message."""
        if told is None:
            return None

        def tell(progress: Progress) -> None:
            hidden = self.known and progress.message
            told(replace(progress, message=self.black_out(progress.message or "")) if hidden else progress)

        return tell

    def black_out_error(self, error: HubError) -> None:
        """Take secrets out of an error: out of our own words, which may quote a module's."""
        if not self.known or not self.is_in([error.to_json(), error.data]):
            return
        error.message = self.black_out(error.message)
        error.args = (error.message,)
        error.hint = None if error.hint is None else self.black_out(error.hint)
        error.data = self.black_out_value(error.data)
        if isinstance(error, FunctionError):
            error.error_data = None

    # Judging

    def refuse_result(self, module: str, function: str, result: object) -> None:
        """Let a result pass that holds no secret.

        Raises:
            InvalidResult: it holds one (HUB-CRED-5).
        """
        if self.is_in(result):
            raise _leaked(module, function, "result")

    def without_secrets(self, module: str, function: str, error: HubError) -> HubError:
        """Return the error that a caller may see: one of the module's own that holds a secret says nothing (HUB-CRED-5)."""
        if isinstance(error, FunctionError) and self.is_in([error.message, error.error_data]):
            return _leaked(module, function, "error")
        self.black_out_error(error)
        return error


def _leaked(module: str, function: str, what: str) -> InvalidResult:
    return InvalidResult(
        f"cannot use the {what} of {module}.{function}: it holds a secret",
        hint=f"this is a fault of the module: hub plugin test {module}",
        data={"module": module, "function": function, "requirement": "HUB-CRED-5", "may_have_executed": True},
    )


def _secret_strings(value: object) -> Iterator[str]:
    left = [value]
    while left:
        found = left.pop()
        if isinstance(found, str):
            yield from _strings_of(found)
        elif isinstance(found, list):
            left.extend(cast("list[object]", found))
        elif isinstance(found, dict):
            left.extend(cast("dict[str, object]", found).values())


def _strings_of(text: str) -> Iterator[str]:
    stripped = text.encode("utf-8", "replace").decode().strip()
    if len(stripped) >= _SHORTEST_CHARACTERS:
        yield stripped
    lines = stripped.splitlines()
    if len(lines) > 1:
        for line in map(str.strip, lines):
            if len(line) >= _SHORTEST_LINE_CHARACTERS and not line.startswith(_FENCE):
                yield line


def _forms(text: str) -> Iterator[str]:
    yield text
    yield harmless_text(text, _HARMLESS_CHARACTERS * len(text))
    for escaped in (json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]):
        yield escaped
        yield escaped.translate(_AS_GO_WRITES)
        yield json.dumps(escaped)[1:-1]  # JSON as a text in JSON
    yield quote(text, safe="")
    yield quote(text)
    yield quote_plus(text)
    yield from _in_base64(text.encode())


def _in_base64(data: bytes) -> Iterator[str]:
    """Yield what base64 makes of `data` wherever it stands in what is encoded (`user:secret`): the digits that are only its."""
    for before in range(3):
        first = -(-before * 8 // 6)
        last = (before + len(data)) * 8 // 6
        for encode in (base64.standard_b64encode, base64.urlsafe_b64encode):
            digits = encode(b"\0" * before + data).decode()[first:last]
            if len(digits) >= _SHORTEST_CHARACTERS:
                yield digits
