"""Own the long-lived hub, `hub up`: what happens in which order from start to end; know no terminal and no option.

It ends by a signal, by `hub down`, or because a module that the hub is of no use without gave up.
"""

import gc
import importlib.util
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from typing import Any, Final

import anyio
import anyio.abc

from hub._config import Config
from hub._control import ControlServer
from hub._control_dispatch import Dispatcher
from hub._control_methods import ControlMethods
from hub._control_socket import ControlSocket
from hub._credentials import check_keep
from hub._eventlog import EventLog
from hub._hub import Hub
from hub._linewriter import LineWriter
from hub._logbook import Logbook
from hub._notify import Notifier
from hub._operate import start_all
from hub._paths import Paths, PluginDirectories
from hub._reload import reload
from hub._settings import Settings
from hub.errors import GaveUp, HubError
from hub.events import Event

__all__ = ["run_up"]

_SETTINGS: Final = Settings(adopt_orphans=True)
_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
# A clean stop ends within 10 s: who is not gone by then is killed, and the rest of the second is for saying so.
_STOP_SECONDS: Final = 9.0
# A module that nobody approved waits for a person; that is no reason to take the console from this person.
_WAITS_FOR_A_PERSON: Final = frozenset({"not_approved"})


def run_up(
    plugins: PluginDirectories | None = None,
    *,
    told: Callable[[Event], Iterable[bytes]],
    write: Callable[[bytes], object],
    environ: Mapping[str, str] | None = None,
) -> None:
    """Run a hub until somebody ends it; every approved module that is not lazy is started.

    `told` returns the lines that an event reads as, without their ends; `write` gets them in a thread of its own, where it may
    wait for whoever reads them, or raise OSError when nobody does any more.

    Raises:
        BadSettings: a hub is running already, or a directory or the configuration cannot be used.
        GaveUp: a module marked `critical` cannot be kept running.
    """
    environ = os.environ if environ is None else environ
    config = Config.load(Paths.chosen(plugins, None, environ), environ)
    printer = LineWriter(write, lambda count: b"(%d lines dropped: nobody reads them)" % count)

    def on_event(event: Event) -> None:
        for line in told(event):
            printer.put(line)

    up = _Up(plugins, on_event, environ, config)
    # A faster event loop, where somebody installed one.
    fast = importlib.util.find_spec("uvloop") is not None
    try:
        anyio.run(up.run, backend_options={"use_uvloop": fast})
    finally:
        printer.close()
    if up.failure is not None:
        raise up.failure


class _Up:
    def __init__(
        self,
        plugins: PluginDirectories | None,
        on_event: Callable[[Event], None],
        environ: Mapping[str, str],
        config: Config,
    ) -> None:
        self.failure: Exception | None = None
        keep = config.keep_credentials
        self._hub = Hub(plugins, environ=environ, config=config.modules, keep_credentials=keep, settings=_SETTINGS)
        self._environ = environ
        self._told = on_event
        self._notifier = Notifier(environ)
        self._logbook = Logbook()
        self._socket = ControlSocket(self._hub.paths.control_socket)
        self._end = anyio.Event()
        self._reloading = anyio.Lock()

    async def run(self) -> None:
        """Run from start to end; `failure` is set afterwards when it did not end well."""
        try:
            with self._socket:
                log = EventLog(self._hub.paths.event_log)
                try:
                    await self._run_listening(log)
                finally:
                    log.close()
        except HubError as error:
            self.failure = self.failure or error

    async def _run_listening(self, log: EventLog) -> None:
        for told in (self._told, log.add, self._logbook.add, self._watch_critical):
            self._hub.on_event(told)
        async with AsyncExitStack() as stack:
            tasks = await stack.enter_async_context(anyio.create_task_group())
            tasks.start_soon(self._obey, stack.enter_context(anyio.open_signal_receiver(*_SIGNALS)))
            tasks.start_soon(self._serve_control)
            if self._notifier.watchdog_seconds is not None:
                tasks.start_soon(self._pat_watchdog, self._notifier.watchdog_seconds)
            try:
                await self._run_hub(tasks)
            except Exception as error:  # noqa: BLE001 - raised by `run_up`, outside of all groups of tasks
                self.failure = self.failure or error
            # Nothing is left but the connections: who waits for the end of one may start the next hub at once.
            self._socket.close()
            tasks.cancel_scope.cancel()

    async def _run_hub(self, tasks: anyio.abc.TaskGroup) -> None:
        async with self._hub:
            self._say("hub.starting", pid=os.getpid(), plugins=[str(path) for path in self._hub.paths.plugins])
            for error in (*self._hub.registry.problems, *self._hub.registry.broken.values()):
                self._say("hub.warning", message=error.message, hint=error.hint)
            async with anyio.create_task_group() as starts:
                starts.start_soon(self._until_end, starts.cancel_scope)
                await start_all(self._hub, self._wanted(list(self._hub.loaded)))
                # What is there now stays to the end. A full collection would walk through all of it, while every call waits for
                # some fifty milliseconds, and find nothing.
                gc.collect()
                gc.freeze()
                self._notifier.tell("READY=1", f"STATUS={self._counted()}")
                self._say("hub.running", pid=os.getpid(), socket=str(self._hub.paths.control_socket))
            self._say("hub.stopping")
            self._notifier.tell("STOPPING=1")
            tasks.start_soon(self._hurry_later)

    async def _until_end(self, starting: anyio.CancelScope) -> None:
        await self._end.wait()
        starting.cancel()

    def _wanted(self, names: list[str]) -> list[str]:
        return [name for name in names if not self._hub.loaded[name].plugin.manifest.supervision.lazy]

    def _counted(self) -> str:
        running = sum(module.pid is not None for module in self._hub.loaded.values())
        return f"{running} of {len(self._hub.loaded)} modules run"

    async def _serve_control(self) -> None:
        methods = ControlMethods(self._hub, self._logbook, down=self._end.set, reload=self._reload)
        dispatcher = Dispatcher(methods.table(), lambda line: self._say("hub.defect", message=line))
        await ControlServer(self._socket.listener, dispatcher).run()

    # Signals

    async def _obey(self, signals: AsyncIterator[signal.Signals]) -> None:
        async for number in signals:
            if number != signal.SIGHUP:
                if self._end.is_set():
                    self._hub.kill()
                self._end.set()
            elif not self._end.is_set():
                try:
                    await self._reload()
                except HubError as error:
                    self._say("hub.warning", message=error.message, hint=error.hint)

    async def _hurry_later(self) -> None:
        await anyio.sleep(_STOP_SECONDS)
        self._hub.kill()

    async def _pat_watchdog(self, seconds: float) -> None:
        while True:
            self._notifier.tell("WATCHDOG=1")
            await anyio.sleep(seconds)

    async def _reload(self) -> Mapping[str, Any]:
        async with self._reloading:
            self._notifier.tell("RELOADING=1", f"MONOTONIC_USEC={_monotonic_microseconds()}")
            try:
                config = Config.load(self._hub.paths, self._environ)
                found = await reload(self._hub, config.modules)
                self._hub.credentials.keep = check_keep(config.keep_credentials)
                for name in found.removed:
                    self._logbook.forget(name)
                self._say("hub.reloaded", **found.to_json())
                for name in self._wanted(found.added):
                    self._hub.loaded[name].start_by_hand()
            finally:
                self._notifier.tell("READY=1", f"STATUS={self._counted()}")
            return found.to_json()

    # Events

    def _watch_critical(self, event: Event) -> None:
        if event.kind not in ("module.failed", "module.gave-up") or self._end.is_set() or event.module is None:
            return
        module = self._hub.loaded.get(event.module)
        error: Mapping[str, Any] = event.data["error"]
        if module is None or not module.plugin.manifest.supervision.critical or error["kind"] in _WAITS_FOR_A_PERSON:
            return
        self.failure = module.supervisor.gave_up or GaveUp(
            f"cannot go on without {event.module}, which is critical: {error['message']}",
            hint=f"see why: hub logs {event.module} --last-crash",
            data={"module": event.module, "cause": dict(error)},
        )
        self._end.set()

    def _say(self, kind: str, **data: Any) -> None:
        self._hub.bus.emit(Event(kind, None, data))


def _monotonic_microseconds() -> int:
    import time

    return time.monotonic_ns() // 1000
