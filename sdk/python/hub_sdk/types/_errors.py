"""Own every exception that an author meets, as one who raises or one who catches; know nothing of the wire's messages."""

from typing import Any

from msgspec import UNSET

from hub_protocol.errors import ERRORS, KIND_OF_CODE, is_module_code

__all__ = ["BadModule", "BadValue", "Cancelled", "Disable", "HubCallError", "InvalidParams", "ModuleError"]


class BadModule(TypeError):
    """The module is written in a way that cannot work; `hint` says what to write instead. Raised while the program loads."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(f"{message}\nhint: {hint}" if hint else message)
        self.message = message
        self.hint = hint


class BadValue(ValueError):
    """A value does not fit its annotation; `parts` leads to the place, innermost first. The text never holds the value."""

    def __init__(self, message: str, *parts: str | int) -> None:
        super().__init__(message)
        self.message = message
        self.parts: list[str | int] = list(parts)

    @property
    def pointer(self) -> str:
        """The place as a JSON pointer (RFC 6901); the empty string is the whole value."""
        return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in reversed(self.parts))


class ModuleError(Exception):
    """Base of a module's own errors. Subclass it with a `code`; give the class to `errors=` of the functions that raise it.

    A subclass may set `message`, used where none is given, and annotate `data`: the annotation becomes the declared schema.
    """

    code: int
    message: str = ""
    data: Any = None

    def __init_subclass__(cls, **words: Any) -> None:
        super().__init_subclass__(**words)
        code = cls.__dict__.get("code")
        if code is not None and (type(code) is not int or not is_module_code(code)):
            raise BadModule(
                f"cannot use code {code!r} for error {cls.__name__}: -32768 to -31000 belong to JSON-RPC and the hub",
                hint="take a positive integer such as 1001",
            )

    def __init__(self, message: str | None = None, *, code: int | None = None, data: Any = UNSET) -> None:
        """Make one; `code` is for errors whose number is known at run time only, and `data=None` is answered as null."""
        if code is not None and is_module_code(code):
            self.code = code
        if not hasattr(self, "code"):
            raise BadModule(
                f"cannot raise {type(self).__name__}: it has no code of its own", hint="write `code = 1001` in the class"
            )
        self.message = message or type(self).message or (type(self).__doc__ or type(self).__name__).strip().partition("\n")[0]
        self.data = None if data is UNSET else data
        self.has_data = data is not UNSET
        super().__init__(self.message)


class InvalidParams(Exception):
    """Raise it for arguments (or, in `on_init`, for a configuration) that fit their types and still cannot be used."""

    def __init__(self, message: str, *, pointer: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.pointer = pointer


class Disable(Exception):
    """Raise it in `on_init` when the module must not run here and now; it does not count as a failure (HUB-LIFE-10)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


# A BaseException, as asyncio.CancelledError is: `except Exception` in a loop must not swallow the end of the work.
class Cancelled(BaseException):
    """The caller gave up; let it pass."""


class HubCallError(Exception):
    """The hub answered a host service with an error.

    `kind` and `code` are stable. `kind` is `function_error` for an error of the called module's own.
    """

    def __init__(self, message: str, *, code: int, kind: str | None = None, data: Any = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.kind = kind or KIND_OF_CODE.get(code, "function_error")
        self.data = data

    @classmethod
    def of_kind(cls, kind: str, message: str) -> "HubCallError":
        """Return the error of that kind, found out on this side of the pipe."""
        return cls(message, code=ERRORS[kind].code, kind=kind)

    def to_json(self) -> dict[str, Any]:
        """Return the error object as it stood on the wire (HUB-HOST-5)."""
        shown: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.data is not None:
            shown["data"] = self.data
        return shown
