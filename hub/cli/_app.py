"""Own the tree of commands and how mistakes in it are told; know nothing of what the commands do.

Help is plain text: drawing it with rich would cost more time than everything else that `hub --help` does.
"""

from collections.abc import Sequence
from typing import Annotated, Final, NoReturn

import typer

from hub.cli import call, credentials, doctor, down, functions, interfaces, logs, plugin, ps, restart, start, stop, up
from hub.cli._exit_codes import INTERRUPTED, OK
from hub.cli._options import Invocation, Json, PluginDirectories, Verbose, invocation
from hub.cli._output import Output

__all__ = ["invoke"]

_PROGRAM: Final = "hub"
_USAGE: Final = 2

_app = typer.Typer(
    name=_PROGRAM,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=(
        "Exit codes: 0 success, 1 the function answered with an error, 2 wrong usage or arguments, 3 not found, "
        "4 not approved or not permitted, 5 the module could not start, died or broke the protocol, 6 timeout, "
        "7 overloaded or backing off, 130 interrupted."
    ),
)


def _show_version(value: bool | None) -> None:
    if value:
        from hub import __version__

        typer.echo(f"{_PROGRAM} {__version__}")
        raise typer.Exit


@_app.callback(invoke_without_command=True)
def _begin(
    context: typer.Context,
    plugins: PluginDirectories = None,
    as_json: Json = None,
    verbose: Verbose = None,
    version: Annotated[
        bool | None, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = None,
) -> None:
    """Run plugins in any language and call their functions."""
    del as_json, verbose, version  # Output has seen them, wherever they stand
    invocation(context, plugins)
    _or_show_help(context)


def _or_show_help(context: typer.Context) -> None:
    """Show the help of a group of commands that was given none."""
    if context.invoked_subcommand is None:
        if context.obj.output.json:
            from hub.errors import UsageError

            path = context.command_path
            raise UsageError("cannot understand the command: it names none", hint=f"`{path} --help` shows which there are")
        for line in context.get_help().splitlines():
            context.obj.output.say(line)
        raise typer.Exit(_USAGE)


call.add_to(_app)
functions.add_to(_app)
interfaces.add_to(_app)
plugin.add_to(_app, _or_show_help)
credentials.add_to(_app, _or_show_help)
for noun in (up, down, ps, logs, start, stop, restart, doctor):
    noun.add_to(_app)


def invoke(argv: Sequence[str], output: Output) -> int:
    """Run the command that `argv` says, and return its exit code.

    Raises:
        HubError: the command failed, or was misspelt.
    """
    command = typer.main.get_command(_app)
    try:
        with output.takes_over():
            code = command(list(argv), prog_name=_PROGRAM, standalone_mode=False, obj=Invocation(output))
    except typer.TyperException as error:
        _refuse(error)
    except typer.Abort:
        raise KeyboardInterrupt from None
    if code == INTERRUPTED:  # typer's own word for a KeyboardInterrupt
        raise KeyboardInterrupt
    return code if isinstance(code, int) else OK


def _refuse(error: typer.TyperException) -> NoReturn:
    from hub.errors import UsageError

    why = error.format_message().rstrip(".")
    context: typer.Context | None = getattr(error, "ctx", None)
    path = context.command_path if context is not None else _PROGRAM
    raise UsageError(
        f"cannot understand the command: {why[:1].lower()}{why[1:]}", hint=f"`{path} --help` shows what it takes"
    ) from None
