"""Own the page that `hub call MODULE.FUNCTION --help` prints, from the function's own declaration; pure text, no process."""

import shlex
import textwrap
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from hub.cli._arguments import Parameters, parameters_of
from hub.cli._convert import as_words
from hub.cli._parameter_help import parameter_help
from hub.cli._schema_shapes import expected, mapping
from hub.cli._text import harmless, harmless_json, harmless_lines

if TYPE_CHECKING:
    from hub import Function

__all__ = ["call_line", "function_help"]

# Lines longer than this are hard to read, however wide the terminal.
_MAX_WIDTH: Final = 100
_MIN_WIDTH: Final = 40
# An option that is longer has its description below, not beside.
_OPTION_COLUMN: Final = 30
# A result is shown to give an idea of it.
_RESULT_CHARACTERS: Final = 400

_HINTS: Final[Mapping[str, tuple[str, str]]] = {
    "destructive": ("may destroy something", "destroys nothing"),
    "read_only": ("changes nothing", "changes something"),
    "idempotent": ("may be called again with the same effect", "has another effect when it is called again"),
    "open_world": ("reaches beyond this machine", "stays on this machine"),
}


def function_help(module: str, function: "Function", width: int) -> list[str]:
    """Return the lines of the help page of a function, at most `width` wide where words can be wrapped."""
    return list(_page(f"{module}.{function.name}", function, max(_MIN_WIDTH, min(width, _MAX_WIDTH))))


def _page(address: str, function: "Function", width: int) -> Iterator[str]:
    parameters = parameters_of(function.params)
    yield f"Usage: hub call {address}{_usage(parameters)}"
    yield from _paragraph(function.summary, width)
    yield from _paragraph(function.description, width)
    yield from _notes(function, width)
    yield from _parameters(parameters, width)
    yield from _returns(function, width)
    yield from _errors(function, width)
    yield from _examples(address, function, parameters)
    yield ""
    yield "`hub call --help` shows the options that every function has (--params, --timeout, --json, ...)."


def _usage(parameters: Parameters) -> str:
    required = [parameter_help(name, parameters).option for name in parameters.required]
    optional = [name for name in parameters.properties if name not in parameters.required]
    more = " [OPTIONS]" if optional or parameters.others is not None else ""
    return "".join(f" {option}" for option in required) + more


def _paragraph(text: str, width: int, indent: str = "") -> Iterator[str]:
    if not text.strip():
        return
    yield ""
    for line in harmless_lines(text.strip()):
        yield from _wrapped(line, width, indent)


def _wrapped(line: str, width: int, indent: str) -> list[str]:
    # A line that the author indented is a table or code: left as it is.
    if line.startswith(" "):
        return [indent + line]
    return textwrap.wrap(line, width, initial_indent=indent, subsequent_indent=indent, break_long_words=False) or [""]


def _notes(function: "Function", width: int) -> Iterator[str]:
    given = function.hints
    notes = [words[0 if given[hint] else 1] for hint, words in _HINTS.items() if hint in given]
    if function.deprecated is not None:
        since = f" since {function.deprecated['since']}" if "since" in function.deprecated else ""
        instead = f": use {function.deprecated['use_instead']} instead" if "use_instead" in function.deprecated else ""
        notes.insert(0, f"DEPRECATED{since}{instead}")
    if function.timeout_seconds is not None:
        notes.append(f"may take {function.timeout_seconds:g} s (--timeout says otherwise)")
    if notes:
        yield ""
        yield "Notes:"
        for note in notes:
            yield from _wrapped(harmless(note), width, "  ")


def _parameters(parameters: Parameters, width: int) -> Iterator[str]:
    yield ""
    if not parameters.properties:
        yield "Parameters: any, by name" if parameters.others is not None else "Parameters: none"
        return
    yield "Parameters:"
    ordered = sorted(parameters.properties, key=lambda name: name not in parameters.required)
    for name in ordered:
        shown = parameter_help(name, parameters)
        column = " " * _OPTION_COLUMN
        lines = [part for text in shown.lines for line in harmless_lines(text) for part in _wrapped(line, width, column)]
        option = f"  {shown.option}"
        if len(option) < _OPTION_COLUMN and lines:
            yield option.ljust(_OPTION_COLUMN) + lines.pop(0).strip()
        else:
            yield option
        yield from lines
    if parameters.others is not None:
        yield "  and any other, by name"


def _returns(function: "Function", width: int) -> Iterator[str]:
    if isinstance(function.returns, dict):
        described = mapping(function.returns).get("description")
        yield ""
        yield f"Returns: {expected(function.returns, function.returns)}"
        if isinstance(described, str):
            for line in harmless_lines(described.strip()):
                yield from _wrapped(line, width, "  ")


def _errors(function: "Function", width: int) -> Iterator[str]:
    if function.errors:
        yield ""
        yield "Errors:"
    for error in function.errors:
        yield from _wrapped(f"{error['code']}: {harmless(error['message'])}", width, "  ")


def _examples(address: str, function: "Function", parameters: Parameters) -> Iterator[str]:
    if function.examples:
        yield ""
        yield "Examples:"
    for example in function.examples:
        if example.get("summary"):
            yield f"  # {harmless(example['summary'])}"
        yield f"  {call_line(address, example.get('params') or {}, parameters)}"
        if "error" in example:
            yield f"  error {example['error']}"
        else:
            text = harmless_json(example.get("result"))
            yield f"  {text if len(text) <= _RESULT_CHARACTERS else text[: _RESULT_CHARACTERS - 1] + '…'}"


def call_line(address: str, params: Mapping[str, Any], parameters: Parameters) -> str:
    """Return the command line that calls `address` with `params`: options where they can say it, else `--params`."""
    words = ["hub", "call", address]
    rest: dict[str, Any] = {}
    for name, value in params.items():
        known = name in parameters.properties and name and "=" not in name
        texts = as_words(value, parameters.schema(name), parameters.root) if known else None
        if texts is None:
            rest[name] = value
        elif value is True:
            words.append(parameters.option(name))
        else:
            words += [word for text in texts for word in _given(parameters.option(name), text)]
    if rest:
        words += ["--params", harmless_json(rest)]
    # Dangerous characters cannot be quoted for a shell in a way that is safe to print; the example is to be read all the same.
    return harmless(shlex.join(words))


def _given(option: str, text: str) -> list[str]:
    return [f"{option}={text}"] if text.startswith("-") or not text else [option, text]
