"""Own pretended modules: processes that are none, functions that play modules, and the checks that a `ChildProcess` must pass.

For people who test an application, a spawner or the hub itself. Knows the frames of the protocol; knows no hub and no plugins.
"""

import itertools
import json
import os
import signal as signals
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Self, cast

import anyio
import anyio.abc

from hub._childprocess import ChildProcess, SpawnSpec, StopDeadlines, StopReport, StopStep
from hub._exitstatus import ExitStatus
from hub._pipe_end import PipeEnd
from hub.errors import StartFailed

__all__ = ["MemoryProcess", "MemorySpawner", "ModuleEnd", "Program", "check_child_process"]

_DEFAULT_DEADLINES: Final = StopDeadlines()
_READ_BYTES: Final = 64 * 1024
# Above every process number that a kernel gives (2^22 on Linux): who signals it by mistake hits nobody.
_FIRST_PID: Final = 1_000_000_000
# What a check waits for comes at once or never.
_CHECK_SECONDS: Final = 2.0

Program = Callable[["ModuleEnd"], Awaitable[int | None]]
"""What a pretended process runs: it returns its exit status (None is 0), or raises, which is exit status 1."""


class ModuleEnd:
    """The module's end of the three pipes, for a `Program`."""

    def __init__(self, spec: SpawnSpec, stdin: PipeEnd, stdout: PipeEnd, stderr: PipeEnd) -> None:
        self.spec = spec
        self.ignores_sigterm = False
        self._stdin, self._stdout, self._stderr = stdin, stdout, stderr
        self._read = bytearray()
        self._writing = anyio.Lock()

    async def receive(self) -> dict[str, Any] | None:
        """Return the next message of the hub, or None at the end of the input."""
        line = await self.read_line()
        return cast("dict[str, Any]", json.loads(line)) if line else None

    async def read_line(self) -> bytes:
        """Return the next line with its line feed; at the end of the input what was left of one, or nothing."""
        while (end := self._read.find(b"\n")) < 0:
            await anyio.wait_readable(self._stdin.fd)
            if not (data := os.read(self._stdin.fd, _READ_BYTES)):
                end = len(self._read) - 1
                break
            self._read += data
        line = bytes(self._read[: end + 1])
        del self._read[: end + 1]
        return line

    async def send(self, message: Mapping[str, Any]) -> None:
        """Write one message as a frame."""
        await self.write(json.dumps({"jsonrpc": "2.0", **message}, separators=(",", ":")).encode() + b"\n")

    async def answer(self, request: Mapping[str, Any], result: Any) -> None:
        """Answer a request well."""
        await self.send({"id": request["id"], "result": result})

    async def refuse(self, request: Mapping[str, Any], code: int, message: str, data: Any = None) -> None:
        """Answer a request with an error."""
        error = {"code": code, "message": message} | ({} if data is None else {"data": data})
        await self.send({"id": request["id"], "error": error})

    async def write(self, data: bytes) -> None:
        """Write bytes to standard output, whatever they are."""
        async with self._writing:
            await _write_all(self._stdout, data)

    async def log(self, text: str) -> None:
        """Write a line to standard error."""
        await _write_all(self._stderr, text.encode() + b"\n")

    async def introduce(
        self,
        functions: Sequence[Mapping[str, Any]] = (),
        *,
        info: Mapping[str, Any] | None = None,
        permissions: Sequence[str] = (),
    ) -> None:
        """Answer module_info, capabilities and module_init, as a good module does; the hub may end it before the last.

        `functions` are declarations as in `capabilities`; `info` is laid over name, version, license and authors.
        """
        who = {"name": self.spec.name, "version": "1.0.0", "license": "MIT", "authors": ["A. Person <a@example.org>"]}
        answers: dict[str, Any] = {
            "module_info": {**who, **(info or {})},
            "capabilities": {"functions": list(functions), "permissions": list(permissions)},
            "module_init": {},
        }
        while answers and (message := await self.receive()) is not None:
            await self.answer(message, answers.pop(message["method"]))

    def close_input(self) -> None:
        """Close the module's standard input: the hub's next write fails."""
        self._stdin.close()

    def close_output(self) -> None:
        """Close the module's standard output: the hub reads its end."""
        self._stdout.close()

    def close_all(self) -> None:
        """Close what the end of a process closes."""
        for end in (self._stdin, self._stdout, self._stderr):
            end.close()


async def _write_all(end: PipeEnd, data: bytes) -> None:
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(end.fd, view) :]
        except BlockingIOError:
            await anyio.wait_writable(end.fd)


class MemoryProcess:
    """A `ChildProcess` whose program is a function on the same event loop. Made by a `MemorySpawner`."""

    _pids = itertools.count(_FIRST_PID)

    def __init__(self, spec: SpawnSpec, clock: Callable[[], float] = time.monotonic) -> None:
        stdin, stdout, stderr = (tuple(map(PipeEnd, os.pipe())) for _ in range(3))
        self._module = ModuleEnd(spec, stdin[0], stdout[1], stderr[1])
        self._stdin, self._stdout, self._stderr = stdin[1], stdout[0], stderr[0]
        self.pid = next(self._pids)
        self._clock = clock
        self.start_time = clock()
        self.exit_status: ExitStatus | None = None
        self._ended = anyio.Event()
        self._scope = anyio.CancelScope()
        self._signal = signals.SIGKILL

    async def run(self, program: Program) -> None:
        """Run the program to its end; this is the life of the process."""
        status = ExitStatus(code=1)
        try:
            with self._scope:
                status = ExitStatus(code=await program(self._module) or 0)
            if self._scope.cancelled_caught:
                status = ExitStatus(signal=self._signal)
        except Exception:  # noqa: BLE001 - as an interpreter would: the trace to standard error, and exit status 1
            with anyio.move_on_after(0, shield=True):
                await self._module.log(traceback.format_exc().rstrip())
        except BaseException:
            status = ExitStatus(signal=signals.SIGKILL)
            raise
        finally:
            self._module.close_all()
            self.exit_status = status
            self._ended.set()

    @property
    def stdin_fd(self) -> int:
        """The hub's non-blocking write end, or -1."""
        return self._stdin.fd

    @property
    def stdout_fd(self) -> int:
        """The hub's non-blocking read end, or -1."""
        return self._stdout.fd

    @property
    def stderr_fd(self) -> int:
        """The hub's non-blocking read end, or -1."""
        return self._stderr.fd

    def close_stdin(self) -> None:
        """Let the module see end of input; idempotent."""
        self._stdin.close()

    def close_stdout(self) -> None:
        """Give up reading; idempotent."""
        self._stdout.close()

    def when_stdout_closes(self, told: Callable[[], None]) -> None:
        """Call `told` just before `stdout_fd` is closed."""
        self._stdout.when_closing(told)

    def close_stderr(self) -> None:
        """Give up reading; idempotent."""
        self._stderr.close()

    def kill(self, signal: signals.Signals = signals.SIGKILL) -> None:
        """End the program where it stands, as by a signal from outside."""
        if signal is not signals.SIGTERM or not self._module.ignores_sigterm:
            self._signal = signal
            self._scope.cancel()

    async def wait(self) -> ExitStatus:
        """Return how the process ended, any number of times and from any task."""
        await self._ended.wait()
        assert self.exit_status is not None  # noqa: S101 - set before the event, always
        return self.exit_status

    async def stop(self, reason: str, deadlines: StopDeadlines = _DEFAULT_DEADLINES) -> StopReport:
        """End the process: close stdin, SIGTERM, SIGKILL, each with its own deadline; also when cancelled."""
        begun = self._clock()
        step = StopStep.ALREADY_ENDED if self._ended.is_set() else StopStep.SIGKILL
        try:
            if step is StopStep.SIGKILL:
                self.close_stdin()
                if await self._ended_within(deadlines.after_stdin_close_seconds):
                    step = StopStep.STDIN_CLOSED
                else:
                    self.kill(signals.SIGTERM)
                    if await self._ended_within(deadlines.after_sigterm_seconds):
                        step = StopStep.SIGTERM
        finally:
            await self._force_end()
        return StopReport(step, self.exit_status or ExitStatus.unknown(), self._clock() - begun, reason)

    async def aclose(self) -> None:
        """End what still runs, then close every descriptor; idempotent, also when cancelled."""
        await self._force_end()
        for end in (self._stdin, self._stdout, self._stderr):
            end.close()

    async def _ended_within(self, seconds: float) -> bool:
        with anyio.move_on_after(seconds):
            await self._ended.wait()
        return self._ended.is_set()

    async def _force_end(self) -> None:
        self.close_stdin()
        if not self._ended.is_set():
            self.kill()
        with anyio.CancelScope(shield=True):
            await self._ended_within(_DEFAULT_DEADLINES.after_sigkill_seconds)


class MemorySpawner:
    """A `Spawner` of pretended processes: `async with MemorySpawner({"weather": program}) as spawn, Hub(spawn=spawn) as hub`.

    `programs` are found by the name of the plugin. `spawned` has what was started, `processes` the latest of each name.
    """

    def __init__(self, programs: Mapping[str, Program]) -> None:
        self.programs = dict(programs)
        self.spawned: list[SpawnSpec] = []
        self.processes: dict[str, MemoryProcess] = {}
        self._tasks: anyio.abc.TaskGroup | None = None

    async def __aenter__(self) -> Self:
        self._tasks = anyio.create_task_group()
        await self._tasks.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        tasks, self._tasks = self._tasks, None
        assert tasks is not None  # noqa: S101 - entered before
        tasks.cancel_scope.cancel()
        return await tasks.__aexit__(kind, error, trace)

    def __call__(self, spec: SpawnSpec) -> MemoryProcess:
        """Start the program of that name.

        Raises:
            StartFailed: there is none.
        """
        self.spawned.append(spec)
        program = self.programs.get(spec.name)
        if program is None or self._tasks is None:
            data = {"reason": "missing", "permanent": True}
            raise StartFailed(f"cannot start {spec.name}: there is no such program in memory", data=data)
        process = self.processes[spec.name] = MemoryProcess(spec)
        self._tasks.start_soon(process.run, program)
        return process


async def check_child_process(start: Callable[[], ChildProcess]) -> None:
    """Check the promises of `ChildProcess` that need no signals.

    `start` starts a process that copies its standard input to its standard output until the end, and exits with status 0 then.

    Raises:
        AssertionError: a promise is broken; the message is the promise.
    """
    await _check_end_of_input(start())
    await _check_stop(start())
    await _check_close(start())


async def _check_end_of_input(process: ChildProcess) -> None:
    try:
        _promise(process.exit_status is None, "a process that runs has no exit status")
        os.write(process.stdin_fd, b"ping\n")
        with anyio.fail_after(_CHECK_SECONDS):
            await anyio.wait_readable(process.stdout_fd)
        _promise(os.read(process.stdout_fd, _READ_BYTES) == b"ping\n", "what is written to stdin_fd reaches the process")
        try:
            os.read(process.stdout_fd, 1)
            _promise(False, "stdout_fd does not block")  # noqa: FBT003 - a claim, not a switch
        except BlockingIOError:
            pass
        process.close_stdin()
        process.close_stdin()
        _promise(process.stdin_fd == -1, "a closed descriptor is -1")
        with anyio.fail_after(_CHECK_SECONDS):
            statuses = [await process.wait(), await process.wait()]
        _promise([status.code for status in statuses] == [0, 0], "wait returns the exit status, any number of times")
        _promise(os.read(process.stdout_fd, 1) == b"", "the end of the process is the end of its output")
    finally:
        await process.aclose()
        await process.aclose()
    _promise({process.stdin_fd, process.stdout_fd, process.stderr_fd} == {-1}, "aclose closes every descriptor")


async def _check_stop(process: ChildProcess) -> None:
    try:
        report = await process.stop("checked")
        _promise(report.reason == "checked", "the report has the reason")
        _promise(report.step is StopStep.STDIN_CLOSED, "stop closes the input first, and that is enough")
        again = await process.stop("checked again")
        _promise((again.step, again.status.code) == (StopStep.ALREADY_ENDED, 0), "stop after the end does nothing")
    finally:
        await process.aclose()


async def _check_close(process: ChildProcess) -> None:
    told: list[bool] = []

    async def read() -> None:
        try:
            await anyio.wait_readable(process.stdout_fd)
            told.append(False)
        except anyio.ClosedResourceError:
            told.append(True)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(read)
        await anyio.wait_all_tasks_blocked()
        process.close_stdout()
        with anyio.fail_after(_CHECK_SECONDS):
            while not told:
                await anyio.lowlevel.checkpoint()
    _promise(told == [True], "a task that waits for a descriptor is told when it is closed")
    with anyio.CancelScope() as scope:
        scope.cancel()
        await process.aclose()
    _promise(process.exit_status is not None, "aclose ends the process, also when cancelled")


def _promise(kept: bool, promise: str) -> None:  # noqa: FBT001 - a claim, not a switch
    if not kept:
        raise AssertionError(promise)
