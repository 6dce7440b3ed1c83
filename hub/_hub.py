"""Own the hub as applications see it: one object that finds, starts, calls and stops modules; the parts do the work."""

import os
import random
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping
from types import MappingProxyType, TracebackType
from typing import Any, Self, Unpack

import anyio
import anyio.abc

from hub._asking import Asking
from hub._background import Background
from hub._calls import Caller, OnProgress, WaitGraph, first_caller, new_trace_id
from hub._childprocess import Spawner
from hub._credentials import Credentials, check_account, check_keep
from hub._credentials_service import CredentialsService
from hub._deadlines import Deadlines
from hub._dependents import Dependents
from hub._fanout import FanOut, FanOutOptions
from hub._gate import ApprovalRequest, Approve, Gate
from hub._handle import Module
from hub._implementers import Implementers
from hub._instance import Surroundings
from hub._interfaces import Interfaces
from hub._invoke import call_function
from hub._keeping import keeper_of, tell_swept
from hub._keyring import Keyring
from hub._keyring_index import KeyringIndex
from hub._manifest import Manifest
from hub._module import LoadedModule
from hub._order import Needs
from hub._paths import Paths, PluginDirectories
from hub._patience import Patience
from hub._person import AskPerson, Behind
from hub._private import make_private_directory
from hub._probe import Probe
from hub._process import spawn
from hub._registry import Plugin, Registry, discover
from hub._report import ReportStore
from hub._reporter import Reporter
from hub._requirements import known_needs, start_required
from hub._secrets import Secrets
from hub._services import HostServices
from hub._settings import Settings
from hub._store import Store
from hub._version import HUB_VERSION
from hub.errors import Closed, NotFound
from hub.events import Event, EventBus, defect_event
from hub_protocol.events import RequestReceived
from hub_protocol.messages import Id

__all__ = ["Hub"]

# The ladder of one module ends within 10 s; modules that need each other end one after the other. Then they are killed.
_CLOSE_SECONDS = 30.0


class Hub:
    """Runs the plugins of some directories.

    Args:
        plugins: one directory or several; default `HUB_PLUGINS`, else `./plugins`.
        paths: where everything is kept; default from the environment. `plugins` wins over its directories.
        settings: limits and deadlines.
        approve: decides about modules that are not approved (what it accepts is remembered); without it they are refused.
        ask: answers questions of modules to the person (`hub.ask`).
        config: for each module, what overlays the `[config]` of its manifest.
        spawn: starts processes; another one can put walls around them.
        environ: the environment of which plugins inherit a little; default this process's.
        keep_credentials: where modules' credentials are kept when a call does not say: `session` or `keyring`.
        keyring: the person's keyring; default the system's.
        clock: seconds that only grow.
        random: numbers from 0 up to 1, for the jitter of restarts.
    """

    def __init__(  # noqa: PLR0913 - all but the first are by name, and each is the application's to choose
        self,
        plugins: PluginDirectories | None = None,
        *,
        paths: Paths | None = None,
        settings: Settings | None = None,
        approve: Approve | None = None,
        ask: AskPerson | None = None,
        config: Mapping[str, Mapping[str, Any]] | None = None,
        spawn: Spawner = spawn,
        environ: Mapping[str, str] | None = None,
        keep_credentials: str = "session",
        keyring: Keyring | None = None,
        clock: Callable[[], float] = time.monotonic,
        random: Callable[[], float] = random.random,
    ) -> None:
        environ = os.environ if environ is None else environ
        self.paths = Paths.chosen(plugins, paths, environ)
        self.settings = settings or Settings()
        self.secrets = Secrets()
        self.bus = EventBus(self.secrets.black_out_event)
        self._loaded: dict[str, LoadedModule] = {}
        adopts = self.settings.adopt_orphans
        self._keeper = keeper_of(self.paths.running, spawn, self.bus.emit, self._manifest_of, adopts=adopts)
        self.gate = Gate(self.paths, approve)
        self.interfaces = Interfaces(lambda: self.registry.plugins, self.gate.known_names)
        starting = (self._keeper.spawn, environ, HUB_VERSION, random, self.interfaces.judged, self.secrets)
        self.around = Surroundings(self.settings, Deadlines(clock), clock, *starting)
        self.config = config or {}
        self.reports = ReportStore(self.paths.reports)
        index, keep = KeyringIndex(self.paths.credentials), check_keep(keep_credentials)
        self.credentials = Credentials(keyring or Keyring(), index, self.secrets, keep=keep)
        self.implementers = Implementers(self)
        self._registry: Registry | None = None
        self._modules: dict[str, Module] = {}
        self._needs: dict[str, Needs] = {}
        self._reporters: dict[str, Reporter] = {}
        self._probes: dict[str, Probe] = {}
        self._dependents = Dependents(self._loaded, self._needs, self._reporters)
        self._tasks: anyio.abc.TaskGroup | None = None
        self._services = HostServices(
            call=self._call_inside,
            asking=Asking(ask, self.secrets, Patience(clock)),
            store=lambda module: Store(self.paths.stores, module),
            credentials=CredentialsService(self.credentials),
            secrets=self.secrets,
            waits=WaitGraph(self.settings.max_chain),
            serial_modules=lambda: {name: module.is_serial for name, module in self._loaded.items()},
            clock=clock,
        )

    # Open and close

    async def __aenter__(self) -> Self:
        if self._registry is not None:
            msg = "cannot open this hub: it was opened already"
            raise Closed(msg, hint="make another one: Hub(...)")
        self._registry = self.look()
        for plugin in self._registry.plugins.values():
            self.load(plugin)
        self._background = Background(lambda error: self.bus.emit(defect_event(error)))
        self._tasks = await self._background.open()
        self._tasks.start_soon(self.around.deadlines.run)
        tell_swept(await self._keeper.open(), self.bus.emit)
        self._tasks.start_soon(self._keeper.run)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        self._open_tasks()
        self._tasks = None
        ended: bool | None = None
        try:
            # Shielded: a hub whose caller is cancelled still ends its modules; bounded, and then they are killed.
            with anyio.move_on_after(_CLOSE_SECONDS, shield=True):
                await self._dependents.stop_all("the hub is closing")
        finally:
            try:
                # What the body raised goes on as it is; only a cancellation may be the task group's own, and ends in it then.
                cancelled = isinstance(error, anyio.get_cancelled_exc_class())
                ended = await self._background.close(*((kind, error, trace) if cancelled else (None, None, None)))
            finally:
                await self._keeper.aclose()
                self.bus.close()
        # The group says True for having swallowed its own cancellation, which is not what the body raised.
        return ended if cancelled else None

    def _manifest_of(self, name: str) -> Manifest | None:
        module = self._loaded.get(name)
        return module.plugin.manifest if module is not None else None

    def _open_tasks(self) -> anyio.abc.TaskGroup:
        if self._tasks is None:
            msg = "cannot use this hub: it is not open"
            raise Closed(msg, hint="use it inside `async with Hub(...) as hub:`")
        return self._tasks

    # What is there

    @property
    def registry(self) -> Registry:
        """The plugins on disk, and those that cannot be used."""
        if self._registry is None:
            self._open_tasks()  # raises
        assert self._registry is not None  # noqa: S101
        return self._registry

    @property
    def modules(self) -> Mapping[str, Module]:
        """Every plugin found, by name, running or not."""
        return MappingProxyType(self._modules)

    @property
    def loaded(self) -> Mapping[str, LoadedModule]:
        """The modules as the hub's own parts see them; this and what follows is for what controls a hub."""
        return MappingProxyType(self._loaded)

    @property
    def needs(self) -> Mapping[str, Needs]:
        """What each module is known to require."""
        return MappingProxyType(self._needs)

    def look(self) -> Registry:
        """Read the plugins directories."""
        return discover(self.paths.plugins, search_path=self.paths.search_path, missing_ok=not self.paths.plugins_given)

    def load(self, plugin: Plugin) -> None:
        """Have a module for this plugin, in place of one of the same name, which must not be active."""
        reporter = self._reporters[plugin.name] = Reporter(plugin.name, self.bus.emit, self.around.clock)
        loaded = self._loaded[plugin.name] = LoadedModule(plugin, self, reporter)
        self._probes[plugin.name] = Probe(plugin, self, reporter)
        self._modules[plugin.name] = Module(loaded, self.request)
        self._needs[plugin.name] = known_needs(plugin, self.gate)

    def replace_registry(self, registry: Registry, gone: Iterable[str]) -> None:
        """Take what was found anew; the modules that are `gone` must not be active."""
        self._registry = registry
        for name in gone:
            for part in (self._loaded, self._modules, self._needs, self._reporters, self._probes):
                part.pop(name, None)

    def events(self) -> AsyncIterator[Event]:
        """Return an iterator of all that happens from now on, until the hub closes; see `EVENT_KINDS`."""
        return self.bus.listen()

    def on_event(self, told: Callable[[Event], None]) -> None:
        """Call `told`, which must not block or raise, for each event from now on."""
        self.bus.add_callback(told)

    # Calls

    def call(self, address: str, /, **params: Any) -> Coroutine[Any, Any, Any]:
        """Call `module.function` with arguments by name and return its result (JSON values).

        Raises:
            HubError: see `hub.errors`.
        """
        name, _, function = address.partition(".")
        module = self._loaded.get(name)
        if module is None or self._tasks is None or not function or "." in function:
            return self.request(address, params)  # which finds what it means, or says what is wrong with it
        return self._invoke(module, function, params, Caller(new_trace_id()), None)

    async def request(
        self,
        address: str,
        params: dict[str, Any],
        *,
        timeout_seconds: float | None = None,
        spent_seconds: float = 0.0,
        on_progress: OnProgress = None,
        profile: str | None = None,
        ask: AskPerson | None = None,
        keep: str | None = None,
    ) -> Any:
        """Call `module.function`, with a deadline that covers everything, the start of the module too.

        An address with more dots, `interface.function`, means the one module that implements it.

        `spent_seconds` of the timeout have passed already, for a caller who began to count earlier. `on_progress` is called on
        the event loop for each progress that the module reports; what it raises ends this call, and is raised here.
        `profile` is the account; `ask` asks the person behind this call; `keep`: as `keep_credentials`, for this call.

        Raises:
            HubError: see `hub.errors`.
        """
        self._open_tasks()
        if profile is not None:
            check_account(profile)
        if address.count(".") > 1:
            address, spent_seconds = await self.implementers.only(address, None, timeout_seconds, spent_seconds)
        behind = None if ask is None and keep is None else Behind(ask, None if keep is None else check_keep(keep))
        caller = first_caller(address, self.around.clock(), timeout_seconds, spent_seconds, profile, behind)
        return await self._call(address, params, caller, on_progress)

    def call_all(self, address: str, params: Mapping[str, Any] | None = None, **options: Unpack[FanOutOptions]) -> FanOut:
        """Call `interface.function` on all modules that implement it, for each of their accounts: `async with` this."""
        self._open_tasks()
        return FanOut(self, address, params or {}, options)

    async def _call_inside(self, address: str, params: dict[str, Any], caller: Caller) -> Any:
        # Also while the hub closes: a module may need in its cleanup what it requires, which is why that is stopped later.
        return await self._call(address, params, caller, None)

    def _call(self, address: str, params: dict[str, Any], caller: Caller, told: OnProgress) -> Coroutine[Any, Any, Any]:
        name, dot, function = address.partition(".")
        if not dot or not function:
            hint = f"see what {name} can do: hub functions {name}" if name in self._loaded else "see all: hub functions"
            raise NotFound(f"cannot call {address!r}: the address of a function is module.function", hint=hint)
        return self._invoke(self._module(name), function, params, caller, told)

    def _invoke(
        self, module: LoadedModule, function: str, params: dict[str, Any], caller: Caller, told: OnProgress
    ) -> Coroutine[Any, Any, Any]:
        default = module.plugin.manifest.limits.call_seconds or self.settings.call_seconds
        return call_function(module, function, params, caller, self.around.clock, default, told)

    def _module(self, name: str) -> LoadedModule:
        found = self._loaded.get(name)
        if found is None:
            self.registry.get(name)  # raises what is wrong with it
            raise NotFound(f"cannot use {name}: it appeared after the hub was opened")
        return found

    # Modules

    async def start(self, name: str) -> Module:
        """Start a module, and first what it requires; return at once when it runs already.

        Raises:
            HubError: see `hub.errors`, the steps from "find" to "initialise".
        """
        self._open_tasks()
        await self._module(name).ensure_running()
        return self._modules[name]

    async def stop(self, name: str, *, reason: str = "asked by the application") -> None:
        """Stop a module and what requires it; nothing of them is left when this returns."""
        self._open_tasks()
        module = self._module(name)
        self._dependents.forget(name)
        for other, needs in self._needs.items():
            if name in needs.required_modules and self._loaded[other].is_active:
                await self.stop(other, reason=f"it requires {name}, which is being stopped")
        await module.stop(reason)

    def kill(self) -> None:
        """Send SIGKILL to every module's process group at once, for who cannot wait; closing the hub afterwards is quick."""
        for part in (*self._loaded.values(), *self._probes.values()):
            part.kill()

    async def introduce(self, name: str) -> ApprovalRequest:
        """Ask a module who it is and what it can do, and compare that with what was approved; nothing is initialised.

        Raises:
            HubError: it cannot be started or introduced.
        """
        self._open_tasks()
        self._module(name)
        return await self._probes[name].introduce()

    def approve(self, request: ApprovalRequest, *, by: str) -> None:
        """Remember that `by` approved exactly what `introduce` returned.

        Raises:
            BadSettings: it cannot be written down.
        """
        self.gate.accept(request, by=by)

    def revoke(self, name: str) -> bool:
        """Forget the approval of a module; return whether there was one. A running module goes on until it is stopped."""
        return self.gate.store.revoke(name)

    # For the modules (ModuleHost)

    def start_task(self, work: Callable[..., Coroutine[Any, Any, object]], *args: object) -> None:
        """Run `work` in the background, until the hub closes."""
        self._open_tasks()
        self._background.start_soon(work, *args)

    async def start_required(self, module: LoadedModule) -> None:
        """See that all that `module` is known to require is running.

        Raises:
            DependencyFailed: one is missing, of the wrong version, in a circle, or does not start.
        """
        await start_required(module, self._loaded, self._needs, self.registry, self.bus.emit)

    def noticed(self, module: LoadedModule, *, up: bool) -> None:
        """Tell the modules that require this one; stop and start those whose manifest asks for it."""
        if up:
            self._dependents.came_back(module.name)
        elif (dependents := self._dependents.went_down(module.name)) and self._tasks is not None:
            self._background.start_soon(self._dependents.stop, dependents, f"it requires {module.name}, which went down")

    def is_required(self, module: LoadedModule) -> bool:
        """Return whether a module that runs or starts requires this one."""
        return self._dependents.is_required(module.name)

    def report(self, report: dict[str, Any], time_ns: int) -> None:
        """Keep the report of a death at `time_ns`; when it cannot be written, that is a warning and no failure."""
        # Also while the hub closes: a death may be the reason for that.
        self._background.start_soon(self.reports.keep, self.secrets.black_out_value(report), time_ns, self.bus.emit)

    def config_of(self, plugin: Plugin) -> Mapping[str, Any]:
        """Return the manifest's `[config]`, overlaid with the application's."""
        return {**plugin.manifest.config, **self.config.get(plugin.name, {})}

    def data_directory_of(self, plugin: Plugin) -> str:
        """Return the module's own directory, made if need be."""
        directory = self.paths.data / "modules" / plugin.name
        make_private_directory(directory)
        return str(directory)

    async def serve(self, module: LoadedModule, event: RequestReceived) -> None:
        """Answer a request of the module."""
        await self._services.serve(module, event)

    def cancel_service(self, module: LoadedModule, request_id: Id) -> None:
        """Stop working on a request of the module."""
        self._services.cancel(module, request_id)
