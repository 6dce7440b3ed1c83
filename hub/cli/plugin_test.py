"""`hub plugin test`: does a module keep the rules? Owns this one command; knows no check and no protocol."""

import dataclasses
import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from hub.cli._options import Json, Verbose, invocation

if TYPE_CHECKING:
    from hub.conformance import Report, Target

__all__ = ["add_to"]

_CONFORMS: Final = 0
_DOES_NOT: Final = 1
_NEVER_STARTED: Final = 5
_FORMATS: Final = ("junit", "json", "tap", "markdown")
# Between two looks at the files of a plugin that is being written.
_WATCH_SECONDS: Final = 0.5

_Names = Annotated[
    list[str] | None,
    typer.Option(
        "--only", metavar="ID", help="Run these checks only: an id, a requirement, an area or a pattern; may be repeated."
    ),
]


def add_to(group: typer.Typer) -> None:
    """Add the command to `hub plugin`."""
    group.command("test")(_test)


def _test(  # noqa: PLR0913, PLR0917 - typer makes an option of each parameter
    context: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="TARGET", help="A plugin's directory, an executable, or a command line after `--`."),
    ] = None,
    only: _Names = None,
    skip: Annotated[list[str] | None, typer.Option("--skip", metavar="ID", help="Leave these out; may be repeated.")] = None,
    allow_effects: Annotated[
        bool | None,
        typer.Option("--allow-effects", help="Call functions too that are not read-only, or destructive, or open-world."),
    ] = None,
    config: Annotated[
        str | None,
        typer.Option("--config", metavar="FILE|JSON", help="For module_init, laid over [config] of plugin.toml."),
    ] = None,
    baseline: Annotated[
        Path | None, typer.Option("--baseline", metavar="FILE", help="Known failures, one id a line: they must still fail.")
    ] = None,
    report: Annotated[
        tuple[str, str] | None, typer.Option("--report", metavar="KIND FILE", help=f"Write a report: {', '.join(_FORMATS)}.")
    ] = None,
    companions: Annotated[
        list[Path] | None, typer.Option("--with", metavar="DIR", help="A plugin that answers hub.call; may be repeated.")
    ] = None,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", help="Of the generated calls: the same seed, the same calls.")
    ] = 0,
    transcript: Annotated[
        Path | None, typer.Option("--transcript", metavar="FILE", help="Write every byte that went either way.")
    ] = None,
    replay: Annotated[
        Path | None, typer.Option("--replay", metavar="FILE", help="Send what a transcript sent; show what differs.")
    ] = None,
    watch: Annotated[bool | None, typer.Option("--watch", help="Test again whenever a file of the plugin changes.")] = None,
    show: Annotated[bool | None, typer.Option("--list", help="List the checks and run nothing.")] = None,
    as_json: Json = None,
    verbose: Verbose = None,
) -> int:
    """Test whether a module keeps every rule of the protocol that can be seen from outside.

    Needs no hub, no approval and no manifest. Functions that may change something, or reach something outside, are not
    called without --allow-effects.

    Exit codes: 0 conforms, 1 does not, 2 wrong usage, 5 never started.
    """
    from hub.cli._conformance_run import Run, list_checks
    from hub.cli._given_config import given_config

    del as_json, verbose  # Output has seen them
    output = invocation(context, None).output
    output.doing = "test a module"
    if show:
        list_checks(output, only or [], skip or [])
        return _CONFORMS
    target = _target(words or [])
    if config is not None:
        target = dataclasses.replace(target, config={**target.config, **given_config(config)})
    output.doing = f"test {target.name}"
    run = Run(
        output=output,
        target=target,
        only=only or [],
        skip=skip or [],
        companions=[_target([str(path)]) for path in companions or []],
        seed=seed,
        allow_effects=bool(allow_effects),
        baseline=baseline,
        report=_report_of(report),
        transcript=transcript,
    )
    if replay is not None:
        return _DOES_NOT if run.replay(replay) else _CONFORMS
    return _watched(lambda: _code_of(run.once()), target.directory or target.cwd) if watch else _code_of(run.once())


def _target(words: Sequence[str]) -> "Target":
    from hub.conformance import target_of_command, target_of_path
    from hub.errors import UsageError

    if not words:
        hint = "hub plugin test ./mine, or hub plugin test -- python3 mine.py"
        raise UsageError("cannot test nothing: give a plugin's directory, an executable or a command line", hint=hint)
    path = Path(words[0])
    if len(words) == 1 and (path.exists() or os.sep in words[0]):
        return target_of_path(path, os.environ)
    if path.is_dir():
        raise UsageError(f"cannot test {words[0]} with more words behind it", hint="a directory is tested alone")
    return target_of_command(words, os.environ)


def _report_of(given: tuple[str, str] | None) -> tuple[str, Path] | None:
    from hub.errors import UsageError

    if given is None:
        return None
    kind, name = given
    if kind not in _FORMATS:
        raise UsageError(f"cannot write a report as {kind}", hint=f"kinds are {', '.join(_FORMATS)}")
    return kind, Path(name)


def _code_of(report: "Report") -> int:
    if report.never_started is not None:
        return _NEVER_STARTED
    return _CONFORMS if report.conforms else _DOES_NOT


def _watched(once: Callable[[], int], directory: Path) -> int:
    from hub.conformance import fingerprint

    code = _CONFORMS
    with suppress(KeyboardInterrupt):
        while True:
            before = fingerprint(directory)
            code = once()
            while fingerprint(directory) == before:
                time.sleep(_WATCH_SECONDS)
    return code
