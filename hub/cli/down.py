"""`hub down`: end the running hub and everything it runs. Owns this one noun; knows no protocol."""

from typing import Any, Final

import typer

from hub.cli._options import Json, PluginDirectories, Verbose, invocation

__all__ = ["add_to"]

# A hub ends within 10 s, whatever its modules do.
_END_SECONDS: Final = 20.0


def add_to(app: typer.Typer) -> None:
    """Add the command to the tree."""
    app.command("down")(_down)


def _down(context: typer.Context, plugins: PluginDirectories = None, as_json: Json = None, verbose: Verbose = None) -> None:
    """End the running hub: its modules are stopped, then it exits. Returns when nothing of it is left."""
    from hub.cli._running import running_hub
    from hub.errors import CallTimeout

    del as_json, verbose  # Output has seen them
    invoked = invocation(context, plugins)
    invoked.output.doing = "end the running hub"
    with running_hub(invoked.plugins) as client:
        ended: dict[str, Any] = client.request("hub.down")
        if not client.wait_closed(_END_SECONDS):
            msg = f"cannot end the hub (pid {ended['pid']}) within {_END_SECONDS:g} s"
            raise CallTimeout(msg, hint=f"kill -9 {ended['pid']} ends it and all its modules")
    if invoked.output.json:
        invoked.output.document(ended)
    else:
        invoked.output.lines([f"the hub (pid {ended['pid']}) has ended"])
