"""Own what a test catches when a call has failed; know nothing of how calls are made."""

from collections.abc import Iterable
from typing import Any

from msgspec import UNSET

from hub_protocol.errors import KIND_OF_CODE
from hub_sdk.types import ModuleError

__all__ = ["CallFailed", "failure"]


class CallFailed(Exception):
    """The module answered with an error that is none of its declared ones: `kind` and `code` say which, `data` what it said."""

    def __init__(self, message: str, *, code: int, data: Any = None) -> None:
        super().__init__(f"{message} (code {code})")
        self.message = message
        self.code = code
        self.kind = KIND_OF_CODE.get(code, "function_error")
        self.data = data


def failure(code: int, message: str, data: Any, declared: Iterable[type[ModuleError]]) -> Exception:
    """Return what a test sees of an error object: an instance of the author's own class where the code is declared."""
    for kind in declared:
        if kind.code == code:
            return kind(message, data=data)
    return CallFailed(message, code=code, data=None if data is UNSET else data)
