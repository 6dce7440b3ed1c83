"""Own what the hub does for modules (`hub.call`, `hub.ask`, `hub.store.*`, `hub.credentials.*`): checks, permissions, answers.

Every request is made inside a live call and ends with it (HUB-HOST-1). Knows peers and the hub's call; knows no processes.
"""

import math
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, cast

import anyio
from pydantic import ValidationError

from hub._asking import Asking
from hub._calls import Call, Caller, WaitGraph, new_trace_id
from hub._credentials_service import CredentialsService
from hub._peer import Peer, PendingRequest
from hub._person import Behind
from hub._secrets import Secrets
from hub._store import Store
from hub.errors import Cancelled, ContextEnded, FunctionError, HubError, NotPermitted, Overloaded
from hub_protocol import ERRORS, LocalProtocolError
from hub_protocol.events import RequestReceived
from hub_protocol.limits import MAX_MODULE_REQUESTS
from hub_protocol.messages import Id, is_id
from hub_protocol.methods import (
    CAPABILITIES,
    HUB_ASK,
    HUB_CALL,
    HUB_CREDENTIALS_DELETE,
    HUB_CREDENTIALS_GET,
    HUB_CREDENTIALS_PUT,
    HUB_STORE_DELETE,
    HUB_STORE_GET,
    HUB_STORE_LIST,
    HUB_STORE_SET,
    MODULE_INFO,
    PING,
)
from hub_protocol.types import (
    HubAskParams,
    HubCallParams,
    HubCredentialsDeleteParams,
    HubCredentialsGetParams,
    HubCredentialsPutParams,
    HubStoreDeleteParams,
    HubStoreGetParams,
    HubStoreListParams,
    HubStoreSetParams,
    Wire,
    explain,
)

__all__ = ["Client", "HostServices"]

# What is left of the message of an error that is too long for a frame: enough to recognise it by.
_MAX_MESSAGE_CHARS = 1000
# Reserved requests in whose context nothing can be asked: the first two are pure, a ping is no work.
_NO_CONTEXT = frozenset({MODULE_INFO, CAPABILITIES, PING})


class Client(Protocol):
    """The module that asks, as far as the services need to know it."""

    name: str
    permissions: frozenset[str]

    @property
    def peer(self) -> Peer:
        """Its peer, for the answer."""
        ...


class HostServices:
    """Answers the requests of all modules of one hub.

    Args:
        call: the hub's own way to call a function inside a call.
        asking: asks the person.
        store: returns the store of a module.
        credentials: keeps what modules hold secret.
        secrets: knows it.
        waits: who waits for whom.
        serial_modules: which modules did not offer `concurrent`, by name.
        clock: the hub's.
    """

    def __init__(
        self,
        *,
        call: Callable[[str, dict[str, Any], Caller], Awaitable[Any]],
        asking: Asking,
        store: Callable[[str], Store],
        credentials: CredentialsService,
        secrets: Secrets,
        waits: WaitGraph,
        serial_modules: Callable[[], dict[str, bool]],
        clock: Callable[[], float],
    ) -> None:
        self._call = call
        self._asking = asking
        self._store = store
        self._credentials = credentials
        self._secrets = secrets
        self._waits = waits
        self._serial_modules = serial_modules
        self._clock = clock
        self._scopes: dict[tuple[str, Id], anyio.CancelScope] = {}
        self._handlers: dict[str, tuple[type[Wire], str | None, Callable[..., Awaitable[Any]]]] = {
            HUB_CALL: (HubCallParams, None, self._serve_call),
            HUB_ASK: (HubAskParams, "ask", self._serve_ask),
            HUB_STORE_GET: (HubStoreGetParams, "store", self._serve_get),
            HUB_STORE_SET: (HubStoreSetParams, "store", self._serve_set),
            HUB_STORE_DELETE: (HubStoreDeleteParams, "store", self._serve_delete),
            HUB_STORE_LIST: (HubStoreListParams, "store", self._serve_list),
            HUB_CREDENTIALS_GET: (HubCredentialsGetParams, "credentials", self._serve_credential_get),
            HUB_CREDENTIALS_PUT: (HubCredentialsPutParams, "credentials", self._serve_credential_put),
            HUB_CREDENTIALS_DELETE: (HubCredentialsDeleteParams, "credentials", self._serve_credential_delete),
        }

    async def serve(self, client: Client, event: RequestReceived) -> None:
        """Answer one request of a module, exactly once; never raises but for cancellation."""
        peer = client.peer
        connection = peer.connection
        key = (client.name, event.id)
        result: Any = None
        try:
            with anyio.CancelScope() as scope:
                self._scopes[key] = scope
                result = await self._serve(client, event)
            if scope.cancelled_caught:
                raise Cancelled(f"{client.name} cancelled its {event.method}")
        except HubError as error:
            if event.id in connection.incoming:
                _send_error(peer, event, error)
        else:
            if event.id in connection.incoming:
                _send_result(peer, event, result)
        finally:
            self._scopes.pop(key, None)
        peer.flush()

    def cancel(self, client: Client, request_id: Id) -> None:
        """Stop working on a request that the module gave up; it is answered with `cancelled`."""
        scope = self._scopes.get((client.name, request_id))
        if scope is not None:
            scope.cancel()

    async def _serve(self, client: Client, event: RequestReceived) -> Any:
        handler = self._handlers.get(event.method)
        if handler is None:
            raise _UnknownService(f"the hub has no method {event.method!r:.100}")
        if len(client.peer.connection.incoming) > MAX_MODULE_REQUESTS:
            msg = f"{client.name} has more than {MAX_MODULE_REQUESTS} requests open"
            raise Overloaded(msg)
        model, permission, serve = handler
        # Before the rest of the params: whoever asks outside a call learns that, whatever else is wrong.
        pending = _pending_of(client, event)
        try:
            params: Any = model.model_validate(event.params)
        except ValidationError as error:
            problem = explain(error)[0]
            raise _BadParams(f"{event.method}: {problem.pointer or 'the params'} {problem.message}") from None
        if permission is not None and permission not in client.permissions:
            raise _not_permitted(client, event.method, permission)
        if self._secrets.known and event.method != HUB_CREDENTIALS_PUT and self._secrets.is_in(event.params):
            raise _holds_secret(client, event.method)
        return await self._serve_inside(client, pending, serve, params)

    async def _serve_inside(
        self, client: Client, pending: PendingRequest, serve: Callable[..., Awaitable[Any]], params: Any
    ) -> Any:
        ended = False

        def end() -> None:
            nonlocal ended
            ended = True
            scope.cancel()

        with anyio.CancelScope() as scope:
            pending.on_end.append(end)
            try:
                return await serve(client, pending, params)
            finally:
                if end in pending.on_end and not pending.ended:
                    pending.on_end.remove(end)
        if ended:
            msg = f"the call in whose context {client.name} asked is over"
            raise ContextEnded(msg)
        # The scope was cancelled from outside, and that cancellation is on its way already.
        raise ContextEnded(f"{client.name} is being stopped")

    async def _serve_call(self, client: Client, pending: PendingRequest, params: HubCallParams) -> Any:
        target = params.function
        module = target.partition(".")[0]
        allowed = client.permissions & {"call:*", f"call:{module}", f"call:{target}"}
        if not allowed:
            raise _not_permitted(client, f"call {target}", f"call:{module}")
        parent = pending.call or _call_of_init(client, pending)
        self._waits.enter(parent, target, is_serial=self._serial_modules())
        try:
            return await self._call(target, params.params, self._caller(parent, pending, params.timeout_ms))
        finally:
            self._waits.leave(parent, target)

    def _caller(self, parent: Call, pending: PendingRequest, timeout_ms: int | None) -> Caller:
        # The deadline shrinks at each hop: what is left of the outer call bounds the inner one. It may have moved (HUB-HOST-6).
        outer, now = pending.deadline, self._clock()
        deadline = parent.deadline if outer is None else outer.when
        seconds = None if timeout_ms is None or now + timeout_ms / 1000 >= deadline else timeout_ms / 1000
        behind = parent.behind or Behind()
        if outer is not None:
            behind = Behind(behind.ask, behind.keep, (*behind.deadlines, outer))
        until = deadline if seconds is None else now + seconds
        return Caller(parent.trace_id, parent.chain, until, seconds, parent.profile, behind)

    async def _serve_ask(self, client: Client, pending: PendingRequest, params: HubAskParams) -> Any:
        return await self._asking.serve(client.name, pending, params)

    async def _serve_credential_get(self, client: Client, pending: PendingRequest, params: HubCredentialsGetParams) -> Any:
        return await self._credentials.get(client.name, pending, params)

    async def _serve_credential_put(self, client: Client, pending: PendingRequest, params: HubCredentialsPutParams) -> Any:
        return await self._credentials.put(client.name, pending, params)

    async def _serve_credential_delete(
        self, client: Client, pending: PendingRequest, params: HubCredentialsDeleteParams
    ) -> Any:
        return await self._credentials.delete(client.name, pending, params)

    async def _serve_get(self, client: Client, _pending: PendingRequest, params: HubStoreGetParams) -> Any:
        found, value = await self._store(client.name).get(params.key)
        return {"found": True, "value": value} if found else {"found": False}

    async def _serve_set(self, client: Client, _pending: PendingRequest, params: HubStoreSetParams) -> Any:
        await self._store(client.name).set(params.key, params.value)
        return {}

    async def _serve_delete(self, client: Client, _pending: PendingRequest, params: HubStoreDeleteParams) -> Any:
        return {"deleted": await self._store(client.name).delete(params.key)}

    async def _serve_list(self, client: Client, _pending: PendingRequest, params: HubStoreListParams) -> Any:
        return {"keys": await self._store(client.name).keys(params.prefix)}


def _pending_of(client: Client, event: RequestReceived) -> PendingRequest:
    """Return the live request of the hub in whose context the module asks (HUB-HOST-1)."""
    call_id = event.params.get("call_id")
    pending = client.peer.pending.get(cast("Id", call_id)) if is_id(call_id) else None
    if pending is None or pending.method in _NO_CONTEXT:
        msg = f"cannot do {event.method} for {client.name}: {call_id!r:.100} is no call that it is working on"
        raise ContextEnded(msg, hint="call_id is the id of the request that the module is answering")
    return pending


def _call_of_init(client: Client, pending: PendingRequest) -> Call:
    """Return what stands for module_init or module_cleanup in a chain of calls."""
    deadline = pending.deadline.when if pending.deadline is not None else math.inf
    return Call((f"{client.name}.{pending.method}",), deadline, new_trace_id())


class _UnknownService(HubError):
    kind = "method_not_found"


class _BadParams(HubError):
    kind = "invalid_params"


def _not_permitted(client: Client, what: str, permission: str) -> NotPermitted:
    msg = f"cannot do this for {client.name}: {what} needs the permission {permission!r}, which it does not declare"
    return NotPermitted(msg, hint=f'add "{permission}" to the permissions in its capabilities', data={"permission": permission})


def _holds_secret(client: Client, what: str) -> NotPermitted:
    msg = f"cannot do {what} for {client.name}: it holds a secret, which is only for hub.credentials.put"
    return NotPermitted(msg, hint="keep secrets to the calls that need them", data={"requirement": "HUB-CRED-5"})


def _error_data(error: HubError) -> dict[str, Any]:
    data = {"kind": error.kind, **error.data}
    if isinstance(error, FunctionError) and error.error_data is not None:
        data["data"] = error.error_data
    if error.hint:
        data["hint"] = error.hint
    return data


def _send_error(peer: Peer, event: RequestReceived, error: HubError) -> None:
    try:
        peer.connection.send_error(event.id, error.code, error.message, _error_data(error))
    except LocalProtocolError:
        # A relayed error as long as a frame may be, with our words around it.
        peer.connection.send_error(event.id, error.code, error.message[:_MAX_MESSAGE_CHARS], {"kind": error.kind})


def _send_result(peer: Peer, event: RequestReceived, result: Any) -> None:
    try:
        peer.connection.send_result(event.id, result)
    except LocalProtocolError as error:
        peer.connection.send_error(event.id, ERRORS["frame_too_large"].code, str(error), {"kind": "frame_too_large"})
