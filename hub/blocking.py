"""Own the same hub for code without async: an event loop in a thread of its own; know nothing that the async hub does not."""

import math
import queue
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from types import TracebackType
from typing import Any, Self, Unpack
from weakref import WeakSet

from anyio.from_thread import BlockingPortal, start_blocking_portal

from hub._calls import Progress
from hub._fanout import FanOut, FanOutOptions, ModuleAnswer
from hub._gate import ApprovalRequest
from hub._handle import Module as AsyncModule
from hub._hub import Hub as AsyncHub
from hub._registry import Registry
from hub.errors import Closed
from hub.events import Event

__all__ = ["Hub", "Module"]

# A listener that does not listen must not make the hub grow; the same bound as the async iterator's.
_MAX_BUFFERED = 4096


class Module:
    """One module of a blocking hub. Its functions are its methods: `hub.modules["system"].processes(limit=3)`."""

    def __init__(self, module: AsyncModule, hub: "Hub") -> None:
        self._module = module
        self._hub = hub

    def __getattr__(self, name: str) -> Any:
        """Return what the async module has under this name; its functions become blocking ones."""
        if name.startswith("_"):
            raise AttributeError(name)
        if isinstance(getattr(type(self._module), name, None), property):
            return getattr(self._module, name)

        def call(**params: Any) -> Any:
            return self._hub.call(f"{self._module.name}.{name}", **params)

        return call

    def __repr__(self) -> str:
        return repr(self._module)


class Hub:
    """`with Hub("plugins") as hub: hub.call("system.processes", limit=3)`.

    Takes what the async `Hub` takes, and raises what it raises. Its callbacks (`approve`, `ask`) are called on the hub's own
    thread. May be used from several threads at once.
    """

    def __init__(self, plugins: Any = None, **options: Any) -> None:
        self._options = options
        self._plugins = plugins
        self._stack = ExitStack()
        self._portal: BlockingPortal | None = None
        self._hub: AsyncHub | None = None
        self._listening: WeakSet[_Listening] = WeakSet()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            portal = stack.enter_context(start_blocking_portal("asyncio"))
            hub = AsyncHub(self._plugins, **self._options)
            stack.enter_context(_entered(portal, hub))
            self._stack = stack.pop_all()
        self._portal, self._hub = portal, hub
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._portal = None
        try:
            self._stack.__exit__(kind, error, trace)
        finally:
            for listening in self._listening:
                listening.put(None)

    def _open(self) -> tuple[BlockingPortal, AsyncHub]:
        if self._portal is None or self._hub is None:
            msg = "cannot use this hub: it is not open"
            raise Closed(msg, hint="use it inside `with Hub(...) as hub:`")
        return self._portal, self._hub

    @property
    def registry(self) -> Registry:
        """The plugins on disk, and those that cannot be used."""
        return self._open()[1].registry

    @property
    def modules(self) -> Mapping[str, Module]:
        """Every plugin found, by name, running or not."""
        return {name: Module(module, self) for name, module in self._open()[1].modules.items()}

    def call(self, address: str, /, **params: Any) -> Any:
        """Call `module.function` with arguments by name and return its result."""
        return self.request(address, params)

    def request(
        self,
        address: str,
        params: dict[str, Any],
        *,
        timeout_seconds: float | None = None,
        on_progress: Callable[[Progress], None] | None = None,
        profile: str | None = None,
        keep: str | None = None,
    ) -> Any:
        """Call `module.function`, with a deadline that covers everything; `on_progress` is called on the hub's thread."""
        portal, hub = self._open()

        async def work() -> Any:
            return await hub.request(
                address, params, timeout_seconds=timeout_seconds, on_progress=on_progress, profile=profile, keep=keep
            )

        return portal.call(work)

    @contextmanager
    def call_all(
        self, address: str, params: Mapping[str, Any] | None = None, **options: Unpack[FanOutOptions]
    ) -> Generator[Iterator[ModuleAnswer]]:
        """Call `interface.function` on all modules that implement it: `with ... as answers: for answer in answers`."""
        portal, hub = self._open()
        with portal.wrap_async_context_manager(hub.call_all(address, params, **options)) as answers:
            yield _as_they_come(portal, answers)

    def start(self, name: str) -> Module:
        """Start a module, and first what it requires."""
        portal, hub = self._open()
        return Module(portal.call(hub.start, name), self)

    def stop(self, name: str) -> None:
        """Stop a module and what requires it."""
        portal, hub = self._open()
        portal.call(hub.stop, name)

    def introduce(self, name: str) -> ApprovalRequest:
        """Ask a module who it is and what it can do, and compare that with what was approved."""
        portal, hub = self._open()
        return portal.call(hub.introduce, name)

    def approve(self, request: ApprovalRequest, *, by: str) -> None:
        """Remember that `by` approved exactly what `introduce` returned."""
        self._open()[1].approve(request, by=by)

    def revoke(self, name: str) -> bool:
        """Forget the approval of a module; return whether there was one."""
        return self._open()[1].revoke(name)

    def events(self, *, timeout_seconds: float = math.inf) -> Iterator[Event]:
        """Return an iterator of what happens from now on, until the hub closes or nothing happens for `timeout_seconds`."""
        portal, hub = self._open()
        listening = _Listening()
        self._listening.add(listening)
        portal.call(hub.on_event, listening.put)
        return listening.iterate(timeout_seconds)


class _Listening:
    """What one listener has not seen yet; None is the end."""

    def __init__(self) -> None:
        self._buffer: queue.Queue[Event | None] = queue.Queue(_MAX_BUFFERED)

    def put(self, event: Event | None) -> None:
        """Keep an event, in place of the oldest where there are too many."""
        if self._buffer.full():
            with suppress(queue.Empty):
                self._buffer.get_nowait()
        self._buffer.put_nowait(event)

    def iterate(self, timeout_seconds: float) -> Iterator[Event]:
        """Yield the events as they come."""
        while True:
            try:
                event = self._buffer.get(timeout=None if math.isinf(timeout_seconds) else timeout_seconds)
            except queue.Empty:
                return
            if event is None:
                return
            yield event


def _as_they_come(portal: BlockingPortal, answers: FanOut) -> Iterator[ModuleAnswer]:
    async def another() -> ModuleAnswer | None:
        return await anext(answers, None)

    while (answer := portal.call(another)) is not None:
        yield answer


def _entered(portal: BlockingPortal, hub: AsyncHub) -> AbstractContextManager[AsyncHub]:
    return portal.wrap_async_context_manager(hub)
