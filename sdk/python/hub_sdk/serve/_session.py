"""Own what each message of the hub means to a module, and what is answered; know nothing of threads, loops, pipes or clocks.

Events are handled by one thread, the reader; handlers end in any thread.
"""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from hub_protocol import LocalProtocolError, RemoteProtocolError, methods
from hub_protocol.errors import ERRORS
from hub_protocol.events import (
    CancelReceived,
    ErrorReceived,
    Event,
    FrameRejected,
    RequestBroken,
    RequestReceived,
    ResponseReceived,
)
from hub_protocol.lifecycle import Happening, State, advance
from hub_protocol.limits import MAX_IN_FLIGHT
from hub_protocol.messages import Id
from hub_protocol.version import PROTOCOL_VERSIONS
from hub_sdk.codec import Answer, answer_for, hub_error, introduce, invalid_params, show_information
from hub_sdk.serve._calls import Call
from hub_sdk.serve._definition import Definition
from hub_sdk.serve._exchange import Exchange
from hub_sdk.serve._handlers import Runner, Work, add_context, log_failure, start, work_of, work_of_hook
from hub_sdk.types import BadValue, Disable, HubCallError

__all__ = ["Session"]

# Looked up for each call, and looking up a member of an enumeration is slow.
_RUNNING = State.RUNNING
_HOOKS = frozenset({methods.MODULE_INIT, methods.MODULE_CLEANUP})


class Session:
    """One module's life on one connection.

    Args:
        definition: what the author wrote.
        runner: where handlers run.
        clock: monotonic seconds.
        new_id: makes the correlation id of one unexpected failure.
    """

    def __init__(
        self, definition: Definition, runner: Runner, *, clock: Callable[[], float], new_id: Callable[[], str]
    ) -> None:
        self.definition = definition
        self.exchange = Exchange(runner.flush)
        self.state = State.STARTING
        self.hopeless = False  # whether there is no point in listening any longer
        self._lock = threading.Lock()
        self._initialising = False
        self._early: list[tuple[Call, Work, dict[str, Any]]] = []
        self._works: dict[str, Work] = {}  # of the functions that have been called
        self._runner = runner
        self._log = definition.log
        self._clock = clock
        self._new_id = new_id
        self._requests: dict[str, Callable[[RequestReceived], None]] = {
            methods.MODULE_INFO: self._module_info,
            methods.CAPABILITIES: self._capabilities,
            methods.MODULE_INIT: self._module_init,
            methods.MODULE_CLEANUP: self._module_cleanup,
            methods.PING: lambda event: self.exchange.answer_at_once(event.id, {}),
        }

    def handle(self, event: Event) -> None:
        """Do what one event asks for."""
        if isinstance(event, RequestReceived):
            handle = self._requests.get(event.method)
            if handle is None:
                self._function(event)
            else:
                handle(event)
            return
        exchange = self.exchange
        if isinstance(event, ResponseReceived):
            exchange.resolve(event.id, lambda waiter: waiter.succeed(event.result))
        elif isinstance(event, ErrorReceived):
            exchange.resolve(event.id, lambda waiter: waiter.fail(hub_error(event.code, event.message, event.data)))
        elif isinstance(event, RequestBroken):
            exchange.resolve(event.id, lambda waiter: waiter.fail(HubCallError.of_kind(event.kind, event.reason)))
        elif isinstance(event, CancelReceived):
            exchange.cancel(event.id)
        elif isinstance(event, FrameRejected):
            self._log.warning("the hub sent a frame that cannot be used", kind=event.kind, reason=event.reason)

    def abandon(self) -> Callable[[], Any] | None:
        """Say nothing more: the hub is gone. Return the cleaning up that it did not ask for, where there is some.

        Where `on_cleanup` is async, that returns what is to be awaited.
        """
        self.exchange.end()
        was_running, hook = self.state is State.RUNNING, self.definition.on_cleanup
        if was_running:
            self.state = advance(self.state, Happening.STOP)
        if hook is None or not was_running:
            return None
        call = Call(0, methods.MODULE_CLEANUP, None, self.exchange, self._log, self._clock, self._clock())
        call.finished = True  # no host services: there is nobody to ask
        arguments: dict[str, Any] = {}
        add_context(work_of_hook(hook), arguments, call)
        return partial(hook.handler, **arguments)

    # Requests

    def _module_info(self, event: RequestReceived) -> None:
        try:
            offer = introduce(event.params)
        except RemoteProtocolError as error:
            data = {"offered": event.params.get("protocol_versions"), "supported": list(PROTOCOL_VERSIONS)}
            self.exchange.answer_at_once(event.id, Answer(ERRORS[error.kind].code, str(error), data))
            self.hopeless = self.state is State.STARTING
            return
        self.exchange.answer_at_once(event.id, show_information(self.definition.information, offer))
        self.exchange.agree(offer)

    def _capabilities(self, event: RequestReceived) -> None:
        if self.state is State.STARTING:
            self.state = advance(self.state, Happening.INTRODUCE)
        self.exchange.answer_at_once(event.id, self.definition.capabilities())

    def _module_init(self, event: RequestReceived) -> None:
        try:
            if self.state is State.STARTING:
                self.state = advance(self.state, Happening.INTRODUCE)
            self.state = advance(advance(self.state, Happening.APPROVE), Happening.INITIALISE)
        except LocalProtocolError:
            self._refuse(event.id, "invalid_request", "module_init comes once")
            return
        call = self._open(event)
        hook = self.definition.on_init
        if hook is None:
            self.succeed(call, {})
            return
        work = work_of_hook(hook)
        try:
            arguments = work.read(event.params)
        except BadValue as error:
            self.exchange.answer(call, invalid_params(error.message, error.pointer))
            return
        self._initialising = True
        start(work, arguments, call, self._runner, self)

    def _module_cleanup(self, event: RequestReceived) -> None:
        was_running = self.state is State.RUNNING
        try:
            self.state = advance(self.state, Happening.STOP)
        except LocalProtocolError:
            self._refuse(event.id, "invalid_request", "module_cleanup comes once")
            return
        self.exchange.cancel_all()
        call = self._open(event)
        hook = self.definition.on_cleanup
        if hook is None or not was_running:
            self.succeed(call, {})
            return
        start(work_of_hook(hook), {}, call, self._runner, self)

    def _function(self, event: RequestReceived) -> None:
        work = self._works.get(event.method)
        if work is None:
            function = self.definition.functions.get(event.method)
            if function is None:
                about = f"{self.definition.information.name} has no function {event.method!r}"
                self._refuse(event.id, "method_not_found", about)
                return
            work = self._works[event.method] = work_of(function)
        now = self._clock()
        call = Call(event.id, event.method, event.context, self.exchange, self._log, self._clock, now)
        self.exchange.open(call)
        # A hub waits for the answer to module_init; a person who pipes a session into the module does not.
        if self._initialising and self._is_early(call, work, event.params):
            return
        self._begin(call, work, event.params)

    def _is_early(self, call: Call, work: Work, params: dict[str, Any]) -> bool:
        """Return whether a call has to wait until module_init is answered, and keep it then."""
        with self._lock:
            early = self._initialising and len(self._early) < MAX_IN_FLIGHT
            if early:
                self._early.append((call, work, params))
            return early

    def _begin(self, call: Call, work: Work, params: dict[str, Any]) -> None:
        if self.state is not _RUNNING:
            about = f"cannot call {call.name}: the module is {self.state}, not running"
            self.exchange.answer(call, Answer(ERRORS["invalid_request"].code, about))
            return
        try:
            arguments = work.read(params)
        except BadValue as error:
            self.exchange.answer(call, invalid_params(error.message, error.pointer))
            return
        except Exception as error:  # noqa: BLE001 - a class of the author's may raise anything when it is made
            self.fail(call, error)
            return
        start(work, arguments, call, self._runner, self)

    def _open(self, event: RequestReceived) -> Call:
        call = Call(event.id, event.method, event.context, self.exchange, self._log, self._clock, self._clock())
        self.exchange.open(call)
        return call

    def _refuse(self, request_id: Id, kind: str, message: str) -> None:
        self.exchange.answer_at_once(request_id, Answer(ERRORS[kind].code, message))

    # How handlers end

    def succeed(self, call: Call, result: Any) -> None:
        """Answer a call with its result, a JSON value."""
        if call.name in _HOOKS:
            self._hook_succeeded(call, result)
            return
        try:
            self.exchange.answer(call, result)
        except LocalProtocolError as error:
            # It is too long, or JSON that the rules forbid. Only the author can mend that.
            self.fail(call, error)

    def _hook_succeeded(self, call: Call, result: Any) -> None:
        is_init = call.name == methods.MODULE_INIT
        if is_init and self.state is State.INITIALISING:
            self.state = advance(self.state, Happening.RUN)  # before the answer: the hub may call as soon as it has read it
        self.exchange.answer(call, result, last=not is_init)
        if is_init:
            self._begin_early_ones()

    def _begin_early_ones(self) -> None:
        """Begin what was asked before module_init was answered; where it failed, refuse it."""
        with self._lock:
            self._initialising = False
            early, self._early = self._early, []
        for call, work, params in early:
            self._begin(call, work, params)

    def fail(self, call: Call, error: BaseException) -> None:
        """Answer a call with what an exception means, and log what only the author should see."""
        last = call.name == methods.MODULE_CLEANUP
        disabled = isinstance(error, Disable) and call.name == methods.MODULE_INIT
        try:
            self.exchange.answer(call, {"disable": str(error)} if disabled else self._answer_for(call, error), last=last)
        except LocalProtocolError as unsendable:
            self.exchange.answer(call, self._answer_for(call, unsendable), last=last)
        if call.name == methods.MODULE_INIT:
            self._begin_early_ones()

    def _answer_for(self, call: Call, error: BaseException) -> Answer:
        correlation_id = self._new_id()
        answer = answer_for(error, call.name, correlation_id, cancelled=call.cancelled)
        if answer.unexpected:
            log_failure(call, error, correlation_id)
        return answer
