"""`hub stop NAME`: stop a module of the running hub. Owns this one noun; knows no protocol."""

from typing import Annotated, Any

import typer

from hub.cli._complete import complete_module
from hub.cli._options import Json, PluginDirectories, Verbose, invocation

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the command to the tree."""
    app.command("stop")(_stop)


def _stop(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The name of the module.", autocompletion=complete_module)],
    plugins: PluginDirectories = None,
    as_json: Json = None,
    verbose: Verbose = None,
) -> None:
    """Stop a module in the running hub, and what requires it. A call does not start it again; a person does."""
    from hub.cli._running import LONG_SECONDS, running_hub
    from hub.cli._text import harmless

    del as_json, verbose  # Output has seen them
    invoked = invocation(context, plugins)
    invoked.output.doing = f"stop {name}"
    with running_hub(invoked.plugins) as client:
        state: dict[str, Any] = client.request("hub.stop", {"name": name}, timeout_seconds=LONG_SECONDS)
    if invoked.output.json:
        invoked.output.document(state)
    else:
        invoked.output.lines([f"stopped {harmless(name)}"])
