"""`hub restart NAME`: stop a module of the running hub and start it again. Owns this one noun; knows no protocol."""

from typing import Annotated, Any

import typer

from hub.cli._complete import complete_module
from hub.cli._options import Json, PluginDirectories, Verbose, invocation

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the command to the tree."""
    app.command("restart")(_restart)


def _restart(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The name of the module.", autocompletion=complete_module)],
    plugins: PluginDirectories = None,
    as_json: Json = None,
    verbose: Verbose = None,
) -> None:
    """Stop a module in the running hub and start it again, with what requires it and was running."""
    from hub.cli._running import LONG_SECONDS, running_hub
    from hub.cli._text import harmless

    del as_json, verbose  # Output has seen them
    invoked = invocation(context, plugins)
    invoked.output.doing = f"restart {name}"
    with running_hub(invoked.plugins) as client:
        state: dict[str, Any] = client.request("hub.restart", {"name": name}, timeout_seconds=LONG_SECONDS)
    if invoked.output.json:
        invoked.output.document(state)
    else:
        invoked.output.lines([f"restarted {harmless(name)} (pid {state['pid']})"])
