"""Own `Module`, what an author writes a module with; know nothing of how it is served. Making one has no side effects."""

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from typing import Any, Final, NoReturn, TypeVar, overload

from hub_protocol.limits import MAX_FUNCTIONS, MAX_IN_FLIGHT
from hub_protocol.methods import INTERFACE_PATTERN, is_permission
from hub_sdk.codec import Information
from hub_sdk.log import Log
from hub_sdk.serve import CONTEXTS, Definition, Descriptors, greeting, hook_of, serve, take_descriptors
from hub_sdk.types import Annotations, BadModule, Example, ModuleError, function_of

__all__ = ["TAKEN", "Module"]

F = TypeVar("F", bound=Callable[..., Any])

# Set by `python -m hub_sdk` while it loads the author's file: the descriptors that it has moved away already.
TAKEN: Final[ContextVar[Descriptors | None]] = ContextVar("hub_sdk.taken", default=None)


class Module:
    """A module: what it is called, and the functions it offers.

    Args:
        name: `[a-z][a-z0-9_-]*`, at most 64 characters.
        version: strict SemVer 2.0.
        license: an SPDX expression.
        authors: at least one.
        required_modules: module name to requirement, such as `{"system": "^1.0"}`.
        permissions: `ask`, `store`, `credentials`, `call:MODULE`, `call:MODULE.FUNCTION` or `call:*`.
        implements: interfaces that its functions satisfy, with their versions, such as `["cloud.compute/1.0"]` (HUB-CAPS-9).
        workers: how many `def` functions run at a time; 1 for code that must not meet itself.

    Raises:
        BadModule: one of these is not as the hub wants it.
    """

    def __init__(  # noqa: PLR0913 - what module_info holds, member for member
        self,
        name: str,
        *,
        version: str,
        license: str,  # noqa: A002 - the name on the wire
        authors: Sequence[str],
        description: Sequence[str] = (),
        required_modules: Mapping[str, str] | None = None,
        permissions: Sequence[str] = (),
        implements: Sequence[str] = (),
        extra_info: Mapping[str, str] | None = None,
        homepage: str | None = None,
        workers: int = MAX_IN_FLIGHT,
    ) -> None:
        information = Information(
            name, version, license, authors, description, required_modules or {}, extra_info or {}, homepage
        )
        for permission in permissions:
            if not is_permission(permission):
                raise BadModule(
                    f"cannot make a module with permission {permission!r}",
                    hint="a permission is ask, store, credentials, call:MODULE, call:MODULE.FUNCTION or call:*",
                )
        for interface in implements:
            if not re.fullmatch(INTERFACE_PATTERN, interface):
                raise BadModule(
                    f"cannot make a module that implements {interface!r}",
                    hint="an interface has a name with a dot, and a version: cloud.compute/1.0",
                )
        if not 1 <= workers <= MAX_IN_FLIGHT:
            raise BadModule(f"cannot make a module with {workers} workers", hint=f"take 1 to {MAX_IN_FLIGHT}")
        self.log = Log()
        self.definition = Definition(information, self.log, tuple(permissions), tuple(implements), workers, {})
        self._annotations = Annotations()

    @property
    def name(self) -> str:
        """The module's name."""
        return self.definition.information.name

    @overload
    def function(self, handler: F) -> F: ...
    @overload
    def function(
        self,
        *,
        name: str = "",
        summary: str | None = None,
        description: str | None = None,
        read_only: bool | None = None,
        destructive: bool | None = None,
        idempotent: bool | None = None,
        open_world: bool | None = None,
        timeout_seconds: float | None = None,
        deprecated: bool | Mapping[str, str] = False,
        errors: Sequence[type[ModuleError]] = (),
        examples: Sequence[Example] = (),
    ) -> Callable[[F], F]: ...
    def function(self, handler: Any = None, **options: Any) -> Any:
        """Offer a function to callers: schema from its annotations, texts from its docstring. Returns it unchanged.

        Args:
            handler: `def` (runs in a thread) or `async def` (runs in the loop).
            options: `deprecated` is True or `{"since": version, "use_instead": name}`; `timeout_seconds` is for callers that
                say nothing; hints that are not given are not sent.

        Raises:
            BadModule: it cannot be called through the protocol; it names function and parameter, and says what to write.
        """
        if handler is not None:
            self._register(handler)
            return handler

        def decorate(decorated: F) -> F:
            self._register(decorated, **options)
            return decorated

        return decorate

    def _register(
        self,
        handler: Callable[..., Any],
        *,
        name: str = "",
        errors: Sequence[type[ModuleError]] = (),
        examples: Sequence[Example] = (),
        deprecated: bool | Mapping[str, str] = False,
        timeout_seconds: float | None = None,
        summary: str | None = None,
        description: str | None = None,
        **hints: bool | None,
    ) -> None:
        name = name or str(getattr(handler, "__name__", handler))
        functions = self.definition.functions
        if name in functions:
            raise BadModule(f"cannot register function {name!r} twice", hint="give one of them another name: name=...")
        if len(functions) >= MAX_FUNCTIONS:
            raise BadModule(f"cannot register function {name!r}: a module has at most {MAX_FUNCTIONS}", hint="split the module")
        if timeout_seconds is not None and not timeout_seconds > 0:
            raise BadModule(
                f"cannot register function {name!r} with timeout_seconds {timeout_seconds}", hint="it is a number above 0"
            )
        given = {hint: value for hint, value in hints.items() if value is not None}
        shown: dict[str, Any] = {
            "summary": summary,
            "description": description,
            "hints": given or None,
            "timeout_seconds": timeout_seconds,
        }
        if deprecated:
            shown["deprecated"] = dict(deprecated) if isinstance(deprecated, Mapping) else {}
        shown = {word: value for word, value in shown.items() if value is not None}
        functions[name] = function_of(
            handler, self._annotations, CONTEXTS, name=name, errors=errors, examples=examples, shown=shown
        )

    def on_init(self, handler: F) -> F:
        """Run a function when the module starts; it may take `config`, `data_directory`, a context. Returns it unchanged.

        It may raise `Disable` (must not run here) and `InvalidParams` (wrong configuration).

        Raises:
            BadModule: there is one already, or it takes something else.
        """
        if self.definition.on_init is not None:
            raise BadModule("cannot use two functions as on_init", hint="call the second one from the first")
        self.definition.on_init = hook_of(handler, "on_init", self._annotations)
        return handler

    def on_cleanup(self, handler: F) -> F:
        """Run a function when the module ends, also when the hub has died; then it has half a second. Returns it unchanged.

        Raises:
            BadModule: there is one already, or it takes something else than a context.
        """
        if self.definition.on_cleanup is not None:
            raise BadModule("cannot use two functions as on_cleanup", hint="call the second one from the first")
        self.definition.on_cleanup = hook_of(handler, "on_cleanup", self._annotations)
        return handler

    def run(self) -> NoReturn:
        """Serve on standard input and output until the hub ends it; with `--hub-info`, say what it is and end.

        Raises:
            SystemExit: always.
        """
        if "--hub-info" in sys.argv[1:]:
            from hub_sdk.serve._human import describe

            sys.stdout.write(describe(self.definition) + "\n")
            sys.exit(0)
        taken = TAKEN.get()
        if taken is None and sys.stdin is not None and sys.stdin.isatty():
            sys.stderr.write(greeting(self.definition) + "\n")
            sys.exit(2)
        serve(self.definition, taken or take_descriptors())
