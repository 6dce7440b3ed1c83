"""Own one run of the command: what went in, which error came out, the exit code; know no noun.

The one place where exceptions become words and exit codes. Standard output is flushed here, while we can still say so.
"""

import sys
from collections.abc import Sequence
from typing import NoReturn

from hub.cli._exit_codes import exit_code_of
from hub.cli._output import CannotWrite, Output

__all__ = ["run"]


def run() -> NoReturn:
    """Run the command line of this process and exit."""
    argv = sys.argv[1:]
    output = Output.of_process(argv)
    try:
        code = _run(argv, output)
    except KeyboardInterrupt:
        # Before or after the event loop; while it runs, the signal is handled there.
        code = _interrupted(output)
    sys.exit(code)


def _run(argv: Sequence[str], output: Output) -> int:
    from hub.cli._app import invoke

    try:
        return invoke(argv, output)
    except CannotWrite as error:
        return _tell_internal(
            output, f"cannot write to standard output: {error}", "redirect it to a place that takes it, then try again"
        )
    except Exception as error:  # noqa: BLE001 - this is where exceptions become words
        return _tell(output, error)


def _tell(output: Output, error: Exception) -> int:
    from hub.cli._failure import failure_json, failure_lines
    from hub.cli._text import harmless_json
    from hub.errors import HubError

    if not isinstance(error, HubError):
        return _defect(output, error)
    if error.kind == "interrupted" and output.stderr_is_terminal:
        output.say("")  # the terminal has written ^C
    if output.json:
        output.say(harmless_json(failure_json(error, output.doing)))
    else:
        for line in failure_lines(error, output.doing):
            output.say(line)
    return exit_code_of(error.kind, may_have_executed=error.data.get("may_have_executed") is True)


def _tell_internal(output: Output, message: str, hint: str) -> int:
    from hub.errors import HubError

    return _tell(output, HubError(message, hint=hint))


def _defect(output: Output, error: Exception) -> int:
    if output.verbose:
        import traceback

        for line in "".join(traceback.format_exception(error)).splitlines():
            output.say(line)
    what = output.doing or "finish the command"
    hint = "this is a defect of the hub, please report it" + ("" if output.verbose else "; -v shows where it happened")
    return _tell_internal(output, f"cannot {what}: {type(error).__name__}: {error}", hint)


def _interrupted(output: Output) -> int:
    from hub.cli._interrupts import Interrupted

    return _tell(output, Interrupted("interrupted"))
