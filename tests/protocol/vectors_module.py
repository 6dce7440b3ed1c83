"""Own the module `vectors` that the README of the vectors describes, on the bare core; must not know any case or session.

It is a program without its input and output: bytes are handed in and taken out.
"""

from collections.abc import Callable, Generator
from typing import Any

from msgspec import UNSET

from hub_protocol import ERRORS, Connection, Role
from hub_protocol.errors import RemoteProtocolError
from hub_protocol.events import CancelReceived, ErrorReceived, Event, RequestReceived, ResponseReceived
from hub_protocol.limits import MAX_FRAME_BYTES
from hub_protocol.messages import Id
from hub_protocol.version import FEATURES, PROTOCOL_VERSIONS, pick_version

__all__ = ["VectorsModule"]

Params = dict[str, Any]
# Work that asks the hub: it yields method and params of each request, is sent the result, and returns its own.
Work = Generator[tuple[str, Params], Any, Any]


class Failure(Exception):
    """The error that a request is answered with."""

    def __init__(self, kind_or_code: str | int, message: str, data: Any = UNSET) -> None:
        super().__init__(message)
        self.code = ERRORS[kind_or_code].code if isinstance(kind_or_code, str) else kind_or_code
        self.message, self.data = message, data


class Later(Exception):
    """The request stays open."""


class VectorsModule:
    """The module `vectors`: give it bytes, then take `output`."""

    def __init__(self, *, max_frame_bytes: int = MAX_FRAME_BYTES) -> None:
        self._connection = Connection(Role.MODULE, max_frame_bytes=max_frame_bytes)
        self._settings: Params = {}
        self._account = "default"
        self._waiting: dict[Id, tuple[Id, Work]] = {}
        self.exit_status: int | None = None
        self._methods: dict[str, Callable[[Id, Params], Any]] = {
            "module_info": self._module_info,
            "capabilities": self._capabilities,
            "module_init": self._module_init,
            "module_cleanup": self._module_cleanup,
            "ping": lambda call, params: {},
            "echo": lambda call, params: params["value"],
            "add": self._add,
            "slow": self._slow,
            "fail": self._fail,
            "raise": self._raise,
            "steps": self._steps,
            "call_back": lambda call, params: self._ask(call, call_back(params)),
            "remember": lambda call, params: self._ask(call, remember(params)),
            "forget": lambda call, params: self._ask(call, forget(params)),
            "keep": lambda call, params: self._ask(call, keep(params, self._account)),
            "discard": lambda call, params: self._ask(call, discard(params)),
            "log": lambda call, params: self._connection.send_notification("hub.log", params),
            "change": lambda call, params: self._connection.send_notification("capabilities_changed"),
            "settings": lambda call, params: self._settings,
        }

    def receive(self, data: bytes) -> None:
        self._connection.receive_data(data)
        for event in self._connection.events_received():
            self._handle(event)

    def receive_eof(self) -> None:
        self.exit_status = 0

    def output(self) -> bytes:
        return b"".join(self._connection.data_to_send())

    def _handle(self, event: Event) -> None:
        match event:
            case RequestReceived():
                self._answer(event.id, lambda: self._start(event))
            case ResponseReceived(id=asked, result=result):
                call, work = self._waiting.pop(asked)
                self._answer(call, lambda: self._ask(call, work, result))
            case ErrorReceived(id=asked):
                call, _ = self._waiting.pop(asked)
                self._answer(call, lambda: self._host_call_failed(event))
            case CancelReceived(id=call):
                self._refuse(call, Failure("cancelled", "cancelled"))
            case _:
                pass  # what a module has to answer of broken messages, the connection has answered

    def _answer(self, call: Id, work: Callable[[], Any]) -> None:
        try:
            result = work()
        except Later:
            return
        except Failure as failure:
            self._refuse(call, failure)
        except (KeyError, TypeError) as error:
            self._refuse(call, Failure("invalid_params", f"cannot use the arguments: {error!r}"))
        except RuntimeError:
            self._refuse(call, Failure("internal_error", "internal error 1f2e"))
        else:
            self._connection.send_result(call, result)

    def _refuse(self, call: Id, failure: Failure) -> None:
        self._connection.send_error(call, failure.code, failure.message, failure.data)

    def _start(self, request: RequestReceived) -> Any:
        handler = self._methods.get(request.method)
        if handler is None:
            raise Failure("method_not_found", f"no method {request.method}")
        self._account = (request.context or {}).get("profile", "default")
        return handler(request.id, request.params)

    def _ask(self, call: Id, work: Work, answer: Any = None) -> Any:
        try:
            method, params = work.send(answer)
        except StopIteration as end:
            return end.value
        self._waiting[self._connection.send_request(method, {"call_id": call, **params})] = (call, work)
        raise Later

    def _host_call_failed(self, event: ErrorReceived) -> Any:
        cause = {"code": event.code, "message": event.message, "data": event.data}
        known = {name: value for name, value in cause.items() if value is not UNSET}
        raise Failure("host_call_failed", "the hub answered with an error", {"cause": known})

    def _module_info(self, call: Id, params: Params) -> Any:
        offered = params.get("protocol_versions")
        try:
            version = pick_version(offered)
        except RemoteProtocolError as error:
            raise Failure(error.kind, str(error), {"offered": offered, "supported": list(PROTOCOL_VERSIONS)}) from None
        named = {"name": "vectors", "version": "1.0.0", "license": "Apache-2.0", "authors": ["The authors of hub"]}
        return {**named, "protocol_version": version, "features": sorted(FEATURES)}

    def _capabilities(self, call: Id, params: Params) -> Any:
        reserved = {"module_info", "capabilities", "module_init", "module_cleanup", "ping"}
        functions = [{"name": name, "params": {"type": "object"}} for name in self._methods if name not in reserved]
        return {
            "functions": functions,
            "permissions": ["store", "call:other", "credentials"],
            "implements": ["example.vectors/1.0"],
        }

    def _module_init(self, call: Id, params: Params) -> Any:
        self._settings = params
        if "fail" in params["config"]:
            raise Failure("invalid_params", params["config"]["fail"])
        return {"disable": params["config"]["disable"]} if "disable" in params["config"] else {}

    def _module_cleanup(self, call: Id, params: Params) -> Any:
        for other in self._connection.incoming.ids():
            if other != call:
                self._refuse(other, Failure("cancelled", "the module is stopping"))
        return {}

    def _add(self, call: Id, params: Params) -> Any:
        if not all(type(params[name]) is int for name in ("a", "b")):
            raise TypeError("a and b must be integers")
        return params["a"] + params["b"]

    def _slow(self, call: Id, params: Params) -> Any:
        raise Later

    def _fail(self, call: Id, params: Params) -> Any:
        raise Failure(params["code"], params["message"], params.get("data", UNSET))

    def _raise(self, call: Id, params: Params) -> Any:
        raise RuntimeError(params["secret"])

    def _steps(self, call: Id, params: Params) -> Any:
        for done in range(1, params["count"] + 1):
            self._connection.send_notification("$/progress", {"id": call, "done": done, "total": params["count"]})
        return params["count"]


def call_back(params: Params) -> Work:
    return (yield "hub.call", {"function": params["function"], "params": params.get("params", {})})


def remember(params: Params) -> Work:
    yield "hub.store.set", {"key": params["key"], "value": params["value"]}
    return (yield "hub.store.get", {"key": params["key"]})["value"]


def forget(params: Params) -> Work:
    return (yield "hub.store.delete", {"key": params["key"]})["deleted"]


def keep(params: Params, account: str) -> Work:
    kept = (yield "hub.credentials.put", params)["kept"]
    found = yield "hub.credentials.get", {"name": params["name"]}
    return {"account": account, "kept": kept, "same": found["found"] and found["value"] == params["value"]}


def discard(params: Params) -> Work:
    return (yield "hub.credentials.delete", params)["deleted"]
