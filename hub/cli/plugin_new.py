"""`hub plugin new`: a project for a new module. Owns this one command and its questions; knows no language and no protocol."""

import os
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from hub.cli._options import Json, PluginDirectories, Verbose, invocation

if TYPE_CHECKING:
    from hub.cli._output import Output
    from hub.scaffold import Project

__all__ = ["add_to"]

# Who answers wrongly this often does not know the answer.
_ATTEMPTS: Final = 3


def add_to(group: typer.Typer) -> None:
    """Add the command to `hub plugin`."""
    group.command("new")(_new)


def _new(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="The name of the module.", show_default=False)] = None,
    language: Annotated[
        str | None, typer.Option("--lang", metavar="LANG", help="Its language: python, go, rust, node or sh.")
    ] = None,
    directory: Annotated[
        Path | None, typer.Option("--directory", metavar="DIR", help="The directory to make; else NAME where plugins are.")
    ] = None,
    sdk: Annotated[
        Path | None, typer.Option("--sdk", metavar="PATH", help="The SDK; else the one of the clone that this hub runs from.")
    ] = None,
    plugins: PluginDirectories = None,
    as_json: Json = None,
    verbose: Verbose = None,
) -> None:
    """Write the project of a new module: manifest, one function, its tests, a README. What is not given is asked for.

    It builds, passes `hub plugin test` and answers `hub call` as it is.
    """
    from hub import Paths
    from hub.scaffold import LANGUAGES, find_sdk, why_bad_module_name, write_project

    del as_json, verbose  # Output has seen them
    invoked = invocation(context, plugins)
    output = invoked.output
    output.doing = "create a plugin"
    named = _given(output, name, "NAME", "Name of the module", why_bad_module_name)
    listed = ", ".join(LANGUAGES)
    spoken = _given(
        output,
        language,
        "--lang",
        f"Language ({listed})",
        lambda text: None if text in LANGUAGES else f'is "{text}"; it must be one of {listed}',
    )
    places = Paths.from_environment(os.environ, plugins=invoked.plugins).plugins
    target = Path.cwd() / (directory or places[0] / named)
    project = write_project(named, spoken, target, find_sdk(spoken, sdk))
    if output.json:
        output.document(_document(project))
    else:
        output.lines(_lines(project))


def _given(output: "Output", value: str | None, word: str, question: str, why_bad: Callable[[str], str | None]) -> str:
    """Return what was given or is answered, when it is good."""
    from hub.errors import UsageError

    can_ask = not output.json and output.stderr_is_terminal and sys.stdin is not None and sys.stdin.isatty()
    if value is None and not can_ask:
        hint = "hub plugin new NAME --lang python|go|rust|node|sh"
        raise UsageError(f"cannot create a plugin: {word} is missing, and there is nobody to ask", hint=hint)
    why: str | None = None
    for _ in range(_ATTEMPTS if value is None else 1):
        if why is not None:
            output.say(f"{word} {why}")
        text = _answer(question) if value is None else value
        why = why_bad(text)
        if why is None:
            return text
    raise UsageError(f"cannot create a plugin: {word} {why}", hint="`hub plugin new --help` shows what it takes")


def _answer(question: str) -> str:
    from hub.errors import UsageError

    sys.stderr.write(f"{question}: ")
    sys.stderr.flush()
    line = sys.stdin.readline()
    if not line:
        sys.stderr.write("\n")
        raise UsageError("cannot create a plugin: the answer is missing", hint="hub plugin new NAME --lang LANG")
    return line.strip()


def _document(project: "Project") -> dict[str, object]:
    return {
        "name": project.name,
        "language": project.language,
        "directory": str(project.directory),
        "sdk": None if project.sdk is None else str(project.sdk),
        "build": None if project.build is None else list(project.build),
        "test": list(project.test),
        "files": list(project.files),
    }


def _lines(project: "Project") -> list[str]:
    """Return what was written and the commands that come next, to be typed as they stand."""
    here = Path.cwd()
    shown = project.directory.relative_to(here) if project.directory.is_relative_to(here) else project.directory
    place = shlex.quote(str(shown))
    plugins = f" --plugins {shlex.quote(str(shown.parent))}"
    steps = [] if project.build is None else [f"(cd {place} && {shlex.join(project.build)})"]
    steps += [
        f"(cd {place} && {shlex.join(project.test)})",
        f"hub plugin test {place}",
        f"hub plugin approve {project.name}{plugins}",
        f"hub call {project.name}.greet --name Ada{plugins}",
    ]
    return [f"created {place}: {', '.join(project.files)}", "next:", *(f"  {step}" for step in steps)]
