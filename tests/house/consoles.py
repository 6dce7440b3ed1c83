"""Own how a code block in a README says what was typed and what was printed; know nothing of the hub.

    <!-- checked -->              the block below is executed, from the root of the clone, and compared
    <!-- checked elsewhere -->    the same, in a directory that begins empty and that the later such blocks share
    <!-- not checked: why -->     the block below cannot be executed here, for this reason

Between the marker and the block stands nothing but white space. A line that begins with `$ ` is a command; `> ` continues it;
what follows is its output, standard error included. `...` stands for any text within a line, alone on its line for any lines.
"""

import re
from dataclasses import dataclass
from typing import Final

__all__ = ["Block", "Step", "blocks_of", "is_printed"]

_BLOCK: Final = re.compile(
    r"(?:<!-- (?P<marker>[^\n]*?) -->\s*?\n\s*)?^```console\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL
)
_ANY: Final = "..."


@dataclass(frozen=True, slots=True)
class Step:
    """A command, what the text says it prints, and the line where it stands."""

    line: int
    command: str
    output: str


@dataclass(frozen=True, slots=True)
class Block:
    """A console block with its marker, or an empty marker where there is none."""

    line: int
    marker: str
    steps: tuple[Step, ...]


def blocks_of(text: str) -> list[Block]:
    """Return the console blocks of a Markdown text, in their order."""
    found: list[Block] = []
    for match in _BLOCK.finditer(text):
        line = text.count("\n", 0, match.start("body")) + 1
        found.append(Block(line, match["marker"] or "", tuple(_steps_of(match["body"], line))))
    return found


def _steps_of(body: str, first_line: int) -> list[Step]:
    steps: list[Step] = []
    for line, text in enumerate(body.splitlines(), first_line):
        if text.startswith("$ "):
            steps.append(Step(line, text[2:], ""))
        elif text.startswith("> ") and steps and not steps[-1].output:
            last = steps.pop()
            steps.append(Step(last.line, f"{last.command.removesuffix(chr(92))}{text[2:]}", ""))
        elif steps:
            last = steps.pop()
            steps.append(Step(last.line, last.command, f"{last.output}{text}\n"))
    return steps


def is_printed(expected: str, printed: str) -> bool:
    """Return whether `printed` is what `expected` says; trailing white space does not count."""
    lines = [line.rstrip() for line in expected.rstrip().splitlines()]
    pattern = "".join(r"(?:.*\n)*?" if line.strip() == _ANY else _line_pattern(line) for line in lines)
    shown = "".join(f"{line.rstrip()}\n" for line in printed.rstrip().splitlines())
    return re.fullmatch(pattern, shown) is not None


def _line_pattern(line: str) -> str:
    return ".*?".join(re.escape(part) for part in line.split(_ANY)) + r"\n"
