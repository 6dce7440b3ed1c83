"""Own what can be asked over the control socket: each method, its params and its answer; know no socket.

Params come from outside, as whatever JSON they are: each method looks at them before it uses them.
"""

import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, cast

import anyio.to_thread

from hub._calls import Progress
from hub._control_connection import Conversation
from hub._control_dispatch import Method
from hub._control_interfaces import InterfaceMethods
from hub._control_params import is_number, require
from hub._hub import Hub
from hub._introduction import Function
from hub._logbook import Logbook, record_of
from hub._module import LoadedModule
from hub._openrpc import openrpc_document
from hub._operate import restart, start_by_hand, stop_by_hand
from hub._status import status_of
from hub._version import HUB_VERSION
from hub.errors import HubError
from hub.events import Event
from hub_protocol.lifecycle import State

__all__ = ["ControlMethods"]

_DEFAULT_LINES: Final = 100


class ControlMethods:
    """The methods of one hub. `down` begins its end; `reload` reads the plugins directories anew and returns what changed."""

    def __init__(
        self, hub: Hub, logbook: Logbook, *, down: Callable[[], None], reload: Callable[[], Awaitable[Mapping[str, Any]]]
    ) -> None:
        self._hub = hub
        self._logbook = logbook
        self._down = down
        self._reload = reload

    def table(self) -> dict[str, Method]:
        """Return the methods by name."""
        return {
            "rpc.discover": self.discover,
            "hub.info": self.info,
            "hub.call": self.call,
            **InterfaceMethods(self._hub).table(),
            "hub.functions": self.functions,
            "hub.modules": self.modules,
            "hub.ps": self.ps,
            "hub.start": self.start,
            "hub.stop": self.stop,
            "hub.restart": self.restart,
            "hub.logs": self.logs,
            "hub.last_crash": self.last_crash,
            "hub.events": self.events,
            "hub.unsubscribe": self.unsubscribe,
            "hub.credentials.list": self.list_credentials,
            "hub.credentials.forget": self.forget_credentials,
            "hub.reload": self.reload,
            "hub.down": self.down,
        }

    # Functions

    async def discover(self, _: Conversation) -> dict[str, Any]:
        """Return the OpenRPC document of every function of every running module."""
        running = (module for module in self._hub.loaded.values() if module.state is State.RUNNING)
        return openrpc_document(
            HUB_VERSION, [(module.name, function) for module in running for function in module.functions.values()]
        )

    async def call(
        self,
        conversation: Conversation,
        function: Any,
        params: Any = None,
        timeout_seconds: Any = None,
        profile: Any = None,
        spent_seconds: Any = 0.0,
        keep: Any = None,
        can_ask: Any = False,  # noqa: FBT002 - a param on the wire
    ) -> Any:
        """Call `module.function`; its progress comes as `$/progress` with the id of this request.

        With `can_ask`, what a module asks the person comes as a request `hub.ask`, to be answered as a module would be.
        """
        arguments: Any = {} if params is None else params
        require("hub.call", "function", isinstance(function, str), "a string")
        require("hub.call", "params", isinstance(arguments, dict), "an object")
        require("hub.call", "timeout_seconds", timeout_seconds is None or is_number(timeout_seconds), "a number or null")
        require("hub.call", "spent_seconds", is_number(spent_seconds), "a number")
        require("hub.call", "profile", profile is None or isinstance(profile, str), "a string or null")
        require("hub.call", "keep", keep is None or isinstance(keep, str), "a string or null")
        require("hub.call", "can_ask", isinstance(can_ask, bool), "a boolean")

        def on_progress(progress: Progress) -> None:
            told = {"id": conversation.request.id, "done": progress.done, "total": progress.total, "message": progress.message}
            conversation.notify("$/progress", {name: value for name, value in told.items() if value is not None})

        return await self._hub.request(
            function,
            arguments,
            timeout_seconds=timeout_seconds,
            spent_seconds=spent_seconds,
            profile=profile,
            ask=conversation.ask if can_ask else None,
            keep=keep,
            on_progress=on_progress if conversation.request.wants_answer else None,
        )

    async def functions(self, _: Conversation, name: Any = None, start: Any = False) -> dict[str, Any]:  # noqa: FBT002 - a param on the wire
        """Return the functions of one module or all, in `functions`; in `failed` the errors of those that could not say.

        A running module is not asked again; another is started for a moment and asked, or for good with `start`.
        """
        if name is not None:
            self._must_exist("hub.functions", name)
            # One that backs off is known already; whether a call can wait for it is the call's own question.
            if start and not _is_known_and_backing_off(self._hub.loaded[name]):
                await self._hub.start(name)
            return {"functions": await self._functions_of(name), "failed": []}
        found: list[dict[str, Any]] = []
        registry = self._hub.registry
        failed: list[HubError] = [*registry.problems, *(registry.broken[one] for one in sorted(registry.broken))]
        for module in sorted(self._hub.loaded):
            try:
                found += await self._functions_of(module)
            except HubError as error:
                failed.append(error)
        return {"functions": found, "failed": [error.to_json() for error in failed]}

    async def _functions_of(self, name: str) -> list[dict[str, Any]]:
        module = self._hub.loaded[name]
        if module.state is State.RUNNING or _is_known_and_backing_off(module):
            functions = module.functions
        else:
            functions = (await self._hub.introduce(name)).introduction.functions
        return [_function_json(name, function) for function in functions.values()]

    # Modules

    async def info(self, _: Conversation) -> dict[str, Any]:
        """Return who this hub is and which plugins directories it serves."""
        return {"pid": os.getpid(), "version": HUB_VERSION, "plugins": [str(path) for path in self._hub.paths.plugins]}

    async def modules(self, _: Conversation) -> dict[str, Any]:
        """Return the plugins there are: where they are, what their manifests say, and why others are broken."""
        found = [_module_json(self._hub, name) for name in sorted(self._hub.loaded)]
        broken = self._hub.registry.broken
        return {"modules": found, "broken": [broken[name].to_json() for name in sorted(broken)]}

    async def ps(self, _: Conversation, name: Any = None) -> list[dict[str, Any]]:
        """Return the state of each module, or of one."""
        if name is not None:
            self._must_exist("hub.ps", name)
        names = sorted(self._hub.loaded) if name is None else [name]
        return [status_of(self._hub.loaded[one], self._hub.around.clock) for one in names]

    async def start(self, _: Conversation, name: Any) -> dict[str, Any]:
        """Start a module, and return its state once it runs; its failures are forgotten."""
        self._must_exist("hub.start", name)
        await start_by_hand(self._hub, name)
        return status_of(self._hub.loaded[name], self._hub.around.clock)

    async def stop(self, _: Conversation, name: Any) -> dict[str, Any]:
        """Stop a module and what requires it, and return its state; no call starts it again, a person does."""
        self._must_exist("hub.stop", name)
        await stop_by_hand(self._hub, name)
        return status_of(self._hub.loaded[name], self._hub.around.clock)

    async def restart(self, _: Conversation, name: Any) -> dict[str, Any]:
        """Stop and start a module, and what requires it and ran; return its state."""
        self._must_exist("hub.restart", name)
        await restart(self._hub, name)
        return status_of(self._hub.loaded[name], self._hub.around.clock)

    async def last_crash(self, _: Conversation, name: Any) -> dict[str, Any]:
        """Return the newest report of a module's death."""
        self._must_exist("hub.last_crash", name)
        return await anyio.to_thread.run_sync(self._hub.reports.last, name)

    # Credentials

    async def list_credentials(self, _: Conversation) -> list[dict[str, Any]]:
        """Return which credentials are kept, for which module and account; never a value."""
        return [credential.to_json() for credential in self._hub.credentials.listed()]

    async def forget_credentials(self, _: Conversation, module: Any, account: Any = None) -> dict[str, Any]:
        """Forget the credentials of a module, or of one account of it, and return how many."""
        require("hub.credentials.forget", "module", isinstance(module, str), "a string")
        require("hub.credentials.forget", "account", account is None or isinstance(account, str), "a string or null")
        return {"forgotten": await self._hub.credentials.forget(module, account)}

    # What happens

    async def logs(
        self,
        conversation: Conversation,
        name: Any,
        lines: Any = _DEFAULT_LINES,
        follow: Any = False,  # noqa: FBT002 - a param on the wire
    ) -> dict[str, Any]:
        """Return the newest log records of a module; with `follow`, each one from then on comes as `hub.log`."""
        self._must_exist("hub.logs", name)
        require(
            "hub.logs", "lines", isinstance(lines, int) and not isinstance(lines, bool) and lines >= 0, "a number from 0 up"
        )
        require("hub.logs", "follow", isinstance(follow, bool), "a boolean")
        answer: dict[str, Any] = {"records": self._logbook.last(name, lines)}
        if follow:

            def told(event: Event) -> Mapping[str, Any] | None:
                if event.kind != "events.dropped" and (event.kind != "log" or event.module != name):
                    return None
                return {"module": name, **(record_of(event) if event.kind == "log" else {"dropped": event.data["count"]})}

            answer["subscription"] = self._subscribe(conversation, "hub.log", told)
        return answer

    async def events(self, conversation: Conversation, name: Any = None, logs: Any = False) -> dict[str, Any]:  # noqa: FBT002 - a param
        """Subscribe to what happens, to one module or to all: each comes as `hub.event`. Log records only with `logs`."""
        if name is not None:
            self._must_exist("hub.events", name)

        def told(event: Event) -> Mapping[str, Any] | None:
            if (event.kind == "log" and not logs) or (name is not None and event.module not in (name, None)):
                return None
            return {"kind": event.kind, "module": event.module, "time": round(event.time, 3), "data": event.data}

        return {"subscription": self._subscribe(conversation, "hub.event", told)}

    def _subscribe(self, conversation: Conversation, method: str, told: Callable[[Event], Mapping[str, Any] | None]) -> int:
        listener = self._hub.events()  # from this moment on, not from when the task runs

        async def work(number: int) -> None:
            async for event in listener:
                params = told(event)
                if params is not None:
                    await conversation.send_when_room(method, {"subscription": number, **params})

        return conversation.subscribe(work)

    async def unsubscribe(self, conversation: Conversation, subscription: Any) -> bool:
        """End a subscription; return whether there was one."""
        return isinstance(subscription, int) and conversation.unsubscribe(subscription)

    # The hub

    async def reload(self, _: Conversation) -> Mapping[str, Any]:
        """Read the plugins directories anew, and return what changed."""
        return await self._reload()

    async def down(self, _: Conversation) -> dict[str, Any]:
        """Begin to end the hub; the connection closes when nothing of it is left."""
        self._down()
        return {"pid": os.getpid()}

    def _must_exist(self, method: str, name: object) -> None:
        require(method, "name", isinstance(name, str), "a string")
        if name not in self._hub.loaded:
            self._hub.registry.get(cast("str", name))  # raises what is wrong with it


def _is_known_and_backing_off(module: LoadedModule) -> bool:
    return module.state is State.BACKING_OFF and bool(module.functions)


def _function_json(module: str, function: Function) -> dict[str, Any]:
    where = {"module": module, "address": f"{module}.{function.name}", "signature": function.signature}
    return {**where, **function.declaration}


def _module_json(hub: Hub, name: str) -> dict[str, Any]:
    module = hub.loaded[name]
    manifest = module.plugin.manifest
    return {
        "name": name,
        "state": str(module.state),
        "path": str(module.plugin.path),
        "version": manifest.version,
        "required_modules": None if manifest.required_modules is None else dict(manifest.required_modules),
        "lazy": manifest.supervision.lazy,
        "critical": manifest.supervision.critical,
        "module_info": None if module.introduction is None else module.introduction.module_info,
    }
