"""`hub interfaces [NAME]`: which interfaces there are and who implements them. Owns this one noun; knows no protocol."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from hub.cli._options import Json, PluginDirectories, Verbose, invocation

if TYPE_CHECKING:
    from hub import Client, Hub
    from hub.cli._screen import Screen

__all__ = ["add_to", "interface_lines", "listing_lines"]

_HEAD: Final = ("NAME", "VERSION", "FROM", "MODULES")
_GAP: Final = "  "
_UNKNOWN: Final = "nowhere: not served"


def add_to(app: typer.Typer) -> None:
    """Add the command to the tree."""
    app.command("interfaces")(_interfaces)


def _interfaces(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="One interface, with its functions.")] = None,
    plugins: PluginDirectories = None,
    as_json: Json = None,
    verbose: Verbose = None,
) -> None:
    """Show the interfaces, where they are from, and which modules implement them; of one, its functions as signatures.

    A module that was never approved, or has changed, is started for a moment and asked. With --json: a list of objects.
    """
    from hub.cli._running import LONG_SECONDS, through_hub

    del as_json, verbose  # Output has seen them
    invoked = invocation(context, plugins)
    output = invoked.output
    output.doing = "list the interfaces" if name is None else f"show {name}"

    def ask(client: "Client") -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        found = client.request("hub.interfaces", {} if name is None else {"name": name}, timeout_seconds=LONG_SECONDS)
        return found["interfaces"], found["failed"]

    async def work(hub: "Hub", _screen: "Screen") -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        found, failed = await hub.implementers.listing(name)
        return found, [error.to_json() for error in failed]

    found, failed = through_hub(output, invoked.plugins, ask, work)
    if output.json:
        output.document(found)
    else:
        output.lines(listing_lines(found) if name is None else interface_lines(found))
    for error in failed:
        output.warn(error)


def listing_lines(found: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Return all interfaces as columns, each line harmless."""
    from hub.cli._text import harmless

    rows = [_HEAD, *((one["name"], one["version"], one["from"] or "-", ", ".join(one["modules"]) or "-") for one in found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    for row in rows:
        yield harmless(_GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def interface_lines(found: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Return the versions of one interface with their functions, each line harmless."""
    from hub.cli._text import harmless

    for one in found:
        yield harmless(f"{one['name']} {one['version']}{f': {summary}' if (summary := one['summary']) else ''}")
        yield harmless(f"from: {one['from'] or _UNKNOWN}")
        yield harmless(f"modules: {', '.join(one['modules']) or 'none implements it'}")
        if one["functions"]:
            yield "functions:"
        for function in one["functions"]:
            summary = function.get("summary")
            yield harmless(f"{_GAP}{function['signature']}{f'  # {summary}' if summary else ''}")
