"""Own jsonrpcserver: the one file that imports it; a checked request in, its answer out. Know no socket and no method.

The library finds the method and binds the params. It does not run it: it would do so in a task of its own (asyncio.gather),
which no shield and no cancel scope reaches, and copy the text of each exception into the answer.
"""

import inspect
import secrets
import warnings
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from hub._control_message import BadParams, MethodNotFound, Request, error_answer
from hub.errors import HubError

with warnings.catch_warnings():
    # It reads its own schema by importlib.resources.read_text, deprecated in 3.11: harmless, and not ours to mend.
    warnings.filterwarnings("ignore", "(read|open)_text is deprecated", DeprecationWarning)
    from jsonrpcserver.dispatcher import dispatch_to_response_pure
    from jsonrpcserver.response import SuccessResponse, serialize_success
    from jsonrpcserver.result import Success

__all__ = ["Dispatcher", "Method"]

# Gets what the connection offers, then the params, by name or by position; returns JSON or raises HubError.
Method = Callable[..., Awaitable[Any]]
_CORRELATION_BYTES: Final = 4


@dataclass(slots=True)
class _Bound:
    """Where a method that was found leaves the work to do."""

    context: Any
    work: Callable[[], Awaitable[Any]] | None = None


class Dispatcher:
    """Serves requests by `methods`. `log` gets a line for each failure that is our own defect."""

    def __init__(self, methods: Mapping[str, Method], log: Callable[[str], None]) -> None:
        self._binders = {name: _binder(method) for name, method in methods.items()}
        self._signatures = {name: _shown_signature(method) for name, method in methods.items()}
        self._log = log

    async def serve(self, request: Request, context: Any) -> dict[str, Any] | None:
        """Run a request and return its answer; None for a notification, which may fail unheard (JSON-RPC 2.0, section 4.1)."""
        try:
            result = await self._bind(request, context)()
        except HubError as error:
            answer = error_answer(request.id, error)
        except Exception as error:  # noqa: BLE001 - one bad method must not take the connection, nor show its inside
            answer = error_answer(request.id, self._defect(request.method, error))
        else:
            answer = serialize_success(SuccessResponse(result=result, id=request.id))
        return answer if request.wants_answer else None

    def _bind(self, request: Request, context: Any) -> Callable[[], Awaitable[Any]]:
        bound = _Bound(context)
        # The answer that the library makes is about the binding, and of no interest.
        dispatch_to_response_pure(
            deserializer=_as_it_is,
            validator=_as_it_is,
            methods=self._binders,
            context=bound,
            post_process=_as_it_is,
            request=request.message,  # pyright: ignore[reportArgumentType] - it is decoded already, hence the deserializer
        )
        if bound.work is not None:
            return bound.work
        if request.method not in self._binders:
            hint = "rpc.discover answers what there is"
            raise MethodNotFound(f"cannot serve {request.method!r}: there is no such method", hint=hint)
        takes = self._signatures[request.method]
        raise BadParams(f"cannot serve {request.method}: the params do not fit", hint=f"it takes {takes}")

    def _defect(self, method: str, error: Exception) -> HubError:
        number = secrets.token_hex(_CORRELATION_BYTES)
        self._log(f"{method} failed ({number}): {type(error).__name__}: {error}")
        hint = "this is a defect of the hub, please report it; its log has the reason under this number"
        return HubError(f"cannot serve {method}: an internal error ({number})", hint=hint, data={"correlation_id": number})


def _binder(method: Method) -> Callable[..., Any]:
    def bind(bound: _Bound, *by_position: Any, **by_name: Any) -> Any:
        bound.work = partial(method, bound.context, *by_position, **by_name)
        return Success()

    # The library looks at the signature, to see whether the params fit.
    bind.__signature__ = inspect.signature(method)
    return bind


def _shown_signature(method: Method) -> str:
    _, *parameters = inspect.signature(method).parameters.values()
    shown = [p.name if p.default is p.empty else f"{p.name}?" for p in parameters]
    return f"({', '.join(shown)})" if shown else "nothing"


def _as_it_is(value: Any) -> Any:
    return value
