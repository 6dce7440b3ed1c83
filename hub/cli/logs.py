"""`hub logs NAME`: what a module logs, and how it died last. Owns this one noun; knows no protocol."""

import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from hub.cli._complete import complete_module
from hub.cli._options import Invocation, Json, PluginDirectories, Verbose, invocation

if TYPE_CHECKING:
    from hub import Client, Hub
    from hub.cli._screen import Screen

__all__ = ["add_to"]

_LINES: Final = 100
_MAX_LINES: Final = 100_000


def add_to(app: typer.Typer) -> None:
    """Add the command to the tree."""
    app.command("logs")(_logs)


def _logs(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The name of the module.", autocompletion=complete_module)],
    follow: Annotated[bool | None, typer.Option("--follow", "-f", help="Go on with what comes, until Ctrl-C.")] = None,
    lines: Annotated[int, typer.Option("--lines", "-n", metavar="N", min=0, max=_MAX_LINES, help="How many.")] = _LINES,
    last_crash: Annotated[bool | None, typer.Option("--last-crash", help="The report of its last death.")] = None,
    plugins: PluginDirectories = None,
    as_json: Json = None,
    verbose: Verbose = None,
) -> None:
    """Show the newest of what a module logged since the hub started, or the report of its last death.

    With --json: a list of records; with --follow one record a line. The report needs no running hub.
    """
    del as_json, verbose  # Output has seen them
    invoked = invocation(context, plugins)
    invoked.output.doing = f"show the last crash of {name}" if last_crash else f"show the log of {name}"
    if last_crash:
        _show_crash(invoked, name)
    else:
        _show_log(invoked, name, lines, follow=bool(follow))


def _show_log(invoked: Invocation, name: str, lines: int, *, follow: bool) -> None:
    from hub.cli._running import running_hub

    output = invoked.output
    with running_hub(invoked.plugins) as client:
        answer: dict[str, Any] = client.request("hub.logs", {"name": name, "lines": lines, "follow": follow})
        if output.json and not follow:
            output.document(answer["records"])
            return
        for record in answer["records"]:
            _show(invoked, record)
        if not follow:
            return
        for _, record in client.notifications():
            _show(invoked, record)
    from hub.errors import Closed

    raise Closed(f"cannot go on with the log of {name}: the hub ended", hint="`hub up` starts it again")


def _show(invoked: Invocation, record: Mapping[str, Any]) -> None:
    from hub.cli._text import cut, harmless, harmless_json

    if invoked.output.json:
        invoked.output.document({key: value for key, value in record.items() if key != "subscription"})
    elif "dropped" in record:
        invoked.output.lines([f"({record['dropped']} events dropped: they came faster than they were read)"])
    else:
        fields: Mapping[str, Any] = record.get("fields") or {}
        limit = None if invoked.output.verbose else 120
        more = "".join(f" {key}={cut(harmless_json(value), limit)}" for key, value in fields.items())
        at = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(record["event_time"]))
        invoked.output.lines([harmless(f"{at} {record['level']}: {record['message']}{more}")])


def _show_crash(invoked: Invocation, name: str) -> None:
    from hub.cli._crash_page import crash_lines
    from hub.cli._running import through_hub

    async def look(hub: "Hub", _screen: "Screen") -> dict[str, Any]:
        return hub.reports.last(name)

    def ask(client: "Client") -> dict[str, Any]:
        return client.request("hub.last_crash", {"name": name})

    report = through_hub(invoked.output, invoked.plugins, ask, look)
    if invoked.output.json:
        invoked.output.document(report)
    else:
        invoked.output.lines(_harmless(crash_lines(report)))


def _harmless(lines: Iterator[str]) -> Iterator[str]:
    from hub.cli._text import harmless

    return (harmless(line) for line in lines)
