"""`hub ps`: what the running hub runs, and how it does. Owns this one noun; knows no protocol."""

import time
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Final

import typer

from hub.cli._options import Json, PluginDirectories, Verbose, invocation

__all__ = ["add_to", "ps_lines", "shown_bytes", "shown_seconds"]

_WATCH_SECONDS: Final = 1.0
# The cursor to the upper left, and all below it cleared: what was drawn before is overwritten without flicker.
_REDRAW: Final = "\x1b[H\x1b[J"
_ERROR_CHARACTERS: Final = 60
_HEAD: Final = ("NAME", "STATE", "PID", "UPTIME", "RESTARTS", "MEMORY", "CALLS", "ERRORS", "P50", "P99", "LAST ERROR")
_TO_THE_RIGHT: Final = frozenset({"PID", "UPTIME", "RESTARTS", "MEMORY", "CALLS", "ERRORS", "P50", "P99"})
_KIB: Final = 1024
_MINUTE: Final = 60


def add_to(app: typer.Typer) -> None:
    """Add the command to the tree."""
    app.command("ps")(_ps)


def _ps(
    context: typer.Context,
    watch: Annotated[bool | None, typer.Option("--watch", "-w", help="Show it anew each second, until Ctrl-C.")] = None,
    plugins: PluginDirectories = None,
    as_json: Json = None,
    verbose: Verbose = None,
) -> None:
    """Show what the running hub runs: state, process, memory, restarts, calls and their times, the last error.

    RESTARTS counts how often the hub restarted it since a person did, or since the hub started it. With --json: a list of
    objects, one for each module; with --watch one such list a line.
    """
    from hub.cli._running import running_hub

    del as_json, verbose  # Output has seen them
    invoked = invocation(context, plugins)
    output = invoked.output
    output.doing = "show what runs"
    with running_hub(invoked.plugins) as client:
        while True:
            rows: list[dict[str, Any]] = client.request("hub.ps")
            if output.json:
                output.document(rows)
            elif watch and output.is_terminal:
                output.lines([_REDRAW + "\n".join(ps_lines(rows))])
            else:
                output.lines(ps_lines(rows))
            if not watch:
                return
            time.sleep(_WATCH_SECONDS)


def ps_lines(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Return the rows as columns with a head."""
    from hub.cli._text import harmless

    cells = [_HEAD, *(tuple(_cells(row)) for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(_HEAD))]
    for row in cells:
        parts = (
            cell.rjust(width) if name in _TO_THE_RIGHT else cell.ljust(width)
            for name, cell, width in zip(_HEAD, row, widths, strict=True)
        )
        yield harmless("  ".join(parts).rstrip())


def _cells(row: dict[str, Any]) -> Iterator[str]:
    from hub.cli._text import cut

    error = row["last_error"]
    yield row["name"]
    yield row["state"]
    yield _or_dash(row["pid"])
    yield shown_seconds(row["uptime_seconds"])
    yield str(row["restarts"])
    yield shown_bytes(row["memory_bytes"])
    yield str(row["calls"])
    yield str(sum(row["errors"].values()))
    yield _milliseconds(row["p50_ms"])
    yield _milliseconds(row["p99_ms"])
    yield "-" if error is None else cut(error["message"], _ERROR_CHARACTERS)


def _or_dash(value: object) -> str:
    return "-" if value is None else str(value)


def shown_seconds(seconds: float | None) -> str:
    """Return a duration as `7s`, `3m12s`, `5h02m` or `3d04h`."""
    if seconds is None:
        return "-"
    minutes, rest = divmod(int(seconds), _MINUTE)
    hours, minutes = divmod(minutes, _MINUTE)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days}d{hours:02}h"
    if hours:
        return f"{hours}h{minutes:02}m"
    return f"{minutes}m{rest:02}s" if minutes else f"{rest}s"


def shown_bytes(size: int | None) -> str:
    """Return a size as `812K`, `14.2M` or `1.5G`."""
    if size is None:
        return "-"
    kib = size / _KIB
    if kib < _KIB:
        return f"{kib:.0f}K"
    return f"{kib / _KIB:.1f}M" if kib < _KIB * _KIB else f"{kib / _KIB / _KIB:.1f}G"


def _milliseconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}ms"
