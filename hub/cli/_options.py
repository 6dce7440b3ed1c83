"""Own the options that every command has, and what they amount to; know no command."""

from dataclasses import dataclass, field
from typing import Annotated

import typer

from hub.cli._output import Output

__all__ = ["Invocation", "Json", "PluginDirectories", "Verbose", "invocation"]

PluginDirectories = Annotated[
    list[str] | None,
    typer.Option("--plugins", metavar="DIR", help="Where plugins are; may be repeated. Else HUB_PLUGINS, else ./plugins."),
]
# None and not False: the value is never asked for, because `Output` looks for these two wherever they stand.
Json = Annotated[bool | None, typer.Option("--json", help="Print one JSON document; an error as one JSON object on stderr.")]
Verbose = Annotated[bool | None, typer.Option("--verbose", "-v", help="Show all that the modules log.")]


@dataclass
class Invocation:
    """One run of the command: where it writes, and the plugins directories that were given, wherever they stood."""

    output: Output
    plugins: list[str] = field(default_factory=list[str])


def invocation(context: typer.Context, plugins: list[str] | None) -> Invocation:
    """Return the invocation that a command belongs to, with its own `--plugins` added."""
    found: Invocation = context.obj
    found.plugins += plugins or []
    return found
