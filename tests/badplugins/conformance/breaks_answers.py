"""Own the breaks of methods, notifications, ids and functions: what is answered, and how."""

import os

from module import Failure, around, function

ANSWERS = {}
ID = "id"
UNKNOWN = {
    "a-made-up-method": "no_such_function_4711",
    "method-names-have-a-case": "PING",
    "a-reserved-method-of-tomorrow": "module_restart",
    "a-method-of-the-hub": "hub.call",
    "an-internal-name": "__init__",
    "a-name-of-object-prototypes": "constructor",
    "a-name-with-spaces": "ping ",
    "rpc-discover": "rpc.discover",
}


def on_request(id, condition, act):
    def make(m):
        def wrapper(original, number, name, params):
            if condition(m, number, name, params):
                act(m, number, name, params)
            else:
                original(number, name, params)

        around(m, "on_request", wrapper)

    ANSWERS[id] = make


for name, method in UNKNOWN.items():
    on_request(
        f"HUB-LIFE-5/refuses-{name}",
        lambda m, number, name, params, method=method: name == method,
        lambda m, number, name, params: m.answer(number, {}),
    )
on_request(
    "HUB-LIFE-5/lives-on", lambda m, number, name, params: name == "unknown_15", lambda m, number, name, params: os._exit(3)
)


def every_ping(m, number, name, params):
    m.pings = getattr(m, "pings", 0) + (name == "ping")
    m.in_a_row = getattr(m, "in_a_row", 0) + 1 if name == "ping" and not params else 0
    return m.in_a_row


# The barrier of other checks pings too, so this one answers badly only where it is asked a hundred times on end.
on_request(
    "HUB-PING-1/answers-a-hundred",
    lambda m, *request: every_ping(m, *request) == 99,
    lambda m, number, name, params: m.fail(number, -32603, "tired"),
)
on_request(
    "HUB-PING-1/answers",
    lambda m, number, name, params: name == "ping",
    lambda m, number, name, params: m.fail(number, -32603, "no"),
)


def wants_params(m):
    def wrapper(original, message):
        if "params" not in message and message.get("method") == "ping" and "id" in message:
            m.fail(message["id"], -32602, "where are the params?")
        else:
            original(message)

    around(m, "on_message", wrapper)


def strict_members(m):
    def wrapper(original, message):
        if "priority" in message:
            m.fail(message["id"], -32600, "what is priority?")
        else:
            original(message)

    around(m, "on_message", wrapper)


ANSWERS["HUB-MSG-3/absent-params-are-empty"] = wants_params
ANSWERS["HUB-MSG-7/ignores-members-of-requests"] = strict_members


def answers_notification(id, method):
    def make(m):
        def wrapper(original, name, params):
            if name == method:
                m.fail(None, -32601, "I do not know this notification")
            else:
                original(name, params)

        around(m, "on_notification", wrapper)

    ANSWERS[id] = make


answers_notification("HUB-LIFE-6/ignores-an-unknown-notification", "weather_changed")
answers_notification("HUB-LIFE-6/ignores-a-reserved-notification", "$/setTrace")
answers_notification("HUB-MSG-2/never-answers-a-notification", "ping")


def answers_response(id, member):
    def make(m):
        def wrapper(original, message):
            if member in message and str(message.get("id")) in ("4711", "m999"):
                m.fail(message["id"], -32600, "what is this?")
            else:
                original(message)

        around(m, "on_response", wrapper)

    ANSWERS[id] = make


answers_response("HUB-ID-4/drops-an-unknown-response", "result")
answers_response("HUB-ID-4/drops-an-unknown-error", "error")


def mangles(id, asked, told):
    """The request with the id `asked` is answered with the id `told`."""
    on_request(
        id,
        lambda m, number, name, params: type(number) is type(asked) and number == asked,
        lambda m, number, name, params: m.answer(told, {}),
    )


mangles("HUB-ID-3/echoes-zero", 0, "0")
mangles("HUB-ID-3/echoes-a-negative-id", -1, "-1")
mangles("HUB-ID-3/echoes-the-largest-id", 2**53 - 1, str(2**53 - 1))
mangles("HUB-ID-3/echoes-a-string", "abc", "ABC")
mangles("HUB-ID-3/echoes-a-string-of-digits", "0042", 42)
mangles("HUB-ID-3/echoes-a-long-string", "x" * 128, "x" * 64)
mangles("HUB-ID-3/echoes-a-string-beyond-ascii", "ünï🙂", "?n??")
mangles("HUB-ID-3/tells-1-from-its-string", "600001", 600001)


# Functions: each break adds one of its own, so that the others stay right


def adds(id, handler, params=None, returns=None, required=(), **more):
    name = id.partition("/")[2].replace("-", "_")

    def make(m):
        m.functions.append(function(name, params, returns, required, **more))
        m.handlers[name] = handler

    ANSWERS[id] = make


def fails(code, text, *data):
    def handler(call, params):
        raise Failure(code, text, *data)

    return handler


NUMBER = {"n": {"type": "integer", "minimum": 0, "maximum": 100000}}
TEXT = {"text": {"type": "string", "maxLength": 40}}


def rare(call, params):
    if params["n"] > 1000:
        raise ValueError("a number that nobody tried")
    return params["n"]


def quotes(call, params):
    if params["text"]:
        raise Failure(-32603, f"ValueError: {params['text']!r}")
    return ""


adds(
    "HUB-CALL-1/results-fit",
    lambda call, params: str(params["n"]) if params["n"] > 500 else params["n"],
    NUMBER,
    {"type": "integer"},
    ["n"],
)
adds("HUB-CALL-1/good-arguments-do-not-break-it", rare, NUMBER, {"type": "integer"}, ["n"])
adds("HUB-CALL-2/does-not-end", lambda call, params: os._exit(3) if params["n"] > 700 else 1, NUMBER, {}, ["n"])
adds("HUB-CALL-2/takes-what-its-schema-allows", fails(-32602, "not today"), {}, {})
adds("HUB-CALL-3/own-codes-are-outside", fails(-31010, "not found"), {}, {})
adds("HUB-CALL-3/declares-its-errors", fails(1002, "never told"), {}, {})
adds(
    "HUB-CALL-3/error-data-fits",
    fails(1003, "no", "seven"),
    {},
    {},
    errors=[{"code": 1003, "message": "no", "data": {"type": "integer"}}],
)
adds("HUB-CALL-4/keeps-texts-to-itself", quotes, TEXT, {}, ["text"])


def lenient(id, why):
    """Arguments that are wrong in this way are taken."""

    def make(m):
        def wrapper(original, schema, params):
            found = original(schema, params)
            return None if found and why in found else found

        around(m, "misfit", wrapper)
        m.handlers["greet"] = lambda call, params: "Hello"
        m.functions[1]["examples"] = []

    ANSWERS[id] = make


lenient("HUB-CALL-2/refuses-missing-arguments", "missing")
lenient("HUB-CALL-2/refuses-wrong-types", "another type")
lenient("HUB-CALL-2/refuses-what-is-out-of-bounds", "too ")
lenient("HUB-CALL-2/refuses-unknown-arguments", "unknown")
