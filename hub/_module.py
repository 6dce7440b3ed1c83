"""Own one loaded module across the lives of its processes: state, start, stop, events; know nothing of other modules."""

from collections.abc import Callable, Coroutine, Generator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import anyio
import anyio.lowlevel

from hub._attempt import Starts
from hub._digest import TreeDigest
from hub._ending import Ending, Sequel
from hub._gate import ApprovalRequest
from hub._instance import Instance
from hub._introduction import Function, Introduction
from hub._modulehost import ModuleHost
from hub._order import names_a_file
from hub._peer import Peer
from hub._refresh import Refresher
from hub._registry import Plugin
from hub._renewal import Renewal
from hub._report import Death, death_report
from hub._reporter import Reporter
from hub._restart import Again, Never, Verdict
from hub._sampling import Sampling, growth_limits
from hub._slots import Slots
from hub._stats import CallStats
from hub._supervisor import Decision, Supervisor, decision_json, verdict_of_end, verdict_of_start
from hub._watch import Watch
from hub.errors import Closed, Disabled, HubError, NotApproved, NotRunning, Overloaded
from hub_protocol import events as protocol
from hub_protocol.lifecycle import Happening, State, advance, is_alive
from hub_protocol.methods import CAPABILITIES_CHANGED, HUB_LOG

__all__ = ["LoadedModule"]


# Where a start can fail before anything was tried.
_WITHOUT_A_PROCESS = frozenset({State.DISCOVERED, State.STOPPED, State.FAILED})


class LoadedModule:
    """A module: running or not, it keeps its name and place. `functions` and `permissions` are what was approved."""

    def __init__(self, plugin: Plugin, host: ModuleHost, reporter: Reporter) -> None:
        settings = host.around.settings
        self.name = plugin.name
        self.plugin = plugin
        self.state = State.DISCOVERED
        self.introduction: Introduction | None = None
        self.permissions: frozenset[str] = frozenset()
        self.last_error: HubError | None = None
        self.functions: Mapping[str, Function] = {}
        self.stats = CallStats()
        self.secrets = host.around.secrets
        self._host = host
        self._reporter = reporter
        self.instance: Instance | None = None
        self.tree: TreeDigest | None = None
        self._starts = Starts(plugin.name, host.start_task, self._start)
        self._waiting_for_start = 0
        self.waits_while_backing_off = host.around.settings.wait_while_backing_off
        self.last_used = host.around.clock()
        self.supervisor = Supervisor(
            self.name,
            plugin.manifest.supervision.policy,
            clock=host.around.clock,
            random=host.around.random,
            limits=settings.restart,
        )
        renewal = Renewal(self, host.start_task, reporter)
        idle_stop_seconds = plugin.manifest.supervision.idle_stop_seconds
        self._watch = Watch(self, renewal, host.around.deadlines, host.around.clock, settings.ping, idle_stop_seconds)
        self.sampling = Sampling(
            renewal,
            host.around.deadlines,
            host.around.clock,
            reporter,
            growth_limits(plugin.manifest.limits.memory_bytes),
            settings.sample_seconds,
        )
        self._refresher = Refresher(self, host.gate, reporter, host.around.settings.capabilities_seconds)
        in_flight = plugin.manifest.limits.max_in_flight or settings.max_in_flight
        self.slots = Slots(self.name, in_flight, settings.max_waiting, host.around.deadlines)

    # What it is

    @property
    def pid(self) -> int | None:
        """The process number, while there is a process."""
        return self.instance.process.pid if self.instance is not None and is_alive(self.state) else None

    @property
    def is_active(self) -> bool:
        """Whether there is a process, or will be soon."""
        return self._starts.under_way or is_alive(self.state)

    @property
    def is_serial(self) -> bool:
        """Whether it works on one call at a time (it did not offer `concurrent`)."""
        return self.introduction is not None and "concurrent" not in self.introduction.features

    @property
    def is_busy(self) -> bool:
        """Whether a call is under way or waits."""
        return bool(self.slots.in_flight or self.slots.waiting)

    @property
    def is_in_use(self) -> bool:
        """Whether it is busy, or required by a module that runs, which must not have to wait for its start."""
        return self.is_busy or self._host.is_required(self)

    @property
    def peer(self) -> Peer:
        """The peer of the running process."""
        if self.instance is None:
            msg = f"cannot reach {self.name}: it is not running"
            raise NotRunning(msg, data={"module": self.name})
        return self.instance.peer

    # Start and stop

    @contextmanager
    def one_more_waits(self, address: str) -> Generator[None]:
        """Count a caller that waits for the start.

        Raises:
            Overloaded: too many wait already.
        """
        if self._waiting_for_start >= self._host.around.settings.max_waiting:
            msg = f"cannot call {address}: {self.name} is not running and {self._waiting_for_start} calls wait for it"
            raise Overloaded(msg, hint="try again later", data={"module": self.name, "may_have_executed": False})
        self._waiting_for_start += 1
        try:
            yield
        finally:
            self._waiting_for_start -= 1

    async def ensure_running(self) -> Instance:
        """Return the running process, started if need be; any number of callers share one attempt.

        Raises:
            HubError: it cannot start; see `hub.errors` for the steps and what each can raise.
        """
        while (ending := self._ending_instance()) is not None or self.state is not State.RUNNING or self.instance is None:
            if ending is not None:
                await ending.wait_decided()
                continue
            if (refusal := self.supervisor.refusal) is not None:
                raise refusal
            await self._starts.join()
        return self.instance

    def _ending_instance(self) -> Instance | None:
        """Return the process that is on its way out, while what follows from that is not decided yet."""
        if self.instance is None or not is_alive(self.state):
            return None
        return self.instance if self.state is State.STOPPING or self.instance.peer.is_closed else None

    async def end_decided(self) -> None:
        """Wait until it is decided what follows from the end of a process."""
        while (ending := self._ending_instance()) is not None:
            await ending.wait_decided()

    def start_by_hand(self) -> None:
        """Begin to start it, without waiting: a person, or `hub up`, wants it to be up. Forgets failures and delays."""
        self.supervisor.reset()
        self.start_again()

    def start_again(self) -> None:
        """Begin to start it, without waiting; one that is just being stopped is started after that."""
        self.supervisor.wanted = True
        if self._starts.under_way or self.state is not State.RUNNING:
            with suppress(Closed):
                self._starts.hurry()

    async def _start(self) -> None:
        await self.end_decided()
        previous = self.instance
        try:
            await self._start_after(previous)
        finally:
            if previous is not None:
                with anyio.CancelScope(shield=True):
                    await previous.wait_ended()

    async def _start_after(self, previous: Instance | None) -> None:
        try:
            await self._host.start_required(self)
            instance = await self._spawn()
        except Closed:
            raise
        except HubError as error:
            self._judge_start(error)
            raise
        finally:
            self._starts.has_process()
        try:
            request = await self._introduce(instance)
            await self._host.start_required(self)  # what module_info requires beyond the manifest
            await self._host.gate.require(request)
            await self._advance(Happening.APPROVE, "module.approved")
            self.take(request.introduction)
            config = self._host.config_of(self.plugin)
            directory = self._host.data_directory_of(self.plugin)
            if previous is not None:
                await previous.wait_ended()  # what it left behind may hold the port or the lock that this one needs
            await self._advance(Happening.INITIALISE, "module.initialising")
            await instance.initialise(config, directory)
            await self._advance(Happening.RUN, "module.running")
            self.supervisor.is_up()
            self.last_used = self._host.around.clock()
            self._watch.begin(instance)
            self.sampling.begin(instance)
            self._host.noticed(self, up=True)
        except HubError as error:
            # Shielded: who stops it in this moment is told that nothing is left when nothing is left.
            with anyio.CancelScope(shield=True):
                await self._end_failed(instance, error)
            raise
        except BaseException:
            with anyio.CancelScope(shield=True):
                await self._end_failed(instance, Closed(f"cannot start {self.name}: the hub is closing"))
            raise
        self.last_error = None

    async def _spawn(self) -> Instance:
        self.tree = await self._host.gate.digest(self.plugin)
        self.state = advance(self.state, Happening.START)
        instance = Instance(self.plugin, self._host.around, on_event=self._on_event, on_log=self._reporter.log)

        def on_end(ending: Ending) -> Sequel | None:
            return self._on_end(instance, ending)

        self._reporter.emit("module.starting", pid=instance.process.pid)
        try:
            await instance.begin(self._host.start_task, on_end)
        except Closed:
            if self.state is not State.STOPPING:
                self._move(Happening.STOP, "module.stopping", reason="the hub is closing")
            self._move(Happening.END, "module.stopped")
            raise
        self.instance = instance
        return instance

    async def _introduce(self, instance: Instance) -> ApprovalRequest:
        introduction = await instance.introduce()
        self.introduction = introduction
        await self._advance(
            Happening.INTRODUCE, "module.introduced", version=introduction.version, functions=len(introduction.functions)
        )
        self._reporter.warn_of_unknown(introduction.unknown_interfaces)
        assert self.tree is not None  # noqa: S101 - taken before the spawn
        return await self._host.gate.request(self.plugin, introduction, self.tree)

    def take(self, introduction: Introduction) -> None:
        self.functions = introduction.functions
        asked = (*introduction.permissions, *self.plugin.manifest.permissions)
        # The name of a file is no module (HUB-INFO-6), and would grant the call of a function: `so` of `name.so`.
        required = (f"call:{name}" for name in introduction.required_modules if not names_a_file(name))
        self.permissions = frozenset((*asked, *required))

    def keep_only(self, functions: Mapping[str, Function]) -> None:
        """Offer only what is offered already and stands unchanged in `functions`."""
        self.functions = {name: old for name, old in self.functions.items() if functions.get(name) == old}

    async def _end_failed(self, instance: Instance, error: HubError) -> None:
        """End a process that did not get as far as running."""
        if is_alive(self.state) and self.state is not State.STOPPING:
            if isinstance(error, Disabled):
                self.supervisor.not_wanted()
                self._reporter.emit("module.disabled", reason=error.data["reason"])
                self._move(Happening.STOP, "module.stopping", reason="it disabled itself")
            elif isinstance(error, Closed):
                self._move(Happening.STOP, "module.stopping", reason="the hub is closing")
            else:
                phase = str(self.state)
                verdict, decision = self._judge_start(error, do_not_restart=instance.do_not_restart)
                await instance.stop(error.message)
                if instance.ending is not None and not isinstance(error, NotApproved):
                    self._report(instance, self._death(instance, instance.ending, phase, verdict, decision))
        await instance.stop(error.message)

    def _death(self, instance: Instance, ending: Ending, phase: str, verdict: Verdict, decision: Decision) -> Death:
        up_seconds = self._host.around.clock() - instance.process.start_time
        restarts = self.supervisor.restarts - isinstance(decision, Again)  # before this death: without the one that follows
        told = decision_json(decision)
        return Death(ending, phase, self.last_error, str(verdict), told, up_seconds, restarts, self.sampling.curve())

    def _report(self, instance: Instance, death: Death) -> None:
        self._host.report(death_report(instance, death), death.time_ns)

    def _judge_start(self, error: HubError, *, do_not_restart: bool = False) -> tuple[Verdict, Decision]:
        verdict = verdict_of_start(error, self.state)
        decision = self.supervisor.failed(error, verdict, do_not_restart=do_not_restart)
        self._starts.failed(decision.delay_seconds if isinstance(decision, Again) else None)
        idle = self.state in _WITHOUT_A_PROCESS
        if idle and isinstance(decision, Never) and not decision.gave_up:
            self.last_error = error  # nothing was started, nothing changes
            return verdict, decision
        if idle:
            self.state = advance(self.state, Happening.START)
        self._carry_out(decision, error, verdict)
        return verdict, decision

    def _carry_out(self, decision: Decision, error: HubError, verdict: Verdict, **data: Any) -> None:
        """Move to the state that follows from a failure, and say so."""
        self.last_error = error
        told = {"error": error.to_json(), "verdict": str(verdict), **decision_json(decision), **data}
        if isinstance(decision, Again):
            self._move(Happening.RETRY, "module.backing-off", **told)
            return
        self._move(Happening.GIVE_UP, "module.failed", **told)
        if decision.gave_up and (gave_up := self.supervisor.gave_up) is not None:
            self._reporter.emit("module.gave-up", error=gave_up.to_json())

    async def stop(self, reason: str) -> None:
        """End the module, whatever it is doing; returns when nothing of it is left. Never raises for what the module does."""
        instance = self.instance
        self.supervisor.not_wanted()
        if self.state is State.RUNNING:
            await self.end_decided()  # it has died by itself: that is told and reported as what it is
        if self.state in (State.BACKING_OFF, State.FAILED):
            self._move(Happening.STOP, "module.stopped", reason=reason)
        if is_alive(self.state) and self.state is not State.STOPPING:
            self._move(Happening.STOP, "module.stopping", reason=reason)
        attempt_over = self._starts.stop(reason)
        if instance is not None and is_alive(self.state):
            await instance.stop(reason)
        elif instance is not None and instance.ending is not None:
            await instance.wait_ended()  # it is dead, but maybe not yet what it left behind
        await attempt_over()

    def kill(self) -> None:
        """End its process now, without asking."""
        if self.instance is not None:
            self.instance.kill()

    def _on_end(self, instance: Instance, ending: Ending) -> Sequel | None:
        """Decide what follows from an end."""
        if instance is not self.instance:
            return None
        self._watch.end()
        self.sampling.end()
        if self.state is State.STOPPING:
            self._move(Happening.END, "module.stopped", exit=ending.status.to_json())
        if self.state is not State.RUNNING:
            return None
        error = ending.fault or NotRunning(f"{self.name} {ending.in_words}", data={"exit": ending.status.to_json()})
        verdict = verdict_of_end(ending)
        decision = self.supervisor.failed(error, verdict, do_not_restart=ending.do_not_restart)
        self._carry_out(decision, error, verdict, exit=ending.status.to_json())
        death = self._death(instance, ending, "running", verdict, decision)
        self._host.noticed(self, up=False)
        self._starts.failed(decision.delay_seconds if isinstance(decision, Again) else None)
        return Sequel(self._starts.next_process, self._starts.next_result, lambda: self._report(instance, death))

    async def _advance(self, happening: Happening, kind: str, **data: Any) -> None:
        # What was waited for may have come in the same moment as a stop, which has moved the state already.
        await anyio.lowlevel.checkpoint_if_cancelled()
        self._move(happening, kind, **data)

    def _move(self, happening: Happening, kind: str, **data: Any) -> None:
        self.state = advance(self.state, happening)
        self._reporter.emit(kind, **data)

    # Events of the protocol

    def _on_event(self, event: protocol.Event) -> None:
        match event:
            case protocol.RequestReceived():
                self.in_background(self._host.serve, self, event)
            case protocol.NotificationReceived(method=method, params=params):
                if method == HUB_LOG:
                    self._reporter.log_notification(params)
                elif method == CAPABILITIES_CHANGED and self._refresher.wants_to_run():
                    self.in_background(self._refresher.run)
            case protocol.CancelReceived():
                self._host.cancel_service(self, event.id)
            case _:
                self._reporter.fault(event)

    def in_background(self, work: Callable[..., Coroutine[Any, Any, object]], *args: object) -> None:
        # In the instance's own tasks: they end with its process.
        if self.instance is not None and self.instance.tasks is not None:
            self.instance.tasks.start_soon(work, *args)
