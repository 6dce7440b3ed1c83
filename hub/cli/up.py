"""`hub up`: run a hub in the foreground until it is ended. Owns this one noun; knows no protocol."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import typer

from hub.cli._options import Json, PluginDirectories, Verbose, invocation

if TYPE_CHECKING:
    from hub import Event

__all__ = ["add_to"]

_STDOUT: Final = 1


def add_to(app: typer.Typer) -> None:
    """Add the command to the tree."""
    app.command("up")(_up)


def _up(context: typer.Context, plugins: PluginDirectories = None, as_json: Json = None, verbose: Verbose = None) -> None:
    """Run a hub until it is ended: by Ctrl-C, SIGTERM or `hub down`.

    Starts every approved module that is not lazy and keeps it running. Other commands of the same user go through it. SIGHUP
    makes it read the plugins directories anew. Stays in the foreground; prints a line for each change, with --json one object
    a line. Works as a systemd service of type notify.
    """
    from hub import run_up
    from hub.cli._up_lines import Lines

    del as_json, verbose  # Output has seen them
    invoked = invocation(context, plugins)
    output = invoked.output
    output.doing = "run a hub"
    lines = Lines(json=output.json, verbose=output.verbose)
    encoding = "utf-8" if output.speaks_unicode else "ascii"

    def told(event: "Event") -> Iterator[bytes]:
        return (line.encode(encoding, "backslashreplace") for line in lines.of(event))

    run_up(list(invoked.plugins) or None, told=told, write=_write)


def _write(data: bytes) -> None:
    # Not sys.stdout: its lock, held by a thread that waits for a reader, would keep the interpreter from ending.
    view = memoryview(data)
    while view:
        view = view[os.write(_STDOUT, view) :]
