"""Own what a module may ask of the hub that it is loaded in; know nothing of how the hub does it."""

from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from hub._gate import Gate
from hub._instance import Surroundings
from hub._registry import Plugin
from hub_protocol import events as protocol
from hub_protocol.messages import Id

if TYPE_CHECKING:
    from hub._module import LoadedModule

__all__ = ["ModuleHost"]


class ModuleHost(Protocol):
    """What a module needs of the hub that it is loaded in."""

    around: Surroundings
    gate: Gate

    def start_task(self, work: Callable[..., Coroutine[Any, Any, object]], *args: object) -> None:
        """Run `work` in the background, until the hub closes."""
        ...

    async def start_required(self, module: "LoadedModule") -> None:
        """See that all that `module` is known to require is running. Raises: DependencyFailed."""
        ...

    def noticed(self, module: "LoadedModule", *, up: bool) -> None:
        """Note that a module came up, or went down unasked."""
        ...

    def is_required(self, module: "LoadedModule") -> bool:
        """Whether a module that runs or starts requires this one."""
        ...

    def report(self, report: dict[str, Any], time_ns: int) -> None:
        """Keep the report of a death at `time_ns`."""
        ...

    def config_of(self, plugin: Plugin) -> Mapping[str, Any]:
        """Return the configuration of a module."""
        ...

    def data_directory_of(self, plugin: Plugin) -> str:
        """Return the module's own directory, made if need be."""
        ...

    async def serve(self, module: "LoadedModule", event: protocol.RequestReceived) -> None:
        """Answer a request of the module."""
        ...

    def cancel_service(self, module: "LoadedModule", request_id: Id) -> None:
        """Stop working on a request of the module."""
        ...
