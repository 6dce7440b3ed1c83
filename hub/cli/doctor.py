"""`hub doctor`: what this machine can run and enforce. Owns this one noun; knows no protocol."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import typer

from hub.cli._options import Json, PluginDirectories, Verbose, invocation

if TYPE_CHECKING:
    from hub import Hub
    from hub.cli._checks import Finding
    from hub.cli._screen import Screen

__all__ = ["add_to"]

_CANNOT_WORK: Final = 1


def add_to(app: typer.Typer) -> None:
    """Add the command to the tree."""
    app.command("doctor")(_doctor)


def _doctor(context: typer.Context, plugins: PluginDirectories = None, as_json: Json = None, verbose: Verbose = None) -> int:
    """Show what this machine can run and enforce.

    Starts no plugin and changes nothing. Exit code 0 when the hub can work here, 1 when something keeps it from working; a
    broken plugin is a warning.
    """
    from hub.cli._checks import ERROR, findings
    from hub.cli._session import run_with_hub

    del as_json, verbose  # Output has seen them
    invoked = invocation(context, plugins)
    output = invoked.output
    output.doing = "examine this machine"

    async def work(hub: "Hub", _screen: "Screen") -> "list[Finding]":
        return list(findings(hub))

    found = run_with_hub(output, invoked.plugins, work)
    works = not any(finding.status == ERROR for finding in found)
    if output.json:
        output.document({"ok": works, "checks": [finding.to_json() for finding in found]})
    else:
        output.lines(_lines(found, works=works))
    return 0 if works else _CANNOT_WORK


def _lines(found: "Sequence[Finding]", *, works: bool) -> Iterator[str]:
    from hub.cli._text import harmless

    width = max(len(finding.name) for finding in found)
    for finding in found:
        yield harmless(f"{finding.status:7}  {finding.name:{width}}  {finding.detail}")
        if finding.hint:
            yield harmless(f"{'':7}  {'':{width}}  hint: {finding.hint}")
    yield "the hub can work here" if works else "the hub cannot work here: mend what is marked `error`"
