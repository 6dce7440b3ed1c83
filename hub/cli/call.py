"""`hub call MODULE.FUNCTION ...`: call one function. Owns this one noun; knows no protocol and no schema."""

import time
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from typer.core import TyperCommand

from hub.cli import BEGUN_SECONDS
from hub.cli._complete import complete_address, remember
from hub.cli._options import invocation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hub import Client, Function, Hub, Module
    from hub.cli._call_line import CallLine
    from hub.cli._output import Output
    from hub.cli._screen import Screen

__all__ = ["add_to"]

_T = TypeVar("_T")
# How a list of objects, or anything else, is indented on a terminal.
_INDENT = 2

_HELP = """\
Usage: hub call MODULE.FUNCTION [--PARAMETER VALUE ...] [OPTIONS]
       hub call INTERFACE.FUNCTION [--all | --on MODULE ...] [--PARAMETER VALUE ...] [OPTIONS]

Call a function.

The parameters are those of the function; `hub call MODULE.FUNCTION --help` shows them.
  --page-size 5, --page_size 5, --page-size=5   the same
  --flag, --no-flag, --flag false               a boolean
  --tag a --tag b, --tag '["a","b"]'            a list: repeated, or as JSON
  --filter '{"state":"up"}'                     an object: as JSON
  --owner null                                  null, where the parameter may be null
  --name=--limit                                a value that begins with --
  --param:timeout 5                             a parameter that has the name of an option below

Options that every function has:
  --params JSON|-|@FILE   All parameters as one JSON object: here, from standard input, or from a file.
                          An option for the same parameter wins.
  --account NAME          Whose credentials the module uses; else those of the account `default`.
  --keep session|keyring  Where the module's credentials are kept: until the hub ends, or in the system's keyring.
  --timeout SECONDS       How long everything may take, the start of the module included.
  --all                   With INTERFACE.FUNCTION: call every module that implements it, for each of its accounts.
  --on MODULE             With INTERFACE.FUNCTION: call this module; may be repeated.
  --interface-version REQ With INTERFACE.FUNCTION: the version, such as ^1.0. Else the highest major one known.
  --plugins DIR           Where plugins are; may be repeated. Else HUB_PLUGINS, else ./plugins.
  --json                  Print the result as compact JSON on a terminal too; an error as one JSON object on stderr.
  -v, --verbose           Show all that the modules log.
  -h, --help              With MODULE.FUNCTION: what the function takes, answers and may fail with.

The result is indented JSON on a terminal (a list of flat objects a table), one compact JSON document otherwise.\
"""


class _CallCommand(TyperCommand):
    """A command whose options are not its own: its help is written by hand."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the page."""
        del ctx
        formatter.write(f"{_HELP}\n")


def add_to(app: typer.Typer) -> None:
    """Add the command to the tree."""
    # The options are those of the function, which nobody knows before it is asked: typer hands over the words as they are,
    # all of them from the first that is no option.
    settings = {"ignore_unknown_options": True, "allow_interspersed_args": False}
    app.command("call", cls=_CallCommand, context_settings=settings)(_call)


def _call(
    context: typer.Context,
    words: Annotated[list[str], typer.Argument(metavar="MODULE.FUNCTION [--PARAMETER VALUE]", autocompletion=complete_address)],
) -> int:
    """Call a function."""
    from hub.cli._call_line import read_call_line

    line = read_call_line(words)
    invoked = invocation(context, line.plugins)
    if line.address is None:
        if line.help:
            invoked.output.lines(_HELP.splitlines())
            return 0
        from hub.errors import UsageError

        raise UsageError("cannot call a function: none was named", hint="`hub functions` shows what can be called")
    invoked.output.doing = f"call {line.address}"
    if line.is_for_interface and (line.help or line.all or line.on):
        from hub.cli._fanout import make_fan_out, show_interface_help

        show = show_interface_help if line.help else make_fan_out
        return show(invoked.output, invoked.plugins, line, line.address)
    if line.help:
        return _show_help(invoked.output, invoked.plugins, line.address)
    return _make_call(invoked.output, invoked.plugins, line, line.address)


def _show_help(output: "Output", plugins: list[str], address: str) -> int:
    from hub.cli._function_help import function_help
    from hub.cli._running import through_hub
    from hub.cli.functions import function_json

    module, _, _ = _split(address)

    def ask(client: "Client") -> "Function":
        from hub import Function
        from hub.cli._remote_call import declared_functions

        declared = declared_functions(client, module, address=address, seconds=None, start=False)
        return Function(address.removeprefix(f"{module}."), _function_named(address, declared))

    async def work(hub: "Hub", _screen: "Screen") -> "Function":
        request = await hub.introduce(module)
        remember(hub.paths, [request])
        return _function_named(address, request.introduction.functions)

    function = through_hub(output, plugins, ask, work)
    if output.json:
        output.document(function_json(module, function))
    else:
        output.lines(function_help(module, function, output.width))
    return 0


def _make_call(output: "Output", plugins: list[str], line: "CallLine", written: str) -> int:
    from hub.cli._arguments import params_from_words, told_by_option
    from hub.cli._fanout import address_in, address_through
    from hub.cli._given_params import given_params, given_seconds
    from hub.cli._person import person_of, question_asker, tell_what_ends
    from hub.cli._running import through_hub
    from hub.errors import InvalidArguments

    base = given_params(written, line.params)
    seconds = given_seconds(written, line.timeout)
    person = person_of(line.account, line.keep)
    _split(written)

    def ask(client: "Client") -> Any:
        from hub.cli._remote_call import declared_functions, make_call, params_schema
        from hub.cli._screen import Screen

        address = address_through(client, line, written, seconds)
        declared = declared_functions(client, _split(address)[0], address=address, seconds=seconds, start=True)
        schema = params_schema(_function_named(address, declared))
        params = params_from_words(address, schema, line.words, base)
        try:
            screen = Screen(output)
            return make_call(client, screen, address, params, seconds, person, question_asker(output, screen))
        except InvalidArguments as error:
            raise told_by_option(error, schema) from None

    async def work(hub: "Hub", screen: "Screen") -> Any:
        address = await address_in(hub, line, written, seconds)
        function = _function_named(address, (await _started(hub, _split(address)[0], address, seconds)).functions)
        params = params_from_words(address, function.params, line.words, base)
        spent = time.monotonic() - BEGUN_SECONDS
        try:
            result = await hub.request(
                address,
                params,
                timeout_seconds=seconds,
                spent_seconds=spent,
                on_progress=screen.on_progress,
                profile=person.get("profile"),
                keep=person.get("keep"),
            )
        except InvalidArguments as error:
            raise told_by_option(error, function.params) from None
        tell_what_ends(hub, output, screen)
        return result

    _print(output, through_hub(output, plugins, ask, work))
    return 0


async def _started(hub: "Hub", module: str, address: str, seconds: float | None) -> "Module":
    """Start the module within the deadline of the call: its own schema says how the words are to be read."""
    import anyio

    from hub.errors import CallTimeout

    with anyio.move_on_after(None if seconds is None else seconds - (time.monotonic() - BEGUN_SECONDS)):
        return await hub.start(module)
    msg = f"cannot call {address} within {seconds:g} s: it was still starting"
    raise CallTimeout(msg, hint="give it more time with --timeout", data={"module": module, "may_have_executed": False})


def _split(address: str) -> tuple[str, str, str]:
    from hub.cli._text import harmless
    from hub.errors import UsageError

    module, dot, name = address.partition(".")
    if not (module and name):
        hint = f"`hub functions {harmless(module)}` shows what it can do" if module and not dot else "`hub functions` shows all"
        raise UsageError(f"cannot call {harmless(address)}: the name of a function is MODULE.FUNCTION", hint=hint)
    return module, dot, name


def _function_named(address: str, functions: "Mapping[str, _T]") -> _T:
    from difflib import get_close_matches

    from hub.cli._text import harmless
    from hub.errors import NotFound

    module, _, name = _split(address)
    if name in functions:
        return functions[name]
    near = get_close_matches(name, functions, n=1)
    hint = f"did you mean {module}.{near[0]}?" if near else f"`hub functions {module}` shows what it can do"
    msg = f"cannot call {harmless(address)}: {module} has no function {harmless(name)}"
    raise NotFound(msg, hint=hint, data={"module": module, "function": name})


def _print(output: "Output", result: Any) -> None:
    """Print a result: for a script as one line of JSON, for a person as a table where it is one, else as indented JSON."""
    if output.json or not output.is_terminal:
        output.document(result)
    elif _may_be_table(result):
        output.table(result)
    else:
        output.document(result, indent=_INDENT)


def _may_be_table(result: Any) -> bool:
    if not isinstance(result, list) or not result or not isinstance(result[0], dict):
        return False
    from hub.cli._table import is_tabular  # rich: only where it may be needed

    return is_tabular(result)
