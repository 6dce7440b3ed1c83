"""Own questions to the person at the terminal: one line in, secrets without echo; know no module and no approval.

Read on the event loop, not in a thread: a thread that waits for a key cannot be cancelled, and would keep the program open.
"""

import os
import sys
import termios
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, cast

import anyio

from hub.cli._convert import Unfit, convert
from hub.cli._output import Output
from hub.cli._schema_shapes import expected, is_secret, mapping, merged
from hub.cli._text import harmless, harmless_lines, shown_value

if TYPE_CHECKING:
    from hub import Answer, Question
    from hub.cli._screen import Screen

__all__ = ["Asker"]

# A line that a person types; the terminal's own limit in line mode.
_LINE_BYTES: Final = 4096
# Who answers wrongly this often does not know the answer.
_ATTEMPTS: Final = 3
_YES: Final = frozenset({"y", "yes"})


class Asker:
    """Asks at the terminal, where there is a person: standard input and standard error are both terminals."""

    def __init__(self, output: Output, screen: "Screen") -> None:
        self._output = output
        self._screen = screen
        self.can_ask = output.can_ask
        # One question at a time, also when two modules ask at once.
        self._turn = anyio.Lock()

    async def ask(self, question: "Question") -> "Answer":
        """Ask what a module wants to know; end of input (Ctrl-D) declines."""
        from hub import Answer

        async with self._turn:
            self._screen.clear()
            for line in harmless_lines(question.message):
                self._screen.line(f"{question.module} asks: {line}")
            content = await self._fill(question.schema)
        return Answer("decline") if content is None else Answer("accept", content)

    async def confirm(self, text: str) -> bool:
        """Ask a question that only `y` or `yes` affirms."""
        async with self._turn:
            answer = await self._line(f"{text} [y/N] ", secret=False)
        return answer is not None and answer.strip().lower() in _YES

    async def _fill(self, schema: Mapping[str, Any]) -> dict[str, Any] | None:
        properties = mapping(merged(schema, schema).get("properties"))
        if not properties:
            return {} if await self._confirmed() else None
        required = cast("list[object]", schema.get("required") or [])
        content: dict[str, Any] = {}
        for name, field in properties.items():
            value = await self._field(name, field, schema, is_required=name in required)
            if value is None:
                return None
            content |= value
        return content

    async def _confirmed(self) -> bool:
        answer = await self._line("[y/N] ", secret=False)
        return answer is not None and answer.strip().lower() in _YES

    async def _field(self, name: str, field: object, root: object, *, is_required: bool) -> dict[str, Any] | None:
        """Return the member `name` with its value, nothing where it was left out, or None when the person gave up."""
        whole = merged(field, root)
        secret = is_secret(field, root)
        for _ in range(_ATTEMPTS):
            answer = await self._line(_prompt(name, whole, root, secret=secret), secret=secret)
            if answer is None:
                return None
            if not answer and "default" in whole:
                return {name: whole["default"]}
            if not answer and not is_required:
                return {}
            try:
                return {name: convert([answer], field, root)}
            except Unfit as unfit:
                self._screen.line(unfit.why if secret else str(unfit))
        return None

    async def _line(self, prompt: str, *, secret: bool) -> str | None:
        descriptor = sys.stdin.fileno()
        with _without_echo(descriptor) if secret else _as_it_is():
            sys.stderr.write(prompt)
            sys.stderr.flush()
            await anyio.wait_readable(descriptor)
            typed = os.read(descriptor, _LINE_BYTES)
        if not typed and not secret:  # Ctrl-D leaves the cursor behind the prompt
            sys.stderr.write("\n")
        return typed.decode(sys.stdin.encoding, "replace").rstrip("\r\n") if typed else None


def _prompt(name: str, field: Mapping[str, Any], root: object, *, secret: bool) -> str:
    described = field.get("description") or field.get("title")
    words = harmless(described) if isinstance(described, str) else harmless(name)
    facts = [] if secret else [expected(field, root)]
    if "default" in field and not secret:
        facts.append(f"default {shown_value(field['default'])}")
    return f"{words} ({', '.join(facts)}): " if facts else f"{words}: "


@contextmanager
def _as_it_is() -> Generator[None]:
    yield


@contextmanager
def _without_echo(descriptor: int) -> Generator[None]:
    before = termios.tcgetattr(descriptor)
    silent = termios.tcgetattr(descriptor)
    silent[3] &= ~termios.ECHO
    termios.tcsetattr(descriptor, termios.TCSAFLUSH, silent)
    try:
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSAFLUSH, before)
        sys.stderr.write("\n")  # the one that was typed was not shown either
