"""Own how rows become a table on a terminal; know nothing of what they mean. The only file that draws with rich."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from rich.box import ASCII2, SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from hub.cli._text import harmless, harmless_json

__all__ = ["MAX_ROWS", "is_tabular", "table_lines"]

# Drawing measures each cell several times: more rows take seconds, and nobody reads them on a screen. JSON says the same.
MAX_ROWS: Final = 1_000
# More columns than this fold into letters one below the other.
_MAX_COLUMNS: Final = 16


def is_tabular(value: Any) -> bool:
    """Return whether `value` is a list of flat objects that can be read as a table."""
    if not isinstance(value, list) or not 0 < len(cast("list[Any]", value)) <= MAX_ROWS:
        return False
    columns: set[str] = set()
    for row in cast("list[object]", value):
        if not isinstance(row, dict):
            return False
        cells = cast("dict[str, object]", row)
        if any(isinstance(cell, dict | list) for cell in cells.values()):
            return False
        columns |= cells.keys()
    return 0 < len(columns) <= _MAX_COLUMNS


def table_lines(rows: Sequence[Mapping[str, Any]], width: int, *, unicode: bool = True, last: str | None = None) -> list[str]:
    """Return the lines of a table: the columns in the order in which the rows name them, numbers to the right.

    The column `last`, where there is one, comes behind all others.
    """
    columns = sorted(dict.fromkeys(name for row in rows for name in row), key=lambda name: name == last)
    table = Table(box=SIMPLE_HEAD if unicode else ASCII2, show_edge=False, pad_edge=False, header_style="bold")
    for name in columns:
        numbers = all(_is_number(row[name]) for row in rows if row.get(name) is not None)
        table.add_column(Text(harmless(name)), justify="right" if numbers else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(row, name)) for name in columns))
    console = Console(width=width)
    with console.capture() as captured:
        console.print(table)
    return [line.rstrip() for line in captured.get().rstrip("\n").split("\n")]


def _is_number(cell: object) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def _cell(row: Mapping[str, Any], name: str) -> str:
    if name not in row:
        return ""
    cell = row[name]
    if cell is None:
        return "-"
    return harmless(cell) if isinstance(cell, str) else harmless_json(cell)
