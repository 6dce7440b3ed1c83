"""Own the protocol's side of a module: what each event means, what is answered; know nothing of loops, pipes or clocks.

Events are handled by one thread, the reader; answers come from any thread. The lock covers connection and tables, and is never
held while a handler runs or bytes are written.
"""

import threading
from collections.abc import Callable
from typing import Any

from hub_protocol import Connection, LocalProtocolError, RemoteProtocolError, Role, methods
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
from hub_protocol.limits import MAX_MODULE_REQUESTS
from hub_protocol.messages import Id
from hub_protocol.version import PROTOCOL_VERSIONS
from hub_sdk.codec import Answer, Offer, answer_for, hub_error, introduce, invalid_params, read_surroundings, show_information
from hub_sdk.serve._calls import Call, Waiter
from hub_sdk.serve._definition import Definition, Hook
from hub_sdk.serve._handlers import Runner, Work, init_arguments, log_failure, start, with_context, writer_of
from hub_sdk.types import BadValue, Cancelled, Disable, HubCallError

__all__ = ["Session"]


class Session:
    """One module's life on one connection.

    Args:
        clock: monotonic seconds.
        new_id: makes the correlation id of one unexpected failure.
    """

    def __init__(
        self, definition: Definition, runner: Runner, *, clock: Callable[[], float], new_id: Callable[[], str]
    ) -> None:
        self.definition = definition
        self.runner = runner
        self.state = State.STARTING
        self.over = False  # whether this side has nothing more to say
        self.hopeless = False  # whether there is no point in listening, either
        self._log = definition.log
        self._clock = clock
        self._new_id = new_id
        self._connection = Connection(Role.MODULE)
        self._lock = threading.Lock()
        self._calls: dict[Id, Call] = {}
        self._asked: dict[Id, Call] = {}
        self._offer = Offer()
        self._last_words: list[bytes] = []
        self._when_idle: list[Callable[[], None]] = []
        self._requests: dict[str, Callable[[RequestReceived], None]] = {
            methods.MODULE_INFO: self._module_info,
            methods.CAPABILITIES: self._capabilities,
            methods.MODULE_INIT: self._module_init,
            methods.MODULE_CLEANUP: self._module_cleanup,
            methods.PING: lambda event: self.succeed_at_once(event.id, {}),
        }

    # What the driver does

    def receive(self, data: bytes) -> list[Event]:
        """Take bytes from the hub; return what is to be handled, in order."""
        with self._lock:
            self._connection.receive_data(data)
            return self._connection.events_received()

    def data_to_send(self) -> list[bytes]:
        """Return the frames that are to be written; none at all after the answer to module_cleanup (HUB-CLEAN-2)."""
        with self._lock:
            words, self._last_words = self._last_words, []
            return words if self.over else words + self._connection.data_to_send()

    def handle(self, event: Event) -> None:
        """Do what one event asks for."""
        if isinstance(event, RequestReceived):
            self._requests.get(event.method, self._function)(event)
        elif isinstance(event, ResponseReceived):
            self._resolve(event.id, lambda waiter: waiter.succeed(event.result))
        elif isinstance(event, ErrorReceived):
            self._resolve(event.id, lambda waiter: waiter.fail(hub_error(event.code, event.message, event.data)))
        elif isinstance(event, RequestBroken):
            self._resolve(event.id, lambda waiter: waiter.fail(HubCallError.of_kind(event.kind, event.reason)))
        elif isinstance(event, CancelReceived):
            self._cancel(self._calls.get(event.id))
        elif isinstance(event, FrameRejected):
            self._log.warning("the hub sent a frame that cannot be used", kind=event.kind, reason=event.reason)

    def cancel_all(self) -> None:
        """Tell every handler to stop, but one that cleans up."""
        for call in list(self._calls.values()):
            if call.name != methods.MODULE_CLEANUP:
                self._cancel(call)

    def when_idle(self, callback: Callable[[], None]) -> None:
        """Call `callback` once no handler is at work, from whichever thread finds out."""
        with self._lock:
            if self._calls:
                self._when_idle.append(callback)
                return
        callback()

    def abandon(self) -> Work | None:
        """Say nothing more: the hub is gone. Return the cleaning up that it did not ask for, where there is some."""
        with self._lock:
            self.over = True
            was_running, hook = self.state is State.RUNNING, self.definition.on_cleanup
            if was_running:
                self.state = advance(self.state, Happening.STOP)
        if hook is None or not was_running:
            return None
        call = Call(0, methods.MODULE_CLEANUP, read_surroundings(None), self, self._log, self._clock)
        call.finished = True  # no host services: there is nobody to ask
        return with_context(self._work_of(hook, {}), call)

    # Requests

    def _module_info(self, event: RequestReceived) -> None:
        try:
            self._offer = introduce(event.params)
        except RemoteProtocolError as error:
            data = {"offered": event.params.get("protocol_versions"), "supported": list(PROTOCOL_VERSIONS)}
            self._refuse(event.id, Answer(ERRORS[error.kind].code, str(error), data))
            with self._lock:
                self._say_last_words()
                self.hopeless = True
            return
        self._connection.max_frame_bytes = self._offer.max_frame_bytes
        self.succeed_at_once(event.id, show_information(self.definition.information, self._offer))

    def _capabilities(self, event: RequestReceived) -> None:
        if self.state is State.STARTING:
            self.state = advance(self.state, Happening.INTRODUCE)
        self.succeed_at_once(event.id, self.definition.capabilities())

    def _module_init(self, event: RequestReceived) -> None:
        try:
            if self.state is State.STARTING:
                self.state = advance(self.state, Happening.INTRODUCE)
            approved = advance(self.state, Happening.APPROVE)
            self.state = advance(approved, Happening.INITIALISE)
        except LocalProtocolError:
            self._refuse_kind(event.id, "invalid_request", "module_init comes once")
            return
        hook = self.definition.on_init
        if hook is None:
            self.state = advance(self.state, Happening.RUN)
            self.succeed_at_once(event.id, {})
            return
        try:
            arguments = init_arguments(hook, event.params)
        except BadValue as error:
            self._refuse(event.id, invalid_params(error.message, error.pointer))
            return
        self._start_hook(hook, self._open(event), arguments)

    def _module_cleanup(self, event: RequestReceived) -> None:
        was_running = self.state is State.RUNNING
        try:
            self.state = advance(self.state, Happening.STOP)
        except LocalProtocolError:
            self._refuse_kind(event.id, "invalid_request", "module_cleanup comes once")
            return
        self.cancel_all()
        call = self._open(event)
        hook = self.definition.on_cleanup
        if hook is None or not was_running:
            self.succeed(call, {})
            return
        self._start_hook(hook, call, {})

    def _start_hook(self, hook: Hook, call: Call, arguments: dict[str, Any]) -> None:
        start(self._work_of(hook, arguments), call, self.runner, self)

    def _work_of(self, hook: Hook, arguments: dict[str, Any]) -> Work:
        return Work(hook.handler, arguments, hook.context_parameter, hook.is_async, lambda _: {})

    def _function(self, event: RequestReceived) -> None:
        function = self.definition.functions.get(event.method)
        if function is None:
            about = f"{self.definition.information.name} has no function {event.method!r}"
            self._refuse_kind(event.id, "method_not_found", about)
            return
        if self.state is not State.RUNNING:
            self._refuse_kind(
                event.id, "invalid_request", f"cannot call {event.method}: the module is {self.state}, not running"
            )
            return
        call = self._open(event)
        try:
            arguments = function.params.read(event.params)
        except BadValue as error:
            self._answer(call, invalid_params(error.message, error.pointer))
            return
        except Exception as error:  # noqa: BLE001 - a class of the author's may raise anything when it is made
            self.fail(call, error)
            return
        work = Work(function.handler, arguments, function.context_parameter, function.is_async, writer_of(function))
        start(work, call, self.runner, self)

    def _open(self, event: RequestReceived) -> Call:
        call = Call(event.id, event.method, read_surroundings(event.context), self, self._log, self._clock)
        with self._lock:
            self._calls[event.id] = call
        return call

    # Answers

    def succeed(self, call: Call, result: Any) -> None:
        """Answer a call with its result, a JSON value."""
        self._answer(call, result)

    def fail(self, call: Call, error: BaseException) -> None:
        """Answer a call with what an exception means, and log what only the author should see."""
        if isinstance(error, Disable) and call.name == methods.MODULE_INIT:
            self._answer(call, {"disable": error.reason})
            return
        self._answer(call, self._answer_for(call, error))

    def _answer_for(self, call: Call, error: BaseException) -> Answer:
        correlation_id = self._new_id()
        answer = answer_for(error, call.name, correlation_id, cancelled=call.cancelled)
        if answer.unexpected:
            log_failure(call, error, correlation_id)
        return answer

    def _answer(self, call: Call, answer: Any) -> None:
        with self._lock:
            if self._calls.pop(call.id, None) is None:
                return
            call.finished = True
            for request_id in list(call.waiting):
                self._forget(call, request_id)
            progress = call.kept_progress()
            if progress is not None:
                self._send_progress(progress)
            if call.name == methods.MODULE_CLEANUP:
                self._abandon_the_rest()
            self._send_answer(call, answer)
            if call.name == methods.MODULE_INIT and not isinstance(answer, Answer) and "disable" not in answer:
                self.state = advance(self.state, Happening.RUN) if self.state is State.INITIALISING else self.state
            if call.name == methods.MODULE_CLEANUP:
                self._say_last_words()
            idle = self._when_idle if not self._calls else []
            self._when_idle = [] if not self._calls else self._when_idle
        self.runner.flush()
        for callback in idle:
            callback()

    def _send_answer(self, call: Call, answer: Any) -> None:
        try:
            if isinstance(answer, Answer):
                self._connection.send_error(call.id, answer.code, answer.message, answer.data)
            else:
                self._connection.send_result(call.id, answer)
        except LocalProtocolError as error:
            # What it gave cannot travel: too long, or JSON that the rules forbid. Only the author can mend that.
            failed = self._answer_for(call, error)
            self._connection.send_error(call.id, failed.code, failed.message, failed.data)

    def _abandon_the_rest(self) -> None:
        for call in self._calls.values():
            call.finished = True
            answer = answer_for(Cancelled(), call.name, "", cancelled=True)
            self._connection.send_error(call.id, answer.code, answer.message)
        self._calls.clear()

    def succeed_at_once(self, request_id: Id, result: Any) -> None:
        """Answer a request that needed no handler; the driver flushes after the batch."""
        with self._lock:
            self._connection.send_result(request_id, result)

    def _refuse_kind(self, request_id: Id, kind: str, message: str) -> None:
        self._refuse(request_id, Answer(ERRORS[kind].code, message))

    def _refuse(self, request_id: Id, answer: Answer) -> None:
        with self._lock:
            self._connection.send_error(request_id, answer.code, answer.message, answer.data)

    def _say_last_words(self) -> None:
        self._last_words += self._connection.data_to_send()
        self.over = True

    # Host services

    def ask_hub(self, call: Call, method: str, params: dict[str, Any], waiter: Waiter) -> Id:
        """Send a request to the hub on behalf of a call (see Services)."""
        with self._lock:
            if call.finished or self.over:
                raise HubCallError.of_kind("context_ended", f"cannot ask the hub for {method}: the call of {call.name} is over")
            if "host_services" not in self._offer.features:
                raise HubCallError.of_kind(
                    "not_permitted", f"cannot ask the hub for {method}: this hub has no services for modules"
                )
            if len(self._asked) >= MAX_MODULE_REQUESTS:
                raise HubCallError.of_kind(
                    "overloaded", f"cannot ask the hub for {method}: {MAX_MODULE_REQUESTS} requests are open"
                )
            try:
                request_id = self._connection.send_request(method, {"call_id": call.id, **params})
            except LocalProtocolError as error:
                raise ValueError(f"cannot ask the hub for {method}: {error}") from None
            call.waiting[request_id] = waiter
            self._asked[request_id] = call
        self.runner.flush()
        return request_id

    def give_up(self, request_id: Id) -> None:
        """Forget a request to the hub, and tell the hub."""
        with self._lock:
            call = self._asked.get(request_id)
            if call is None:
                return
            self._forget(call, request_id)
        self.runner.flush()

    def _forget(self, call: Call, request_id: Id) -> None:
        call.waiting.pop(request_id, None)
        if self._asked.pop(request_id, None) is not None:
            self._connection.cancel(request_id)

    def _resolve(self, request_id: Id, tell: Callable[[Waiter], None]) -> None:
        with self._lock:
            call = self._asked.pop(request_id, None)
            waiter = call.waiting.pop(request_id, None) if call else None
        if waiter is not None:
            tell(waiter)

    def _cancel(self, call: Call | None) -> None:
        if call is None:
            return
        with self._lock:
            call.cancelled = True
            waiters = list(call.waiting.values())
        if call.stop is not None:
            call.stop()
            return
        for waiter in waiters:
            waiter.fail(Cancelled())

    def send_progress(self, call: Call, params: dict[str, Any]) -> None:
        """Send one progress notification (see Services)."""
        with self._lock:
            if call.finished or self.over:
                return
            self._send_progress(params)
        self.runner.flush()

    def _send_progress(self, params: dict[str, Any]) -> None:
        if "progress" in self._offer.features:
            self._connection.send_notification(methods.PROGRESS, params)
