"""Own the handle of a module that applications see; know nothing of processes: all it does goes through the hub."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from hub._introduction import Function, Introduction
from hub._module import LoadedModule
from hub.errors import NotRunning
from hub_protocol.lifecycle import State

__all__ = ["Module"]

Request = Callable[[str, dict[str, Any]], Awaitable[Any]]


class Module:
    """One module of a hub. Its functions are its methods: `await hub.modules["system"].processes(limit=3)`.

    A function whose name is taken here (`name`, `state`, `pid`, ...) is called as `await hub.call("system.name")`.
    """

    def __init__(self, loaded: LoadedModule, request: Request) -> None:
        self._loaded = loaded
        self._request = request

    @property
    def name(self) -> str:
        """The first half of the address of its functions."""
        return self._loaded.name

    @property
    def state(self) -> State:
        """Where it is in its life."""
        return self._loaded.state

    @property
    def pid(self) -> int | None:
        """The process number, while there is a process."""
        return self._loaded.pid

    @property
    def introduction(self) -> Introduction | None:
        """What it said of itself, once it did."""
        return self._loaded.introduction

    @property
    def functions(self) -> Mapping[str, Function]:
        """What can be called, by name.

        Raises:
            NotRunning: it has not been started, so nobody knows.
        """
        if self._loaded.introduction is None:
            msg = f"cannot list the functions of {self.name}: it has not been started"
            raise NotRunning(msg, hint=f'await hub.start("{self.name}") first', data={"module": self.name})
        return self._loaded.functions

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        """Return a function of the module as a method of it."""
        if name.startswith("_"):
            raise AttributeError(name)

        async def call(**params: Any) -> Any:
            return await self._request(f"{self.name}.{name}", params)

        call.__name__ = name
        return call

    def __repr__(self) -> str:
        return f"<Module {self.name} {self.state}>"
