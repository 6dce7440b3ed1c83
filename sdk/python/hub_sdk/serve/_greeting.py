"""Own the one line for somebody who starts a module on a terminal; know nothing of how modules run."""

from hub_sdk.serve._definition import Definition

__all__ = ["greeting"]


def greeting(definition: Definition) -> str:
    """Return the line for somebody who has started a module on a terminal."""
    about = definition.information
    return (
        f"{about.name} {about.version} is a module: the hub starts it and talks to it in JSON over pipes. "
        "Run it with --hub-info to see what it can do, or test it with `hub plugin test`."
    )
