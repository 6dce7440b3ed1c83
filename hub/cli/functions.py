"""`hub functions [NAME]`: what can be called, as signatures. Owns this one noun; knows no protocol."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli._complete import complete_module, remember
from hub.cli._options import Json, PluginDirectories, Verbose, invocation

if TYPE_CHECKING:
    from hub import ApprovalRequest, Client, Function, Hub
    from hub.cli._screen import Screen

__all__ = ["add_to", "function_json"]


def add_to(app: typer.Typer) -> None:
    """Add the command to the tree."""
    app.command("functions")(_functions)


def _functions(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="One module.", autocompletion=complete_module)] = None,
    plugins: PluginDirectories = None,
    as_json: Json = None,
    verbose: Verbose = None,
) -> None:
    """Show what can be called, as signatures.

    Each module is started for a moment and asked; nothing is initialised, so no approval is needed. With --json: a list of
    objects, one for each function.
    """
    from hub.cli._running import LONG_SECONDS, through_hub

    del as_json, verbose  # Output has seen them
    invoked = invocation(context, plugins)
    output = invoked.output
    output.doing = "list the functions" if name is None else f"list the functions of {name}"

    def ask(client: "Client") -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        found = client.request("hub.functions", {} if name is None else {"name": name}, timeout_seconds=LONG_SECONDS)
        return found["functions"], found["failed"]

    async def work(hub: "Hub", screen: "Screen") -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        from hub.cli._introduce import introduce_all

        found, failed = await introduce_all(hub) if name is None else ([await hub.introduce(name)], [])
        remember(hub.paths, found)
        if not (found or failed):
            screen.nothing_in(hub.registry.directories)
        return list(_as_json(found)), [error.to_json() for error in failed]

    functions, failed = through_hub(output, invoked.plugins, ask, work)
    if output.json:
        output.document(functions)
    else:
        output.lines(_as_lines(functions))
    for error in failed:
        output.warn(error)


def _as_lines(functions: "Sequence[dict[str, Any]]") -> Iterator[str]:
    from hub.cli._text import harmless

    for function in functions:
        hints: dict[str, Any] = function.get("hints") or {}
        marks = [mark for mark in ("destructive",) if hints.get(mark)]
        marks += ["deprecated"] if function.get("deprecated") else []
        remark = "; ".join([*marks, *([function["summary"]] if function.get("summary") else [])])
        yield harmless(f"{function['module']}.{function['signature']}{f'  # {remark}' if remark else ''}")


def _as_json(found: "Sequence[ApprovalRequest]") -> Iterator[dict[str, Any]]:
    for request in found:
        for function in request.introduction.functions.values():
            yield function_json(request.introduction.name, function)


def function_json(module: str, function: "Function") -> dict[str, Any]:
    """Return what `--json` says of a function: where it is and how it looks, then its declaration as the module gave it."""
    where = {"module": module, "address": f"{module}.{function.name}", "signature": function.signature}
    return {**where, **function.declaration}
