"""Own the breaks of many calls at a time, cancellation, progress, host services, memory and logs."""

import json
import os
import threading
import time

from module import Failure, around, function

WORK = {}
HOLD_SECONDS = 3600


def breaks(*ids):
    def register(make):
        for id in ids:
            WORK[id] = make
        return make

    return register


@breaks("HUB-CALL-5/answers-64-at-once")
def _(m):
    original_read, original_call = m.read, m.on_call

    def read():
        data = original_read()
        m.together = data.count(b"\n")
        return data

    def on_call(id, method, params):
        if m.together > 10:
            m.fail(id, 1001, "too many at a time")
        else:
            original_call(id, method, params)

    m.read, m.on_call = read, on_call


@breaks("HUB-PING-1/answers-while-calls-are-under-way")
def _(m):
    def wrapper(original, id, name, params):
        while name == "ping" and any(
            not call.cancelled.is_set() and call.slow for call in list(m.calls.values()) if hasattr(call, "slow")
        ):
            time.sleep(0.05)
        original(id, name, params)

    def work(original, call, handler, params):
        call.slow = params.get("seconds", 0) > 10
        original(call, handler, params)

    around(m, "on_request", wrapper)
    around(m, "work", work)


@breaks("HUB-CALL-6/takes-context")
def _(m):
    def wrapper(original, message):
        if "colour" in message.get("context", {}):
            m.fail(message["id"], -32602, "what is colour?")
        else:
            original(message)

    around(m, "on_message", wrapper)


def progress(id, write):
    """What `wait` writes at its first step."""

    def make(m):
        def wrapper(original, call, done, total):
            if done == 1:
                write(m, call, original)
            else:
                original(call, done, total)

        around(m, "write_progress", wrapper)

    WORK[id] = make


def note(m, params):
    m.write({"jsonrpc": "2.0", "method": "$/progress", "params": params})


progress(
    "HUB-PROG-1/has-its-form", lambda m, call, original: (note(m, {"id": call.id, "done": "a little"}), original(call, 1, 10))
)
progress("HUB-PROG-1/does-not-fall", lambda m, call, original: (original(call, 5, 10), original(call, 4, 10)))
progress("HUB-PROG-2/not-too-often", lambda m, call, original: [original(call, step, 100) for step in range(100)])


@breaks("HUB-PROG-1/belongs-to-a-call-under-way")
def _(m):
    def wrapper(original, call, **end):
        original(call, **end)
        if end.get("result") == {"a": [1, None, "ü"]}:
            note(m, {"id": call.id, "done": 1})

    around(m, "finish", wrapper)


# Cancellation


@breaks("HUB-CANCEL-2/answers-once-whoever-wins")
def _(m):
    def wrapper(original, name, params):
        call = m.calls.get(json.dumps(params.get("id")))
        answered = params.get("id") if name == "$/cancelRequest" else None
        original(name, params)
        if isinstance(answered, int) and m.last_called == answered and (call is None or not hasattr(call, "is_slow")):
            m.fail(answered, -31000, "cancelled")

    def on_call(original, id, method, params):
        m.last_called = id
        if params.get("seconds"):
            m.last_called = None
        original(id, method, params)

    m.last_called = None
    around(m, "on_call", on_call)
    around(m, "on_notification", wrapper)


@breaks("HUB-CANCEL-2/still-answers")
def _(m):
    def wrapper(original, call, **end):
        if end.get("error", {}).get("code") == -31000 and after_drain(call):
            time.sleep(HOLD_SECONDS)
        original(call, **end)

    around(m, "finish", wrapper)
    track(m)


@breaks("HUB-CANCEL-2/answers-what-is-cancelled-at-once")
def _(m):
    m.functions.append(function("brew", {}, {"type": "boolean"}))

    def brew(call, params):
        if call.cancelled.wait(0.1):
            time.sleep(HOLD_SECONDS)
        return True

    m.handlers["brew"] = brew


@breaks("HUB-CANCEL-2/ends-the-work-at-once")
def _(m):
    def wrapper(original, call, **end):
        if end.get("error", {}).get("code") == -31000 and after_drain(call):
            time.sleep(1.2)
        original(call, **end)

    around(m, "finish", wrapper)
    track(m)


def after_drain(call):
    """Whether the call was cancelled soon after it began: what looks for a slow call waits longer."""
    return 0.03 < time.monotonic() - call.begun < 0.25


def track(m):
    def wrapper(original, call, handler, params):
        call.begun = time.monotonic()
        original(call, handler, params)

    around(m, "work", wrapper)


def answers_cancel(id, condition):
    def make(m):
        def wrapper(original, name, params):
            if name == "$/cancelRequest" and condition(m, params):
                m.fail(None, -32602, "what shall I cancel?")
            else:
                original(name, params)

        around(m, "on_notification", wrapper)

    WORK[id] = make


answers_cancel("HUB-CANCEL-3/ignores-an-unknown-id", lambda m, params: params.get("id") == 4711)
answers_cancel("HUB-CANCEL-3/survives-a-broken-cancel", lambda m, params: not isinstance(params.get("id"), (int, str)))


@breaks("HUB-CANCEL-3/ignores-a-finished-id")
def _(m):
    pings = set()

    def on_request(original, id, name, params):
        if name == "ping":
            pings.add(json.dumps(id))
        original(id, name, params)

    def on_notification(original, name, params):
        if name == "$/cancelRequest" and json.dumps(params.get("id")) in pings:
            m.fail(None, -32602, "it is finished")
        else:
            original(name, params)

    around(m, "on_request", on_request)
    around(m, "on_notification", on_notification)


# Host services


@breaks("HUB-HOST-2/survives-a-refusal")
def _(m):
    def wrapper(original, message):
        if message.get("error", {}).get("code") == -31010:
            os._exit(3)
        original(message)

    around(m, "on_response", wrapper)


@breaks("HUB-HOST-5/hands-the-cause-on")
def _(m):
    def wrapper(original, call, **end):
        if end.get("error", {}).get("code") == -31045:
            end = {"error": {"code": -31045, "message": "the hub said no"}}
        original(call, **end)

    around(m, "finish", wrapper)


@breaks("HUB-HOST-7/keeps-what-comes-meanwhile")
def _(m):
    def wrapper(original, id, name, params):
        if not (name == "ping" and m.asked):
            original(id, name, params)

    around(m, "on_request", wrapper)


@breaks("HUB-HOST-7/takes-a-late-answer")
def _(m):
    def wrapper(original, name, params):
        if name == "weather_changed":
            m.asked.clear()
        original(name, params)

    around(m, "on_notification", wrapper)


def asks_more(id, ask):
    """`log_in` asks something more, and minds no answer."""

    def make(m):
        def wrapper(original, call, params):
            result = original(call, params)
            try:
                ask(m, call)
            except Failure:
                pass
            return result

        around(m, "log_in", wrapper)
        m.handlers["log_in"] = m.log_in

    WORK[id] = make


def elsewhere(m, call):
    call.id, mine = 4711, call.id
    try:
        m.ask_hub(call, "hub.store.get", key="x")
    finally:
        call.id = mine


asks_more("HUB-HOST-1/asks-inside-a-live-call", elsewhere)
asks_more("HUB-HOST-1/asks-for-what-it-declared", lambda m, call: m.ask_hub(call, "hub.call", function="other.thing"))
asks_more("HUB-HOST-1/requests-have-their-form", lambda m, call: m.ask_hub(call, "hub.store.get", clef="x"))
asks_more("HUB-HOST-4/keys-fit", lambda m, call: m.ask_hub(call, "hub.store.get", key=""))


@breaks("HUB-ID-2/keeps-ids-apart")
def _(m):
    def wrapper(original, call, params):
        request = {"jsonrpc": "2.0", "id": "twice", "method": "hub.store.get", "params": {"call_id": call.id, "key": "x"}}
        body = json.dumps(request).encode() + b"\n"
        if "host_services" in m.in_force:
            m.put(body + body)
        return original(call, params)

    around(m, "log_in", wrapper)
    m.handlers["log_in"] = m.log_in


@breaks("HUB-ID-1/mints-good-ids")
def _(m):
    def wrapper(original, call, params):
        m.write({"jsonrpc": "2.0", "id": 1.5, "method": "hub.store.get", "params": {"call_id": call.id, "key": "x"}})
        return original(call, params)

    around(m, "log_in", wrapper)
    m.handlers["log_in"] = m.log_in


# Endurance


@breaks("HUB-LOG-1/is-not-cut")
def _(m):
    around(m, "on_start", lambda original: (original(), os.write(2, b"x" * 20_000 + b"\n")))


@breaks("SENSE/memory-after-a-thousand-calls")
def _(m):
    kept = []

    def wrapper(original, id, name, params):
        kept.append(bytearray(b"x" * 40_000))
        original(id, name, params)

    around(m, "on_request", wrapper)
