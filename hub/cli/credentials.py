"""`hub credentials list|forget`: what modules keep secret, never its values. Owns this one noun; knows no protocol."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from hub.cli._complete import complete_module
from hub.cli._options import Json, PluginDirectories, Verbose, invocation

if TYPE_CHECKING:
    from hub import Client, Hub
    from hub.cli._screen import Screen

__all__ = ["add_to"]

_HEAD: Final = ("MODULE", "ACCOUNT", "NAME", "KEPT", "EXPIRES")


def add_to(app: typer.Typer, or_show_help: Callable[[typer.Context], None]) -> None:
    """Add the commands to the tree."""
    group = typer.Typer(rich_markup_mode=None, help="See and remove what modules keep secret, for each account.")

    @group.callback(invoke_without_command=True)
    def begin(context: typer.Context, plugins: PluginDirectories = None, as_json: Json = None, verbose: Verbose = None) -> None:
        """See and remove what modules keep secret, for each account."""
        del as_json, verbose  # Output has seen them
        invocation(context, plugins)
        or_show_help(context)

    group.command("list")(_list)
    group.command("forget")(_forget)
    app.add_typer(group, name="credentials")


def _list(context: typer.Context, plugins: PluginDirectories = None, as_json: Json = None, verbose: Verbose = None) -> None:
    """List the credentials that are kept: whose, where, until when; never their values.

    Those of the session are in the memory of `hub up`; those in the system's keyring need no running hub.
    """
    from hub.cli._running import through_hub

    del as_json, verbose  # Output has seen them
    invoked = invocation(context, plugins)
    invoked.output.doing = "list the credentials"

    def ask(client: "Client") -> list[dict[str, Any]]:
        return client.request("hub.credentials.list")

    async def work(hub: "Hub", _screen: "Screen") -> list[dict[str, Any]]:
        return [credential.to_json() for credential in hub.credentials.listed()]

    found = through_hub(invoked.output, invoked.plugins, ask, work)
    if invoked.output.json:
        invoked.output.document(found)
    elif found:
        invoked.output.lines(_list_lines(found))
    else:
        invoked.output.lines(["no credentials are kept"])


def _forget(
    context: typer.Context,
    module: Annotated[str, typer.Argument(metavar="MODULE", help="The name of the module.", autocompletion=complete_module)],
    account: Annotated[str | None, typer.Option("--account", metavar="NAME", help="Only those of this account.")] = None,
    plugins: PluginDirectories = None,
    as_json: Json = None,
    verbose: Verbose = None,
) -> None:
    """Remove what a module keeps secret, here and from the system's keyring. At the service it may still be valid."""
    from hub.cli._running import LONG_SECONDS, through_hub
    from hub.cli._text import harmless

    del as_json, verbose  # Output has seen them
    invoked = invocation(context, plugins)
    invoked.output.doing = f"forget the credentials of {module}"

    def ask(client: "Client") -> int:
        asked = {"module": module, **({} if account is None else {"account": account})}
        answer: dict[str, int] = client.request("hub.credentials.forget", asked, timeout_seconds=LONG_SECONDS)
        return answer["forgotten"]

    async def work(hub: "Hub", _screen: "Screen") -> int:
        return await hub.credentials.forget(module, account)

    count = through_hub(invoked.output, invoked.plugins, ask, work)
    if invoked.output.json:
        told = {"module": module, **({} if account is None else {"account": account}), "forgotten": count}
        invoked.output.document(told)
        return
    whose = harmless(module) + ("" if account is None else f" for the account {harmless(account)}")
    credentials = "1 credential" if count == 1 else f"{count} credentials"
    invoked.output.lines([f"forgot {credentials} of {whose}" if count else f"nothing is kept of {whose}"])


def _list_lines(found: Sequence[dict[str, Any]]) -> Iterator[str]:
    from hub.cli._text import harmless

    rows = [_HEAD, *(tuple(harmless(cell) for cell in _cells(one)) for one in found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _cells(one: Mapping[str, Any]) -> tuple[str, ...]:
    return (one["module"], one["account"], one["name"], one["kept"], _shown_time(one["expires"]))


def _shown_time(expires: float | None) -> str:
    return "-" if expires is None else time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(expires))
