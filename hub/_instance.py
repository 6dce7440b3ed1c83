"""Own one life of a module's process: its pipes, its tasks, its end; know nothing of approvals, restarts or other modules."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import anyio
import anyio.abc

from hub import _handshake
from hub._budget import Budget
from hub._childprocess import ChildProcess, Spawner, SpawnSpec
from hub._deadlines import Deadlines
from hub._diagnose import Diagnosis, diagnose
from hub._ending import Ending, OnEnd, Sequel, died_during, says_do_not_restart
from hub._environment import plugin_environment
from hub._exitstatus import ExitStatus
from hub._introduction import Introduction
from hub._logrecord import LogRecord
from hub._peer import Peer, PendingRequest
from hub._registry import Plugin
from hub._secrets import Secrets
from hub._settings import Settings
from hub._stderr import StderrPump
from hub.errors import Closed, HubError, InitFailed, ModuleDied, ProtocolError, StartFailed, WriteBlocked
from hub_protocol import Connection, Role
from hub_protocol.events import Event, FrameRejected, StrayLine, StreamBroken, StreamEnded
from hub_protocol.methods import MODULE_CLEANUP

__all__ = ["Instance", "Surroundings"]

# A dying process closes its output a moment before its end can be seen; one that lives on is at fault.
_AFTER_OUTPUT_END_SECONDS = 0.25
# After the end, what the pipe still holds is read. A grandchild in another session may hold it open for ever.
_AFTER_EXIT_SECONDS = 1.0
_MINUTE_SECONDS = 60.0
# How long a restart that begins at once goes before the clean-up and the report: most programs are there in less, and nobody
# who looks for the report of a death is that quick.
_HEAD_START_SECONDS = 0.05
# The whole ladder stays within 10 s, the deadlines of process.stop included, whatever a manifest says.
_MAX_CLEANUP_SECONDS = 4.0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an instance needs of its hub."""

    settings: Settings
    deadlines: Deadlines
    clock: Callable[[], float]
    spawn: Spawner
    environ: Mapping[str, str]
    hub_version: str
    random: Callable[[], float]
    judged: Callable[[Introduction], Introduction]
    """Returns an introduction with its claims judged; raises BadInterface where the module breaks one."""
    secrets: Secrets = field(default_factory=Secrets)


class Instance:
    """One process of a plugin.

    Args:
        plugin: what to run.
        around: the hub's parts.
        on_event: gets protocol events (requests and notifications of the module, its faults); must not block or raise.
        on_log: gets each line of standard error.
    """

    def __init__(
        self, plugin: Plugin, around: Surroundings, *, on_event: Callable[[Event], None], on_log: Callable[[LogRecord], None]
    ) -> None:
        self.plugin = plugin
        self.name = plugin.name
        self.introduction: Introduction | None = None
        self.initialised = False
        self.wants_context = False
        self.ending: Ending | None = None
        self.tasks: anyio.abc.TaskGroup | None = None
        self._around = around
        self._told = on_event
        self._on_log = on_log
        self._fault: HubError | None = None
        self._stopping = False
        self._stop_reason = ""
        self._output_ended = anyio.Event()
        self._decided = anyio.Event()
        self._ended = anyio.Event()
        budget = around.settings
        self._stray = Budget(budget.stray_lines_per_minute, budget.stray_bytes_per_minute, _MINUTE_SECONDS)
        self.process: ChildProcess = around.spawn(self._spec())
        connection = Connection(Role.HUB, framing=plugin.manifest.framing, max_frame_bytes=around.settings.max_frame_bytes)
        self.peer = Peer(
            self.name,
            self.process,
            connection,
            deadlines=around.deadlines,
            clock=around.clock,
            on_event=self._on_event,
            on_overflow=self._on_overflow,
            write_queue_bytes=around.settings.write_queue_bytes,
        )
        self._stderr = StderrPump(lambda: self.process.stderr_fd, self.process.wait, on_log, clock=around.clock)

    def _spec(self) -> SpawnSpec:
        manifest = self.plugin.manifest
        host = self._around.environ
        passed = {name: host[name] for name in manifest.pass_environment if name in host}
        # Python would write bytecode beside the source, and the digest would change by running. Bytecode that the author
        # built is part of the digest and is used; a cache elsewhere would be code that nobody approved.
        python = {"PYTHONDONTWRITEBYTECODE": "1"}
        env = plugin_environment(host, {**python, **passed, **manifest.environment})
        return SpawnSpec(self.name, self.plugin.argv, self.plugin.working_directory, env)

    @property
    def do_not_restart(self) -> bool:
        """Whether it has ended and said that restarting it is of no use (HUB-LIFE-8)."""
        return self.process.exit_status is not None and says_do_not_restart(self.process.exit_status)

    @property
    def stderr_tail(self) -> bytes:
        """The end of what it wrote to standard error, without secrets."""
        return self._around.secrets.black_out_piece(self._stderr.tail.decode("utf-8", "replace")).encode()

    @property
    def last_frames(self) -> Mapping[str, Any]:
        """The last frames of both directions, for a report, without secrets."""
        return self.peer.frames.to_json(self._around.secrets.black_out_piece)

    # Life

    async def begin(self, start_task: Callable[..., None], on_end: OnEnd) -> None:
        """Have `start_task` do `run` in the background.

        Raises:
            Closed: there is no background any more; then nothing is left of the process.
        """
        try:
            start_task(self.run, on_end)
        except Closed:
            await self.process.aclose()
            raise

    async def run(self, on_end: OnEnd) -> None:
        """Serve the process until it has ended and nothing of it is left; cancelled, end it first.

        `on_end` decides what follows: of an end that nobody asked for at once, of any other when nothing is left.
        """
        sequel: Sequel | None = None
        try:
            async with anyio.create_task_group() as tasks:
                self.tasks = tasks
                try:
                    await self._run_inside(tasks)
                finally:
                    # Before the group closes: what would be started from here on would never run.
                    self.tasks = None
            if self.process.exit_status is not None and not self._stopping:
                sequel = self._decide(on_end)
                if sequel is not None:
                    # The search for what left the group is a millisecond of work that would only be in its way.
                    with anyio.move_on_after(_HEAD_START_SECONDS):
                        await sequel.next_process()
        finally:
            try:
                await self.process.aclose()
            finally:
                if self.ending is None:
                    sequel = self._decide(on_end)
                self._ended.set()
            if sequel is not None:
                try:
                    with anyio.move_on_after(_HEAD_START_SECONDS):
                        await sequel.next_result()
                finally:
                    sequel.report()

    def _decide(self, on_end: OnEnd) -> Sequel | None:
        status = self.process.exit_status or ExitStatus.unknown()
        self.peer.end_all(lambda pending: self._died(pending, status))
        self.ending = Ending(status, self._fault, self._stopping, tuple(self.peer.cut_off))
        self._decided.set()
        return on_end(self.ending)

    async def _run_inside(self, tasks: anyio.abc.TaskGroup) -> None:
        if self._stopping:
            tasks.start_soon(self._end_by_ladder)
        tasks.start_soon(self._stderr.run)
        tasks.start_soon(self._read)
        tasks.start_soon(self.peer.run_writer)
        status = await self.process.wait()
        with anyio.move_on_after(_AFTER_EXIT_SECONDS):
            await self._output_ended.wait()
        self.peer.end_all(lambda pending: self._died(pending, status))
        tasks.cancel_scope.cancel()

    async def _read(self) -> None:
        await self.peer.run_reader()
        self._output_ended.set()
        with anyio.move_on_after(_AFTER_OUTPUT_END_SECONDS):
            await self.process.wait()
        if self.process.exit_status is None and not self._stopping:
            msg = f"cannot go on with {self.name}: it closed its standard output and lives on"
            self.fail(
                ProtocolError(
                    msg, hint=f"this is a fault of the module: hub plugin test {self.name}", data={"module": self.name}
                )
            )

    def fail(self, fault: HubError) -> None:
        """End the process because of a fault of the module; every call under way ends with `fault`."""
        if self._fault is None and self.process.exit_status is None:
            self._fault = fault
            self.peer.end_all(lambda pending: self._died(pending, ExitStatus.unknown()))
            if self.tasks is not None:
                self.tasks.start_soon(self.process.aclose)

    def _died(self, pending: PendingRequest, status: ExitStatus) -> HubError:
        may_have_executed = self.peer.was_sent(pending)
        return died_during(
            self.name, pending.method, status, self._fault, self._stop_reason, may_have_executed=may_have_executed
        )

    async def wait_decided(self) -> None:
        """Wait until it has ended and `on_end` has said what follows."""
        await self._decided.wait()

    async def wait_ended(self) -> Ending:
        """Return how it ended, once nothing of it is left."""
        await self._ended.wait()
        assert self.ending is not None  # noqa: S101 - set before the event, always
        return self.ending

    def kill(self) -> None:
        """End it now, without asking; `wait_ended` says when nothing of it is left."""
        self._stopping = True
        if self.tasks is not None and self.process.exit_status is None:
            self.tasks.start_soon(self.process.aclose)

    async def stop(self, reason: str) -> None:
        """End it by the ladder: module_cleanup, end of input, SIGTERM, SIGKILL; each step bounded, none needs its good will.

        However many ask, it is ended once; who asked may give up waiting, the ladder goes on.
        """
        if not self._stopping:
            self._stopping, self._stop_reason = True, reason
            if self.tasks is not None:
                self.tasks.start_soon(self._end_by_ladder)
        await self._ended.wait()

    async def _end_by_ladder(self) -> None:
        deadlines = self._around.settings.stop
        if await self._is_stuck():
            # It does not answer: polite words would only cost the operator's time.
            quick = self._around.settings.abandoned_seconds
            deadlines = type(deadlines)(quick, 2 * quick, deadlines.after_sigkill_seconds)
        elif self.initialised and self.process.exit_status is None:
            await self._clean_up()
        await self.process.stop(self._stop_reason, deadlines)

    async def _is_stuck(self) -> bool:
        if self.process.exit_status is not None:
            return False
        if not self.initialised and self.peer.pending:
            return True  # it has not even answered what it was asked first
        until = self._around.clock() + self._around.settings.abandoned_seconds
        while self.peer.abandoned and (left := until - self._around.clock()) > 0:
            with anyio.move_on_after(left):
                await self.peer.next_late_answer()
        return bool(self.peer.abandoned)

    async def _clean_up(self) -> None:
        given = self.plugin.manifest.limits.cleanup_seconds
        seconds = min(given or self._around.settings.cleanup_seconds, _MAX_CLEANUP_SECONDS)
        try:
            await self.ask(MODULE_CLEANUP, {}, seconds)
        except HubError as error:
            if not isinstance(error, ModuleDied):
                self._on_log(LogRecord("warning", f"module_cleanup: {error.message}", source="hub"))

    # Asking

    async def ask(self, method: str, params: dict[str, Any], seconds: float) -> Any:
        """Send a reserved request; raises what `Peer.request` raises, and ProtocolError for an answer that holds a secret."""
        secrets = self._around.secrets
        try:
            answer = await self.peer.request(method, params, deadline=self._around.clock() + seconds)
        except HubError as error:
            secrets.black_out_error(error)
            raise
        if secrets.is_in(answer):
            raise ProtocolError(
                f"the answer to {method} holds a secret",
                hint=f"this is a fault of the module: hub plugin test {self.name}",
                data={"requirement": "HUB-CRED-5"},
            )
        return answer

    async def introduce(self) -> Introduction:
        """Ask who it is and what it can do.

        Raises:
            StartFailed: it ended before it had said anything, with the reason in words.
            HandshakeFailed, NoCommonVersion, BadLicense: see `_handshake.introduce`.
            BadInterface: it does not satisfy an interface that it claims (HUB-CAPS-9).
        """
        manifest = self.plugin.manifest
        try:
            found = await _handshake.introduce(
                self.ask,
                name=self.name,
                version=manifest.version,
                settings=self._around.settings,
                hub_version=self._around.hub_version,
                start_seconds=manifest.limits.start_seconds,
            )
        except ModuleDied:
            raise await self._why_not_started() from None
        self.introduction = found = self._around.judged(found)
        self.wants_context = "context" in found.features
        self.peer.can_cancel = "cancel" in found.features
        return found

    async def ask_capabilities(self, module_info: Mapping[str, Any], seconds: float) -> Introduction:
        """Ask again what it can do; raises what `introduce` raises."""
        return self._around.judged(await _handshake.ask_capabilities(self.ask, module_info, seconds))

    async def _why_not_started(self) -> HubError:
        ending = await self.wait_ended()
        if self._fault is not None:
            return self._fault
        found = self._diagnosed(ending)
        data = {"reason": found.reason, "permanent": found.permanent or ending.do_not_restart, "exit": ending.status.to_json()}
        return StartFailed(f"cannot start {self.name}: {found.why}", hint=found.hint, data=data)

    async def _why_not_initialised(self) -> HubError:
        ending = await self.wait_ended()
        if self._fault is not None:
            return self._fault
        found = self._diagnosed(ending)
        # The call for which it was started was never sent; and what ends in module_init may do better at the next start.
        data = {"requirement": "HUB-INIT-1", "may_have_executed": False, "exit": ending.status.to_json()}
        return InitFailed(f"cannot initialise {self.name}: {found.why}", hint=found.hint, data=data)

    def _diagnosed(self, ending: Ending) -> Diagnosis:
        plugin = self.plugin
        return diagnose(plugin.argv, plugin.working_directory, ending.status, self.stderr_tail, env=self._spec().env)

    async def initialise(self, config: Mapping[str, Any], data_directory: str) -> None:
        """Send module_init and see it answered well; raises what `_handshake.initialise` raises."""
        seconds = self.plugin.manifest.limits.init_seconds or self._around.settings.init_seconds
        try:
            await _handshake.initialise(self.ask, self.name, config, data_directory, seconds)
        except ModuleDied:
            raise await self._why_not_initialised() from None
        self.initialised = True

    # Events

    def _on_event(self, event: Event) -> None:
        match event:
            case StreamEnded():
                if event.partial_bytes and not self._stopping:
                    self._on_log(
                        LogRecord(
                            "warning", f"its output ended in the middle of a frame of {event.partial_bytes} bytes", source="hub"
                        )
                    )
            case StreamBroken():
                msg = f"cannot go on with {self.name}: its frames cannot be read any more: {event.reason}"
                self.fail(ProtocolError(msg, hint="look at `framing` in plugin.toml", data={"requirement": "HUB-FRAME-21"}))
            case StrayLine():
                self._told(event)
                self._count_stray(event.size)
            case FrameRejected():
                # Counted, not weighed: one answer beyond the frame limit is a fault of one call.
                self._told(event)
                self._count_stray(0)
            case _:
                self._told(event)

    def _count_stray(self, size: int) -> None:
        if not self._stray.spend(size, self._around.clock()):
            msg = f"cannot go on with {self.name}: it prints to its standard output, which belongs to the protocol"
            hint = "print to standard error instead; more than 100 lines or 1 MiB a minute end a module"
            self.fail(ProtocolError(msg, hint=hint, data={"requirement": "HUB-OUT-1", "module": self.name}))

    def _on_overflow(self, unread_bytes: int) -> None:
        msg = f"cannot go on with {self.name}: it asks the hub and does not read the answers; {unread_bytes} bytes wait for it"
        hint = f"this is a fault of the module: hub plugin test {self.name}"
        self.fail(WriteBlocked(msg, hint=hint, data={"module": self.name}))
