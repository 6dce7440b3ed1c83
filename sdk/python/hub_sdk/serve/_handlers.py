"""Own how one handler of the author's is run and what becomes of its outcome; know nothing of the connection."""

from collections.abc import Callable, Coroutine
from contextvars import copy_context
from functools import partial
from typing import Any, Protocol

import msgspec

from hub_sdk.serve._calls import Call
from hub_sdk.serve._context import CURRENT, AsyncContext, Context
from hub_sdk.serve._definition import Hook
from hub_sdk.types import BadValue, Cancelled, Function, plain, read_object, wrong_kind

__all__ = ["Outcomes", "Runner", "Work", "add_context", "log_failure", "start", "work_of", "work_of_hook"]


class Runner(Protocol):
    """Where handlers run and bytes leave: what a driver gives to a session."""

    def start_sync(self, job: Callable[[], None]) -> None:
        """Run `job` in a thread of its own."""
        ...

    def start_async(self, job: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], object]:
        """Run `job` as a task; return what cancels it."""
        ...

    def flush(self) -> None:
        """Write what the session has to send, soon."""
        ...


class Outcomes(Protocol):
    """Who is told how a handler ended."""

    def succeed(self, call: Call, result: Any) -> None:
        """Take the result, a JSON value."""
        ...

    def fail(self, call: Call, error: BaseException) -> None:
        """Take what the handler let escape."""
        ...


class Work(msgspec.Struct, frozen=True):
    """One handler as it is run, made once for all its calls.

    `read` makes its arguments of params, `write` makes JSON of what it returns; a result of the type `own` needs no writing.
    """

    handler: Callable[..., Any]
    context_parameter: str | None
    is_async: bool
    read: Callable[[Any], dict[str, Any]]
    write: Callable[[Any], Any]
    own: type | None = None


def _init_arguments(hook: Hook, params: dict[str, Any]) -> dict[str, Any]:
    arguments: dict[str, Any] = {}
    if hook.takes_config:
        config = params.get("config", {})
        try:
            arguments["config"] = read_object(config) if hook.config is None else hook.config.read(config)
        except BadValue as error:
            error.parts.append("config")
            raise
    if hook.directory is not None:
        directory = params.get("data_directory")
        if not isinstance(directory, str):
            error = wrong_kind("a string", directory)
            error.parts.append("data_directory")
            raise error
        arguments["data_directory"] = hook.directory(directory)
    return arguments


def work_of(function: Function) -> Work:
    """Return how a function of the author's is run: with a readable failure of a result that is not what it promised."""
    write = function.returns.write if function.returns is not None else plain

    def written(result: Any) -> Any:
        try:
            return write(result)
        except BadValue as error:
            raise TypeError(f"the result of {function.name} is wrong at {error.pointer or '/'}: it {error}") from None

    own = function.returns.own if function.returns is not None else None
    return Work(function.handler, function.context_parameter, function.is_async, function.params.read, written, own)


def work_of_hook(hook: Hook) -> Work:
    """Return how a hook is run, whose result says nothing."""
    return Work(hook.handler, hook.context_parameter, hook.is_async, partial(_init_arguments, hook), lambda _: {})


def start(work: Work, arguments: dict[str, Any], call: Call, runner: Runner, outcomes: Outcomes) -> None:
    """Run a handler, in a thread or as a task, and tell how it ended. Each has its own copy of the context variables."""
    if work.is_async:
        stop = runner.start_async(partial(_run_async, work, arguments, call, outcomes))  # a task copies them by itself
        if not call.finished:  # it may be over with its first step, and would hold its task
            call.stop = stop
    else:
        variables = copy_context()
        runner.start_sync(lambda: variables.run(_run_sync, work, arguments, call, outcomes))


def _run_sync(work: Work, arguments: dict[str, Any], call: Call, outcomes: Outcomes) -> None:
    CURRENT.set((Context, call))
    add_context(work, arguments, call)
    if call.cancelled:  # while it waited for a thread
        outcomes.fail(call, Cancelled())
        return
    try:
        result = work.handler(**arguments)
        if type(result) is not work.own:
            result = work.write(result)
    except BaseException as error:  # noqa: BLE001 - sys.exit() in a handler ends the call, not the module
        outcomes.fail(call, error)
    else:
        outcomes.succeed(call, result)


async def _run_async(work: Work, arguments: dict[str, Any], call: Call, outcomes: Outcomes) -> None:
    call.begun = True
    CURRENT.set((AsyncContext, call))
    if work.context_parameter is not None:
        arguments[work.context_parameter] = AsyncContext(call)
    if call.cancelled:  # before its first turn
        outcomes.fail(call, Cancelled())
        return
    try:
        result = await work.handler(**arguments)
        if type(result) is not work.own:
            result = work.write(result)
    except GeneratorExit:  # the loop is gone, and with it everybody who could be told
        raise
    except BaseException as error:  # noqa: BLE001 - also CancelledError: the answer is what ends a call
        outcomes.fail(call, error)
    else:
        outcomes.succeed(call, result)


def add_context(work: Work, arguments: dict[str, Any], call: Call) -> None:
    """Put the context of a call among the arguments, where the handler takes one."""
    if work.context_parameter is not None:
        arguments[work.context_parameter] = AsyncContext(call) if work.is_async else Context(call)


def log_failure(call: Call, error: BaseException, correlation_id: str) -> None:
    """Write an unexpected failure to the log, with the traceback from the author's code on."""
    # Only needed when something has gone wrong: its import costs more than all of this file.
    import traceback

    own_frame = error.__traceback__
    shown = own_frame.tb_next if own_frame is not None and own_frame.tb_next is not None else own_frame
    text = "".join(traceback.format_exception(type(error), error, shown))
    call.log.write("error", f"{call.name} failed unexpectedly", {"traceback": text, "correlation_id": correlation_id})
