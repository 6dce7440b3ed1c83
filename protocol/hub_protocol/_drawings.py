"""Own the parts of the specification that are drawn from tables, and where they stand in it; must not read or write files."""

import re
from typing import Final

from hub_protocol.errors import ERRORS, HUB_CODES
from hub_protocol.lifecycle import TABLE, Happening, State

__all__ = ["errors_table", "lifecycle_drawing", "redraw"]

_MINUS: Final = "\N{MINUS SIGN}"


def errors_table() -> str:
    """Return the table of error codes as Markdown."""
    rows = [
        f"| {str(spec.code).replace('-', _MINUS)} | `{kind}` | {spec.meaning} |"
        for kind, spec in sorted(ERRORS.items(), key=lambda item: (item[1].code in HUB_CODES, -item[1].code))
    ]
    return "\n".join(["| code | kind | meaning |", "|---|---|---|", *rows])


def lifecycle_drawing() -> str:
    """Return the life of a module twice: as text for a terminal and as a Mermaid diagram."""
    return f"```text\n{_lifecycle_text()}\n```\n\n```mermaid\n{_lifecycle_mermaid()}\n```"


def _moves() -> dict[tuple[Happening, State], list[State]]:
    """Return from which states each happening leads to each state."""
    moves: dict[tuple[Happening, State], list[State]] = {}
    for (state, happening), target in TABLE.items():
        moves.setdefault((happening, target), []).append(state)
    return moves


def _lifecycle_text() -> str:
    order = list(Happening)
    moves = sorted(_moves().items(), key=lambda move: order.index(move[0][0]))
    rows = [("when", "a module that is", "becomes")]
    rows += [(str(happening), ", ".join(sources), str(target)) for (happening, target), sources in moves]
    first, second = (max(len(row[column]) for row in rows) for column in (0, 1))
    return "\n".join(f"{when:{first}}  {sources:{second}}  {target}" for when, sources, target in rows)


def _lifecycle_mermaid() -> str:
    lines = ["stateDiagram-v2"]
    # Mermaid takes no hyphen in the name of a state.
    lines += [f'    state "{state}" as {_mermaid_name(state)}' for state in State if _mermaid_name(state) != state]
    lines.append(f"    [*] --> {_mermaid_name(next(iter(State)))}")
    for (state, happening), target in TABLE.items():
        lines.append(f"    {_mermaid_name(state)} --> {_mermaid_name(target)}: {happening}")
    return "\n".join(lines)


def _mermaid_name(state: State) -> str:
    return state.replace("-", "_")


def redraw(specification: str) -> str:
    """Return the specification with the drawn parts between their markers made anew.

    Raises:
        ValueError: a marker is missing.
    """
    drawn = {
        "lifecycle: drawn from hub_protocol.lifecycle": lifecycle_drawing(),
        "errors: drawn from hub_protocol.errors": errors_table(),
    }
    for marker, text in drawn.items():
        name = marker.partition(":")[0]
        between = re.compile(rf"(<!-- {re.escape(marker)} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        specification, count = between.subn(lambda match, text=text: f"{match[1]}\n{text}\n\n{match[2]}", specification)
        if count != 1:
            message = f"the specification needs <!-- {marker} --> and, after it, <!-- /{name} -->, once"
            raise ValueError(message)
    return specification
