"""`hub plugin list|info|approve|revoke|new|test`: plugins and whether they may run. Owns this one noun; knows no protocol."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli import plugin_new, plugin_test
from hub.cli._complete import complete_module, remember
from hub.cli._options import Json, PluginDirectories, Verbose, invocation

if TYPE_CHECKING:
    from hub import ApprovalRequest, Hub, HubError
    from hub.cli._screen import Screen

__all__ = ["add_to"]

_Name = Annotated[str, typer.Argument(metavar="NAME", help="The name of the module.", autocompletion=complete_module)]


def add_to(app: typer.Typer, or_show_help: Callable[[typer.Context], None]) -> None:
    """Add the commands to the tree."""
    group = typer.Typer(rich_markup_mode=None, help="See which plugins there are, and decide which may run.")

    @group.callback(invoke_without_command=True)
    def begin(context: typer.Context, plugins: PluginDirectories = None, as_json: Json = None, verbose: Verbose = None) -> None:
        """See which plugins there are, and decide which may run."""
        del as_json, verbose  # Output has seen them
        invocation(context, plugins)
        or_show_help(context)

    group.command("list")(_list)
    group.command("info")(_info)
    group.command("approve")(_approve)
    group.command("revoke")(_revoke)
    plugin_new.add_to(group)
    plugin_test.add_to(group)
    app.add_typer(group, name="plugin")


def _list(context: typer.Context, plugins: PluginDirectories = None, as_json: Json = None, verbose: Verbose = None) -> None:
    """List the plugins, with their approval; broken ones with the reason. Nothing is run."""
    from hub.cli._plugin_list import listing, listing_lines
    from hub.cli._session import run_with_hub

    del as_json, verbose  # Output has seen them
    invoked = invocation(context, plugins)
    invoked.output.doing = "list the plugins"

    async def work(hub: "Hub", screen: "Screen") -> None:
        problems = hub.registry.problems
        if problems and not hub.modules and not hub.registry.broken:
            raise problems[0]
        rows.extend(await listing(hub))
        failed.extend(problems)
        if not rows:
            screen.nothing_in(hub.registry.directories)

    rows: list[dict[str, object]] = []
    failed: list[HubError] = []
    run_with_hub(invoked.output, invoked.plugins, work)
    if invoked.output.json:
        invoked.output.document(rows)
    else:
        invoked.output.lines(listing_lines(rows))
    for error in failed:
        invoked.output.warn(error.to_json())


def _info(
    context: typer.Context, name: _Name, plugins: PluginDirectories = None, as_json: Json = None, verbose: Verbose = None
) -> None:
    """Show who a module is and what it can do. It is started for a moment and asked; nothing is initialised."""
    from hub.cli._plugin_page import page_json, page_lines
    from hub.cli._session import run_with_hub

    del as_json, verbose  # Output has seen them
    invoked = invocation(context, plugins)
    invoked.output.doing = f"show {name}"

    async def work(hub: "Hub", _screen: "Screen") -> "ApprovalRequest":
        request = await hub.introduce(name)
        remember(hub.paths, [request])
        return request

    request = run_with_hub(invoked.output, invoked.plugins, work)
    if invoked.output.json:
        invoked.output.document(page_json(request))
    else:
        invoked.output.lines(page_lines(request))


def _approve(
    context: typer.Context,
    name: _Name,
    yes: Annotated[bool | None, typer.Option("--yes", "-y", help="Approve without asking.")] = None,
    plugins: PluginDirectories = None,
    as_json: Json = None,
    verbose: Verbose = None,
) -> None:
    """Let a plugin run: this exact content, until it changes.

    Shows who it is, what it can do and what it asks for, and what changed since the last approval; then asks.
    """
    from hub.cli._approve import approve
    from hub.cli._session import run_with_hub

    del as_json, verbose  # Output has seen them
    invoked = invocation(context, plugins)
    invoked.output.doing = f"approve {name}"
    run_with_hub(invoked.output, invoked.plugins, lambda hub, screen: approve(hub, screen, invoked.output, name, yes=bool(yes)))


def _revoke(
    context: typer.Context, name: _Name, plugins: PluginDirectories = None, as_json: Json = None, verbose: Verbose = None
) -> None:
    """Take an approval back: the plugin does not run any more. A module that runs already goes on until it is stopped."""
    from hub.cli._session import run_with_hub
    from hub.cli._text import harmless

    del as_json, verbose  # Output has seen them
    invoked = invocation(context, plugins)
    invoked.output.doing = f"revoke {name}"

    kept: list[str] = []

    async def work(hub: "Hub", _screen: "Screen") -> bool:
        kept.extend(one.name for one in hub.credentials.listed() if one.module == name)
        if hub.revoke(name):
            return True
        hub.registry.get(name)  # raises where there is no such plugin either
        return False

    revoked = run_with_hub(invoked.output, invoked.plugins, work)
    if invoked.output.json:
        invoked.output.document({"name": name, "revoked": revoked})
        return
    invoked.output.lines([f"revoked {harmless(name)}" if revoked else f"{harmless(name)} was not approved: nothing to revoke"])
    if kept:
        invoked.output.say(f"hint: what it keeps in the keyring is still there: hub credentials forget {harmless(name)}")
